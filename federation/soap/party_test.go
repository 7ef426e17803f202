package soap_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

const md2 = "http://domains.live.com/Service/ManageDelegation2/V1.0"

// noon is the time of all messages here.
func noon() time.Time { return time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC) }

func proofName() xmlsec.Name {
	return xmlsec.Name{Space: md2, Local: "DomainOwnershipProofHeader"}
}

// party is somebody with a key and a certificate.
type party struct {
	key         *rsa.PrivateKey
	certificate *x509.Certificate
}

func newParty(t testing.TB) party {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Federation"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return party{key, certificate}
}

func (p party) signing() soap.Signing {
	return soap.Signing{
		Signer: xmlsec.Signer{Key: p.key, Method: xmlsec.RSASHA256, KeyInfo: xmlsec.X509DataKeyInfo(p.certificate)},
		Now:    noon,
	}
}

// verification accepts the party's messages, at the time they were made.
func (p party) verification() soap.Verification {
	return soap.Verification{
		Algorithms: xmlsec.ModernAlgorithms(),
		SelectKey: func(info xmlsec.KeyInfo) (*x509.Certificate, error) {
			for _, c := range info.Certificates {
				if c.Equal(p.certificate) {
					return p.certificate, nil
				}
			}
			return nil, errors.New("somebody else")
		},
		Now:     noon,
		Covered: []xmlsec.Name{proofName()},
	}
}

const proofBlock = `<DomainOwnershipProofHeader xmlns="` + md2 + `"><Domain>contoso.example</Domain>` +
	`<HashAlgorithm>SHA-512</HashAlgorithm><Signature>cHJvb2Y=</Signature></DomainOwnershipProofHeader>`

const createAppID = `<CreateAppId xmlns="` + md2 + `"><uri>contoso.example</uri><properties/></CreateAppId>`

// signed returns a CreateAppId request with a proof header.
func (p party) signed(t testing.TB) []byte {
	t.Helper()
	message, err := p.signing().Sign(soap.Envelope{
		Headers: []soap.Block{{XML: []byte(proofBlock), Signed: true}},
		Body:    []byte(createAppID),
	})
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func mustRead(t testing.TB, message string) *soap.Message {
	t.Helper()
	m, err := soap.ParseMessage(soap.SOAP11, []byte(message), xmlsec.Limits{})
	if err != nil {
		t.Fatalf("%v\n%s", err, message)
	}
	return m
}

// codeOf returns the code of a *soap.MessageError, "" for anything else.
func codeOf(err error) soap.MessageCode {
	var fault *soap.MessageError
	if errors.As(err, &fault) {
		return fault.Code
	}
	return ""
}
