package token

import (
	"fmt"

	"exfed/federation"
)

// Refusal is what a sender may learn of a token that is not accepted, whatever the
// reason: the text that Exchange has for it. What the reason is belongs in a log.
const Refusal = "An error occurred when processing the security tokens in the message."

// Identifiers of the errors of this package and reasons of findings.
const (
	ReasonNotEncrypted   = "TokenNotEncrypted"   // an assertion in the clear
	ReasonKeyUnknown     = "TokenKeyUnknown"     // encrypted to a key the organization does not have
	ReasonNotDecrypted   = "TokenNotDecrypted"   // damaged, or the key is not what its identifier says
	ReasonAlgorithm      = "TokenAlgorithm"      // an algorithm that the profile does not have
	ReasonSignerUnknown  = "TokenSignerUnknown"  // signed with a key the issuer does not publish
	ReasonSignerExpired  = "TokenSignerExpired"  // by a certificate that is not valid at that time
	ReasonNotSigned      = "TokenNotSigned"      // the signature does not hold, or there is none
	ReasonMalformed      = "TokenMalformed"      // signed, but not of the shape of a delegation token
	ReasonIssuer         = "TokenIssuer"         // of another issuer
	ReasonNotYetValid    = "TokenNotYetValid"    // before NotBefore
	ReasonExpired        = "TokenExpired"        // at NotOnOrAfter or later
	ReasonAudience       = "TokenAudience"       // for somebody else
	ReasonNotDelegated   = "TokenNotDelegated"   // without ThirdPartyRequested
	ReasonOffer          = "TokenOffer"          // for another offer
	ReasonEmailAddress   = "TokenEmailAddress"   // no address
	ReasonEmailDomain    = "TokenEmailDomain"    // an address in a domain that is not expected
	ReasonNothingToMatch = "TokenNothingToMatch" // whoever asked for the check did not say what is right
	ReasonNotReached     = "TokenNotReached"     // a check before it failed
)

// object is what errors of this package concern.
const object = "delegation token"

// malformed says what is wrong with the shape of an assertion whose signature holds.
func malformed(format string, args ...any) *federation.Error {
	return federation.Errorf(federation.Untrusted, ReasonMalformed, object, "%s", fmt.Sprintf(format, args...))
}

func malformedBecause(err error) *federation.Error {
	return &federation.Error{Kind: federation.Untrusted, ID: ReasonMalformed, Object: object, Reason: "it has not the shape of one", Err: err}
}
