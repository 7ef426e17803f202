package certificate

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameText is the longest text of a distinguished name that is read, in bytes.
const maxNameText = 4096

// ParseName reads a distinguished name in the text form of RFC 4514: the RDN that stands
// last in the encoding comes first. Beyond the RFC it reads what Windows writes: blanks
// around separators, ";" for ",", "S" for a state, "OID." before a dotted type, and values
// in quotes, in which a doubled quote is a quote and everything else stands for itself.
func ParseName(text string) (pkix.RDNSequence, error) {
	p := &nameParser{rest: text}
	name, err := p.name()
	if err != nil {
		return nil, &Error{Code: InvalidSubject, Object: fmt.Sprintf("distinguished name %.80q", text), Reason: err.Error()}
	}
	return name, nil
}

// nameParser holds what is still to be read.
type nameParser struct{ rest string }

func (p *nameParser) name() (pkix.RDNSequence, error) {
	switch {
	case len(p.rest) > maxNameText:
		return nil, fmt.Errorf("is longer than %d bytes", maxNameText)
	case !utf8.ValidString(p.rest):
		return nil, fmt.Errorf("is not UTF-8")
	case strings.TrimSpace(p.rest) == "":
		return nil, fmt.Errorf("is empty")
	}
	name := pkix.RDNSequence{nil}
	for {
		part, err := p.part()
		if err != nil {
			return nil, err
		}
		name[len(name)-1] = append(name[len(name)-1], part)
		if p.rest == "" {
			slices.Reverse(name)
			return name, nil
		}
		if p.rest[0] != '+' {
			name = append(name, nil)
		}
		p.rest = p.rest[1:]
	}
}

// part reads one type=value, up to the separator behind it.
func (p *nameParser) part() (pkix.AttributeTypeAndValue, error) {
	none := pkix.AttributeTypeAndValue{}
	label, rest, ok := strings.Cut(p.rest, "=")
	if !ok {
		return none, fmt.Errorf("no = in %.40q; write TYPE=value", strings.TrimSpace(p.rest))
	}
	kind, err := attributeType(strings.TrimSpace(label))
	if err != nil {
		return none, err
	}
	p.rest = strings.TrimLeft(rest, " ")
	value, err := p.value(kind.name)
	if err != nil {
		return none, err
	}
	if err := kind.check(value); err != nil {
		return none, err
	}
	return pkix.AttributeTypeAndValue{Type: kind.oid, Value: value}, nil
}

// attributeType returns the kind of attribute with a name or a dotted number.
func attributeType(label string) (attribute, error) {
	if a, ok := attributeByName(label); ok {
		return a, nil
	}
	dotted := label
	if len(label) > 4 && strings.EqualFold(label[:4], "OID.") {
		dotted = label[4:]
	}
	oid, ok := parseOID(dotted)
	if !ok {
		return attribute{}, fmt.Errorf("%.40q is no attribute type; CN, OU, O, L, S, C and others are", label)
	}
	if a, ok := attributeByOID(oid); ok {
		return a, nil
	}
	return attribute{name: label, oid: oid, max: 256}, nil
}

func parseOID(text string) (asn1.ObjectIdentifier, bool) {
	var oid asn1.ObjectIdentifier
	for _, arc := range strings.Split(text, ".") {
		n, err := strconv.ParseUint(arc, 10, 31)
		if err != nil {
			return nil, false
		}
		oid = append(oid, int(n))
	}
	// X.660: three roots, and below the first two forty arcs each.
	return oid, len(oid) >= 2 && oid[0] <= 2 && (oid[0] == 2 || oid[1] < 40)
}

func (a attribute) check(value string) error {
	switch n := utf8.RuneCountInString(value); {
	case n == 0:
		return fmt.Errorf("%s has no value", a.name)
	case n > a.max:
		return fmt.Errorf("the value of %s has %d characters, at most %d fit", a.name, n, a.max)
	case a.name == "C" && n != 2:
		return fmt.Errorf("a country (C) is two letters, not %q", value)
	}
	if i := strings.IndexFunc(value, unicode.IsControl); i >= 0 {
		return fmt.Errorf("the value of %s holds a control character", a.name)
	}
	ascii := strings.IndexFunc(value, func(r rune) bool { return r > 0x7e }) < 0
	if (a.ia5 || a.name == "C") && !ascii {
		return fmt.Errorf("the value of %s may hold ASCII characters only", a.name)
	}
	return nil
}

// value reads a value and leaves the separator, or nothing, behind it.
func (p *nameParser) value(kind string) (string, error) {
	var value string
	var err error
	if strings.HasPrefix(p.rest, `"`) {
		value, err = p.quoted(kind)
	} else {
		value, err = p.plain(kind)
	}
	if err != nil {
		return "", err
	}
	if p.rest != "" && !strings.ContainsRune(",;+", rune(p.rest[0])) {
		return "", fmt.Errorf("after the quoted value of %s comes %.20q; a quote inside is written twice", kind, p.rest)
	}
	return value, nil
}

func (p *nameParser) quoted(kind string) (string, error) {
	var value strings.Builder
	rest := p.rest[1:]
	for {
		before, after, ok := strings.Cut(rest, `"`)
		if !ok {
			return "", fmt.Errorf("the quote before the value of %s is never closed", kind)
		}
		value.WriteString(before)
		if !strings.HasPrefix(after, `"`) {
			p.rest = strings.TrimLeft(after, " ")
			return value.String(), nil
		}
		value.WriteByte('"')
		rest = after[1:]
	}
}

func (p *nameParser) plain(kind string) (string, error) {
	if strings.HasPrefix(p.rest, "#") {
		return "", fmt.Errorf(`the value of %s begins with #; write \# for the character, encoded values are not read`, kind)
	}
	var value []byte
	kept := 0 // up to here blanks at the end are not trimmed: an escaped one stays
	for p.rest != "" && !strings.ContainsRune(",;+", rune(p.rest[0])) {
		switch c := p.rest[0]; c {
		case '\\':
			b, n, err := unescape(p.rest)
			if err != nil {
				return "", fmt.Errorf("the value of %s: %w", kind, err)
			}
			value, p.rest = append(value, b), p.rest[n:]
			kept = len(value)
			continue
		case '"', '<', '>':
			return "", fmt.Errorf(`the value of %s holds %q; write \ before it or quotes around the value`, kind, c)
		default:
			value, p.rest = append(value, c), p.rest[1:]
		}
	}
	for len(value) > kept && value[len(value)-1] == ' ' {
		value = value[:len(value)-1]
	}
	if !utf8.Valid(value) {
		return "", fmt.Errorf("the value of %s is not UTF-8", kind)
	}
	return string(value), nil
}

// unescape returns the byte that the escape at the beginning of text stands for, and the
// length of the escape (RFC 4514 section 2.4).
func unescape(text string) (byte, int, error) {
	if len(text) >= 2 && strings.IndexByte(` "#+,;<=>\`, text[1]) >= 0 {
		return text[1], 2, nil
	}
	if len(text) >= 3 {
		if b, err := hex.DecodeString(text[1:3]); err == nil {
			return b[0], 3, nil
		}
	}
	return 0, 0, fmt.Errorf(`%.3q is no escape; a backslash is written \\`, text)
}
