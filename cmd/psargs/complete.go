package psargs

// Directive tells the shell how to use the candidates; the values are those of cobra's
// ShellCompDirective.
type Directive int

// The directives that [Complete] returns.
const (
	ShellDefault Directive = 0 // there are no candidates: the shell offers files
	NoFiles      Directive = 4 // do not offer files
)

// Candidate is one way to go on. Text begins with exactly what was typed and replaces it; where
// a value is attached with an equals sign, that is the part after the sign, since the shells'
// scripts put the rest back.
type Candidate struct {
	Text        string
	Description string // one line, may be empty
}

// Objects returns the names of existing objects that a parameter could mean. cmdlet and param
// are spelled as PowerShell spells them; typed is the beginning of the name, in any case. It
// need not filter by typed.
type Objects func(cmdlet, param, typed string) []string

// Complete answers what the last of words could become; the others come before it, without the
// program's name. What is wrong in those is passed over. objects may be nil.
func Complete(words []string, g Grammar, objects Objects) ([]Candidate, Directive) {
	if len(words) == 0 {
		words = []string{""}
	}
	before, typed := words[:len(words)-1], words[len(words)-1]
	names := g.Names()
	at := locate(before, names)
	if word, ok := matchPlain(at.word); ok {
		return completePlain(word, at.rest, typed, g), NoFiles
	}
	name, ok := matchCmdlet(at.word, names)
	if !ok {
		return completeRoot(at, typed, g), NoFiles
	}
	cmdlet, ok := g.Find(name)
	if !ok {
		return nil, NoFiles
	}
	c := completer{progress: follow(cmdlet, at), cmdlet: cmdlet, objects: objects}
	return c.complete(typed)
}

// completeRoot answers before a cmdlet is named.
func completeRoot(at located, typed string, g Grammar) []Candidate {
	if at.word != "" && len(at.leading) == 0 {
		return nil // after an unknown word nothing is right
	}
	if dash, name, ok := typedParam(typed); ok {
		var found []Candidate
		found = appendParam(found, dash, name, "Help", "show help")
		return appendParam(found, dash, name, "Version", "show the version")
	}
	return completeCmdlet(typed, g)
}

// completeCmdlet offers cmdlets and plain words, in lower case unless typed otherwise.
func completeCmdlet(typed string, g Grammar) []Candidate {
	var found []Candidate
	for _, name := range g.Names() {
		shown := name
		if typed == "" {
			shown = fold(name)
		}
		if text, ok := inStyle(typed, shown); ok {
			found = append(found, candidate(text, g.Summary(name)))
		}
	}
	return append(found, matchingTexts(typed, plainWords())...)
}

// completePlain answers after help, completion or version.
func completePlain(word string, args []string, typed string, g Grammar) []Candidate {
	if dash, name, ok := typedParam(typed); ok {
		return appendParam(nil, dash, name, "Help", "show help")
	}
	for _, arg := range args {
		if isOperand(arg) {
			return nil
		}
	}
	switch word {
	case "help":
		return completeCmdlet(typed, g)
	case "completion":
		return matchingTexts(typed, Shells())
	}
	return nil
}

func matchingTexts(typed string, texts []string) []Candidate {
	var found []Candidate
	for _, text := range texts {
		if styled, ok := inStyle(typed, text); ok {
			found = append(found, candidate(styled, ""))
		}
	}
	return found
}
