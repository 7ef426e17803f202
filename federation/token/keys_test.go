package token_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"io"
	"strings"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// TestNamesOfKeys has tokens name the signing key in every way there is, and in wrong
// ones. Only a configured certificate counts, however it is named.
func TestNamesOfKeys(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	other := newPair(t, "Broker") // of the same name
	identifier := func(c *x509.Certificate) xmlsec.Markup {
		info, err := xmlsec.SubjectKeyIdentifierKeyInfo(c)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	both := func(a, b xmlsec.Markup) xmlsec.Markup {
		return markup(t, strings.TrimSuffix(a.String(), "</KeyInfo>")+strings.TrimPrefix(b.String(), `<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">`))
	}
	ours, theirs := s.broker.Certificate, other.Certificate
	sameIdentifier := certify(t, rsaKey(t, other), ours)
	const unknown = "TokenSignerUnknown"
	cases := map[string]struct {
		signer certificate.Pair
		info   xmlsec.Markup
		id     string
	}{
		"subject key identifier":              {s.broker, identifier(ours), ""},
		"the certificate":                     {s.broker, xmlsec.X509DataKeyInfo(ours), ""},
		"thumbprint":                          {s.broker, xmlsec.ThumbprintKeyInfo(ours), ""},
		"issuer and serial number":            {s.broker, xmlsec.IssuerSerialKeyInfo(ours), ""},
		"two names of one":                    {s.broker, both(xmlsec.ThumbprintKeyInfo(ours), xmlsec.IssuerSerialKeyInfo(ours)), ""},
		"no name":                             {s.broker, xmlsec.Markup{}, unknown},
		"the key of an assertion":             {s.broker, xmlsec.AssertionKeyInfo("uuid-1"), unknown},
		"another's identifier":                {other, identifier(theirs), unknown},
		"another's certificate":               {other, xmlsec.X509DataKeyInfo(theirs), unknown},
		"another's thumbprint":                {other, xmlsec.ThumbprintKeyInfo(theirs), unknown},
		"another's number, the same issuer":   {other, xmlsec.IssuerSerialKeyInfo(theirs), unknown},
		"ours beside another's":               {other, both(identifier(ours), xmlsec.X509DataKeyInfo(theirs)), unknown},
		"another's beside ours":               {other, both(xmlsec.X509DataKeyInfo(theirs), identifier(ours)), unknown},
		"a certificate with our identifier":   {sameIdentifier, xmlsec.X509DataKeyInfo(sameIdentifier.Certificate), unknown},
		"our identifier and another's key":    {other, identifier(ours), "TokenNotSigned"},
		"our identifier on another's key":     {sameIdentifier, identifier(sameIdentifier.Certificate), "TokenNotSigned"},
		"our thumbprint and another's key":    {other, xmlsec.ThumbprintKeyInfo(ours), "TokenNotSigned"},
		"our certificate and another's key":   {other, xmlsec.X509DataKeyInfo(ours), "TokenNotSigned"},
		"our key and another's certificate":   {s.broker, xmlsec.X509DataKeyInfo(theirs), unknown},
		"our serial number, not our issuer":   {s.broker, markup(t, strings.Replace(xmlsec.IssuerSerialKeyInfo(ours).String(), "Example", "Evil", 1)), unknown},
		"our issuer, not our serial number":   {s.broker, markup(t, strings.Replace(xmlsec.IssuerSerialKeyInfo(ours).String(), "</X509SerialNumber>", "1</X509SerialNumber>", 1)), unknown},
		"our identifier and one byte of more": {s.broker, identifier(withIdentifier(ours, 21)), unknown},
	}
	for name, c := range cases {
		document := signedNaming(t, c.signer, s.profile, template, c.info)
		opened, err := s.plainVerifier().Open(parse(t, document), noon())
		if idOf(err) != c.id || (opened == nil) != (c.id != "") {
			t.Errorf("%s: %v, want %s", name, err, c.id)
		}
	}
	if len(cases) < 22 {
		t.Fatalf("%d cases, want 22", len(cases))
	}
}

// withIdentifier returns the certificate with a byte more at the end of its identifier,
// for naming only.
func withIdentifier(c *x509.Certificate, length int) *x509.Certificate {
	longer := *c
	longer.SubjectKeyId = append(longer.SubjectKeyId[:20:20], make([]byte, length-20)...)
	return &longer
}

// TestKeyConfusion signs with an HMAC whose secret is what everybody knows of the
// issuer: its certificate and its public key.
func TestKeyConfusion(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		s := newScene(t, profile)
		info, err := xmlsec.SubjectKeyIdentifierKeyInfo(s.broker.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		method := xmlsec.HMACSHA256
		if profile == federation.Exchange {
			method = xmlsec.HMACSHA1
		}
		for _, secret := range [][]byte{s.broker.Certificate.Raw, s.broker.Certificate.RawSubjectPublicKeyInfo, s.broker.Certificate.SubjectKeyId} {
			signer := xmlsec.Signer{Secret: secret, Method: method, KeyInfo: info}
			document, err := signer.SignEnveloped(parse(t, template).Canonical(), "uuid-1")
			if err != nil {
				t.Fatal(err)
			}
			if opened, err := s.plainVerifier().Open(parse(t, string(document)), noon()); idOf(err) != "TokenAlgorithm" || opened != nil {
				t.Errorf("%s: %v, %v", profile, opened, err)
			}
		}
	}
}

// TestRollover lets the broker's key and the organization's go through their lives while
// tokens flow: no valid one is refused, no old one accepted.
func TestRollover(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	nextBroker, nextTarget := newPair(t, "Broker"), newPair(t, "Fabrikam")
	brokers := []certificate.Pair{s.broker, nextBroker}
	targets := []certificate.Pair{s.target, nextTarget}
	documents := map[[2]int]string{}
	for b, broker := range brokers {
		for o, target := range targets {
			documents[[2]int{b, o}] = sealed(t, target.Certificate, s.profile, signed(t, broker, s.profile, template))
		}
	}
	// Which keys of the two are known: 1 the first, 2 the second, 3 both.
	known := func(set, i int) bool { return set&(1<<i) != 0 }
	accepted, refused := 0, 0
	for brokerSet := range 4 {
		for targetSet := range 4 {
			v := token.Verifier{Profile: s.profile}
			for i := range 2 {
				if known(brokerSet, i) {
					v.Certificates = append(v.Certificates, brokers[i].Certificate)
				}
				if known(targetSet, i) {
					v.Keys = append(v.Keys, targets[i])
				}
			}
			for which, document := range documents {
				_, err := v.Accept(parse(t, document), expectation())
				want := ""
				switch {
				case !known(targetSet, which[1]):
					want = "TokenKeyUnknown"
				case !known(brokerSet, which[0]):
					want = "TokenSignerUnknown"
				}
				if idOf(err) != want {
					t.Errorf("broker keys %d, own keys %d, token %v: %v, want %q", brokerSet, targetSet, which, err, want)
				}
				if err == nil {
					accepted++
				} else {
					refused++
				}
			}
		}
	}
	if accepted != 16 || refused != 48 {
		t.Errorf("%d accepted and %d refused, want 16 and 48", accepted, refused)
	}
}

// keptElsewhere is a key as a security module has it: nothing but its operations.
type keptElsewhere struct{ key *rsa.PrivateKey }

func (k keptElsewhere) Public() crypto.PublicKey { return k.key.Public() }

func (k keptElsewhere) Sign(random io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	return k.key.Sign(random, digest, o)
}

func (k keptElsewhere) Decrypt(random io.Reader, message []byte, o crypto.DecrypterOpts) ([]byte, error) {
	return k.key.Decrypt(random, message, o)
}

// TestKeysKeptElsewhere signs and decrypts with keys that nobody can take out.
func TestKeysKeptElsewhere(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		s := newScene(t, profile)
		s.broker.Key, s.target.Key = keptElsewhere{rsaKey(t, s.broker)}, keptElsewhere{rsaKey(t, s.target)}
		if _, err := s.verifier().Accept(parse(t, string(issue(t, s).EncryptedData)), expectation()); err != nil {
			t.Errorf("%s: %v", profile, err)
		}
	}
}

