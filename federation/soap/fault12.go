package soap

import (
	"bytes"
	"strings"

	"exfed/federation/xmlsec"
)

// NamespacePassport is the namespace of the detail that token services add to a fault.
const NamespacePassport = "http://schemas.microsoft.com/Passport/SoapServices/SOAPFault"

// PassportError is the psf:error in the detail of a token service's fault.
type PassportError struct {
	Value string // such as "0x80048821", which goes with a failed authentication
	Code  string // such as "0x80041034"
	Text  string
}

// xml12 returns the s:Fault element of SOAP 1.2 §5.4.
func (f *Fault) xml12() []byte {
	var out bytes.Buffer
	out.WriteString(`<s:Fault xmlns:s="` + Namespace12 + `"><s:Code>`)
	writeCode12(&out, f.Code)
	if f.Subcode.Local != "" {
		out.WriteString(`<s:Subcode>`)
		writeCode12(&out, f.Subcode)
		out.WriteString(`</s:Subcode>`)
	}
	out.WriteString(`</s:Code><s:Reason><s:Text xml:lang="en-US">` + xmlsec.Escape(f.String) + `</s:Text></s:Reason>`)
	if p := f.Passport; p != nil {
		out.WriteString(`<s:Detail><psf:error xmlns:psf="` + NamespacePassport + `"><psf:value>` + xmlsec.Escape(p.Value) +
			`</psf:value><psf:internalerror><psf:code>` + xmlsec.Escape(p.Code) + `</psf:code><psf:text>` + xmlsec.Escape(p.Text) +
			`</psf:text></psf:internalerror></psf:error></s:Detail>`)
	}
	out.WriteString(`</s:Fault>`)
	return out.Bytes()
}

func writeCode12(out *bytes.Buffer, code xmlsec.Name) {
	switch code.Space {
	case Namespace12:
		out.WriteString(`<s:Value>s:`)
	case "":
		out.WriteString(`<s:Value>`)
	default:
		out.WriteString(`<s:Value xmlns:c="` + xmlsec.Escape(code.Space) + `">c:`)
	}
	out.WriteString(xmlsec.Escape(code.Local) + `</s:Value>`)
}

// read12 reads the members of a SOAP 1.2 fault. As in 1.1, any may be absent.
func (f *Fault) read12(e *xmlsec.Element) {
	for _, member := range e.Elements() {
		switch member.Name {
		case xmlsec.Name{Space: Namespace12, Local: "Code"}:
			f.Code = valueIn(member)
			for _, subcode := range member.Named(Namespace12, "Subcode") {
				f.Subcode = valueIn(subcode)
			}
		case xmlsec.Name{Space: Namespace12, Local: "Reason"}:
			f.String = textOf(member, "Text")
		case xmlsec.Name{Space: Namespace12, Local: "Detail"}:
			f.Detail = member
			f.Passport = passportIn(member)
		}
	}
}

// valueIn returns the qualified name in the s:Value of a Code or Subcode.
func valueIn(e *xmlsec.Element) xmlsec.Name {
	for _, value := range e.Named(Namespace12, "Value") {
		return nameIn(value)
	}
	return xmlsec.Name{}
}

// passportIn returns the first psf:error of a detail, nil when there is none.
func passportIn(detail *xmlsec.Element) *PassportError {
	found := detail.Named(NamespacePassport, "error")
	if len(found) == 0 {
		return nil
	}
	p := &PassportError{}
	for _, member := range found[0].Elements() {
		switch member.Name.Local {
		case "value":
			p.Value = strings.TrimSpace(member.Text())
		case "internalerror":
			p.Code, p.Text = textOf(member, "code"), textOf(member, "text")
		}
	}
	return p
}
