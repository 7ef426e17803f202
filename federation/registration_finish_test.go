package federation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"exfed/federation"
)

// TestFinishingNeedsNoProof leaves each operation unfinished at the broker. Run again, no
// proof is looked for if the broker has taken what it looked at; if it has not, one is.
func TestFinishingNeedsNoProof(t *testing.T) {
	t.Parallel()
	gone := federation.Errorf(federation.Refused, "DomainNotFound", "trust broker", "not registered")
	denied := federation.Errorf(federation.Refused, "AccessDenied", "trust broker", "1007 AccessDenied: Access Denied.")
	cases := []struct {
		operation int
		last      string // the call that is not answered
		unknown   error  // the answer to GetDomainInfo where the broker has taken nothing
	}{
		{0, "ReserveDomain FYDIBOHF25SPDLT.contoso.com", gone},
		{1, "AddUri FYDIBOHF25SPDLT.contoso.com", gone},
		{2, "GetDomainInfo contoso.co.uk", gone},
		{3, "UpdateAppIdCertificate", denied},
	}
	for _, c := range cases {
		r := registerings()[c.operation]
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			p := r.prepare(t)
			p.broker.before = func(call string) error {
				if call == c.last {
					return unreachable()
				}
				return nil
			}
			fails(t, r.do(t.Context(), p, false), federation.Unavailable, "BrokerUnreachable")
			begun := p.file()
			if !strings.Contains(begun, "pending: ") {
				t.Fatalf("nothing is pending:\n%s", begun)
			}
			p.records.asked = nil
			p.records.find = func(record federation.ExpectedRecord) []federation.DNSFinding {
				return []federation.DNSFinding{finding(record, "P01", "ProofAbsent", federation.EventError)}
			}
			p.broker.before = func(call string) error {
				if strings.HasPrefix(call, "GetDomainInfo") {
					return c.unknown
				}
				return nil
			}
			fails(t, r.do(t.Context(), p, false), federation.Refused, "ProofNotInDns")
			p.unchanged(begun)
			if got := len(p.records.asked); got != len(r.domains) {
				t.Errorf("%d proofs were looked for, not %d", got, len(r.domains))
			}
			p.broker.before = func(string) error { return unreachable() }
			fails(t, r.do(t.Context(), p, false), federation.Unavailable, "BrokerUnreachable")
			p.unchanged(begun)

			p.records.asked, p.broker.before = nil, nil
			p.must(r.do(t.Context(), p, false))
			if len(p.records.asked) > 0 || strings.Contains(p.file(), "pending: ") {
				t.Errorf("looked for %v, left:\n%s", p.records.asked, p.file())
			}
		})
	}
	if len(cases) < 4 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestDomainNotHeldAnyMore: what the broker has released, or given to somebody else, is
// proven again.
func TestDomainNotHeldAnyMore(t *testing.T) {
	t.Parallel()
	for _, held := range []federation.DomainInfo{
		{DomainName: "contoso.ca", AppID: "APPID1", State: federation.PendingRelease},
		{DomainName: "contoso.ca", AppID: "APPID2", State: federation.Active},
		{},
	} {
		p := federated(t)
		p.write(strings.Replace(p.file(), "- domain: contoso.ca", "- domain: contoso.ca\n        pending: remove", 1))
		p.broker.held = &held
		p.records.asked = nil
		p.records.err = errors.New("looked for")
		p.Wait = func(context.Context, time.Duration) error { return errors.New("waited") }
		fails(t, p.AddDomain(t.Context(), "contoso.ca", false), federation.Unavailable, "ProofNotChecked")
		if len(p.records.asked) != 1 {
			t.Errorf("%+v: looked for %v", held, p.records.asked)
		}
	}
}

// TestElsewhereNeedsNoProof: nobody is asked anything for a trust registered elsewhere.
func TestElsewhereNeedsNoProof(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	_, err := p.NewTrust(t.Context(), federation.NewTrustRequest{
		Name: "Contoso", Thumbprint: thumbprint, SecurityProfile: federation.Modern,
		Elsewhere: &federation.ExternalProvisioning{ApplicationURI: "contoso.com", ApplicationIdentifier: "0A", AdministratorProvisioningID: "1"},
	})
	p.must(err)
	p.broker.calls = nil
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
	p.must(p.AddDomain(t.Context(), "contoso.ca", false))
	next := p.certificate()
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Publish: true}))
	if len(p.records.asked)+len(p.broker.calls) > 0 {
		t.Errorf("looked for %v, asked for %v", p.records.asked, p.broker.calls)
	}
}
