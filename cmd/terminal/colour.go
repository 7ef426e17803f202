package terminal

import "exfed/cmd/render"

// Style is an emphasis on standard error: the SGR parameter of ECMA-48, section 8.3.117.
type Style string

// The styles. There are no others, so that output stays legible on any background.
const (
	Bold   Style = "1"
	Faint  Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
)

// ErrColour reports whether standard error takes colour. NO_COLOR says no, then
// CLICOLOR_FORCE says yes, then TERM=dumb says no, then it does if it is a terminal.
func (s Streams) ErrColour() bool {
	force := s.env("CLICOLOR_FORCE")
	switch {
	case s.env("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	case s.env("TERM") == "dumb":
		return false
	}
	return s.ErrIsTerminal()
}

// Paint returns text, made safe by [render.Clean], in the given style if standard error
// takes colour.
func (s Streams) Paint(style Style, text string) string {
	text = render.Clean(text)
	if !s.ErrColour() {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}
