package certificate

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// RevocationState says what the authority of a certificate has made known about it.
type RevocationState string

// The states.
const (
	NotRevoked             RevocationState = "NotRevoked"
	Revoked                RevocationState = "Revoked"
	RevocationUnknown      RevocationState = "RevocationUnknown"      // nobody could be asked, or no answer could be used
	RevocationNotPublished RevocationState = "RevocationNotPublished" // the certificate names no place to ask at
)

// Revocation is what was found out about the revocation of a certificate.
type Revocation struct {
	State  RevocationState
	Source string    // the address of the OCSP responder or the CRL that says so
	Since  time.Time // when it was revoked
	Reason string    // why it was revoked, in the words of RFC 5280 section 5.3.1
	Text   string    // why it is unknown
}

// Question is an HTTP request: a POST of Body, or a GET if it is nil.
type Question struct {
	URL       string // begins with http://
	MediaType string // of Body
	Body      []byte
	Most      int64 // bytes of an answer
}

// Fetch returns the body of a successful answer. It follows no redirect, and bounds the time
// an answer takes.
type Fetch func(ctx context.Context, question Question) ([]byte, error)

const (
	maxRevocationAddresses = 3        // of each kind that are asked, in the order of the certificate
	maxOCSPAnswer          = 64 << 10 // bytes
	maxCRL                 = 16 << 20 // bytes
	// clockTolerance is how far a statement may lie in the future.
	clockTolerance = 5 * time.Minute
	// undatedLife is how long an OCSP answer counts that does not say how long it does.
	undatedLife = 24 * time.Hour
)

// AskRevocation asks the certificate's authority whether it has revoked the certificate: its
// OCSP responders (RFC 6960) first, then its CRLs (RFC 5280 section 5), at the http addresses
// that stand in the certificate. The first answer that can be used counts: signed by the issuer,
// or for OCSP by whom it delegated, and of now. Authorities further up are not asked about.
func AskRevocation(ctx context.Context, cert *x509.Certificate, facts Facts, fetch Fetch, now time.Time) Revocation {
	if len(cert.OCSPServer)+len(cert.CRLDistributionPoints) == 0 {
		return Revocation{State: RevocationNotPublished}
	}
	issuer := issuerOf(cert, facts, now)
	if issuer == nil {
		return Revocation{State: RevocationUnknown, Text: "the certificate of its issuer is not here, so that no answer could be verified"}
	}
	a := asker{cert: cert, issuer: issuer, fetch: fetch, now: now}
	for _, kind := range []struct {
		addresses []string
		ask       func(ctx context.Context, address string) (Revocation, error)
	}{{cert.OCSPServer, a.askOCSP}, {cert.CRLDistributionPoints, a.askCRL}} {
		for _, address := range httpAddresses(kind.addresses) {
			answer, err := kind.ask(ctx, address)
			if err == nil {
				answer.Source = address
				return answer
			}
			a.failures = append(a.failures, fmt.Sprintf("%.200q: %v", address, err))
		}
	}
	if len(a.failures) == 0 {
		return Revocation{State: RevocationUnknown, Text: "it names no address that begins with http://"}
	}
	return Revocation{State: RevocationUnknown, Text: strings.Join(a.failures, "; ")}
}

// asker asks about one certificate.
type asker struct {
	cert, issuer *x509.Certificate
	fetch        Fetch
	now          time.Time
	failures     []string
}

// issuerOf returns the certificate of the authority that signed the certificate, nil if it is
// not there.
func issuerOf(cert *x509.Certificate, facts Facts, now time.Time) *x509.Certificate {
	if way, err := chain(cert, facts, now); err == nil && len(way) > 1 {
		return way[1]
	}
	for _, c := range facts.Intermediates {
		if cert.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	return nil
}

// httpAddresses are those of the addresses that are asked: https would need certificates that
// were verified already, and ldap is not spoken.
func httpAddresses(addresses []string) []string {
	var usable []string
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err == nil && u.Scheme == "http" && u.Hostname() != "" && u.User == nil && len(usable) < maxRevocationAddresses {
			usable = append(usable, address)
		}
	}
	return usable
}

// inForce refuses a statement that is not of now; a zero next says nothing about its end.
func (a *asker) inForce(this, next time.Time) error {
	switch {
	case this.After(a.now.Add(clockTolerance)):
		return fmt.Errorf("the answer is of %s, which is yet to come", stamp(this))
	case !next.IsZero() && next.Before(a.now):
		return fmt.Errorf("the answer was good until %s", stamp(next))
	case next.IsZero() && this.Add(undatedLife).Before(a.now):
		return fmt.Errorf("the answer is of %s and does not say until when it is good", stamp(this))
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// revocationReason names a CRLReason (RFC 5280 section 5.3.1).
func revocationReason(code int) string {
	names := [...]string{"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
		"certificateHold", "", "removeFromCRL", "privilegeWithdrawn", "aACompromise"}
	if code < 0 || code >= len(names) || names[code] == "" {
		return fmt.Sprintf("reason %d", code)
	}
	return names[code]
}

// String says it as a clause.
func (r Revocation) String() string {
	switch r.State {
	case NotRevoked:
		return fmt.Sprintf("it is not revoked, says %.200q", r.Source)
	case Revoked:
		return fmt.Sprintf("it was revoked on %s (%s), says %.200q", stamp(r.Since), r.Reason, r.Source)
	case RevocationNotPublished:
		return "it names no place to ask whether it is revoked"
	}
	return "it could not be found out whether it is revoked: " + r.Text
}

// errNotIssuer is the refusal of an answer that somebody else signed.
var errNotIssuer = errors.New("the answer is not signed by the certificate's issuer, nor by whom it delegated")
