package psargs

import "strings"

// tokens is what remains of a command line.
type tokens struct {
	list    []string
	isParam func(string) bool
	literal bool // "--" was seen: nothing is a parameter any more
}

func (t *tokens) more() bool { return len(t.list) > 0 }

func (t *tokens) next() string {
	token := t.list[0]
	t.list = t.list[1:]
	return token
}

// peekValue returns the next token if it is a value.
func (t *tokens) peekValue() (string, bool) {
	if !t.more() {
		return "", false
	}
	token := t.list[0]
	if !t.literal && (token == "--" || t.isParam(token)) {
		return "", false
	}
	return token, true
}

// glue takes the tokens that go on with the list that first begins. PowerShell lets spaces
// stand around the commas of a list and within @{...} and @(...); a shell makes words of it.
func (t *tokens) glue(first string) []string {
	pieces := []string{first}
	nesting := newNesting(first)
	for {
		next, ok := t.peekValue()
		if !ok || !nesting.open() && !endsInComma(pieces[len(pieces)-1]) && !beginsWithComma(next) {
			return pieces
		}
		nesting.read(" " + next)
		pieces = append(pieces, t.next())
	}
}

func joinPieces(pieces []string) string { return strings.Join(pieces, " ") }

func endsInComma(text string) bool { return strings.HasSuffix(strings.TrimRight(text, listSpace), ",") }

func beginsWithComma(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, listSpace), ",")
}

// nesting follows the brackets of a hashtable or an array over several tokens.
type nesting struct {
	counts   bool   // whether the value is a hashtable or an array
	closers  []byte // what the open brackets wait for, the innermost last
	quote    byte   // the quote that is open, or 0
	previous byte   // the last byte that was no space
}

func newNesting(first string) *nesting {
	trimmed := strings.TrimLeft(first, listSpace)
	n := &nesting{counts: strings.HasPrefix(trimmed, "@{") || strings.HasPrefix(trimmed, "@(")}
	n.read(first)
	return n
}

func (n *nesting) open() bool { return len(n.closers) > 0 }

func (n *nesting) read(text string) {
	for i := 0; n.counts && i < len(text); i++ {
		n.readByte(text[i])
	}
}

func (n *nesting) readByte(c byte) {
	switch {
	case n.quote != 0:
		if c == n.quote {
			n.quote = 0
		}
	case (c == '"' || c == '\'') && strings.IndexByte("=,;({", n.previous) >= 0:
		n.quote = c
	case c == '{' && n.previous == '@':
		n.closers = append(n.closers, '}')
	case c == '(' && n.previous == '@':
		n.closers = append(n.closers, ')')
	case n.open() && c == n.closers[len(n.closers)-1]:
		n.closers = n.closers[:len(n.closers)-1]
	}
	if c != ' ' {
		n.previous = c
	}
}
