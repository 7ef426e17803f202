package cmd

import (
	"strings"

	"exfed/federation"
	"exfed/federation/token"
)

// tokenHint says what to do about a token that is not accepted, "" for another error.
func tokenHint(reason string) string {
	switch reason {
	case token.ReasonSignerUnknown:
		return "the broker may have a new key: exfed set-federationtrust NAME -RefreshMetadata reads it; or -IssuerCertificate holds those of another broker"
	case token.ReasonSignerExpired:
		return "exfed set-federationtrust NAME -RefreshMetadata reads the broker's certificates again"
	case token.ReasonKeyUnknown:
		return "it is for another organization, or for a certificate that is no longer in the trust: -Thumbprint names one that exfed get-exchangecertificate lists"
	case token.ReasonNotDecrypted:
		return "the file is damaged, or it was made for another key: get the token again"
	case token.ReasonAlgorithm:
		return "leave -SecurityProfile out to read either; exfed set-federationtrust NAME -SecurityProfile changes what the organization accepts"
	case token.ReasonNotSigned, token.ReasonMalformed, token.ReasonNotDelegated, token.ReasonEmailAddress, token.ReasonEmailDomain:
		return "whoever sent it did not get it from the broker in this form: do not accept it"
	case token.ReasonIssuer:
		return "it is of another broker, or of another instance of this one: exfed get-federationtrust -Property TokenIssuerUri"
	case token.ReasonNotYetValid:
		return "compare this machine's clock with the broker's; -At judges the token at another time"
	case token.ReasonExpired:
		return "ask for a new one; -At judges this one at another time"
	case token.ReasonAudience:
		return "it was asked for another organization; -Audience names another one to judge it for"
	case token.ReasonOffer:
		return "it was asked for another purpose: exfed get-delegationtoken -Offer NAME asks for one for this"
	case "TokenNotFound", "TokenAmbiguous":
		return "give a file with one token: a saml:Assertion, an xenc:EncryptedData, or a message that carries one of them"
	case "TokenFileCorrupt":
		return "the file must be the token as it was received, byte for byte"
	case "CertificateFileCorrupt":
		return "give certificates in PEM or one in DER, such as the TokenIssuerCertificate of the broker"
	case "FileNotFound", "FileNotRead":
		return "look at the name of the file and at who may read it"
	}
	return ""
}

// memberNameInvalid is the code of a token request whose user is the matter, as the
// Microsoft gateway has it.
const memberNameInvalid = "0x80041034"

// authenticationHints tells the reasons apart for which a request for a token is refused.
func authenticationHints(err *federation.Error) []string {
	if strings.Contains(err.Reason, memberNameInvalid) {
		return []string{
			"the broker does not hold the user's domain as Active for this organization: exfed get-federatedorganizationidentifier -IncludeExtendedDomainInfo",
		}
	}
	return []string{
		"no password is meant, there is none: the broker answers this to a clock that is five minutes off, to an expired certificate, to one it does not know and to the other security profile",
		"compare the clocks; exfed get-exchangecertificate -Output list shows the dates, exfed get-federationtrust -Output list the certificate in use",
	}
}
