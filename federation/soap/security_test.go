package soap_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

func TestSignVerify(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	message := mustRead(t, string(sender.signed(t)))
	got, err := sender.verification().Verify(message)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Certificate.Equal(sender.certificate) {
		t.Error("another certificate")
	}
	type facts struct {
		Method                        xmlsec.SignatureMethod
		Created, Expires, ReplayUntil time.Time
		Payload, Proof                string
	}
	want := facts{
		Method: xmlsec.RSASHA256, Created: noon(), Expires: noon().Add(5 * time.Minute), ReplayUntil: noon().Add(5 * time.Minute),
		Payload: `<CreateAppId xmlns="` + md2 + `"><uri>contoso.example</uri><properties></properties></CreateAppId>`,
		Proof:   "contoso.example",
	}
	domain, err := got.Block(proofName()).Only(md2, "Domain")
	if err != nil {
		t.Fatal(err)
	}
	have := facts{got.Method, got.Created, got.Expires, got.ReplayUntil, string(got.Payload.Canonical()), domain.Text()}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Payload == message.Payload {
		t.Error("the payload is that of the message, not what was verified")
	}
	if got.Block(soap.SecurityName()) != nil {
		t.Error("a block that is not among the covered ones is handed out")
	}
}

func TestSignedMessagesHaveTheAgreedLayout(t *testing.T) {
	t.Parallel()
	m := mustRead(t, string(newParty(t).signed(t)))
	var blocks []string
	for _, b := range m.Blocks() {
		blocks = append(blocks, b.Name.Local)
	}
	if diff := cmp.Diff([]string{"DomainOwnershipProofHeader", "Security"}, blocks); diff != "" {
		t.Errorf("header blocks (-want +got):\n%s", diff)
	}
	security, err := m.Block(soap.SecurityName())
	if err != nil {
		t.Fatal(err)
	}
	parts := security.Elements()
	if len(parts) != 2 || !parts[0].Is(xmlsec.NamespaceWSU, "Timestamp") || !parts[1].Is(xmlsec.NamespaceSignature, "Signature") {
		t.Fatalf("the Security header is not a Timestamp and a Signature")
	}
	var times []string
	for _, e := range parts[0].Elements() {
		times = append(times, e.Name.Local+" "+e.Text())
	}
	if diff := cmp.Diff([]string{"Created 2030-01-01T12:00:00Z", "Expires 2030-01-01T12:05:00Z"}, times); diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
	if _, marked := security.Attribute(soap.Namespace, "mustUnderstand"); marked {
		t.Error("the header is marked mustUnderstand though nobody asked for it")
	}
}

