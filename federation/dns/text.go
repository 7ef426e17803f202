package dns

import (
	"fmt"
	"strings"

	mdns "github.com/miekg/dns"
)

// maxString is the length of a character-string in bytes (RFC 1035 section 3.3).
const maxString = 255

// rawText returns the bytes of a TXT record: its strings joined, and the presentation
// escapes undone in which the DNS library keeps them.
func rawText(record *mdns.TXT) string { return strings.Join(rawStrings(record), "") }

// rawStrings returns the bytes of each string of a TXT record.
func rawStrings(record *mdns.TXT) []string {
	var all []string
	for _, text := range record.Txt {
		var raw strings.Builder
		unescape(&raw, text)
		all = append(all, raw.String())
	}
	return all
}

// unescape writes the bytes that a string in presentation format stands for (RFC 1035
// section 5.1): \DDD is a byte, \ before anything else that itself.
func unescape(raw *strings.Builder, text string) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '\\' || i+1 == len(text):
			raw.WriteByte(text[i])
		case i+3 < len(text) && digits(text[i+1:i+4]):
			raw.WriteByte(100*(text[i+1]-'0') + 10*(text[i+2]-'0') + text[i+3] - '0')
			i += 3
		default:
			i++
			raw.WriteByte(text[i])
		}
	}
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// escape writes bytes in presentation format, to stand between quotes.
func escape(raw string) string {
	var text strings.Builder
	for _, b := range []byte(raw) {
		switch {
		case b == '"' || b == '\\':
			text.WriteByte('\\')
			text.WriteByte(b)
		case b < ' ' || b > '~':
			fmt.Fprintf(&text, `\%03d`, b)
		default:
			text.WriteByte(b)
		}
	}
	return text.String()
}

// QuoteStrings writes the character-strings of a TXT record, raw bytes, as they stand in a zone
// file (RFC 1035 section 5.1): in quotes, a blank between them, in printable ASCII.
func QuoteStrings(raw []string) string {
	quoted := make([]string, len(raw))
	for i, text := range raw {
		quoted[i] = `"` + escape(text) + `"`
	}
	return strings.Join(quoted, " ")
}

// CharacterStrings cuts the content of a TXT record, raw bytes, into strings of 255 bytes at
// most (RFC 1035 section 3.3).
func CharacterStrings(raw string) []string {
	pieces := []string{raw[:min(len(raw), maxString)]}
	for raw = raw[len(pieces[0]):]; raw != ""; {
		n := min(len(raw), maxString)
		pieces, raw = append(pieces, raw[:n]), raw[n:]
	}
	return pieces
}
