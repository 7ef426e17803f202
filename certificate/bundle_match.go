package certificate

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"strings"
)

// contents is everything a file holds, in its order.
type contents struct {
	keys         []foundKey
	certificates []foundCertificate
}

type foundKey struct {
	key          crypto.Signer
	friendlyName string
	localKeyID   string
}

type foundCertificate struct {
	certificate  *x509.Certificate
	friendlyName string
	localKeyID   string
}

func (c *contents) addKey(key foundKey) error {
	if c.keys = append(c.keys, key); len(c.keys) > maxKeys {
		return &Error{Code: BundleTooLarge, Object: "the file", Reason: fmt.Sprintf("holds more than %d private keys", maxKeys)}
	}
	return nil
}

func (c *contents) addCertificates(list []foundCertificate) error {
	if c.certificates = append(c.certificates, list...); len(c.certificates) > maxCertificates {
		return &Error{Code: BundleTooLarge, Object: "the file", Reason: fmt.Sprintf("holds more than %d certificates", maxCertificates)}
	}
	for _, found := range list {
		if bits := PublicKeySize(found.certificate); bits > maxKeyBits {
			return &Error{Code: BundleUnsupported, Object: "the file", Reason: fmt.Sprintf("holds a certificate with a key of %d bits; %d at most are read", bits, maxKeyBits)}
		}
	}
	return nil
}

// bundle finds out what belongs together.
func (c contents) bundle() (Bundle, error) {
	c = c.each()
	if len(c.certificates) == 0 {
		return Bundle{}, noCertificate(len(c.keys) > 0)
	}
	key, own, err := c.owner()
	if err != nil {
		return Bundle{}, err
	}
	b := Bundle{Certificate: own.certificate, Key: key.key, FriendlyName: own.friendlyName}
	if b.FriendlyName == "" {
		b.FriendlyName = key.friendlyName
	}
	b.Chain = inChain(own.certificate, c.certificates)
	return b, nil
}

func noCertificate(hasKey bool) error {
	if hasKey {
		return &Error{Code: NoCertificate, Object: "the file", Reason: "holds a private key and no certificate",
			Remedy: "put both in one file: openssl pkcs12 -export -inkey FILE -in CERTIFICATE -out FILE.pfx"}
	}
	return &Error{Code: NoCertificate, Object: "the file", Reason: "holds no certificate"}
}

// each returns the contents without what stands there twice.
func (c contents) each() contents {
	var out contents
	for _, k := range c.keys {
		if !containsKey(out.keys, k.key) {
			out.keys = append(out.keys, k)
		}
	}
	for _, found := range c.certificates {
		if !containsCertificate(out.certificates, found.certificate) {
			out.certificates = append(out.certificates, found)
		}
	}
	return out
}

func containsKey(list []foundKey, key crypto.Signer) bool {
	for _, other := range list {
		if samePublicKey(other.key, key.Public()) {
			return true
		}
	}
	return false
}

func containsCertificate(list []foundCertificate, cert *x509.Certificate) bool {
	for _, other := range list {
		if other.certificate.Equal(cert) {
			return true
		}
	}
	return false
}

// owner returns the key with its certificate, or the certificate that is none's issuer.
func (c contents) owner() (foundKey, foundCertificate, error) {
	if len(c.keys) == 0 {
		cert, err := c.leaf()
		return foundKey{}, cert, err
	}
	var key foundKey
	var owners []foundCertificate
	for _, k := range c.keys {
		own, ok := k.certificateIn(c.certificates)
		if !ok {
			continue
		}
		if owners = append(owners, own); len(owners) == 1 {
			key = k
		}
	}
	switch len(owners) {
	case 0:
		return foundKey{}, foundCertificate{}, &Error{Code: KeyMismatch, Object: "the file", Reason: "its private key does not belong to " + oneOf(c.certificates),
			Remedy: "put the certificate and its own key into one file, or export both again where the key was made"}
	case 1:
		return key, owners[0], nil
	}
	return foundKey{}, foundCertificate{}, &Error{Code: SeveralKeys, Object: "the file",
		Reason: fmt.Sprintf("holds %d private keys with their certificates: %s", len(owners), listed(owners)),
		Remedy: "export the one that is wanted to a file of its own"}
}

