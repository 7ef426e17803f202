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

// Requirement is what a federation certificate must be.
type Requirement struct {
	ID      string // of the fault, when it is not met
	Meaning string // what is required, as a sentence
	Remedy  string // what to do about one that does not meet it
	// unmet returns what is wrong, as a clause; "" if the requirement is met.
	unmet func(cert *x509.Certificate, facts Facts, now time.Time) string
}

// minimumKeyBits is the shortest RSA key a federation certificate may have.
const minimumKeyBits = 2048

// Requirements returns the requirements for a federation certificate, in the order in which they
// are told. The list is Exchange's, which also wants a key that is not kept by a CNG provider of
// Windows; that no file tells.
func Requirements() []Requirement {
	const (
		remake     = "make another certificate with New-ExchangeCertificate"
		selfSigned = "make a self-signed one with New-ExchangeCertificate"
		restore    = "put the key file back from a backup, or " + remake
	)
	return []Requirement{
		{"NotTrusted", "It is self-signed, or of an authority that this machine or EXFED_CA_FILE trusts, with its intermediate certificates kept beside it.",
			"keep its intermediate certificates beside it, and have this machine trust its root or name the root's file in EXFED_CA_FILE, or " + selfSigned, untrusted},
		{"KeyNotRSA", "Its key is an RSA key.", remake, keyNotRSA},
		{"SignatureNotRSA", "It is signed with RSA and SHA-1, SHA-256, SHA-384 or SHA-512.",
			"have it signed by an authority with an RSA key, or " + selfSigned, signatureNotRSA},
		{"KeyTooShort", "Its key has 2048 bits or more.", remake + " -KeySize 2048", keyTooShort},
		{"NoSubjectKeyIdentifier", "It has a subject key identifier, which need not be a hash of the key.", remake, noSubjectKeyIdentifier},
		{"NoClientAuthentication", "Its extended key usage names client authentication (1.3.6.1.5.5.7.3.2).", remake, noClientAuthentication},
		{"NotYetValid", "Its time has begun.", "check this machine's clock, or wait", notYetValid},
		{"Expired", "Its time is not over.", remake, expired},
		{string(Revoked), "Its authority has not revoked it. Asked only with -CheckRevocation, at the OCSP and CRL addresses in it; that nobody answers is a warning (RevocationUnknown).",
			remake, revoked},
		{"NoPrivateKey", "Its private key is here.", restore, noPrivateKey},
		{"KeyMismatch", "The private key kept for it is its own.", restore, keyMismatch},
		{"KeyNotExportable", "Its private key may be exported, so that it can be brought to another machine.",
			"if there is a file with its key, remove it and import that with -PrivateKeyExportable true, or " + remake + " -PrivateKeyExportable true", keyNotExportable},
	}
}

// Check returns every requirement for a federation certificate that cert does not meet, in the
// order of Requirements; none if it meets all.
func Check(cert *x509.Certificate, facts Facts, now time.Time) []Unmet {
	var unmet []Unmet
	for _, r := range Requirements() {
		if text := r.unmet(cert, facts, now); text != "" {
			unmet = append(unmet, Unmet{ID: r.ID, Text: text, Remedy: r.Remedy})
		}
	}
	return unmet
}

// untrusted wants a way from the certificate to a root, at a moment within the certificate's own
// period: that its time is over is for another requirement to say.
func untrusted(cert *x509.Certificate, facts Facts, now time.Time) string {
	if IsSelfSigned(cert) {
		return ""
	}
	if _, err := chain(cert, facts, now); err == nil {
		return ""
	}
	return fmt.Sprintf("it is neither self-signed nor signed by an authority this machine trusts; its issuer is %.200q", Issuer(cert))
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
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, // its purposes are another requirement
	})
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

func keyNotRSA(cert *x509.Certificate, _ Facts, _ time.Time) string {
	if _, ok := cert.PublicKey.(*rsa.PublicKey); ok {
		return ""
	}
	return fmt.Sprintf("its key is %s, not RSA", cert.PublicKeyAlgorithm)
}

func signatureNotRSA(cert *x509.Certificate, _ Facts, _ time.Time) string {
	accepted := []x509.SignatureAlgorithm{
		x509.SHA1WithRSA, x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
	}
	if slices.Contains(accepted, cert.SignatureAlgorithm) {
		return ""
	}
	return fmt.Sprintf("it is signed with %s, not with RSA and SHA", cert.SignatureAlgorithm)
}

func keyTooShort(cert *x509.Certificate, _ Facts, _ time.Time) string {
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() >= minimumKeyBits { // another kind of key is keyNotRSA's to say
		return ""
	}
	return fmt.Sprintf("its key has %d bits, fewer than %d", key.N.BitLen(), minimumKeyBits)
}

func noSubjectKeyIdentifier(cert *x509.Certificate, _ Facts, _ time.Time) string {
	if len(cert.SubjectKeyId) > 0 {
		return ""
	}
	return "it has no subject key identifier"
}

// noClientAuthentication wants the purpose named: that a certificate without any purpose
// is good for all of them (RFC 5280 section 4.2.1.12) is not enough here.
func noClientAuthentication(cert *x509.Certificate, _ Facts, _ time.Time) string {
	if slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return ""
	}
	return "its extended key usage does not name client authentication (1.3.6.1.5.5.7.3.2)"
}

func notYetValid(cert *x509.Certificate, _ Facts, now time.Time) string {
	if !now.Before(cert.NotBefore) {
		return ""
	}
	return "it is valid only from " + stamp(cert.NotBefore)
}

func expired(cert *x509.Certificate, _ Facts, now time.Time) string {
	if !now.After(cert.NotAfter) {
		return ""
	}
	return "it expired on " + stamp(cert.NotAfter)
}

// revoked is about a certificate whose revocation was asked for.
func revoked(_ *x509.Certificate, facts Facts, _ time.Time) string {
	if facts.Revocation == nil || facts.Revocation.State != Revoked {
		return ""
	}
	return facts.Revocation.String()
}

func noPrivateKey(_ *x509.Certificate, facts Facts, _ time.Time) string {
	if facts.Key != nil {
		return ""
	}
	return "its private key is not here"
}

func keyMismatch(cert *x509.Certificate, facts Facts, _ time.Time) string {
	if facts.Key == nil || Belongs(facts.Key, cert) {
		return ""
	}
	return "the private key kept for it belongs to another certificate"
}

func keyNotExportable(_ *x509.Certificate, facts Facts, _ time.Time) string {
	if facts.Exportable {
		return ""
	}
	return "its private key may not be exported"
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
