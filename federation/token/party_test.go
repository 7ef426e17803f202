package token_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

const (
	brokerURI = "urn:federation:broker.example"
	fabrikam  = "FYDIBOHF25SPDLT.fabrikam.com"
	contoso   = "FYDIBOHF25SPDLT.contoso.com"
	upn       = "Zm9vYmFyYmF6@FYDIBOHF25SPDLT.contoso.com"
)

// noon is when tests take place, with a fraction that a token cannot hold.
func noon() time.Time { return time.Date(2030, 2, 6, 12, 0, 0, 32_500_000, time.UTC) }

func profiles() []federation.SecurityProfile {
	return []federation.SecurityProfile{federation.Modern, federation.Exchange}
}

// newPair makes a certificate that is valid from 2029 to 2031, with a random subject
// key identifier.
func newPair(t testing.TB, subject string) certificate.Pair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	identifier := make([]byte, 20)
	rand.Read(identifier)
	return certify(t, key, &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(identifier[:8]), Subject: pkix.Name{CommonName: subject, Organization: []string{"Example, Inc."}},
		SubjectKeyId: identifier,
		NotBefore:    time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC),
	})
}

func certify(t testing.TB, key *rsa.PrivateKey, template *x509.Certificate) certificate.Pair {
	t.Helper()
	own := *template
	own.PublicKey = nil // of the certificate that it may be a copy of
	der, err := x509.CreateCertificate(rand.Reader, &own, &own, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Pair{Certificate: c, Key: key}
}

// scene is a broker and an organization that tokens are for.
type scene struct {
	broker, target certificate.Pair
	profile        federation.SecurityProfile
}

func newScene(t testing.TB, profile federation.SecurityProfile) scene {
	t.Helper()
	return scene{newPair(t, "Broker"), newPair(t, "Fabrikam"), profile}
}

func (s scene) issuer() token.Issuer {
	return token.Issuer{URI: brokerURI, Pair: s.broker, Profile: s.profile}
}

func (s scene) verifier() token.Verifier {
	return token.Verifier{
		Profile: s.profile, Keys: []certificate.Pair{s.target}, Certificates: []*x509.Certificate{s.broker.Certificate},
	}
}

func (s scene) plainVerifier() token.Verifier {
	v := s.verifier()
	v.AllowPlain = true
	return v
}

func expectation() token.Expectation {
	return token.Expectation{
		At: noon(), Issuer: brokerURI, Audience: fabrikam,
		Offers: []token.Offer{token.SharingCalendarFreeBusy}, Domains: []federation.Domain{"contoso.com"},
	}
}

func request() token.Request {
	return token.Request{
		Audience: fabrikam, NameIdentifier: upn, EmailAddress: "sales@contoso.com",
		RequestorDomain: contoso, Offer: token.SharingCalendarFreeBusy,
	}
}

func issue(t testing.TB, s scene) token.Issued {
	t.Helper()
	issued, err := s.issuer().Issue(request(), s.target.Certificate, noon())
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// template is a delegation token as token issuers write it, without a signature. It is
// written here once more so that what is expected comes from nowhere else.
const template = `<saml:Assertion MajorVersion="1" MinorVersion="1" AssertionID="uuid-1" Issuer="urn:federation:broker.example" ` +
	`IssueInstant="2030-02-06T12:00:00.032Z" xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion">` +
	`<saml:Conditions NotBefore="2030-02-06T12:00:00.032Z" NotOnOrAfter="2030-02-06T13:03:00.032Z">` +
	`<saml:AudienceRestrictionCondition><saml:Audience>http://FYDIBOHF25SPDLT.fabrikam.com</saml:Audience></saml:AudienceRestrictionCondition>` +
	`</saml:Conditions>` +
	`<saml:AuthenticationStatement AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:password" AuthenticationInstant="2030-02-06T12:00:00.032Z">` +
	`<saml:Subject><saml:NameIdentifier Format="http://schemas.xmlsoap.org/claims/upn">Zm9vYmFyYmF6@FYDIBOHF25SPDLT.contoso.com</saml:NameIdentifier>` +
	confirmation + `</saml:Subject></saml:AuthenticationStatement>` +
	`<saml:AttributeStatement><saml:Subject>` +
	`<saml:NameIdentifier Format="http://schemas.xmlsoap.org/claims/upn">Zm9vYmFyYmF6@FYDIBOHF25SPDLT.contoso.com</saml:NameIdentifier></saml:Subject>` +
	emailAttribute +
	`<saml:Attribute AttributeName="RequestorDomain" AttributeNamespace="http://schemas.microsoft.com/ws/2006/04/identity/claims">` +
	`<saml:AttributeValue>FYDIBOHF25SPDLT.contoso.com</saml:AttributeValue></saml:Attribute>` +
	actionAttribute + thirdPartyAttribute +
	`</saml:AttributeStatement></saml:Assertion>`

const (
	confirmation = `<saml:SubjectConfirmation>` +
		`<saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:holder-of-key</saml:ConfirmationMethod>` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">` +
		`<trust:BinarySecret xmlns:trust="http://docs.oasis-open.org/ws-sx/ws-trust/200512">AAECAwQFBgcICQoLDA0ODxAREhMUFRYX</trust:BinarySecret>` +
		`</KeyInfo></saml:SubjectConfirmation>`
	emailAttribute = `<saml:Attribute AttributeName="EmailAddress" AttributeNamespace="http://schemas.xmlsoap.org/claims">` +
		`<saml:AttributeValue>sales@contoso.com</saml:AttributeValue></saml:Attribute>`
	actionAttribute = `<saml:Attribute AttributeName="action" AttributeNamespace="http://schemas.xmlsoap.org/ws/2006/12/authorization/claims">` +
		`<saml:AttributeValue>MSExchange.SharingCalendarFreeBusy</saml:AttributeValue></saml:Attribute>`
	thirdPartyAttribute = `<saml:Attribute AttributeName="ThirdPartyRequested" AttributeNamespace="http://schemas.microsoft.com/ws/2006/04/identity/claims">` +
		`<saml:AttributeValue>True</saml:AttributeValue></saml:Attribute>`
)

// templateToken is what template claims.
func templateToken() token.Token {
	at := time.Date(2030, 2, 6, 12, 0, 0, 32_000_000, time.UTC)
	return token.Token{
		AssertionID: "uuid-1", Issuer: brokerURI, IssueInstant: at, NotBefore: at,
		NotOnOrAfter: time.Date(2030, 2, 6, 13, 3, 0, 32_000_000, time.UTC),
		Audience:     "http://FYDIBOHF25SPDLT.fabrikam.com", NameIdentifier: upn, EmailAddress: "sales@contoso.com",
		RequestorDomain: contoso, Action: "MSExchange.SharingCalendarFreeBusy", ThirdPartyRequested: "True",
		ProofKey: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23},
	}
}

// signed signs an assertion that says anything, as whoever has the key can.
func signed(t testing.TB, pair certificate.Pair, profile federation.SecurityProfile, assertion string) string {
	t.Helper()
	info, err := xmlsec.SubjectKeyIdentifierKeyInfo(pair.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	return signedNaming(t, pair, profile, assertion, info)
}

func signedNaming(t testing.TB, pair certificate.Pair, profile federation.SecurityProfile, assertion string, keyInfo xmlsec.Markup) string {
	t.Helper()
	method := xmlsec.RSASHA256
	if profile == federation.Exchange {
		method = xmlsec.RSASHA1
	}
	root := parse(t, assertion)
	id, _ := root.Attribute("", "AssertionID")
	out, err := xmlsec.Signer{Key: pair.Key, Method: method, KeyInfo: keyInfo}.SignEnveloped(root.Canonical(), id)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// markup is for key information of any kind.
func markup(t testing.TB, text string) xmlsec.Markup {
	t.Helper()
	m, err := xmlsec.ParseMarkup(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sealed encrypts any text to a certificate.
func sealed(t testing.TB, to *x509.Certificate, profile federation.SecurityProfile, text string) string {
	t.Helper()
	method := xmlsec.AES256CBC
	if profile == federation.Exchange {
		method = xmlsec.TripleDESCBC
	}
	reference, err := xmlsec.SubjectKeyReference(to)
	if err != nil {
		t.Fatal(err)
	}
	out, err := xmlsec.Encrypter{Method: method, Public: to.PublicKey.(*rsa.PublicKey), Recipient: reference}.Encrypt([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func parse(t testing.TB, document string) *xmlsec.Element {
	t.Helper()
	root, err := xmlsec.Parse([]byte(document), xmlsec.Limits{})
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, document)
	}
	return root
}

// replaced puts new in the place of old, which must be there.
func replaced(t testing.TB, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in\n%s", old, text)
	}
	return strings.Replace(text, old, new, 1)
}

// idOf returns the identifier of an error, "" for none.
func idOf(err error) string {
	var fault *federation.Error
	if errors.As(err, &fault) {
		return fault.ID
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// peer returns the path of a program that judges what this package makes.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("%s is required here: %v", name, err)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// write puts text into a file of its own.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// files writes the certificate and the key in PEM form.
func files(t testing.TB, pair certificate.Pair) (certificateFile, keyFile string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate.Raw})
	return write(t, "certificate.pem", string(block)),
		write(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

func rsaKey(t testing.TB, pair certificate.Pair) *rsa.PrivateKey {
	t.Helper()
	key, ok := pair.Key.(*rsa.PrivateKey)
	if !ok {
		t.Fatalf("a key of type %T", pair.Key)
	}
	return key
}

// expiredTemplate is a certificate like that of the pair, valid in 2029 only.
func expiredTemplate(pair certificate.Pair) *x509.Certificate {
	template := *pair.Certificate
	template.NotAfter = time.Date(2029, 12, 31, 0, 0, 0, 0, time.UTC)
	return &template
}

func withKey(s scene, pair certificate.Pair) token.Verifier {
	v := s.verifier()
	v.Keys = []certificate.Pair{pair}
	return v
}

func withSigner(s scene, c *x509.Certificate) token.Verifier {
	v := s.verifier()
	v.Certificates = []*x509.Certificate{c}
	return v
}

// altered changes a character in the middle of the content of an encrypted element.
func altered(t testing.TB, encrypted string) string {
	t.Helper()
	at := strings.LastIndex(encrypted, "<CipherValue>") + 400
	c := "A"
	if encrypted[at] == 'A' {
		c = "B"
	}
	return encrypted[:at] + c + encrypted[at+1:]
}

// selects is a selector that knows one certificate.
func selects(c *x509.Certificate) xmlsec.KeySelector {
	return func(xmlsec.KeyInfo) (*x509.Certificate, error) { return c, nil }
}
