package certificate

import (
	"crypto"
	"crypto/x509"
)

// Pair is a certificate with the private key that belongs to it.
type Pair struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}
