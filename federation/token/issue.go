package token

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/xmlsec"
)

// Issuer makes assertions in its own name: a broker delegation tokens, an organization
// those by which it names its users to the broker.
type Issuer struct {
	URI        string           // the Issuer of what it makes
	Pair       certificate.Pair // signs; the certificate has a subject key identifier
	Profile    federation.SecurityProfile
	Encryption xmlsec.EncryptionMethod // empty for the profile's: AES-256-GCM in modern, Triple DES in exchange
	Rand       io.Reader               // nil for the randomness of the system
}

// Request says what a token is to be for. It has been decided on: Issue asks nothing.
type Request struct {
	Audience        string // application URI of the organization it is for, a bare name or a URI
	NameIdentifier  string
	EmailAddress    string
	RequestorDomain string
	Offer           Offer
	Life            time.Duration // without Grace; 0 for what the offer has
}

// Issued is a token that was made.
type Issued struct {
	Token         Token  // with the ProofKey, for the one who asked
	EncryptedData []byte // an xenc:EncryptedData element that only the recipient can open
}

// Issue makes a token that is valid from now on, with a new identifier and proof key, signs it and
// encrypts it to the certificate of the organization it is for.
//
// A failure is a *federation.Error: Invalid with the ID UnknownOffer, TokenClaim,
// InvalidSmtpAddress or InvalidSecurityProfile, or Other with TokenNotIssued when a key
// or certificate does not do.
func (i Issuer) Issue(request Request, recipient *x509.Certificate, now time.Time) (Issued, error) {
	suite, err := suiteOf(i.Profile)
	if err != nil {
		return Issued{}, err
	}
	t, err := i.token(request, suite, now)
	if err != nil {
		return Issued{}, err
	}
	signed, err := i.Sign(t)
	if err != nil {
		return Issued{}, err
	}
	encrypted, err := i.encrypt(signed, suite, recipient)
	if err != nil {
		return Issued{}, err
	}
	return Issued{Token: t, EncryptedData: encrypted}, nil
}

// token decides on what the request leaves open.
func (i Issuer) token(request Request, suite suite, now time.Time) (Token, error) {
	if !request.Offer.Known() {
		return Token{}, federation.Errorf(federation.Invalid, "UnknownOffer", "offer", "%q is none", string(request.Offer))
	}
	if _, err := AddressDomain(request.EmailAddress); err != nil {
		return Token{}, err
	}
	life := request.Life
	if life == 0 {
		life = request.Offer.Life()
	}
	id, err := NewAssertionID(i.Rand)
	if err != nil {
		return Token{}, err
	}
	key := make([]byte, suite.proofKeyBytes)
	if err := readRandom(i.Rand, key); err != nil {
		return Token{}, err
	}
	now = now.UTC().Truncate(time.Millisecond)
	return Token{
		AssertionID: id, Issuer: i.URI,
		IssueInstant: now, NotBefore: now, NotOnOrAfter: now.Add(life + Grace).Truncate(time.Millisecond),
		Audience: AudienceURI(request.Audience), NameIdentifier: request.NameIdentifier,
		EmailAddress: request.EmailAddress, RequestorDomain: request.RequestorDomain,
		Action: request.Offer, ThirdPartyRequested: thirdPartyTrue, ProofKey: key,
	}, nil
}

// Sign returns the signed assertion of a token, not encrypted. Its claims are those of t,
// the Issuer too.
//
// A failure is a *federation.Error as those of Issue.
func (i Issuer) Sign(t Token) ([]byte, error) {
	if len(t.ProofKey) == 0 {
		return nil, federation.Errorf(federation.Invalid, "TokenClaim", object, "it has no proof key")
	}
	return i.sign(t.assertion())
}

// SignOnBehalfOf returns the signed assertion by which an organization names its user.
//
// A failure is a *federation.Error as those of Issue.
func (i Issuer) SignOnBehalfOf(o OnBehalfOf) ([]byte, error) {
	if _, err := AddressDomain(o.EmailAddress); err != nil {
		return nil, err
	}
	return i.sign(o.assertion())
}

func (i Issuer) sign(a assertion) ([]byte, error) {
	suite, err := suiteOf(i.Profile)
	if err != nil {
		return nil, err
	}
	info, err := xmlsec.SubjectKeyIdentifierKeyInfo(i.Pair.Certificate)
	if err != nil {
		return nil, notIssued(err)
	}
	signed, err := a.signed(xmlsec.Signer{Key: i.Pair.Key, Method: suite.signature, KeyInfo: info, Rand: i.Rand})
	if err != nil && federation.KindOf(err) == federation.Other {
		return nil, notIssued(err)
	}
	return signed, err
}

// encrypt names the recipient's key by its identifier, as the Microsoft gateway does.
func (i Issuer) encrypt(signed []byte, suite suite, recipient *x509.Certificate) ([]byte, error) {
	public, ok := recipient.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, notIssued(fmt.Errorf("the key of the recipient is a %T, RSA is needed", recipient.PublicKey))
	}
	reference, err := xmlsec.SubjectKeyReference(recipient)
	if err != nil {
		return nil, notIssued(err)
	}
	method := i.Encryption
	if method == "" {
		method = suite.encryption
	}
	encrypter := xmlsec.Encrypter{Method: method, Public: public, Recipient: reference, ID: "Assertion0", Rand: i.Rand}
	encrypted, err := encrypter.Encrypt(signed)
	if err != nil {
		return nil, notIssued(err)
	}
	return encrypted, nil
}

// NewAssertionID returns a new identifier of an assertion, drawn from random or, when
// that is nil, from the system: "uuid-" and a random UUID (RFC 9562 §5.4).
func NewAssertionID(random io.Reader) (string, error) {
	var u [16]byte
	if err := readRandom(random, u[:]); err != nil {
		return "", err
	}
	u[6], u[8] = u[6]&0x0F|0x40, u[8]&0x3F|0x80
	id := append(make([]byte, 0, len("uuid-")+36), "uuid"...)
	for i, b := range u {
		if i == 0 || i == 4 || i == 6 || i == 8 || i == 10 {
			id = append(id, '-')
		}
		id = hex.AppendEncode(id, []byte{b})
	}
	return string(id), nil
}

func readRandom(random io.Reader, out []byte) error {
	if random == nil {
		random = rand.Reader
	}
	if _, err := io.ReadFull(random, out); err != nil {
		return notIssued(err)
	}
	return nil
}

func notIssued(err error) *federation.Error {
	return &federation.Error{Kind: federation.Other, ID: "TokenNotIssued", Object: object, Reason: "it could not be made", Err: err}
}