func TestMandatorySecurityHeader(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	signing := sender.signing()
	signing.MustUnderstand = true
	message, err := signing.Sign(soap.Envelope{Body: []byte(createAppID)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := soap.ParseMessage(soap.SOAP11, message, xmlsec.Limits{}); codeOf(err) != soap.NotUnderstood {
		t.Errorf("read by somebody who does not know it: %v", err)
	}
	m, err := soap.ParseMessage(soap.SOAP11, message, xmlsec.Limits{}, soap.SecurityName())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.verification().Verify(m); err != nil {
		t.Error(err)
	}
}

// TestReplayKeys: two requests of one second are two messages; the same message
// always has the same key, however it is written down.
func TestReplayKeys(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	key := func(message string) [32]byte {
		got, err := sender.verification().Verify(mustRead(t, message))
		if err != nil {
			t.Fatal(err)
		}
		return got.ReplayKey
	}
	sign := func() string { // no block: what differs is in what every message has
		message, err := sender.signing().Sign(soap.Envelope{Body: []byte(createAppID)})
		if err != nil {
			t.Fatal(err)
		}
		return string(message)
	}
	first, second := sign(), sign()
	if key(first) == key(second) {
		t.Error("two requests have one replay key")
	}
	rewritten := strings.Replace(first, "<SignatureValue>", "<!-- --><SignatureValue>\n ", 1)
	if rewritten == first || key(rewritten) != key(first) {
		t.Error("a message written in another way has another replay key")
	}
}

// signedBy returns a signed message with a timestamp as given.
func (p party) signedBy(t *testing.T, created, expires string) string {
	t.Helper()
	return p.signedHeader(t, `<u:Timestamp u:Id="t"><u:Created>`+created+`</u:Created><u:Expires>`+expires+`</u:Expires></u:Timestamp>`, "t", "b")
}

// signedHeader returns a message with these parts in its Security header, then a
// signature over the elements of these identifiers. The body has the identifier b,
// the proof header p.
func (p party) signedHeader(t *testing.T, parts string, ids ...string) string {
	t.Helper()
	root := mustRead(t, `<s:Envelope xmlns:s="`+soap.Namespace+`" xmlns:u="`+xmlsec.NamespaceWSU+`"><s:Header>`+
		`<h:DomainOwnershipProofHeader xmlns:h="`+md2+`" u:Id="p"/>`+
		`<o:Security xmlns:o="`+xmlsec.NamespaceWSSE+`">`+parts+`</o:Security></s:Header><s:Body u:Id="b">`+createAppID+`</s:Body></s:Envelope>`).Root
	all := append(ids, "p")
	if len(ids) > 0 && ids[len(ids)-1] == "-p" {
		all = ids[:len(ids)-1]
	}
	signature, err := p.signing().Signer.Sign(root, all...)
	if err != nil {
		t.Fatal(err)
	}
	return string(root.Elements()[0].Elements()[1].WithChild(signature))
}

// TestUncoveredPartsAreRefused has the sender itself leave something out, or an
// attacker move, double or drop parts of a message that was signed well.
func TestUncoveredPartsAreRefused(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	const timestamp = `<u:Timestamp u:Id="t"><u:Created>2030-01-01T12:00:00Z</u:Created><u:Expires>2030-01-01T12:05:00Z</u:Expires></u:Timestamp>`
	good := sender.signedHeader(t, timestamp, "t", "b")
	if _, err := sender.verification().Verify(mustRead(t, good)); err != nil {
		t.Fatal(err)
	}
	cut := func(first, last string) string {
		i, j := strings.Index(good, first), strings.Index(good, last)
		if i < 0 || j < i {
			t.Fatalf("no %s ... %s", first, last)
		}
		return good[i : j+len(last)]
	}
	security, signature := cut("<o:Security", "</o:Security>"), cut("<Signature xmlns", "</Signature>")
	body, proof := cut("<s:Body", "</s:Body>"), cut("<h:Domain", "/>")
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
	const evil = `<s:Body><DeleteAll xmlns="urn:evil"/></s:Body>`
	const later = `<u:Timestamp><u:Created>2030-01-01T12:00:00Z</u:Created><u:Expires>2099-01-01T12:05:00Z</u:Expires></u:Timestamp>`
	cases := map[string]struct {
		message string
		code    soap.MessageCode
	}{
		"the body is not signed":         {sender.signedHeader(t, timestamp, "t"), soap.NotCovered},
		"the timestamp is not signed":    {sender.signedHeader(t, timestamp, "b"), soap.NotCovered},
		"the proof is not signed":        {sender.signedHeader(t, timestamp, "t", "b", "-p"), soap.NotCovered},
		"no timestamp":                   {sender.signedHeader(t, "", "b"), soap.Unsigned},
		"two timestamps":                 {sender.signedHeader(t, timestamp+later, "t", "b"), soap.Unsigned},
		"no Security header":             {swap(security, ""), soap.Unsigned},
		"an empty Security header":       {swap(security, `<o:Security xmlns:o="`+xmlsec.NamespaceWSSE+`"/>`), soap.Unsigned},
		"no signature":                   {swap(signature, ""), soap.Unsigned},
		"two signatures":                 {swap(signature, signature+signature), soap.Unsigned},
		"the signature first":            {swap(signature, "", timestamp, signature+timestamp), soap.Unsigned},
		"a second Security header":       {swap(security, security+`<o:Security xmlns:o="`+xmlsec.NamespaceWSSE+`"/>`), soap.Unsigned},
		"a second one before":            {swap(security, `<o:Security xmlns:o="`+xmlsec.NamespaceWSSE+`"/>`+security), soap.Unsigned},
		"something else in the header":   {swap(signature, signature+"<x/>"), soap.Unsigned},
		"another timestamp is used":      {swap(timestamp, later, "</s:Header>", timestamp+"</s:Header>"), soap.NotCovered},
		"the body in a header block":     {swap(body, evil, "</s:Header>", "<w>"+body+"</w></s:Header>"), soap.NotCovered},
		"the body beside the signature":  {swap(body, evil, "<s:Header>", "<s:Header>"+body), soap.NotCovered},
		"the body within the other":      {swap(body, `<s:Body><DeleteAll xmlns="urn:evil">`+body+`</DeleteAll></s:Body>`), soap.NotCovered},
		"the proof replaced":             {swap(proof, `<w>`+proof+`</w><h:DomainOwnershipProofHeader xmlns:h="`+md2+`"/>`), soap.NotCovered},
		"the proof doubled":              {swap(proof, proof+`<h:DomainOwnershipProofHeader xmlns:h="`+md2+`"/>`), soap.Malformed},
		"a proof altered":                {swap(proof, `<h:DomainOwnershipProofHeader xmlns:h="`+md2+`" u:Id="p">x</h:DomainOwnershipProofHeader>`), soap.Untrusted},
		"the proof dropped":              {swap(proof, ""), soap.Untrusted},
		"the body altered":               {swap("contoso.example", "fabrikam.example"), soap.Untrusted},
		"a timestamp altered":            {swap("12:05:00Z", "23:05:00Z"), soap.Untrusted},
		"somebody else's certificate":    {newParty(t).signedHeader(t, timestamp, "t", "b"), soap.Untrusted},
		"a token between, unlike a cert": {swap(signature, `<o:BinarySecurityToken>x</o:BinarySecurityToken><o:BinarySecurityToken/>`+signature), soap.Unsigned},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := sender.verification().Verify(mustRead(t, c.message))
			if codeOf(err) != c.code || got != nil {
				t.Errorf("Verify = %v, %v, want code %s", got, err, c.code)
			}
		})
	}
	if len(cases) < 25 {
		t.Fatalf("%d cases, want at least 25", len(cases))
	}
}

