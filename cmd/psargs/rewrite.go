package psargs

import (
	"fmt"
	"slices"
)

// Action is what a command line asks for.
type Action int

// The actions.
const (
	Run        Action = iota // run Result.Cmdlet
	Help                     // show help about Result.Cmdlet, or about everything
	Version                  // show the version
	Completion               // print the completion script for Result.Shell
)

// Result is a command line in the POSIX spelling.
//
// Args is the lower-case name of the cmdlet and one --flag=value token for each parameter
// given, whatever its form was: positional values are bound, repeated lists joined, -AddX and
// -RemoveX made @{Add=...;Remove=...} of X. Values of lists are as [Format] writes them,
// Booleans and switches true or false, enumeration values as in [Param].Values, all others
// byte for byte what was given. For the other actions Args is [--help], [CMDLET --help],
// [--version] or [completion SHELL].
type Result struct {
	Action Action
	Cmdlet string // lower case; with Help also "completion", "version" or empty
	Shell  string // with Completion: one of Shells
	Args   []string
}

// Shells lists the shells that have a completion script.
func Shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// Rewrite reads the command line that follows the program's name. An empty one asks for help.
// Every error is a *[UsageError].
func Rewrite(argv []string, g Grammar) (Result, error) {
	names := g.Names()
	at := locate(argv, names)
	if at.word == "" {
		return rewriteBare(at.leading, argv)
	}
	if word, ok := matchPlain(at.word); ok {
		return rewritePlain(word, append(slices.Clone(at.leading), at.rest...), names)
	}
	name, ok := matchCmdlet(at.word, names)
	if !ok {
		return Result{}, unknownCmdlet(at.word, names)
	}
	cmdlet, ok := g.Find(name)
	if !ok {
		return Result{}, unknownCmdlet(at.word, names)
	}
	return rewriteCmdlet(cmdlet, at, names)
}

func rewriteCmdlet(cmdlet Cmdlet, at located, names []string) (Result, error) {
	b := newBinder(cmdlet)
	if b.asksHelp(at.leading) || b.asksHelp(at.rest) {
		return helpAbout(fold(cmdlet.Name)), nil
	}
	args, err := b.bind(at, names)
	if err != nil {
		err.Cmdlet = fold(cmdlet.Name)
		return Result{}, err
	}
	return Result{Cmdlet: fold(cmdlet.Name), Args: append([]string{fold(cmdlet.Name)}, args...)}, nil
}

// rewriteBare reads a command line that names no cmdlet.
func rewriteBare(params, argv []string) (Result, error) {
	b := newBinder(Cmdlet{})
	if len(argv) == 0 || b.asksHelp(params) {
		return helpAbout(""), nil
	}
	for _, token := range params {
		if d, ok := parseDashed(token); ok && d.sep == "" && foldName(d.name) == "version" {
			return Result{Action: Version, Args: []string{"--version"}}, nil
		}
	}
	return Result{}, &UsageError{
		ID:    MissingCmdlet,
		Msg:   fmt.Sprintf("no cmdlet is named, only %s", quote(argv[0])),
		Hints: []string{"help lists every cmdlet"},
	}
}

// rewritePlain reads the arguments of help, completion or version. Parameters of help are
// passed over: people add -Full or -Examples from habit, and help shows everything anyway.
func rewritePlain(word string, args, names []string) (Result, error) {
	wantsHelp := newBinder(Cmdlet{}).asksHelp(args)
	operands := slices.DeleteFunc(slices.Clone(args), func(a string) bool {
		_, isParam := parseDashed(a)
		return isParam || a == "--"
	})
	if word == "help" {
		return rewriteHelp(operands, names)
	}
	if wantsHelp {
		return helpAbout(word), nil
	}
	for _, a := range args {
		if d, ok := parseDashed(a); ok {
			e := unknownParameter(nil, d)
			e.Cmdlet = word
			return Result{}, e
		}
	}
	if word == "completion" {
		return rewriteCompletion(operands)
	}
	if len(operands) > 0 {
		return Result{}, tooManyWords(word, operands[0])
	}
	return Result{Action: Version, Args: []string{"--version"}}, nil
}

func rewriteHelp(operands, names []string) (Result, error) {
	if len(operands) > 1 {
		return Result{}, tooManyWords("help", operands[1])
	}
	if len(operands) == 0 {
		return helpAbout(""), nil
	}
	if word, ok := matchPlain(operands[0]); ok {
		if word == "help" {
			word = ""
		}
		return helpAbout(word), nil
	}
	name, ok := matchCmdlet(operands[0], names)
	if !ok {
		return Result{}, unknownCmdlet(operands[0], names)
	}
	return helpAbout(fold(name)), nil
}

func rewriteCompletion(operands []string) (Result, error) {
	hints := []string{"write " + alternatives(Shells())}
	if len(operands) == 0 {
		return Result{}, &UsageError{ID: MissingValue, Cmdlet: "completion", Msg: "which shell?", Hints: hints}
	}
	if len(operands) > 1 {
		return Result{}, tooManyWords("completion", operands[1])
	}
	shell, err := MatchEnum(operands[0], Shells())
	if err != nil {
		return Result{}, &UsageError{
			ID: InvalidEnum, Cmdlet: "completion", Msg: "there is no completion for " + quote(operands[0]), Hints: hints,
		}
	}
	return Result{Action: Completion, Cmdlet: "completion", Shell: shell, Args: []string{"completion", shell}}, nil
}

func tooManyWords(word, extra string) *UsageError {
	return &UsageError{ID: TooManyPositionals, Cmdlet: word, Msg: fmt.Sprintf("%s is one word too many", quote(extra))}
}

func helpAbout(cmdlet string) Result {
	r := Result{Action: Help, Cmdlet: cmdlet, Args: []string{"--help"}}
	if cmdlet != "" {
		r.Args = []string{cmdlet, "--help"}
	}
	return r
}
