package soap_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

const wsa = "http://www.w3.org/2005/08/addressing"

func fullAddressing() soap.Addressing {
	return soap.Addressing{
		To: "https://sts.broker.example/sts?a=1&b=2", Action: "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue",
		MessageID: "urn:uuid:1", ReplyTo: soap.AnonymousAddress, RelatesTo: "urn:uuid:0",
	}
}

// TestAddressing: what is written is read, in both versions, in the order of published
// messages.
func TestAddressing(t *testing.T) {
	t.Parallel()
	cases := map[string]soap.Addressing{"full": fullAddressing(), "none": {}, "some": {Action: "urn:a"}}
	for name, want := range cases {
		for _, version := range []soap.Version{soap.SOAP11, soap.SOAP12} {
			message, err := soap.Envelope{Version: version, Headers: want.Blocks(version), Body: []byte("<a/>")}.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			m, err := soap.ParseMessage(version, message, xmlsec.Limits{}, soap.AddressingNames()...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := m.Addressing()
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s, %s: %v (-want +got):\n%s", name, version, err, diff)
			}
		}
	}
	var mandatory, names []string
	message, err := soap.Envelope{Version: soap.SOAP12, Headers: fullAddressing().Blocks(soap.SOAP12), Body: []byte("<a/>")}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	m, err := soap.ParseMessage(soap.SOAP12, message, xmlsec.Limits{}, soap.AddressingNames()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range m.Blocks() {
		names = append(names, block.Name.Local)
		if value, _ := block.Attribute("http://www.w3.org/2003/05/soap-envelope", "mustUnderstand"); value == "1" {
			mandatory = append(mandatory, block.Name.Local)
		}
	}
	if diff := cmp.Diff([]string{"To", "Action", "MessageID", "ReplyTo", "RelatesTo"}, names); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"To", "Action"}, mandatory); diff != "" {
		t.Errorf("mandatory (-want +got):\n%s", diff)
	}
}

func TestAddressingRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"two of one name":     `<a:To>1</a:To><a:To>1</a:To>`,
		"an element within":   `<a:To>1<b/></a:To>`,
		"no address":          `<a:ReplyTo/>`,
		"two addresses":       `<a:ReplyTo><a:Address>1</a:Address><a:Address>2</a:Address></a:ReplyTo>`,
		"a foreign address":   `<a:ReplyTo><Address>1</Address></a:ReplyTo>`,
		"a message of two":    `<a:MessageID>1</a:MessageID><a:MessageID>2</a:MessageID>`,
		"an answer to two":    `<a:RelatesTo>1</a:RelatesTo><a:RelatesTo>2</a:RelatesTo>`,
		"two things to do":    `<a:Action>1</a:Action><a:Action>2</a:Action>`,
		"an element in reply": `<a:ReplyTo><a:Address>1<b/></a:Address></a:ReplyTo>`,
	}
	for name, blocks := range cases {
		m := mustRead(t, strings.Replace(wrap(blocks, "<x/>"), "<s:Header>", `<s:Header xmlns:a="`+wsa+`">`, 1))
		if got, err := m.Addressing(); codeOf(err) != soap.Malformed {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if len(cases) < 9 {
		t.Fatalf("%d cases, want at least 9", len(cases))
	}
}

func TestNewMessageID(t *testing.T) {
	t.Parallel()
	got, err := soap.NewMessageID(strings.NewReader(strings.Repeat("\xFF", 16)))
	if want := "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	first, err := soap.NewMessageID(nil)
	if second, again := soap.NewMessageID(nil); err != nil || again != nil || first == second {
		t.Errorf("%q, %q", first, second)
	}
	if id, err := soap.NewMessageID(strings.NewReader("short")); err == nil {
		t.Errorf("%q without randomness", id)
	}
}