// TestCertificateAtItsLastSecond has the issuer's certificate end with a token alive.
func TestCertificateAtItsLastSecond(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Modern)
	dated := *s.broker.Certificate
	dated.NotBefore, dated.NotAfter = noon().Truncate(time.Second), noon().Truncate(time.Second).Add(time.Minute)
	short := certify(t, rsaKey(t, s.broker), &dated)
	v := withSigner(s, short.Certificate)
	v.AllowPlain = true
	element := parse(t, signed(t, short, s.profile, template))
	cases := map[time.Duration]string{
		-time.Second: "TokenSignerExpired", 0: "", time.Minute: "", time.Minute + time.Second: "TokenSignerExpired",
	}
	for after, want := range cases {
		if _, err := v.Open(element, dated.NotBefore.Add(after)); idOf(err) != want {
			t.Errorf("%s after its beginning: %v, want %q", after, err, want)
		}
	}
}

// TestGatewayToken reads what the Microsoft gateway issues: SHA-1 and Triple DES, a user
// of Exchange Online, a life of 15 days. Under modern it is refused.
func TestGatewayToken(t *testing.T) {
	t.Parallel()
	s := newScene(t, federation.Exchange)
	text := strings.NewReplacer(brokerURI, "urn:federation:MicrosoftOnline", "@FYDIBOHF25SPDLT.contoso.com", "@MicrosoftOnline.com",
		"2030-02-06T13:03:00.032Z", "2030-02-21T12:03:00.027Z", ">FYDIBOHF25SPDLT.contoso.com<", ">outlook.com<",
		"MSExchange.SharingCalendarFreeBusy", "MSExchange.MailTips").Replace(template)
	document := sealed(t, s.target.Certificate, s.profile, signed(t, s.broker, s.profile, text))
	x := expectation()
	x.At, x.Issuer, x.Offers = noon().AddDate(0, 0, 14), "urn:federation:MicrosoftOnline", []token.Offer{token.MailTips}
	opened, err := s.verifier().Accept(parse(t, document), x)
	if err != nil {
		t.Fatal(err)
	}
	if got := opened.Token.RequestorDomain; got != "outlook.com" {
		t.Errorf("requestor %q", got)
	}
	s.profile = federation.Modern
	if _, err := s.verifier().Accept(parse(t, document), x); idOf(err) != "TokenAlgorithm" {
		t.Errorf("under modern: %v", err)
	}
	s.profile = federation.Exchange
	sha1 := signed(t, s.broker, s.profile, text)
	s.profile = federation.Modern
	if _, err := s.plainVerifier().Accept(parse(t, sha1), x); idOf(err) != "TokenAlgorithm" {
		t.Errorf("the signature alone, under modern: %v", err)
	}
}
