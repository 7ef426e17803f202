package soap

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"exfed/federation/xmlsec"
)

// Fault is a SOAP fault, with the detail that the broker's services add to it.
// It is an error: the other side said no. Its texts are as they were sent; Error()
// makes them fit for a terminal or a log.
type Fault struct {
	Version Version
	Code    xmlsec.Name // ClientCode(), SenderCode(), or in SOAP 1.1 one of WS-Security in another namespace
	Subcode xmlsec.Name // of SOAP 1.2, in the namespace of the protocol; the zero Name for none
	String  string      // the reason, in SOAP 1.2 the first text of it

	Passport *PassportError // of a SOAP 1.2 detail; nil when absent

	// Members of a SOAP 1.1 detail.
	ErrorCode        string // of detail, such as "1007"; empty when absent
	ErrorDescription string // of detail, such as "AccessDenied: Access Denied."; empty when absent

	Date   time.Time       // of the HTTP answer it came with, by the other side's clock; zero when unknown; not sent
	Status int             // HTTP status it came with, 0 when it came another way; not sent
	Detail *xmlsec.Element // the whole detail of a fault that was read, or nil; not sent
}

func (f *Fault) Error() string {
	text := Printable(f.String, maxFaultText)
	if f.ErrorCode != "" || f.ErrorDescription != "" {
		text = Printable(f.ErrorCode+" "+f.ErrorDescription, maxFaultText)
	}
	if p := f.Passport; p != nil && p.Code+p.Text != "" {
		text = Printable(p.Code+" "+p.Text, maxFaultText)
	}
	if text == "" {
		text = "no reason given"
	}
	code := f.Code.Local
	if f.Subcode.Local != "" {
		code += " " + f.Subcode.Local
	}
	return fmt.Sprintf("fault %s: %s", Printable(code, maxFaultText), text)
}

// XML returns the s:Fault element for the body of an Envelope.
func (f *Fault) XML() []byte {
	if f.Version == SOAP12 {
		return f.xml12()
	}
	var out bytes.Buffer
	out.WriteString(`<s:Fault xmlns:s="` + Namespace + `"><faultcode`)
	switch f.Code.Space {
	case Namespace:
		out.WriteString(`>s:`)
	case "":
		out.WriteString(`>`)
	default:
		out.WriteString(` xmlns:c="` + xmlsec.Escape(f.Code.Space) + `">c:`)
	}
	out.WriteString(xmlsec.Escape(f.Code.Local) + `</faultcode><faultstring>` + xmlsec.Escape(f.String) + `</faultstring>`)
	if f.ErrorCode != "" || f.ErrorDescription != "" {
		out.WriteString(`<detail><ErrorCode>` + xmlsec.Escape(f.ErrorCode) + `</ErrorCode>` +
			`<ErrorDescription>` + xmlsec.Escape(f.ErrorDescription) + `</ErrorDescription></detail>`)
	}
	out.WriteString(`</s:Fault>`)
	return out.Bytes()
}

// Fault returns the fault that the message consists of, nil when it is another
// message. Members are found by their local names and may be absent: services differ
// in the namespaces they put them in.
func (m *Message) Fault() *Fault {
	if !m.Payload.Is(m.Version.Namespace(), "Fault") {
		return nil
	}
	f := &Fault{Version: m.Version}
	if m.Version == SOAP12 {
		f.read12(m.Payload)
		return f
	}
	for _, member := range m.Payload.Elements() {
		switch member.Name.Local {
		case "faultcode":
			f.Code = nameIn(member)
		case "faultstring":
			f.String = strings.TrimSpace(member.Text())
		case "detail":
			f.Detail = member
			f.ErrorCode = textOf(member, "ErrorCode")
			f.ErrorDescription = textOf(member, "ErrorDescription")
		}
	}
	return f
}

// nameIn reads a qualified name from the text of an element.
func nameIn(e *xmlsec.Element) xmlsec.Name {
	prefix, local, prefixed := strings.Cut(strings.TrimSpace(e.Text()), ":")
	if !prefixed {
		prefix, local = "", prefix
	}
	space, _ := e.Namespace(prefix)
	return xmlsec.Name{Space: space, Local: local}
}

// textOf returns the text of the first element of that local name within e.
func textOf(e *xmlsec.Element, local string) string {
	for _, child := range e.Elements() {
		if child.Name.Local == local {
			return strings.TrimSpace(child.Text())
		}
		if text := textOf(child, local); text != "" {
			return text
		}
	}
	return ""
}
