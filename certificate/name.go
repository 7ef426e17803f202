package certificate

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
)

// attribute is a kind of value in a distinguished name.
type attribute struct {
	name  string // as Windows shows it
	alias string // as RFC 4519 spells it, where that differs
	oid   asn1.ObjectIdentifier
	max   int  // characters, the upper bound of RFC 5280 appendix A
	ia5   bool // must be ASCII and is encoded as IA5String, not as PrintableString or UTF8String
}

func attributes() []attribute {
	return []attribute{
		{name: "CN", oid: asn1.ObjectIdentifier{2, 5, 4, 3}, max: 64},
		{name: "OU", oid: asn1.ObjectIdentifier{2, 5, 4, 11}, max: 64},
		{name: "O", oid: asn1.ObjectIdentifier{2, 5, 4, 10}, max: 64},
		{name: "L", oid: asn1.ObjectIdentifier{2, 5, 4, 7}, max: 128},
		{name: "S", alias: "ST", oid: asn1.ObjectIdentifier{2, 5, 4, 8}, max: 128},
		{name: "C", oid: asn1.ObjectIdentifier{2, 5, 4, 6}, max: 2},
		{name: "STREET", oid: asn1.ObjectIdentifier{2, 5, 4, 9}, max: 128},
		{name: "SERIALNUMBER", oid: asn1.ObjectIdentifier{2, 5, 4, 5}, max: 64},
		{name: "DC", oid: asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}, max: 63, ia5: true},
		{name: "E", alias: "emailAddress", oid: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, max: 255, ia5: true},
	}
}

func attributeByName(name string) (attribute, bool) {
	all := attributes()
	i := slices.IndexFunc(all, func(a attribute) bool {
		return strings.EqualFold(a.name, name) || a.alias != "" && strings.EqualFold(a.alias, name)
	})
	if i < 0 {
		return attribute{}, false
	}
	return all[i], true
}

func attributeByOID(oid asn1.ObjectIdentifier) (attribute, bool) {
	all := attributes()
	i := slices.IndexFunc(all, func(a attribute) bool { return a.oid.Equal(oid) })
	if i < 0 {
		return attribute{}, false
	}
	return all[i], true
}

// FormatName writes a distinguished name as Windows shows it: the last RDN of the encoding
// first, ", " between them, values with special characters in quotes, a quote doubled.
// ParseName reads it back.
func FormatName(name pkix.RDNSequence) string {
	var rdns []string
	for _, rdn := range slices.Backward(name) {
		var parts []string
		for _, part := range rdn {
			parts = append(parts, formatPart(part))
		}
		rdns = append(rdns, strings.Join(parts, " + "))
	}
	return strings.Join(rdns, ", ")
}

func formatPart(part pkix.AttributeTypeAndValue) string {
	name := "OID." + part.Type.String()
	if a, ok := attributeByOID(part.Type); ok {
		name = a.name
	}
	text, ok := part.Value.(string)
	if !ok {
		der, err := asn1.Marshal(part.Value)
		if err != nil {
			return name + "=?"
		}
		return fmt.Sprintf("%s=#%X", name, der) // RFC 4514 section 2.4
	}
	if text == "" || strings.ContainsAny(text, "\",+=<>#;\\\r\n") || strings.TrimSpace(text) != text {
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return name + "=" + text
}

// Subject returns the subject of the certificate as Windows shows it.
func Subject(cert *x509.Certificate) string { return formatRaw(cert.RawSubject) }

// Issuer returns the issuer of the certificate as Windows shows it.
func Issuer(cert *x509.Certificate) string { return formatRaw(cert.RawIssuer) }

func formatRaw(der []byte) string {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return fmt.Sprintf("#%X", der)
	}
	return FormatName(name)
}

// encodeName returns the DER encoding of the name.
func encodeName(name pkix.RDNSequence) ([]byte, error) {
	encoded := make(pkix.RDNSequence, len(name))
	for i, rdn := range name {
		encoded[i] = slices.Clone(rdn)
		for j, part := range rdn {
			text, isText := part.Value.(string)
			if a, ok := attributeByOID(part.Type); ok && a.ia5 && isText {
				encoded[i][j].Value = asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte(text)}
			}
		}
	}
	return asn1.Marshal(encoded)
}

// commonName returns the first common name in the text's order, "" if there is none.
func commonName(name pkix.RDNSequence) string {
	cn, _ := attributeByName("CN")
	for _, rdn := range slices.Backward(name) {
		for _, part := range rdn {
			if text, ok := part.Value.(string); ok && part.Type.Equal(cn.oid) {
				return text
			}
		}
	}
	return ""
}
