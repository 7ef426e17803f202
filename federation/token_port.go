package federation

import (
	"context"
	"fmt"
	"time"

	"exfed/certificate"
)

// TokenService is the token service of the trust broker (WS-Trust, February 2005): an
// organization asks it for tokens with which its users identify themselves to another.
//
// Errors are *Error values: Refused with the subcode of the fault as ID
// ("FailedAuthentication", "InvalidScope", "InvalidRequest"; "ClockOff" for the first when
// the clocks explain it), Unavailable when the
// service could not be reached or failed, Untrusted when the answer is not one, Invalid
// when the request cannot be sent.
type TokenService interface {
	// RequestToken asks for a token in the name of the organization whose federation
	// certificate org is.
	RequestToken(ctx context.Context, org certificate.Pair, request TokenRequest) (TokenResponse, error)
}

// TokenRequest says who wants a token, for whom and what for.
type TokenRequest struct {
	Issuer         TokenIssuer // of the trust; EPR is who is asked, URI whom the request is for
	ApplicationURI string      // of the asking organization: its account namespace
	User           string      // SMTP address in one of its federated domains
	NameIdentifier string      // what the user is called for good, NAME@ApplicationURI; empty: made from User
	Target         string      // application URI of the other organization, or one of its federated domains
	Offer          string      // such as MSExchange.SharingCalendarFreeBusy
}

// TokenResponse is a token that was issued. The asking organization cannot read it.
type TokenResponse struct {
	Encrypted    []byte // the xenc:EncryptedData as it came, to be sent on byte for byte
	ProofKey     []byte // secret: whoever has token and key is the user. Never print or log it
	NotBefore    time.Time
	NotOnOrAfter time.Time
	Audience     string // application URI of the organization it is for, as a URI
}

// String leaves the token and its key out.
func (r TokenResponse) String() string {
	return fmt.Sprintf("token for %s until %s", r.Audience, r.NotOnOrAfter.UTC().Format(time.RFC3339))
}
