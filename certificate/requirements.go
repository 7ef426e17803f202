package certificate

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// Facts are what the requirements ask besides what stands in the certificate.
type Facts struct {
	Key        crypto.Signer // the private key kept for the certificate, nil if there is none
	Exportable bool          // the private key may be exported

	// Of a certificate that is not self-signed: what leads from it to a root, in any order,
	// and the roots that are trusted, nil for those of the system.
	Intermediates []*x509.Certificate
	Roots         *x509.CertPool

	Revocation *Revocation // nil if it was not asked for
}

// Unmet is a requirement that a certificate does not meet.
type Unmet struct {
	ID     string // stable, in PascalCase: "KeyTooShort"
	Text   string // what is wrong, as a clause without a full stop
	Remedy string // what to do about it
}

// minimumKeyBits is the shortest RSA key a federation certificate may have.
const minimumKeyBits = 2048

// remake is the remedy for what cannot be changed in a certificate.
const remake = "make another certificate with New-ExchangeCertificate"

// remakeSelfSigned is the remedy where who signed it is what is wrong.
const remakeSelfSigned = "make a self-signed one with New-ExchangeCertificate"

// Check returns every requirement for a federation certificate that cert does not meet,
// always in the same order, none if it meets all: self-signed or of an authority that is
// trusted, an RSA key of 2048 bits or more, an RSA signature, a subject key identifier, the
// client authentication purpose, a period that includes now, no revocation if that was asked
// for, and a private key that belongs to it and may be exported. (Exchange's list; it also wants a key that is not kept by a CNG
// provider of Windows, which no file tells.)
func Check(cert *x509.Certificate, facts Facts, now time.Time) []Unmet {
	rules := []func(*x509.Certificate, Facts, time.Time) *Unmet{
		trusted, rsaKey, rsaSignature, keyLength, subjectKeyIdentifier, clientAuthentication, current, notRevoked, privateKey, exportable,
	}
	var unmet []Unmet
	for _, rule := range rules {
		if u := rule(cert, facts, now); u != nil {
			unmet = append(unmet, *u)
		}
	}
	return unmet
}

// trusted wants a way from the certificate to a root, at a moment within the certificate's own
// period: that its time is over is for another rule to say.
func trusted(cert *x509.Certificate, facts Facts, now time.Time) *Unmet {
	if IsSelfSigned(cert) {
		return nil
	}
	if _, err := chain(cert, facts, now); err == nil {
		return nil
	}
	return &Unmet{"NotTrusted", fmt.Sprintf("it is neither self-signed nor signed by an authority this machine trusts; its issuer is %.200q", Issuer(cert)),
		"keep its intermediate certificates beside it, and have this machine trust its root or name the root's file in EXFED_CA_FILE, or " + remakeSelfSigned}
}

// chain returns the way from the certificate to a trusted root, both included.
func chain(cert *x509.Certificate, facts Facts, now time.Time) ([]*x509.Certificate, error) {
	if now.Before(cert.NotBefore) {
		now = cert.NotBefore
	}
	if now.After(cert.NotAfter) {
		now = cert.NotAfter
	}
	between := x509.NewCertPool()
	for _, c := range facts.Intermediates {
		between.AddCert(c)
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Intermediates: between, Roots: facts.Roots, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, // its purposes are for another rule
	})
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

func rsaKey(cert *x509.Certificate, _ Facts, _ time.Time) *Unmet {
	if _, ok := cert.PublicKey.(*rsa.PublicKey); ok {
		return nil
	}
	return &Unmet{"KeyNotRSA", fmt.Sprintf("its key is %s, not RSA", cert.PublicKeyAlgorithm), remake}
}

func rsaSignature(cert *x509.Certificate, _ Facts, _ time.Time) *Unmet {
	accepted := []x509.SignatureAlgorithm{
		x509.SHA1WithRSA, x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
	}
	if slices.Contains(accepted, cert.SignatureAlgorithm) {
		return nil
	}
	return &Unmet{"SignatureNotRSA", fmt.Sprintf("it is signed with %s, not with RSA and SHA", cert.SignatureAlgorithm),
		"have it signed by an authority with an RSA key, or " + remake}
}

func keyLength(cert *x509.Certificate, _ Facts, _ time.Time) *Unmet {
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() >= minimumKeyBits { // another kind of key is rsaKey's to say
		return nil
	}
	return &Unmet{"KeyTooShort", fmt.Sprintf("its key has %d bits, fewer than %d", key.N.BitLen(), minimumKeyBits),
		remake + " -KeySize 2048"}
}

func subjectKeyIdentifier(cert *x509.Certificate, _ Facts, _ time.Time) *Unmet {
	if len(cert.SubjectKeyId) > 0 {
		return nil
	}
	return &Unmet{"NoSubjectKeyIdentifier", "it has no subject key identifier", remake}
}

// clientAuthentication wants the purpose named: that a certificate without any purpose
// is good for all of them (RFC 5280 section 4.2.1.12) is not enough here.
func clientAuthentication(cert *x509.Certificate, _ Facts, _ time.Time) *Unmet {
	if slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return nil
	}
	return &Unmet{"NoClientAuthentication",
		"its extended key usage does not name client authentication (1.3.6.1.5.5.7.3.2)", remake}
}

func current(cert *x509.Certificate, _ Facts, now time.Time) *Unmet {
	const day = "2006-01-02 15:04:05 UTC"
	switch {
	case now.Before(cert.NotBefore):
		return &Unmet{"NotYetValid", "it is valid only from " + cert.NotBefore.UTC().Format(day),
			"check this machine's clock, or wait"}
	case now.After(cert.NotAfter):
		return &Unmet{"Expired", "it expired on " + cert.NotAfter.UTC().Format(day), remake}
	}
	return nil
}

func privateKey(cert *x509.Certificate, facts Facts, _ time.Time) *Unmet {
	switch {
	case facts.Key == nil:
		return &Unmet{"NoPrivateKey", "its private key is not here",
			"put the key file back from a backup, or " + remake}
	case !Belongs(facts.Key, cert):
		return &Unmet{"KeyMismatch", "the private key kept for it belongs to another certificate",
			"put the key file back from a backup, or " + remake}
	}
	return nil
}

func exportable(_ *x509.Certificate, facts Facts, _ time.Time) *Unmet {
	if facts.Exportable {
		return nil
	}
	return &Unmet{"KeyNotExportable", "its private key may not be exported",
		remake + " -PrivateKeyExportable true"}
}

// Belongs reports whether the private key is the one of the certificate.
func Belongs(key crypto.Signer, cert *x509.Certificate) bool {
	return samePublicKey(key, cert.PublicKey)
}

// samePublicKey reports whether the private key is the one of a public key.
func samePublicKey(key crypto.Signer, public crypto.PublicKey) bool {
	own, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && own.Equal(public)
}
