package token

import (
	"exfed/federation"
	"exfed/federation/xmlsec"
)

// suite is what a security profile writes tokens with.
type suite struct {
	signature     xmlsec.SignatureMethod
	encryption    xmlsec.EncryptionMethod
	proofKeyBytes int // what the profile's key wrapping takes, and plenty for an HMAC
}

func suiteOf(profile federation.SecurityProfile) (suite, error) {
	switch profile {
	case federation.Modern:
		return suite{xmlsec.RSASHA256, xmlsec.AES256GCM, 32}, nil
	case federation.Exchange:
		return suite{xmlsec.RSASHA1, xmlsec.TripleDESCBC, 24}, nil
	}
	return suite{}, noSuch(profile)
}

// allowedIn returns what a profile reads tokens with.
func allowedIn(profile federation.SecurityProfile) (xmlsec.Algorithms, error) {
	switch profile {
	case federation.Modern:
		return xmlsec.ModernAlgorithms(), nil
	case federation.Exchange:
		return xmlsec.ExchangeAlgorithms(), nil
	}
	return xmlsec.Algorithms{}, noSuch(profile)
}

func noSuch(profile federation.SecurityProfile) *federation.Error {
	return federation.Errorf(federation.Invalid, "InvalidSecurityProfile", "security profile", "%q is none", profile)
}
