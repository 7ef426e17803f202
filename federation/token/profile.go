package token

import (
	"exfed/federation"
	"exfed/federation/xmlsec"
)

// suite is what a security profile means for tokens.
type suite struct {
	signature     xmlsec.SignatureMethod
	encryption    xmlsec.EncryptionMethod
	proofKeyBytes int // what the profile's key wrapping takes, and plenty for an HMAC
	allowed       xmlsec.Algorithms
}

func suiteOf(profile federation.SecurityProfile) (suite, error) {
	switch profile {
	case federation.Modern:
		return suite{xmlsec.RSASHA256, xmlsec.AES256GCM, 32, xmlsec.ModernAlgorithms()}, nil
	case federation.Exchange:
		return suite{xmlsec.RSASHA1, xmlsec.TripleDESCBC, 24, xmlsec.ExchangeAlgorithms()}, nil
	}
	return suite{}, federation.Errorf(federation.Invalid, "InvalidSecurityProfile", "security profile", "%q is none", profile)
}
