package token

import (
	"crypto/x509"

	"exfed/federation/xmlsec"
)

// Signer returns the one of the Verifier's certificates that the key information of a
// message names, by the rules by which a token's own signature is matched. It is the
// xmlsec.KeySelector for messages that carry an assertion of the same sender.
func (v Verifier) Signer(info xmlsec.KeyInfo) (*x509.Certificate, error) { return v.signer(info) }
