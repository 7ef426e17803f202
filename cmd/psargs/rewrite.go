package psargs

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
// given. For the other actions it is [--help], [CMDLET --help], [--version] or
// [completion SHELL].
type Result struct {
	Action Action
	Cmdlet string // lower case; with Help also "help", "completion", "version" or empty
	Shell  string // with Completion: bash, zsh, fish or powershell
	Args   []string
}

// Shells lists the shells that have a completion script.
func Shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// Rewrite reads the command line that follows the program's name. Every error is a
// *[UsageError].
func Rewrite(argv []string, g Grammar) (Result, error) {
	return Result{}, &UsageError{ID: UnknownCmdlet, Msg: "unknown cmdlet"}
}
