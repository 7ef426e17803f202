package federation_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
)

const minimumTokenRefusals = 16

// TestTokenAsked: what the token service is asked for, by whom, and in which profile.
func TestTokenAsked(t *testing.T) {
	t.Parallel()
	x := newTestedParty(t).federate()
	before := x.file()
	for _, target := range []string{"Fabrikam.COM", "http://FYDIBOHF25SPDLT.fabrikam.com", "FYDIBOHF25SPDLT.fabrikam.com"} {
		got, err := x.DelegationToken(t.Context(), federation.DelegationTokenRequest{User: "sales@contoso.ca", Target: target, Offer: "MSExchange.MailTips"})
		x.must(err)
		if string(got.Encrypted) != "token of sales@contoso.ca" {
			t.Errorf("%s: the token is %q", target, got.Encrypted)
		}
	}
	asked := func(target string) string {
		return "FYDIBOHF25SPDLT.contoso.com at https://broker.example/tokens: MSExchange.MailTips as sales@contoso.ca for " + target + " to urn:federation:test"
	}
	want := []string{asked("fabrikam.com"), asked("http://FYDIBOHF25SPDLT.fabrikam.com"), asked("FYDIBOHF25SPDLT.fabrikam.com")}
	if diff := cmp.Diff(want, x.asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	x.unchanged(before)
}

// TestTokenProfile: the profile of a request is that of the trust unless it says another.
func TestTokenProfile(t *testing.T) {
	t.Parallel()
	x := newTestedParty(t).federate()
	var profiles []federation.SecurityProfile
	tokens := x.Tokens
	x.Tokens = func(ctx context.Context, trust federation.FederationTrust) (federation.TokenService, error) {
		profiles = append(profiles, trust.SecurityProfile)
		return tokens(ctx, trust)
	}
	exchange := federation.Exchange
	for _, profile := range []*federation.SecurityProfile{nil, &exchange} {
		_, err := x.DelegationToken(t.Context(), federation.DelegationTokenRequest{User: "sales@contoso.com", Target: "fabrikam.com", SecurityProfile: profile})
		x.must(err)
	}
	if diff := cmp.Diff([]federation.SecurityProfile{federation.Modern, federation.Exchange}, profiles); diff != "" {
		t.Errorf("profiles (-want +got):\n%s", diff)
	}
}

// TestTokenNotAsked: each fault has an identifier of its own, and nobody is asked.
func TestTokenNotAsked(t *testing.T) {
	t.Parallel()
	type refusal struct {
		name         string
		spoil        func(x *testedParty)
		user, target string
		kind         federation.Kind
		id           string
	}
	const user, target = "sales@contoso.com", "fabrikam.com"
	nothing := func(*testedParty) {}
	replace := func(before, after string) func(*testedParty) {
		return func(x *testedParty) { x.replace(before, after) }
	}
	at := func(moment func(c certificate.Pair) time.Time) func(*testedParty) {
		return func(x *testedParty) { x.now = moment(x.own) }
	}
	cases := []refusal{
		{"no user", nothing, "", target, federation.Invalid, "InvalidSmtpAddress"},
		{"no address", nothing, "sales", target, federation.Invalid, "InvalidSmtpAddress"},
		{"two addresses", nothing, "a@contoso.com@contoso.com", target, federation.Invalid, "InvalidSmtpAddress"},
		{"no target", nothing, user, "", federation.Invalid, "InvalidDomain"},
		{"no domain", nothing, user, "not a domain", federation.Invalid, "InvalidDomain"},
		{"an address as target", nothing, user, "sales@fabrikam.com", federation.Invalid, "InvalidTokenTarget"},
		{"an accepted domain", nothing, "sales@contoso.co.uk", target, federation.Conflict, "UserDomainNotFederated"},
		{"somebody else's domain", nothing, "sales@fabrikam.com", target, federation.Conflict, "UserDomainNotFederated"},
		{"a domain below", nothing, "sales@eu.contoso.com", target, federation.Conflict, "UserDomainNotFederated"},
		{"a domain begun", replace("- domain: contoso.ca", "- domain: contoso.ca\n        pending: add"), "sales@contoso.ca", target, federation.Conflict, "DomainUnfinished"},
		{"a namespace begun", replace("- domain: contoso.com", "- domain: contoso.com\n        pending: add"), user, target, federation.Conflict, "AccountNamespaceUnfinished"},
		{"switched off", replace("enabled: true", "enabled: false"), user, target, federation.Conflict, "FederationDisabled"},
		{"expired", at(func(c certificate.Pair) time.Time { return c.Certificate.NotAfter.Add(time.Second) }), user, target, federation.Conflict, "CertificateExpired"},
		{"not yet valid", at(func(c certificate.Pair) time.Time { return c.Certificate.NotBefore.Add(-time.Second) }), user, target, federation.Conflict, "CertificateNotYetValid"},
		{"no key", func(x *testedParty) { x.must(x.Keys.Delete(certificate.Thumbprint(x.own.Certificate))) }, user, target, federation.NotFound, "KeyNotFound"},
		{"no service", func(x *testedParty) {
			x.Tokens = func(context.Context, federation.FederationTrust) (federation.TokenService, error) {
				return nil, unreachable()
			}
		}, user, target, federation.Unavailable, "BrokerUnreachable"},
	}
	if len(cases) < minimumTokenRefusals {
		t.Errorf("%d cases, at least %d are expected", len(cases), minimumTokenRefusals)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newTestedParty(t).federate()
			c.spoil(x)
			_, err := x.DelegationToken(t.Context(), federation.DelegationTokenRequest{User: c.user, Target: c.target, Offer: "MSExchange.MailTips"})
			fails(t, err, c.kind, c.id)
			if len(x.asked) != 0 {
				t.Errorf("asked for %q", x.asked)
			}
		})
	}
}

