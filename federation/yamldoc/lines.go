package yamldoc

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// lines gives access to a document by line. Lines are counted from 0 here, as
// slices are; nodes count theirs from 1.
type lines struct {
	text [][]byte // each with its line break, which the last one may lack
}

func newLines(data []byte) *lines {
	return &lines{text: bytes.SplitAfter(bytes.TrimPrefix(data, []byte(byteOrderMark)), []byte("\n"))}
}

const byteOrderMark = "\ufeff"

// offset returns where in its line the node begins, in bytes.
func (l *lines) offset(n *yaml.Node) int {
	line := l.text[n.Line-1]
	at := 0
	for range n.Column - 1 {
		if at >= len(line) {
			break
		}
		at++
		for at < len(line) && line[at]&0xc0 == 0x80 { // inside a UTF-8 sequence
			at++
		}
	}
	return at
}

// isExplicitKey reports whether the key is written in the form `? key`.
func (l *lines) isExplicitKey(key *yaml.Node) bool {
	before := bytes.TrimRight(l.text[key.Line-1][:l.offset(key)], " \t")
	return bytes.HasSuffix(before, []byte("?"))
}
