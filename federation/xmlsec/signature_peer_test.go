package xmlsec_test

import (
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

// identifiers tells xmlsec1 which attributes are identifiers.
var identifiers = []string{
	"--id-attr:Id", xmlsec.NamespaceWSU + ":Timestamp",
	"--id-attr:Id", "http://schemas.xmlsoap.org/soap/envelope/:Body",
	"--id-attr:Id", "http://domains.live.com/Service/ManageDelegation2/V1.0:DomainOwnershipProofHeader",
}

func xmlsec1Verify(program, certificate, file string) ([]byte, error) {
	args := append([]string{"--verify", "--pubkey-cert-pem", certificate}, identifiers...)
	return runs(program, append(args, file)...)
}

func TestXMLSec1VerifiesOurSignatures(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	signer := newParty(t)
	certificate, _ := signer.files(t)
	ran := 0
	for _, method := range []xmlsec.SignatureMethod{xmlsec.RSASHA1, xmlsec.RSASHA256} {
		for _, ids := range [][]string{{"timestamp", "body"}, {"timestamp", "body", "proof"}} {
			signed := signRequest(t, signer.signer(method), ids...)
			if output, err := xmlsec1Verify(program, certificate, write(t, "signed.xml", signed)); err != nil {
				t.Errorf("%s over %v: %v\n%s", method, ids, err, output)
			}
			altered := strings.Replace(string(signed), "contoso<!-- a comment -->", "fabrikam", 1)
			if output, err := xmlsec1Verify(program, certificate, write(t, "altered.xml", []byte(altered))); err == nil {
				t.Errorf("%s over %v: the judge accepts an altered body\n%s", method, ids, output)
			}
			ran++
		}
	}
	if ran < 4 {
		t.Fatalf("%d cases, want 4", ran)
	}
}

func TestVerifyRoundTrip(t *testing.T) {
	t.Parallel()
	signer := newParty(t)
	signed := signRequest(t, signer.signer(xmlsec.RSASHA256), "timestamp", "body", "proof")
	root := mustParse(t, string(signed))
	verified, err := xmlsec.Verify(findSignature(t, root), xmlsec.ModernAlgorithms(), signer.selects)
	if err != nil {
		t.Fatal(err)
	}
	if len(verified.References) != 3 {
		t.Fatalf("%d references, want 3", len(verified.References))
	}
	body, ok := verified.Of(find(t, root, "Body"))
	if !ok {
		t.Fatal("the body is not covered")
	}
	if got := find(t, body, "uri").Text(); got != "contoso.example" {
		t.Errorf("uri = %q", got)
	}
	if _, ok := verified.Of(find(t, root, "CreateAppId")); ok {
		t.Error("an element within a signed one passes for a signed one")
	}
}

// TestWeVerifyWhatXMLSec1Signs has the judge fill templates, with and without
// inclusive prefixes.
func TestWeVerifyWhatXMLSec1Signs(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	signer := newParty(t)
	certificate, key := signer.files(t)
	methods := map[xmlsec.SignatureMethod]xmlsec.DigestMethod{xmlsec.RSASHA1: xmlsec.SHA1, xmlsec.RSASHA256: xmlsec.SHA256}
	ran := 0
	for method, digest := range methods {
		for _, prefixes := range []string{"", "s unused", "#default u"} {
			for _, ids := range [][]string{{"timestamp", "body"}, {"body", "proof", "timestamp"}} {
				document := find(t, mustParse(t, request), "Security").WithChild([]byte(template(method, digest, prefixes, ids)))
				args := append([]string{"--sign", "--privkey-pem", key + "," + certificate}, identifiers...)
				signed := run(t, program, append(args, write(t, "template.xml", document))...)
				root := mustParse(t, string(signed))
				verified, err := xmlsec.Verify(findSignature(t, root), xmlsec.ExchangeAlgorithms(), signer.selects)
				if err != nil {
					t.Errorf("%s, prefixes %q, %v: %v", method, prefixes, ids, err)
					continue
				}
				if len(verified.References) != len(ids) {
					t.Errorf("%d references, want %d", len(verified.References), len(ids))
				}
				ran++
			}
		}
	}
	if ran < 12 {
		t.Fatalf("%d cases, want 12", ran)
	}
}

// template returns a signature without values.
func template(method xmlsec.SignatureMethod, digest xmlsec.DigestMethod, prefixes string, ids []string) string {
	inclusive := ""
	if prefixes != "" {
		inclusive = `<e:InclusiveNamespaces xmlns:e="` + xmlsec.ExclusiveC14N + `" PrefixList="` + prefixes + `"/>`
	}
	var out strings.Builder
	out.WriteString(`<ds:Signature xmlns:ds="` + xmlsec.NamespaceSignature + `"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="` + xmlsec.ExclusiveC14N + `">` + inclusive + `</ds:CanonicalizationMethod>
<ds:SignatureMethod Algorithm="` + string(method) + `"/>`)
	for _, id := range ids {
		out.WriteString(`<ds:Reference URI="#` + id + `"><ds:Transforms><ds:Transform Algorithm="` + xmlsec.ExclusiveC14N + `">` + inclusive +
			`</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="` + string(digest) + `"/><ds:DigestValue/></ds:Reference>`)
	}
	out.WriteString(`</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>`)
	return out.String()
}
