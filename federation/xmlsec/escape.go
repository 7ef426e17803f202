package xmlsec

import "strings"

// The characters that canonical XML writes as references (Canonical XML 1.0 §2.3): a bit
// for each, all of them are below 64.
const (
	specialInText  = 1<<'&' | 1<<'<' | 1<<'>' | 1<<'\r'
	specialInValue = 1<<'&' | 1<<'<' | 1<<'"' | 1<<'\t' | 1<<'\n' | 1<<'\r'
)

// AppendText appends text in the form that canonical XML gives the content of an element.
func AppendText(out []byte, text string) []byte { return appendEscaped(out, text, specialInText) }

// AppendValue appends text in the form that canonical XML gives the value of an attribute,
// without the quotes, which are double ones.
func AppendValue(out []byte, text string) []byte { return appendEscaped(out, text, specialInValue) }

// Escape returns text fit for content and for values of attributes in double quotes, where
// readers find it as it is. What is not UTF-8 or not a character of XML becomes U+FFFD.
func Escape(text string) string {
	if isPlain(text) {
		return text
	}
	if checkCharacters(text) != nil {
		text = strings.Map(func(r rune) rune {
			if isChar(r) {
				return r
			}
			return '\uFFFD'
		}, text)
	}
	return string(appendEscaped(make([]byte, 0, len(text)), text, specialInText|specialInValue))
}

// isPlain reports whether text is printable ASCII with nothing in it to be escaped.
func isPlain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < 0x20 || b >= 0x7F || b < 64 && (specialInText|specialInValue)>>b&1 != 0 {
			return false
		}
	}
	return true
}

func appendEscaped(out []byte, text string, special uint64) []byte {
	written := 0
	for i := 0; i < len(text); i++ {
		if b := text[i]; b < 64 && special>>b&1 != 0 {
			out = append(out, text[written:i]...)
			out = append(out, characterReference(b)...)
			written = i + 1
		}
	}
	return append(out, text[written:]...)
}

func characterReference(b byte) string {
	switch b {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&quot;"
	case '\t':
		return "&#x9;"
	case '\n':
		return "&#xA;"
	}
	return "&#xD;"
}
