package broker_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/xmlsec"
)

// newCertificate returns some certificate; its key does not matter here.
func newCertificate(t testing.TB, serial int64) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func encode(c *x509.Certificate) string { return base64.StdEncoding.EncodeToString(c.Raw) }

func document(t testing.TB) broker.MetadataDocument {
	return broker.MetadataDocument{
		FederationID: "broker.example", IssuerURI: "urn:federation:broker.example",
		TokenEndpoint: "https://broker.example/extSTS.srf", WebRequestorRedirect: "https://broker.example/login.srf",
		ManagementEndpoint: "https://broker.example/service/managedelegation2.asmx",
		Current:            newCertificate(t, 1), Previous: newCertificate(t, 2),
	}
}

// gateway returns a document of the form the Microsoft gateway's is known or thought
// to have, with white space and elements this project knows nothing of.
func gateway(space string, first, second *x509.Certificate) string {
	key := func(id string, c *x509.Certificate) string {
		return `<TokenSigningKeyInfo wsu:Id="` + id + `"><wsse:SecurityTokenReference><ds:X509Data>
			<ds:X509Certificate>` + encode(c)[:20] + "\n" + encode(c)[20:] + `</ds:X509Certificate></ds:X509Data></wsse:SecurityTokenReference></TokenSigningKeyInfo>`
	}
	return `<?xml version="1.0"?><FederationMetadata xmlns="` + space + `" xmlns:wsa="http://www.w3.org/2005/08/addressing"
		xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
		xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
	<Federation><Unknown a="b"/>` + key("k1", first) + key("k2", second) + `
	<IssuerNamesOffered><IssuerName Uri="urn:federation:MicrosoftOnline"/></IssuerNamesOffered>
	<TargetServiceEndpoint><wsa:Address>
		https://login.example/extSTS.srf
	</wsa:Address></TargetServiceEndpoint></Federation>
	<ds:Signature><ds:KeyInfo><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature></FederationMetadata>`
}

const (
	fed200603 = "http://schemas.xmlsoap.org/ws/2006/03/federation"
	fed200612 = "http://schemas.xmlsoap.org/ws/2006/12/federation"
)

