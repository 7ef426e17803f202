package xmlsec_test

import (
	"iter"
	"slices"
	"testing"

	"exfed/federation/xmlsec"
)

// request is a ManageDelegation2 request: the proof header, the timestamp and the
// body can be signed. Its layout has what canonicalization must cope with: prefixes
// from further out, a default namespace within, comments, CDATA and CRLF.
const request = `<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" xmlns:unused="urn:unused">
 <s:Header>
  <DomainOwnershipProofHeader u:Id="proof" xmlns="http://domains.live.com/Service/ManageDelegation2/V1.0">
    <Domain>contoso.example</Domain><HashAlgorithm>SHA-512</HashAlgorithm><Signature>cHJvb2Y=</Signature>
  </DomainOwnershipProofHeader>
  <o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
    <u:Timestamp u:Id="timestamp"><u:Created>2030-01-01T00:00:00Z</u:Created><u:Expires>2030-01-01T00:05:00Z</u:Expires></u:Timestamp>
  </o:Security>
 </s:Header>
 <s:Body u:Id="body">` + "\r\n" + `
  <CreateAppId xmlns="http://domains.live.com/Service/ManageDelegation2/V1.0">
    <uri>contoso<!-- a comment -->.example</uri><properties><Property><Name>a&amp;b</Name><Value><![CDATA[<1>]]></Value></Property></properties>
  </CreateAppId>
 </s:Body>
</s:Envelope>`

// markup is for key information of any kind.
func markup(t testing.TB, text string) xmlsec.Markup {
	t.Helper()
	m, err := xmlsec.ParseMarkup(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustParse(t testing.TB, document string) *xmlsec.Element {
	t.Helper()
	root, err := xmlsec.Parse([]byte(document), xmlsec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// find returns the only element of that local name below e.
func find(t testing.TB, e *xmlsec.Element, local string) *xmlsec.Element {
	t.Helper()
	all := findAll(e, local)
	if len(all) != 1 {
		t.Fatalf("%d elements %s, want 1", len(all), local)
	}
	return all[0]
}

func findAll(e *xmlsec.Element, local string) (all []*xmlsec.Element) {
	if e.Name.Local == local {
		all = append(all, e)
	}
	for _, child := range e.Elements() {
		all = append(all, findAll(child, local)...)
	}
	return all
}

// findSignature returns the first ds:Signature of a document.
func findSignature(t testing.TB, root *xmlsec.Element) *xmlsec.Element {
	t.Helper()
	for _, e := range findAll(root, "Signature") {
		if e.Name.Space == xmlsec.NamespaceSignature {
			return e
		}
	}
	t.Fatal("no signature")
	return nil
}

// signRequest returns request with a signature over the elements in its Security
// header.
func signRequest(t testing.TB, signer xmlsec.Signer, ids ...string) []byte {
	t.Helper()
	root := mustParse(t, request)
	signature, err := signer.Sign(root, ids...)
	if err != nil {
		t.Fatal(err)
	}
	return find(t, root, "Security").WithChild(signature)
}

// elements goes through the element and all within it.
func elements(e *xmlsec.Element) iter.Seq[*xmlsec.Element] {
	return func(yield func(*xmlsec.Element) bool) {
		var walk func(e *xmlsec.Element) bool
		walk = func(e *xmlsec.Element) bool {
			return yield(e) && !slices.ContainsFunc(e.Elements(), func(child *xmlsec.Element) bool { return !walk(child) })
		}
		walk(e)
	}
}
