package psargs

import "strings"

// Kind says what a parameter takes.
type Kind int

// The kinds of parameter.
const (
	Value   Kind = iota // one value
	List                // several values; see [ParseList]
	Switch              // stands alone, or carries :true or :false
	Boolean             // needs true or false
)

// Param describes one parameter of a cmdlet.
type Param struct {
	Name     string   // as PowerShell writes it, without a dash: "DomainName"
	Aliases  []string // further names: "wi"
	Kind     Kind
	Common   bool     // gives way to the cmdlet's own parameters when a prefix fits both
	Values   []string // the enumeration; [Rewrite] refuses anything else, but lets null pass
	Position int      // 1-based; 0 can only be given by name
	Edit     bool     // a List that takes @{Add=...;Remove=...}, -AddX and -RemoveX
	Word     bool     // a Switch that takes true or false as the next word too, as Exchange's documentation writes it
	File     bool     // names a file or folder: the shell completes it
	Summary  string   // one line, shown beside the parameter in completion
}

// Flag returns the parameter's name in the POSIX spelling, without dashes: "domain-name" for
// DomainName, "application-uri" for ApplicationURI, "mrs-proxy-enabled" for MRSProxyEnabled.
func (p Param) Flag() string { return kebab(p.Name) }

// AddFlag returns the flag that adds to an editable list: "add-domain-name". It is for help
// text: [Rewrite] turns it into an edit of the parameter itself.
func (p Param) AddFlag() string { return "add-" + p.Flag() }

// RemoveFlag returns the flag that removes from an editable list: "remove-domain-name". Like
// [Param.AddFlag] it never appears in a [Result].
func (p Param) RemoveFlag() string { return "remove-" + p.Flag() }

// Cmdlet is a cmdlet and everything it takes, its common parameters included.
type Cmdlet struct {
	Name   string // as PowerShell writes it: "New-FederationTrust"
	Params []Param
}

// Grammar is what the command line may say. [Rewrite] and [Complete] call Find at most once
// each, so that only the cmdlet asked for is ever built.
type Grammar interface {
	Names() []string                 // every cmdlet as PowerShell writes it, in the order to list them
	Summary(name string) string      // one line about the cmdlet of that name
	Find(name string) (Cmdlet, bool) // name is one of Names, spelled as there
}

// kebab writes a PowerShell name in lower case with a hyphen before each word. A run of
// capitals is one word, whose last letter begins the next when a lower-case one follows.
func kebab(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if i > 0 && startsWord(name, i) {
			b.WriteByte('-')
		}
		b.WriteByte(lowerByte(name[i]))
	}
	return b.String()
}

func startsWord(name string, i int) bool {
	if !isUpper(name[i]) {
		return false
	}
	afterSmall := !isUpper(name[i-1])
	beforeSmall := i+1 < len(name) && !isUpper(name[i+1]) && !isDigit(name[i+1])
	return afterSmall || beforeSmall
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func lowerByte(c byte) byte {
	if isUpper(c) {
		return c + ('a' - 'A')
	}
	return c
}