func read(t testing.TB, reader broker.MetadataReader, text string) (federation.TokenIssuer, error) {
	t.Helper()
	root, err := xmlsec.Parse([]byte(text), xmlsec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return reader.Read(root)
}

func TestMetadataWrittenAndRead(t *testing.T) {
	t.Parallel()
	d := document(t)
	want := federation.TokenIssuer{
		URI: d.IssuerURI, EPR: d.TokenEndpoint, WebRequestorRedirect: d.WebRequestorRedirect,
		ManagementEPR: d.ManagementEndpoint, Certificate: encode(d.Current), PreviousCertificate: encode(d.Previous),
	}
	got, err := read(t, broker.MetadataReader{}, string(d.Marshal()))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	d.Previous = nil
	want.PreviousCertificate = want.Certificate
	if n := strings.Count(string(d.Marshal()), encode(d.Current)); n != 2 {
		t.Errorf("the only certificate stands in the document %d times", n)
	}
	got, err = read(t, broker.MetadataReader{CurrentID: broker.CurrentKeyID, PreviousID: broker.PreviousKeyID}, string(d.Marshal()))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestMetadataIsWellFormed asks another parser, and for the places by XPath.
func TestMetadataIsWellFormed(t *testing.T) {
	t.Parallel()
	xmllint := peer(t, "xmllint")
	d := document(t)
	d.IssuerURI = `urn:a"b<c>&d`
	file := filepath.Join(t.TempDir(), "metadata.xml")
	if err := os.WriteFile(file, d.Marshal(), 0o600); err != nil {
		t.Fatal(err)
	}
	local := func(names ...string) string {
		return `/*[local-name()="` + strings.Join(names, `"]/*[local-name()="`) + `"]`
	}
	for path, want := range map[string]string{
		`string(` + local("FederationMetadata", "Federation", "IssuerNamesOffered", "IssuerName") + `/@Uri)`: d.IssuerURI,
		`string(` + local("FederationMetadata", "Federation", "TargetServiceEndpoint", "Address") + `)`:      d.TokenEndpoint,
		`namespace-uri(` + local("FederationMetadata", "Federation", "ManagementServiceEndpoint") + `)`:      "urn:exfed:federation-metadata:1",
		`string(` + local("FederationMetadata", "Federation", "ManagementServiceEndpoint", "Address") + `)`:  d.ManagementEndpoint,
		`string((//*[local-name()="X509Certificate"])[1])`:                                                   encode(d.Current),
		`string((//*[local-name()="X509Certificate"])[2])`:                                                   encode(d.Previous),
		`namespace-uri(/*)`: fed200603,
	} {
		out, err := exec.CommandContext(t.Context(), xmllint, "--nonet", "--xpath", path, file).CombinedOutput()
		if got := strings.TrimSuffix(string(out), "\n"); err != nil || got != want {
			t.Errorf("%s: %v, %q; want %q", path, err, got, want)
		}
	}
}

func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is required and not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

func TestMetadataOfOthers(t *testing.T) {
	t.Parallel()
	a, b := newCertificate(t, 1), newCertificate(t, 2)
	want := federation.TokenIssuer{
		URI: "urn:federation:MicrosoftOnline", EPR: "https://login.example/extSTS.srf", Certificate: encode(a), PreviousCertificate: encode(b),
	}
	swapped := want
	swapped.Certificate, swapped.PreviousCertificate = want.PreviousCertificate, want.Certificate
	older := strings.NewReplacer("TargetServiceEndpoint", "TokenIssuerEndpoint",
		`<IssuerNamesOffered><IssuerName Uri="urn:federation:MicrosoftOnline"/></IssuerNamesOffered>`, `<TokenIssuerName> urn:federation:MicrosoftOnline </TokenIssuerName>`)
	cases := []struct {
		name   string
		reader broker.MetadataReader
		text   string
		want   federation.TokenIssuer
	}{
		{"2006/03", broker.MetadataReader{}, gateway(fed200603, a, b), want},
		{"2006/12", broker.MetadataReader{}, gateway(fed200612, a, b), want},
		{"names of the schema", broker.MetadataReader{}, older.Replace(gateway(fed200612, a, b)), want},
		{"by id", broker.MetadataReader{CurrentID: "k2", PreviousID: "k1"}, gateway(fed200603, a, b), swapped},
	}
	if len(cases) < 4 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		got, err := read(t, c.reader, c.text)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
}

func TestMetadataRefused(t *testing.T) {
	t.Parallel()
	good := gateway(fed200603, newCertificate(t, 1), newCertificate(t, 2))
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("nothing to replace: %s", old)
		}
		return strings.ReplaceAll(good, old, new)
	}
	cases := map[string]string{
		"another root":          swap("FederationMetadata", "EntityDescriptor"),
		"another namespace":     swap(fed200603, "urn:other"),
		"no certificate":        swap("TokenSigningKeyInfo", "SomeKeyInfo"),
		"damaged certificate":   swap("<ds:X509Certificate>M", "<ds:X509Certificate>N"),
		"no issuer":             swap("<IssuerName Uri=\"urn:federation:MicrosoftOnline\"/>", ""),
		"two issuers":           swap("</IssuerNamesOffered>", `<IssuerName Uri="urn:other"/></IssuerNamesOffered>`),
		"empty issuer":          swap("urn:federation:MicrosoftOnline", " "),
		"control in the issuer": swap("urn:federation:MicrosoftOnline", "urn:&#x202e;x"),
		"no token service":      swap("TargetServiceEndpoint", "OtherEndpoint"),
		"http":                  swap("https://login", "http://login"),
		"credentials":           swap("https://login", "https://user:secret@login"),
		"not a URL":             swap("https://login.example/extSTS.srf", "https://"),
		"two token services":    swap("</Federation>", `<TargetServiceEndpoint><wsa:Address>https://x.example</wsa:Address></TargetServiceEndpoint></Federation>`),
		"http management":       swap("</Federation>", `<ManagementServiceEndpoint xmlns="urn:exfed:federation-metadata:1"><wsa:Address>http://x.example</wsa:Address></ManagementServiceEndpoint></Federation>`),
		"two addresses":         swap("</wsa:Address>", "</wsa:Address><wsa:Address>https://x.example</wsa:Address>"),
	}
	if len(cases) < 15 {
		t.Fatalf("%d cases", len(cases))
	}
	for name, text := range cases {
		if got, err := read(t, broker.MetadataReader{}, text); err == nil {
			t.Errorf("%s was read as %+v", name, got)
		}
	}
	if _, err := read(t, broker.MetadataReader{CurrentID: "none"}, good); err == nil {
		t.Error("a key id that is not there was found")
	}
}
