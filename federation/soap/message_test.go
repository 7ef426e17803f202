package soap_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// wrap returns a message of that header and body content.
func wrap(header, body string) string {
	return `<s:Envelope xmlns:s="` + soap.Namespace + `"><s:Header>` + header + `</s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
}

func TestParseMessageRefuses(t *testing.T) {
	t.Parallel()
	const ns = `xmlns:s="` + soap.Namespace + `"`
	cases := map[string]struct {
		message string
		code    soap.MessageCode
	}{
		"nothing":                  {"", soap.Malformed},
		"a page":                   {"<html></html>", soap.Malformed},
		"a document type":          {"<!DOCTYPE a>" + wrap("", "<a/>"), soap.Malformed},
		"SOAP 1.2":                 {`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><a/></s:Body></s:Envelope>`, soap.VersionMismatch},
		"no namespace":             {"<Envelope><Body><a/></Body></Envelope>", soap.VersionMismatch},
		"no body":                  {`<s:Envelope ` + ns + `/>`, soap.Malformed},
		"only a header":            {`<s:Envelope ` + ns + `><s:Header/></s:Envelope>`, soap.Malformed},
		"an empty body":            {wrap("", ""), soap.Malformed},
		"two body children":        {wrap("", "<a/><b/>"), soap.Malformed},
		"two bodies":               {`<s:Envelope ` + ns + `><s:Body><a/></s:Body><s:Body><a/></s:Body></s:Envelope>`, soap.Malformed},
		"two headers":              {`<s:Envelope ` + ns + `><s:Header/><s:Header/><s:Body><a/></s:Body></s:Envelope>`, soap.Malformed},
		"the header last":          {`<s:Envelope ` + ns + `><s:Body><a/></s:Body><s:Header/></s:Envelope>`, soap.Malformed},
		"something behind":         {`<s:Envelope ` + ns + `><s:Body><a/></s:Body><a/></s:Envelope>`, soap.Malformed},
		"a foreign body":           {`<s:Envelope ` + ns + `><Body><a/></Body></s:Envelope>`, soap.Malformed},
		"text in the envelope":     {`<s:Envelope ` + ns + `>x<s:Body><a/></s:Body></s:Envelope>`, soap.Malformed},
		"text in the body":         {wrap("", "x<a/>"), soap.Malformed},
		"text in the header":       {wrap("x", "<a/>"), soap.Malformed},
		"a mandatory block":        {wrap(`<h s:mustUnderstand="1"/>`, "<a/>"), soap.NotUnderstood},
		"a mandatory one in words": {wrap(`<h s:mustUnderstand="true"/>`, "<a/>"), soap.NotUnderstood},
		"a mandatory namesake":     {wrap(`<known xmlns="urn:other" s:mustUnderstand="1"/>`, "<a/>"), soap.NotUnderstood},
		"perhaps mandatory":        {wrap(`<h s:mustUnderstand="2"/>`, "<a/>"), soap.Malformed},
	}
	for name, c := range cases {
		m, err := soap.ParseMessage(soap.SOAP11, []byte(c.message), xmlsec.Limits{}, xmlsec.Name{Space: "urn:known", Local: "known"})
		if codeOf(err) != c.code || m != nil {
			t.Errorf("%s: ParseMessage = %v, %v, want code %s", name, m, err, c.code)
		}
	}
	if len(cases) < 21 {
		t.Fatalf("%d cases, want at least 21", len(cases))
	}
}

func TestParseMessage(t *testing.T) {
	t.Parallel()
	text := "\n" + wrap("\n"+`<known xmlns="urn:known" s:mustUnderstand="1"/><other s:mustUnderstand="0"/><twice/><twice/>`, "\n<a xmlns='urn:a'/>\n") + "\n"
	known := xmlsec.Name{Space: "urn:known", Local: "known"}
	m, err := soap.ParseMessage(soap.SOAP11, []byte(text), xmlsec.Limits{}, known)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, block := range m.Blocks() {
		names = append(names, block.Name.String())
	}
	if diff := cmp.Diff([]string{"{urn:known}known", "other", "twice", "twice"}, names); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
	if !m.Payload.Is("urn:a", "a") || m.Payload.Parent != m.Body {
		t.Errorf("payload = %s", m.Payload.Name)
	}
	if block, err := m.Block(known); err != nil || block == nil {
		t.Errorf("Block(known) = %v, %v", block, err)
	}
	if block, err := m.Block(xmlsec.Name{Local: "absent"}); err != nil || block != nil {
		t.Errorf("Block(absent) = %v, %v", block, err)
	}
	if block, err := m.Block(xmlsec.Name{Local: "twice"}); codeOf(err) != soap.Malformed {
		t.Errorf("Block(twice) = %v, %v", block, err)
	}
}

// TestEnvelopeKeepsParts: what is put in comes out byte for byte, and nothing that is
// not one element gets in.
func TestEnvelopeKeepsParts(t *testing.T) {
	t.Parallel()
	header, body := "<h:a  xmlns:h='urn:h' b = '1' ></h:a >", "<x>\r\n<![CDATA[y]]><!-- z --></x>"
	message, err := soap.Envelope{Headers: []soap.Block{{XML: []byte(header)}}, Body: []byte(body)}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(message, []byte(">"+header+"<")) || !bytes.Contains(message, []byte(">"+body+"<")) {
		t.Errorf("the parts are not in %s", message)
	}
	if got := mustRead(t, string(message)).Payload.Text(); got != "\ny" {
		t.Errorf("payload = %q", got)
	}
	refused := []string{"x", "<a/><b/>", "</s:Body><a/>", "<a/></s:Body><s:Body>", "<?xml version='1.0'?><a/>", "<p:a/>", "\uFEFF<a/>"}
	for _, part := range refused {
		if message, err := (soap.Envelope{Body: []byte(part)}).Bytes(); codeOf(err) != soap.Malformed {
			t.Errorf("body %q: %s, %v", part, message, err)
		}
		if message, err := (soap.Envelope{Headers: []soap.Block{{XML: []byte(part)}}}).Bytes(); codeOf(err) != soap.Malformed {
			t.Errorf("header block %q: %s, %v", part, message, err)
		}
	}
}

func TestFaultRoundTrip(t *testing.T) {
	t.Parallel()
	cases := map[string]soap.Fault{
		"the broker's":  {Code: soap.ClientCode(), String: "AccessDenied: Access Denied.", ErrorCode: "1007", ErrorDescription: "AccessDenied: Access Denied."},
		"no detail":     {Code: soap.ServerCode(), String: "InternalError"},
		"a foreign one": {Code: xmlsec.Name{Space: xmlsec.NamespaceWSSE, Local: "InvalidSecurity"}, String: "<&>\"'"},
		"without space": {Code: xmlsec.Name{Local: "Odd"}, String: "x"},
	}
	for name, want := range cases {
		message, err := soap.Envelope{Body: want.XML()}.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got := mustRead(t, string(message)).Fault()
		if diff := cmp.Diff(&want, got, cmpopts.IgnoreFields(soap.Fault{}, "Detail")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if fault := mustRead(t, wrap("", "<Fault/>")).Fault(); fault != nil {
		t.Errorf("an element that is called Fault passes for one: %v", fault)
	}
}

// TestFaultReading takes members in any namespace, nested, and absent.
func TestFaultReading(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		members string
		want    soap.Fault
		text    string
	}{
		"unqualified": {
			`<faultcode>s:Client</faultcode><faultstring> no </faultstring><detail><ErrorCode>1007</ErrorCode><ErrorDescription>AccessDenied: Access Denied.</ErrorDescription></detail>`,
			soap.Fault{Code: soap.ClientCode(), String: "no", ErrorCode: "1007", ErrorDescription: "AccessDenied: Access Denied."},
			"fault Client: 1007 AccessDenied: Access Denied.",
		},
		"qualified and nested": {
			`<faultcode>s:Server</faultcode><faultstring>no</faultstring><detail><x:Error xmlns:x="urn:x"><x:ErrorCode>MaxUriReached</x:ErrorCode></x:Error></detail>`,
			soap.Fault{Code: soap.ServerCode(), String: "no", ErrorCode: "MaxUriReached"},
			"fault Server: MaxUriReached",
		},
		"no detail":      {`<faultcode>s:Client</faultcode><faultstring>no</faultstring>`, soap.Fault{Code: soap.ClientCode(), String: "no"}, "fault Client: no"},
		"nothing":        {"", soap.Fault{}, "fault : no reason given"},
		"a lost prefix":  {"<faultcode>q:Client</faultcode>", soap.Fault{Code: xmlsec.Name{Local: "Client"}}, "fault Client: no reason given"},
		"hostile text":   {"<faultstring>a\u202Eb\u009B31mc\nd\u200Be</faultstring>", soap.Fault{String: "a\u202Eb\u009B31mc\nd\u200Be"}, "fault : a?b?31mc d?e"},
		"very long text": {"<faultstring>" + strings.Repeat("ä", 5000) + "</faultstring>", soap.Fault{String: strings.Repeat("ä", 5000)}, "fault : " + strings.Repeat("ä", 500) + "…"},
	}
	for name, c := range cases {
		got := mustRead(t, wrap("", "<s:Fault>"+c.members+"</s:Fault>")).Fault()
		if diff := cmp.Diff(&c.want, got, cmpopts.IgnoreFields(soap.Fault{}, "Detail")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.Error() != c.text {
			t.Errorf("%s: %q, want %q", name, got.Error(), c.text)
		}
	}
}

// FuzzParseMessage: whatever is accepted has one body child that belongs to the body,
// no mandatory block, and a fault that prints nothing that acts on a terminal.
func FuzzParseMessage(f *testing.F) {
	f.Add([]byte(wrap("", "<a/>")))
	f.Add([]byte(wrap(`<h s:mustUnderstand="1"/>`, "<a/>")))
	f.Add([]byte(wrap("", "<s:Fault><faultcode>s:Client</faultcode><faultstring>x\u009B</faultstring><detail><ErrorCode>1</ErrorCode></detail></s:Fault>")))
	f.Add([]byte(wrap("<h/><h/>", "<a><b/></a>")))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := soap.ParseMessage(soap.SOAP11, data, xmlsec.Limits{})
		if err != nil {
			if codeOf(err) == "" {
				t.Fatalf("not a MessageError: %v", err)
			}
			return
		}
		if m.Payload.Parent != m.Body || m.Body.Parent != m.Root || len(m.Body.Elements()) != 1 {
			t.Fatalf("the payload is not the one child of the body: %q", data)
		}
		for _, block := range m.Blocks() {
			if v, _ := block.Attribute(soap.Namespace, "mustUnderstand"); v == "1" || v == "true" {
				t.Fatalf("a mandatory block passes: %q", data)
			}
		}
		if fault := m.Fault(); fault != nil && strings.ContainsFunc(fault.Error(), func(r rune) bool {
			return r < ' ' || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E
		}) {
			t.Fatalf("%q acts on a terminal", fault.Error())
		}
	})
}