// TestTokenTimes: the certificate is good from its first second to its last.
func TestTokenTimes(t *testing.T) {
	t.Parallel()
	x := newTestedParty(t).federate()
	for _, now := range []time.Time{x.own.Certificate.NotBefore, x.own.Certificate.NotAfter} {
		x.now = now
		_, err := x.DelegationToken(t.Context(), federation.DelegationTokenRequest{User: "sales@contoso.com", Target: "fabrikam.com"})
		x.must(err)
	}
}

// TestTokenWithoutTrust: an organization that has not got so far is told what is missing.
func TestTokenWithoutTrust(t *testing.T) {
	t.Parallel()
	x := newTestedParty(t)
	ask := func() error {
		_, err := x.DelegationToken(t.Context(), federation.DelegationTokenRequest{User: "sales@contoso.com", Target: "fabrikam.com"})
		return err
	}
	fails(t, ask(), federation.NotFound, "NoFederationTrust")
	_, err := x.RelyingParty(t.Context())
	fails(t, err, federation.NotFound, "NoFederationTrust")
	x.trust(certificate.Thumbprint(x.own.Certificate))
	fails(t, ask(), federation.Conflict, "NoAccountNamespace")
}

// TestRelyingPartyKeys: tokens are opened with each key of the trust that is there; one that
// is lost is told and no reason to read none.
func TestRelyingPartyKeys(t *testing.T) {
	t.Parallel()
	x := newTestedParty(t).federate()
	var warned []string
	x.Warn = func(format string, args ...any) { warned = append(warned, format) }
	next := x.certificate()
	x.must(x.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
	warned = nil
	keys := func() []string {
		party, err := x.RelyingParty(t.Context())
		x.must(err)
		var prints []string
		for _, pair := range party.Keys {
			prints = append(prints, certificate.Thumbprint(pair.Certificate))
		}
		return prints
	}
	own := certificate.Thumbprint(x.own.Certificate)
	if diff := cmp.Diff([]string{own, next}, keys()); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	x.must(x.Keys.Delete(own))
	if diff := cmp.Diff([]string{next}, keys()); diff != "" || len(warned) != 1 {
		t.Errorf("%d warnings, keys (-want +got):\n%s", len(warned), diff)
	}
}
