package availability

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"time"
)

// localLayout writes xs:dateTime without an offset; a fraction appears where there is one.
const localLayout = "2006-01-02T15:04:05.999999999"

// writer writes elements whose names, with their prefixes, need no escaping.
type writer struct {
	bytes.Buffer
	clock zoneClock // of the last local time
}

// root opens the child of the body, with the prefixes m and t.
func (w *writer) root(name string) {
	w.WriteString("<m:" + name + ` xmlns:m="` + NamespaceMessages + `" xmlns:t="` + NamespaceTypes + `">`)
}

func (w *writer) open(name string)  { w.tag("<", name) }
func (w *writer) close(name string) { w.tag("</", name) }

func (w *writer) tag(opening, name string) {
	w.WriteString(opening)
	w.WriteString(name)
	w.WriteByte('>')
}

func (w *writer) leaf(name, text string) {
	w.open(name)
	w.text(text)
	w.close(name)
}

// some is leaf for an optional element: an empty one is left out.
func (w *writer) some(name, text string) {
	if text != "" {
		w.leaf(name, text)
	}
}

func (w *writer) integer(name string, n int)      { w.leaf(name, strconv.Itoa(n)) }
func (w *writer) boolean(name string, value bool) { w.leaf(name, strconv.FormatBool(value)) }

// local writes an instant as the local time of a zone. A year has four digits, or nobody can
// read the answer: what is further away is written as the first or last moment that has.
func (w *writer) local(name string, t time.Time, zone TimeZone) {
	if w.clock.zone != zone {
		w.clock = zoneClock{zone: zone}
	}
	w.open(name)
	wall := w.clock.wall(t)
	switch year := wall.Year(); {
	case year < 1:
		wall = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	case year > 9999:
		wall = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	w.Write(wall.AppendFormat(w.AvailableBuffer(), localLayout))
	w.close(name)
}

// text writes character data; it serves for attribute values in double quotes too.
func (w *writer) text(text string) {
	if isPlain(text) {
		w.WriteString(text)
		return
	}
	_ = xml.EscapeText(w, []byte(text)) // a buffer takes everything
}

// isPlain reports whether nothing of the text needs to be escaped, which is so for most of
// what is written.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' {
			return false
		}
	}
	return true
}
