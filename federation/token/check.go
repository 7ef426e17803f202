package token

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"exfed/federation"
)

// DefaultSkew is how far the issuer's clock may be off. It may be off by less than that:
// five minutes are too many, as for the time of a message.
const DefaultSkew = 5 * time.Minute

// Check names one thing that must be right about a token.
type Check string

// The checks, in the order in which they are made.
const (
	CheckDecryption          Check = "Decryption"          // encrypted to a key of the organization
	CheckSignature           Check = "Signature"           // signed with a key of the issuer
	CheckStructure           Check = "Structure"           // of the shape of a delegation token, nothing said twice
	CheckIssuer              Check = "Issuer"              // in the name of the issuer
	CheckNotBefore           Check = "NotBefore"           // not used too early
	CheckNotOnOrAfter        Check = "NotOnOrAfter"        // nor too late
	CheckAudience            Check = "Audience"            // for this organization
	CheckThirdPartyRequested Check = "ThirdPartyRequested" // asked for on behalf of a user
	CheckOffer               Check = "Offer"               // for what it is used for
	CheckEmailAddress        Check = "EmailAddress"        // says who the user is
)

// Checks returns the checks in the order in which they are made.
func Checks() []Check {
	return []Check{CheckDecryption, CheckSignature, CheckStructure, CheckIssuer, CheckNotBefore, CheckNotOnOrAfter, CheckAudience,
		CheckThirdPartyRequested, CheckOffer, CheckEmailAddress}
}

// Outcome is what came of a check.
type Outcome int

// The outcomes. What was not checked is not accepted either.
const (
	NotChecked Outcome = iota
	Failed
	Passed
)

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case Failed:
		return "Failed"
	case Passed:
		return "Passed"
	}
	return "NotChecked"
}

// Finding is what came of one check of a token.
type Finding struct {
	Check   Check
	Outcome Outcome
	Reason  string // stable, one of the Reason constants; "" when passed
	Text    string // what was found, a clause without a full stop
}

// Expectation is what a token must be for whoever it is presented to. A check that has
// nothing to match is not made, and Accept then refuses every token.
type Expectation struct {
	At       time.Time           // now
	Issuer   string              // issuer URI of the broker
	Audience string              // own application URI, a bare name or a URI
	Offers   []Offer             // what the place is for where the token is presented
	Domains  []federation.Domain // domains the user may be of; empty for any
	Skew     time.Duration       // 0 for DefaultSkew

	brief bool // nobody reads what is said of a check that passed
}

// check makes the checks of what a token claims.
func (x Expectation) check(t Token) []Finding {
	return []Finding{
		x.checkIssuer(t.Issuer), x.checkNotBefore(t.NotBefore), x.checkNotOnOrAfter(t.NotOnOrAfter), x.checkAudience(t.Audience),
		checkThirdParty(t.ThirdPartyRequested), x.checkOffer(t.Action), x.checkEmailAddress(t.EmailAddress),
	}
}

// checkOnBehalfOf makes the checks of what an organization claims of its user.
func (x Expectation) checkOnBehalfOf(o OnBehalfOf) []Finding {
	return []Finding{
		x.checkIssuer(o.Issuer), x.checkNotBefore(o.NotBefore), x.checkNotOnOrAfter(o.NotOnOrAfter), x.checkAudience(o.Audience),
		x.checkEmailAddress(o.EmailAddress),
	}
}

// checkIssuer compares application URIs, which are host names, as such: an organization
// is an issuer too.
func (x Expectation) checkIssuer(issuer string) Finding {
	switch {
	case x.Issuer == "":
		return notChecked(CheckIssuer, "it is of %q, and nobody said of whom it is to be", issuer)
	case !SameAudience(issuer, x.Issuer):
		return failed(CheckIssuer, ReasonIssuer, "it is of the issuer %q, not of %q", issuer, x.Issuer)
	}
	return x.passed(CheckIssuer, "it is of %q", issuer)
}

