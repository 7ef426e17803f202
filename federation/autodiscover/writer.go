package autodiscover

import (
	"bytes"
	"encoding/xml"
	"strconv"
)

// writer writes elements the way the services of Exchange do: the namespace once, nil
// where there is nothing.
type writer struct{ bytes.Buffer }

// message starts the body's element and the one within that holds everything.
func (w *writer) message(name, inner, attributes string) {
	w.WriteString("<" + name + ` xmlns="` + Namespace + `"><` + inner + attributes + ">")
}

// response starts an answer. The prefix of nil and of types is declared as in the answers
// of Exchange.
func (w *writer) response(o Operation, code ErrorCode, text string) {
	w.message(o.response(), "Response", ` xmlns:i="`+namespaceXI+`"`)
	w.outcome(code, text)
}

// outcome writes the members that every kind of answer begins with.
func (w *writer) outcome(code ErrorCode, text string) {
	if code == "" {
		code = NoError
	}
	w.leaf("ErrorCode", string(code))
	w.leaf("ErrorMessage", text)
}

func (w *writer) open(name string)  { w.WriteString("<" + name + ">") }
func (w *writer) close(name string) { w.WriteString("</" + name + ">") }

// leaf writes an element that holds text only.
func (w *writer) leaf(name, text string) {
	if text == "" {
		w.WriteString("<" + name + "/>")
		return
	}
	w.open(name)
	w.escaped(text)
	w.close(name)
}

func (w *writer) escaped(text string) {
	_ = xml.EscapeText(w, []byte(text)) // a buffer takes everything
}

func (w *writer) empty(name string) { w.WriteString("<" + name + ` i:nil="true"/>`) }

// nillable is leaf for a member that is nil where it has no text.
func (w *writer) nillable(name, text string) {
	if text == "" {
		w.empty(name)
		return
	}
	w.leaf(name, text)
}

func (w *writer) flag(name string, value bool) { w.leaf(name, strconv.FormatBool(value)) }

// texts writes a list of leaves.
func (w *writer) texts(name, item string, texts []string) {
	w.open(name)
	for _, text := range texts {
		w.leaf(item, text)
	}
	w.close(name)
}

// textsOrNil is texts for a list that is nil where it is empty.
func (w *writer) textsOrNil(name, item string, texts []string) {
	if len(texts) == 0 {
		w.empty(name)
		return
	}
	w.texts(name, item, texts)
}
