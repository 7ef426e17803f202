package xmlsec

import (
	"unicode/utf8"
)

// span is a range of code points, both ends included.
type span struct{ first, last rune }

// isChar is the production Char of XML 1.0 §2.2.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// isNameStart is NameStartChar of XML 1.0 §2.3 without the colon, which Namespaces
// in XML reserves.
func isNameStart(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r == '_'
	}
	return isOtherNameStart(r)
}

// isOtherNameStart is isNameStart beyond ASCII.
func isOtherNameStart(r rune) bool {
	return within(r, []span{
		{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D},
		{0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
	})
}

// isNamePart is NameChar of XML 1.0 §2.3 without the colon.
func isNamePart(r rune) bool {
	if isNameStart(r) {
		return true
	}
	if r < utf8.RuneSelf {
		return isASCIINamePart(byte(r))
	}
	return within(r, []span{{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}})
}

// The ASCII characters of names: a bit for each, those below 64 and those from there on.
const (
	namePartsBelow64 uint64 = (1<<10-1)<<'0' | 1<<'-' | 1<<'.'
	namePartsFrom64  uint64 = (1<<26-1)<<('A'-64) | (1<<26-1)<<('a'-64) | 1<<('_'-64)
)

// isASCIINamePart is isNamePart for ASCII, where nearly all names are.
func isASCIINamePart(b byte) bool {
	parts := namePartsBelow64
	if b >= 64 {
		parts = namePartsFrom64
	}
	return parts>>(b&63)&1 != 0
}

// nameLength returns how many bytes at the beginning of s are a name without a colon, 0 for
// none.
func nameLength(s string) int {
	if s == "" {
		return 0
	}
	first := rune(s[0])
	if first >= utf8.RuneSelf {
		first, _ = utf8.DecodeRuneInString(s)
	}
	if !isNameStart(first) {
		return 0
	}
	n := 0
	for n < len(s) {
		if b := s[n]; b < utf8.RuneSelf {
			if !isASCIINamePart(b) {
				break
			}
			n++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		if !isNamePart(r) {
			break
		}
		n += size
	}
	return n
}

func within(r rune, spans []span) bool {
	for _, s := range spans {
		if r >= s.first && r <= s.last {
			return true
		}
	}
	return false
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// isNCName reports whether s is a name without a colon.
func isNCName(s string) bool { return s != "" && nameLength(s) == len(s) }

// checkCharacters refuses what is not UTF-8 or not a character of XML 1.0, anywhere
// in the document.
func checkCharacters(source string) error {
	for i := 0; i < len(source); {
		if b := source[i]; b >= 0x20 && b < utf8.RuneSelf {
			i += max(1, printableASCII(source[i:]))
			continue
		}
		r, size := utf8.DecodeRuneInString(source[i:])
		if r == utf8.RuneError && size == 1 {
			return malformedAt(i, "not UTF-8")
		}
		if !isChar(r) {
			return malformedAt(i, "the character U+%04X is not allowed in XML", r)
		}
		i += size
	}
	return nil
}

// printableASCII returns how many bytes at the beginning of s are ASCII and no control
// characters, or a few less: it looks at eight at a time. A byte below 0x20 borrows from its
// highest bit, one that is not ASCII has that bit.
func printableASCII(s string) int {
	const lowest, highest = 0x2020202020202020, 0x8080808080808080
	rest := s
	for len(rest) >= 8 {
		word := uint64(rest[0]) | uint64(rest[1])<<8 | uint64(rest[2])<<16 | uint64(rest[3])<<24 |
			uint64(rest[4])<<32 | uint64(rest[5])<<40 | uint64(rest[6])<<48 | uint64(rest[7])<<56
		if (word-lowest|word)&highest != 0 {
			break
		}
		rest = rest[8:]
	}
	return len(s) - len(rest)
}

func malformedAt(offset int, format string, args ...any) *Error {
	fault := failf(Malformed, format, args...)
	fault.Offset = offset
	return fault
}

// isAbsoluteURI reports whether s starts with a scheme (RFC 3986 §3.1).
func isAbsoluteURI(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == ':':
			return i > 0
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return false
}