// TestOptionalBlocks: a block that need not be there may be absent, and one that
// nobody asked to be signed may be added.
func TestOptionalBlocks(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	message, err := sender.signing().Sign(soap.Envelope{Headers: []soap.Block{{XML: []byte("<note/>")}}, Body: []byte(createAppID)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := sender.verification().Verify(mustRead(t, string(message)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Block(proofName()) != nil {
		t.Error("a proof header came from nowhere")
	}
}

func TestSignKeepsAnIdentifierThatIsThere(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	block := `<h:DomainOwnershipProofHeader xmlns:h="` + md2 + `" xmlns:wsuid="` + xmlsec.NamespaceWSU + `" wsuid:Id="mine"></h:DomainOwnershipProofHeader>`
	message, err := sender.signing().Sign(soap.Envelope{Headers: []soap.Block{{XML: []byte(block), Signed: true}}, Body: []byte(createAppID)})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(message, []byte(block)) || !bytes.Contains(message, []byte(`URI="#mine"`)) {
		t.Errorf("the block or its identifier was changed: %s", message)
	}
	taken := `<a xmlns:wsuid="urn:other"/>`
	_, err = sender.signing().Sign(soap.Envelope{Headers: []soap.Block{{XML: []byte(taken), Signed: true}}, Body: []byte(createAppID)})
	if codeOf(err) != soap.Malformed {
		t.Errorf("a block that uses the prefix for something else: %v", err)
	}
}

func TestSignRefusesBrokenParts(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	for name, e := range map[string]soap.Envelope{
		"body":   {Body: []byte("<a>")},
		"none":   {},
		"header": {Headers: []soap.Block{{XML: []byte("<a/><b/>"), Signed: true}}, Body: []byte("<a/>")},
	} {
		if message, err := sender.signing().Sign(e); codeOf(err) != soap.Malformed {
			t.Errorf("%s: %s, %v", name, message, err)
		}
	}
	signing := sender.signing()
	signing.Rand = strings.NewReader("short")
	if message, err := signing.Sign(soap.Envelope{Body: []byte("<a/>")}); err == nil {
		t.Errorf("signed without randomness: %s", message)
	}
}

// FuzzVerify alters one byte anywhere: what is accepted then says what was signed.
func FuzzVerify(f *testing.F) {
	sender := newParty(f)
	good := sender.signed(f)
	wanted, err := sender.verification().Verify(mustRead(f, string(good)))
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(good); i += 101 {
		f.Add(uint16(i), byte('1'))
	}
	f.Fuzz(func(t *testing.T, at uint16, b byte) {
		altered := bytes.Clone(good)
		altered[int(at)%len(altered)] = b
		m, err := soap.ParseMessage(soap.SOAP11, altered, xmlsec.Limits{})
		if err != nil {
			return
		}
		got, err := sender.verification().Verify(m)
		if err != nil {
			return
		}
		if !bytes.Equal(got.Payload.Canonical(), wanted.Payload.Canonical()) || got.ReplayKey != wanted.ReplayKey || !got.Created.Equal(wanted.Created) {
			t.Fatalf("accepted, but not what was signed: %q at %d", b, at)
		}
		if proof := got.Block(proofName()); proof != nil && !bytes.Equal(proof.Canonical(), wanted.Block(proofName()).Canonical()) {
			t.Fatalf("another proof is accepted: %q at %d", b, at)
		}
	})
}