// certificateIn returns the certificate of the key. Of several, those that were renewed with
// the key they had, it is the one the file says, or the one that is valid longest.
func (k foundKey) certificateIn(list []foundCertificate) (foundCertificate, bool) {
	var own foundCertificate
	for _, found := range list {
		if !Belongs(k.key, found.certificate) {
			continue
		}
		if k.localKeyID != "" && found.localKeyID == k.localKeyID {
			return found, true
		}
		if own.certificate == nil || found.certificate.NotAfter.After(own.certificate.NotAfter) {
			own = found
		}
	}
	return own, own.certificate != nil
}

// leaf returns the certificate that issued none of the others, among several the one that
// is no authority.
func (c contents) leaf() (foundCertificate, error) {
	var leaves []foundCertificate
	for _, found := range c.certificates {
		if !found.issuedOneOf(c.certificates) {
			leaves = append(leaves, found)
		}
	}
	if len(leaves) > 1 {
		var subscribers []foundCertificate
		for _, found := range leaves {
			if !found.certificate.IsCA {
				subscribers = append(subscribers, found)
			}
		}
		leaves = subscribers
	}
	if len(leaves) != 1 {
		return foundCertificate{}, &Error{Code: SeveralCerts, Object: "the file",
			Reason: "does not say which of its certificates is meant: " + listed(c.certificates),
			Remedy: "write the one that is wanted to a file of its own"}
	}
	return leaves[0], nil
}

func (f foundCertificate) issuedOneOf(list []foundCertificate) bool {
	for _, other := range list {
		if !other.certificate.Equal(f.certificate) && issued(f.certificate, other.certificate) {
			return true
		}
	}
	return false
}

// inChain returns the certificates but cert, first those that lead to its root.
func inChain(cert *x509.Certificate, list []foundCertificate) []*x509.Certificate {
	var rest, chain []*x509.Certificate
	for _, found := range list {
		if !found.certificate.Equal(cert) {
			rest = append(rest, found.certificate)
		}
	}
	for next := cert; ; {
		i := issuerIn(rest, next)
		if i < 0 {
			return append(chain, rest...)
		}
		next = rest[i]
		chain = append(chain, next)
		rest = append(rest[:i:i], rest[i+1:]...)
	}
}

func issuerIn(list []*x509.Certificate, cert *x509.Certificate) int {
	for i, candidate := range list {
		if issued(candidate, cert) {
			return i
		}
	}
	return -1
}

// issued reports whether issuer is named as the issuer of cert. Whether the signature is
// right is not asked here: a wrong chain is kept for whoever judges it.
func issued(issuer, cert *x509.Certificate) bool {
	if !bytes.Equal(issuer.RawSubject, cert.RawIssuer) || bytes.Equal(cert.RawIssuer, cert.RawSubject) {
		return false
	}
	return len(cert.AuthorityKeyId) == 0 || len(issuer.SubjectKeyId) == 0 || bytes.Equal(cert.AuthorityKeyId, issuer.SubjectKeyId)
}

// oneOf names the certificates after a "not".
func oneOf(list []foundCertificate) string {
	if len(list) == 1 {
		return "its certificate, " + listed(list)
	}
	return "any of its certificates: " + listed(list)
}

// listed names certificates by subject and thumbprint.
func listed(list []foundCertificate) string {
	var names []string
	for _, found := range list {
		names = append(names, fmt.Sprintf("%.80q (%s)", found.certificate.Subject.String(), Thumbprint(found.certificate)))
	}
	return strings.Join(names, ", ")
}
