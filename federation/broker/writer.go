package broker

import (
	"bytes"

	"exfed/federation/xmlsec"
)

// writer writes elements whose names need no escaping.
type writer struct{ bytes.Buffer }

// open writes a start tag, with a default namespace when one is given.
func (w *writer) open(name, namespace string) {
	w.WriteByte('<')
	w.WriteString(name)
	if namespace != "" {
		w.WriteString(` xmlns="`)
		w.WriteString(namespace)
		w.WriteByte('"')
	}
	w.WriteByte('>')
}

func (w *writer) close(name string) {
	w.WriteString("</")
	w.WriteString(name)
	w.WriteByte('>')
}

// leaf writes an element that holds text only.
func (w *writer) leaf(name, text string) {
	w.open(name, "")
	w.text(text)
	w.close(name)
}

// text writes character data; it serves for attribute values in double quotes too.
func (w *writer) text(text string) {
	w.WriteString(xmlsec.Escape(text))
}
