package soap_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// tokenRequest signs as the clients of token services do: To and Timestamp, numbered.
func (p party) tokenRequest(t testing.TB, change func(*soap.Signing)) string {
	t.Helper()
	signing := p.signing()
	signing.Signer.Method, signing.MustUnderstand, signing.NumberedIDs, signing.UnsignedBody = xmlsec.RSASHA1, true, true, true
	change(&signing)
	message, err := signing.Sign(soap.Envelope{Version: soap.SOAP12, Headers: fullAddressing().Blocks(soap.SOAP12), Body: []byte("<rst/>")})
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

func unchanged(*soap.Signing) {}

func modern(s *soap.Signing) { s.UnsignedBody, s.Signer.Method = false, xmlsec.RSASHA256 }

// exchangeVerification is what a token service demands of clients as Exchange is one.
func (p party) exchangeVerification() soap.Verification {
	v := p.verification()
	v.Algorithms, v.Covered, v.Required, v.UnsignedBody = xmlsec.ExchangeAlgorithms(), nil, []xmlsec.Name{soap.ToName()}, true
	return v
}

func understood() []xmlsec.Name { return append(soap.AddressingNames(), soap.SecurityName()) }

func mustRead12(t testing.TB, message string) *soap.Message {
	t.Helper()
	m, err := soap.ParseMessage(soap.SOAP12, []byte(message), xmlsec.Limits{}, understood()...)
	if err != nil {
		t.Fatalf("%v\n%s", err, message)
	}
	return m
}

func TestTokenRequestShape(t *testing.T) {
	t.Parallel()
	type shape struct{ Blocks, Parts, References []string }
	read := func(message string) (s shape) {
		m := mustRead12(t, message)
		for _, block := range m.Blocks() {
			s.Blocks = append(s.Blocks, block.Name.Local)
		}
		security, err := m.Block(soap.SecurityName())
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range security.Elements() {
			id, _ := part.Attribute(xmlsec.NamespaceWSU, "Id")
			s.Parts = append(s.Parts, part.Name.Local+id)
		}
		for _, reference := range security.Elements()[1].Elements()[0].Named(xmlsec.NamespaceSignature, "Reference") {
			uri, _ := reference.Attribute("", "URI")
			s.References = append(s.References, uri+" "+m.Root.ByID(uri[1:]).Name.Local)
		}
		return s
	}
	sender := newParty(t)
	want := shape{
		[]string{"To", "Action", "MessageID", "ReplyTo", "RelatesTo", "Security"}, []string{"Timestamp_0", "Signature"}, []string{"#_1 To", "#_0 Timestamp"},
	}
	if diff := cmp.Diff(want, read(sender.tokenRequest(t, unchanged))); diff != "" {
		t.Errorf("exchange (-want +got):\n%s", diff)
	}
	want.References = append(want.References, "#_2 Body")
	if diff := cmp.Diff(want, read(sender.tokenRequest(t, modern))); diff != "" {
		t.Errorf("modern (-want +got):\n%s", diff)
	}
	if _, err := soap.ParseMessage(soap.SOAP12, []byte(sender.tokenRequest(t, unchanged)), xmlsec.Limits{}, soap.AddressingNames()...); codeOf(err) != soap.NotUnderstood {
		t.Errorf("read by somebody who knows no security: %v", err)
	}
}

func TestVerifyTokenRequest(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	got, err := sender.exchangeVerification().Verify(mustRead12(t, sender.tokenRequest(t, unchanged)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Payload != nil {
		t.Error("a body that is not signed is handed out")
	}
	if to := got.Block(soap.ToName()); to == nil || to.Text() != fullAddressing().To {
		t.Errorf("To = %v", to)
	}
	got, err = sender.exchangeVerification().Verify(mustRead12(t, sender.tokenRequest(t, modern)))
	if err != nil || got.Payload == nil || !got.Payload.Is("", "rst") {
		t.Errorf("a signed body is not handed out: %v, %v", got, err)
	}
	strict := sender.exchangeVerification()
	strict.UnsignedBody = false
	if got, err := strict.Verify(mustRead12(t, sender.tokenRequest(t, unchanged))); codeOf(err) != soap.NotCovered {
		t.Errorf("a body that must be signed is not: %v, %v", got, err)
	}
}

// TestTokenRequestAttacks alters what an attacker without the key can alter.
func TestTokenRequestAttacks(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	good := sender.tokenRequest(t, unchanged)
	cut := func(first, last string) string {
		i, j := strings.Index(good, first), strings.Index(good, last)
		if i < 0 || j < i {
			t.Fatalf("no %s ... %s", first, last)
		}
		return good[i : j+len(last)]
	}
	to, stamp, signature, security := cut("<a:To", "</a:To>"), cut("<u:Timestamp", "</u:Timestamp>"), cut("<Signature ", "</Signature>"), cut("<o:Security", "</o:Security>")
	token := string(xmlsec.BinarySecurityToken(sender.certificate, "bst"))
	swap := func(pairs ...string) string {
		text := good
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(text, pairs[i]) {
				t.Fatalf("no %q", pairs[i])
			}
			text = strings.Replace(text, pairs[i], pairs[i+1], 1)
		}
		return text
	}
	const evil = `<a:To xmlns:a="` + wsa + `">https://evil.example/</a:To>`
	cases := map[string]struct {
		message string
		code    soap.MessageCode
	}{
		"another address":             {swap("sts.broker.example", "sts.evil.example"), soap.Untrusted},
		"another time":                {swap("12:05:00Z", "23:05:00Z"), soap.Untrusted},
		"1: To in a wrapper before":   {swap(to, "<w>"+to+"</w>"+evil), soap.NotCovered},
		"2: To in a wrapper behind":   {swap(to, evil, "</s:Header>", "<w>"+to+"</w></s:Header>"), soap.NotCovered},
		"3: To in the body":           {swap(to, evil, "<rst/>", "<rst>"+to+"</rst>"), soap.NotCovered},
		"4: To in the Security":       {swap(to, evil, stamp, stamp+to), soap.Unsigned},
		"5: To in the other To":       {swap(to, strings.Replace(evil, "https", to+"https", 1)), soap.NotCovered},
		"6: To twice":                 {swap(to, evil+to), soap.Malformed},
		"7: the Timestamp in a block": {swap(stamp, strings.Replace(stamp, `u:Id="_0"`, "", 1), "</s:Header>", "<w>"+strings.Replace(stamp, "<u:Timestamp", `<u:Timestamp xmlns:u="`+xmlsec.NamespaceWSU+`"`, 1)+"</w></s:Header>"), soap.NotCovered},
		"8: the Security in a block":  {swap(security, "<w>"+security+"</w>"), soap.Unsigned},
		"no To":                       {swap(to, ""), soap.Untrusted},
		"no signature":                {swap(signature, ""), soap.Unsigned},
		"two signatures":              {swap(signature, signature+signature), soap.Unsigned},
		"two Security headers":        {swap(security, security+`<o:Security xmlns:o="`+xmlsec.NamespaceWSSE+`"/>`), soap.Unsigned},
		"two tokens":                  {swap(signature, signature+token+strings.Replace(token, `"bst"`, `"two"`, 1)), soap.Unsigned},
		"a token first":               {swap(stamp, token+stamp), soap.Unsigned},
		"somebody else":               {newParty(t).tokenRequest(t, unchanged), soap.Untrusted},
		"To is not signed":            {sender.altered(t, func(blocks []soap.Block) []soap.Block { blocks[0].Signed = false; return blocks }), soap.NotCovered},
		"To was never there":          {sender.altered(t, func(blocks []soap.Block) []soap.Block { return blocks[1:] }), soap.NotCovered},
		"an HMAC with the public key": {sender.tokenRequest(t, func(s *soap.Signing) {
			s.Signer = xmlsec.Signer{Secret: sender.certificate.Raw, Method: xmlsec.HMACSHA1, KeyInfo: s.Signer.KeyInfo}
		}), soap.Untrusted},
	}
	for name, c := range cases {
		got, err := sender.exchangeVerification().Verify(mustRead12(t, c.message))
		if codeOf(err) != c.code || got != nil {
			t.Errorf("%s: Verify = %v, %v, want code %s", name, got, err, c.code)
		}
	}
	if len(cases) < 20 {
		t.Fatalf("%d cases, want at least 20", len(cases))
	}
	for name, message := range map[string]string{"a token behind": swap(signature, signature+token), "a token between": swap(signature, token+signature)} {
		if _, err := sender.exchangeVerification().Verify(mustRead12(t, message)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	sha1 := sender.exchangeVerification()
	sha1.Algorithms = xmlsec.ModernAlgorithms()
	if _, err := sha1.Verify(mustRead12(t, good)); codeOf(err) != soap.Untrusted {
		t.Errorf("SHA-1 under the modern policy: %v", err)
	}
}

// altered signs a request with header blocks that the sender itself altered.
func (p party) altered(t *testing.T, alter func([]soap.Block) []soap.Block) string {
	t.Helper()
	signing := p.signing()
	signing.NumberedIDs, signing.UnsignedBody = true, true
	message, err := signing.Sign(soap.Envelope{Version: soap.SOAP12, Headers: alter(fullAddressing().Blocks(soap.SOAP12)), Body: []byte("<rst/>")})
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

// TestXMLSec1VerifiesTokenRequests counts the references that xmlsec1 verifies.
func TestXMLSec1VerifiesTokenRequests(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("xmlsec1")
	if err != nil && os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("xmlsec1 is required here: %v", err)
	}
	if err != nil {
		t.Skip("xmlsec1 is not installed")
	}
	sender := newParty(t)
	folder := t.TempDir()
	certificate := filepath.Join(folder, "certificate.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: sender.certificate.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	verify := func(message string) (string, error) {
		file := filepath.Join(folder, "message.xml")
		if err := os.WriteFile(file, []byte(message), 0o600); err != nil {
			t.Fatal(err)
		}
		output, err := exec.Command(program, "--verify", "--pubkey-cert-pem", certificate, "--id-attr:Id", xmlsec.NamespaceWSU+":Timestamp",
			"--id-attr:Id", wsa+":To", "--id-attr:Id", namespace12+":Body", file).CombinedOutput()
		return string(output), err
	}
	for count, change := range map[string]func(*soap.Signing){"2/2": unchanged, "3/3": modern} {
		message := sender.tokenRequest(t, change)
		output, err := verify(message)
		if err != nil || !strings.Contains(output, "(ok/all): "+count) {
			t.Errorf("want %s references: %v\n%s", count, err, output)
		}
		if output, err := verify(strings.Replace(message, "sts.broker", "sts.evil", 1)); err == nil {
			t.Errorf("the judge accepts another address\n%s", output)
		}
	}
}

// FuzzVerifyTokenRequest alters one byte anywhere: what is accepted then goes to the same
// address, at the same time.
func FuzzVerifyTokenRequest(f *testing.F) {
	sender := newParty(f)
	good := sender.tokenRequest(f, unchanged)
	wanted, err := sender.exchangeVerification().Verify(mustRead12(f, good))
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(good); i += 101 {
		f.Add(uint16(i), byte('1'))
	}
	f.Fuzz(func(t *testing.T, at uint16, b byte) {
		altered := []byte(good)
		altered[int(at)%len(altered)] = b
		m, err := soap.ParseMessage(soap.SOAP12, altered, xmlsec.Limits{}, understood()...)
		if err != nil {
			return
		}
		got, err := sender.exchangeVerification().Verify(m)
		if err != nil {
			return
		}
		if !bytes.Equal(got.Block(soap.ToName()).Canonical(), wanted.Block(soap.ToName()).Canonical()) || !got.Created.Equal(wanted.Created) || got.Payload != nil {
			t.Fatalf("accepted, but not what was signed: %q at %d", b, at)
		}
	})
}