func (x Expectation) checkNotBefore(from time.Time) Finding {
	skew := skewOr(x.Skew)
	switch {
	case from.IsZero():
		return failed(CheckNotBefore, ReasonNotYetValid, "it does not say from when on it is valid")
	case !x.At.Add(skew).After(from):
		return failed(CheckNotBefore, ReasonNotYetValid, "it is valid from %s on, %s from now (%s); one of the two clocks is off by %s or more",
			instant(from), from.Sub(x.At).Round(time.Second), instant(x.At), skew)
	}
	return x.passed(CheckNotBefore, "it is valid from %s on", instant(from))
}

func (x Expectation) checkNotOnOrAfter(until time.Time) Finding {
	skew := skewOr(x.Skew)
	switch {
	case until.IsZero():
		return failed(CheckNotOnOrAfter, ReasonExpired, "it does not say until when it is valid")
	case !x.At.Add(-skew).Before(until):
		return failed(CheckNotOnOrAfter, ReasonExpired, "it was valid until %s, %s ago (now %s)",
			instant(until), x.At.Sub(until).Round(time.Second), instant(x.At))
	}
	return x.passed(CheckNotOnOrAfter, "it is valid until %s", instant(until))
}

func (x Expectation) checkAudience(audience string) Finding {
	switch {
	case x.Audience == "":
		return notChecked(CheckAudience, "it is for %q, and nobody said for whom it is to be", audience)
	case audience == "":
		return failed(CheckAudience, ReasonAudience, "it does not say for whom it is")
	case !SameAudience(audience, x.Audience):
		return failed(CheckAudience, ReasonAudience, "it is for %q, not for %q", audience, AudienceURI(x.Audience))
	}
	return x.passed(CheckAudience, "it is for %q", audience)
}

func checkThirdParty(requested string) Finding {
	if requested != thirdPartyTrue {
		return failed(CheckThirdPartyRequested, ReasonNotDelegated, "it was not asked for on behalf of a user: ThirdPartyRequested is %q", requested)
	}
	return passed(CheckThirdPartyRequested, "it was asked for on behalf of a user")
}

func (x Expectation) checkOffer(offer Offer) Finding {
	switch {
	case offer == "":
		return failed(CheckOffer, ReasonOffer, "it does not say what it is for")
	case len(x.Offers) == 0:
		return notChecked(CheckOffer, "it is for %q, and nobody said for what it is to be", string(offer))
	case !slices.Contains(x.Offers, offer):
		return failed(CheckOffer, ReasonOffer, "it is for %q, not for %s", string(offer), offerList(x.Offers))
	}
	return x.passed(CheckOffer, "it is for %q", string(offer))
}

func offerList(offers []Offer) string {
	quoted := make([]string, len(offers))
	for i, offer := range offers {
		quoted[i] = fmt.Sprintf("%q", string(offer))
	}
	return strings.Join(quoted, " or ")
}

func (x Expectation) checkEmailAddress(address string) Finding {
	domain, err := AddressDomain(address)
	switch {
	case err != nil:
		return failed(CheckEmailAddress, ReasonEmailAddress, "%.300q is not the address of a user", address)
	case len(x.Domains) > 0 && !slices.Contains(x.Domains, domain):
		return failed(CheckEmailAddress, ReasonEmailDomain, "%q is an address in a domain that is not expected", address)
	}
	return x.passed(CheckEmailAddress, "it is of %q", address)
}

func (x Expectation) passed(check Check, format, said string) Finding {
	if x.brief {
		return Finding{Check: check, Outcome: Passed}
	}
	return passed(check, format, said)
}

func passed(check Check, format string, args ...any) Finding {
	return Finding{Check: check, Outcome: Passed, Text: fmt.Sprintf(format, args...)}
}

func failed(check Check, reason, format string, args ...any) Finding {
	return Finding{Check: check, Outcome: Failed, Reason: reason, Text: fmt.Sprintf(format, args...)}
}

func notChecked(check Check, format string, args ...any) Finding {
	return Finding{Check: check, Reason: ReasonNothingToMatch, Text: fmt.Sprintf(format, args...)}
}

func skewOr(skew time.Duration) time.Duration {
	if skew == 0 {
		return DefaultSkew
	}
	return skew
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
