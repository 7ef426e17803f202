package soap

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"exfed/federation/xmlsec"
)

// Fault is a SOAP 1.1 fault, with the detail that the broker's services add to it.
// It is an error: the other side said no. Its texts are as they were sent; Error()
// makes them fit for a terminal or a log.
type Fault struct {
	Code             xmlsec.Name // ClientCode(), or one of WS-Security in another namespace
	String           string
	ErrorCode        string // of detail, such as "1007"; empty when absent
	ErrorDescription string // of detail, such as "AccessDenied: Access Denied."; empty when absent

	Status int             // HTTP status it came with, 0 when it came another way; not sent
	Detail *xmlsec.Element // the whole detail of a fault that was read, or nil; not sent
}

// ClientCode returns the code of a fault that is the sender's.
func ClientCode() xmlsec.Name { return xmlsec.Name{Space: Namespace, Local: "Client"} }

// ServerCode returns the code of a fault that is the receiver's.
func ServerCode() xmlsec.Name { return xmlsec.Name{Space: Namespace, Local: "Server"} }

func (f *Fault) Error() string {
	text := Printable(f.String, maxFaultText)
	if f.ErrorCode != "" || f.ErrorDescription != "" {
		text = Printable(f.ErrorCode+" "+f.ErrorDescription, maxFaultText)
	}
	if text == "" {
		text = "no reason given"
	}
	return fmt.Sprintf("fault %s: %s", Printable(f.Code.Local, maxFaultText), text)
}

// XML returns the s:Fault element for the body of an Envelope.
func (f *Fault) XML() []byte {
	var out bytes.Buffer
	out.WriteString(`<s:Fault xmlns:s="` + Namespace + `"><faultcode`)
	switch f.Code.Space {
	case Namespace:
		out.WriteString(`>s:`)
	case "":
		out.WriteString(`>`)
	default:
		out.WriteString(` xmlns:c="` + escape(f.Code.Space) + `">c:`)
	}
	out.WriteString(escape(f.Code.Local) + `</faultcode><faultstring>` + escape(f.String) + `</faultstring>`)
	if f.ErrorCode != "" || f.ErrorDescription != "" {
		out.WriteString(`<detail><ErrorCode>` + escape(f.ErrorCode) + `</ErrorCode>` +
			`<ErrorDescription>` + escape(f.ErrorDescription) + `</ErrorDescription></detail>`)
	}
	out.WriteString(`</s:Fault>`)
	return out.Bytes()
}

// Fault returns the fault that the message consists of, nil when it is another
// message. Members are found by their local names and may be absent: services differ
// in the namespaces they put them in.
func (m *Message) Fault() *Fault {
	if !m.Payload.Is(Namespace, "Fault") {
		return nil
	}
	f := &Fault{}
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

// escape returns text fit for content and attributes. Characters that XML does not
// know become U+FFFD.
func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a strings.Builder does not fail
	return out.String()
}
