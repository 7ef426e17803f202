package federation_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
)

// testedDay is when the tested organization was set up.
func testedDay() time.Time { return time.Date(2027, 2, 3, 10, 0, 0, 0, time.UTC) }

// testedParty is a federated organization with a clock, a token service and a judge that
// do as a test says.
type testedParty struct {
	*party
	now      time.Time
	own      certificate.Pair
	asked    []string // what the token service was asked for
	askedBy  []string // thumbprints
	refusal  error    // of the token service
	judged   []federation.PresentedToken
	judgedBy []federation.RelyingParty
	verdict  error // of the judge
	told     []string
}

// RequestToken implements federation.TokenService.
func (x *testedParty) RequestToken(_ context.Context, org certificate.Pair, r federation.TokenRequest) (federation.TokenResponse, error) {
	x.asked = append(x.asked, fmt.Sprintf("%s at %s: %s as %s for %s to %s", r.ApplicationURI, r.Issuer.EPR, r.Offer, r.User, r.Target, r.Issuer.URI))
	x.askedBy = append(x.askedBy, certificate.Thumbprint(org.Certificate))
	if x.refusal != nil {
		return federation.TokenResponse{}, x.refusal
	}
	return federation.TokenResponse{Encrypted: []byte("token of " + r.User), Audience: "http://" + r.Target}, nil
}

func (x *testedParty) judge(token federation.PresentedToken, by federation.RelyingParty) error {
	x.judged = append(x.judged, token)
	x.judgedBy = append(x.judgedBy, by)
	return x.verdict
}

// newTestedParty is an organization with accepted domains and a certificate, and no trust.
func newTestedParty(t *testing.T) *testedParty {
	t.Helper()
	x := &testedParty{now: testedDay()}
	x.party, _ = newPartyAt(t, func() time.Time { return x.now })
	all, err := x.Certificates(t.Context())
	x.must(err)
	x.own, err = x.KeyPair(t.Context(), all[0].Thumbprint)
	x.must(err)
	x.Tokens = func(context.Context, federation.FederationTrust) (federation.TokenService, error) { return x, nil }
	x.Step = func(format string, args ...any) { x.told = append(x.told, fmt.Sprintf(format, args...)) }
	// The broker's certificates are a month younger, so that each can expire by itself.
	x.broker.metadata = &federation.TokenIssuer{
		URI: "urn:federation:test", EPR: "https://broker.example/tokens", ManagementEPR: "https://broker.example/manage",
		Certificate: issuerCertificate(t, x.now.AddDate(0, 1, 0)), PreviousCertificate: issuerCertificate(t, x.now.AddDate(0, 1, 0)),
	}
	x.now = x.now.AddDate(0, 2, 0)
	return x
}

// federate sets the organization up to its end, with contoso.com and contoso.ca.
func (x *testedParty) federate() *testedParty {
	x.t.Helper()
	x.trust(certificate.Thumbprint(x.own.Certificate))
	x.must(x.SetIdentifier(x.t.Context(), namespaceRequest()))
	x.must(x.AddDomain(x.t.Context(), "contoso.ca", false))
	x.told = nil
	return x
}

// issuerCertificate makes a certificate of a broker as the state file keeps it.
func issuerCertificate(t *testing.T, at time.Time) string {
	t.Helper()
	pair, err := certificate.NewSelfSigned(certificate.Request{Subject: "CN=broker.example"}, rand.Reader, at)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(pair.Certificate.Raw)
}

// print is the thumbprint of a certificate kept that way.
func (x *testedParty) print(text string) string {
	x.t.Helper()
	c, err := federation.DecodeCertificate(text)
	x.must(err)
	return certificate.Thumbprint(c)
}

// replace changes the state file by hand.
func (x *testedParty) replace(before, after string) {
	x.t.Helper()
	text := x.file()
	if !strings.Contains(text, before) {
		x.t.Fatalf("there is no %q in:\n%s", before, text)
	}
	x.write(strings.Replace(text, before, after, 1))
}

// shown is a check as Test-FederationTrust shows it, and the identifier of its cause.
type shown struct{ ID, Type, Message, Cause string }

// fine is what a sound trust is told.
func fine() []shown {
	return []shown{
		{"FederationTrustConfiguration", "Success", "FederationTrust object in ActiveDirectory is valid.", ""},
		{"FederationMetadata", "Success", "The federation trust has the certificates that the security token service publishes in its federation metadata.", ""},
		{"StsCertificate", "Success", "Valid certificate referenced by property TokenIssuerCertificate in the FederationTrust object.", ""},
		{"StsPreviousCertificate", "Success", "Valid certificate referenced by property TokenIssuerPrevCertificate in the FederationTrust object.", ""},
		{"OrganizationCertificate", "Success", "Valid certificate referenced by property OrgPrivCertificate in the FederationTrust object.", ""},
		{"TokenRequest", "Success", "A delegation token was requested and received.", ""},
		{"TokenValidation", "Success", "The delegation token was opened with the organization's key and is valid.", ""},
	}
}

// waiting is a check that another keeps from being made.
func waiting(id, for_ string) shown {
	return shown{id, "Warning", "Not run, because of the error of " + for_ + ".", ""}
}

// but is what a trust is told that is sound but for these checks.
func but(others ...shown) []shown {
	all := fine()
	for _, other := range others {
		all[slices.IndexFunc(all, func(s shown) bool { return s.ID == other.ID })] = other
	}
	return all
}

// tested runs the test, compares everything it shows and returns how each step went.
func (x *testedParty) tested(user string, want []shown) (results []string) {
	x.t.Helper()
	checks, err := x.TestTrust(x.t.Context(), federation.TrustTest{User: user, Judge: x.judge})
	x.must(err)
	var got []shown
	for _, c := range checks {
		s := shown{ID: string(c.ID), Type: string(c.Type), Message: c.Message}
		if e, ok := c.Cause.(*federation.Error); ok {
			s.Cause = e.ID
		}
		got = append(got, s)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		x.t.Errorf("checks (-want +got):\n%s", diff)
	}
	for _, line := range x.told {
		if rest, ok := strings.CutPrefix(line, "RESULT: "); ok {
			results = append(results, rest)
		}
	}
	return results
}
