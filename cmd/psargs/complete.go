package psargs

// Directive tells the shell how to use the candidates; the values are those of cobra's
// ShellCompDirective and may be or-ed.
type Directive int

// The directives that [Complete] returns.
const (
	ShellDefault Directive = 0 // without candidates the shell offers files
	NoSpace      Directive = 2 // the word may go on
	NoFiles      Directive = 4 // do not offer files
)

// Candidate is one way to go on. Text replaces the whole word being completed and begins with
// exactly what was typed.
type Candidate struct {
	Text        string
	Description string // one line, may be empty
}

// Objects returns the names of existing objects that a parameter could mean. cmdlet and param
// are spelled as PowerShell spells them; typed is the beginning of the name. It need not
// filter by typed.
type Objects func(cmdlet, param, typed string) []string

// Complete answers what the last of words could become; the others come before it. objects may
// be nil.
func Complete(words []string, g Grammar, objects Objects) ([]Candidate, Directive) {
	return nil, NoFiles
}
