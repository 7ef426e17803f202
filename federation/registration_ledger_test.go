package federation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// TestRefusedAfterTheDomain: the account namespace is refused where the domain was taken,
// which is remembered for the domain, beside what is unfinished.
func TestRefusedAfterTheDomain(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	p.at(0)
	p.broker.before = func(call string) error {
		if strings.HasPrefix(call, "ReserveDomain") {
			return refusal("MaxUriReached")
		}
		return nil
	}
	fails(t, p.SetIdentifier(t.Context(), namespaceRequest()), federation.Refused, "MaxUriReached")
	if diff := cmp.Diff(map[federation.Domain][]string{"contoso.com": {"1T00:00"}}, p.attempts()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]federation.FederatedDomain{{Domain: "contoso.com", Pending: "add"}}, p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}
}

// TestLedgerKeepsTheRest: what others write while the broker is asked stays, in the ledger
// and beside it; and their refusals count under the lock.
func TestLedgerKeepsTheRest(t *testing.T) {
	t.Parallel()
	p := federated(t)
	p.at(0)
	other := *p.Organization
	contact := "admin@contoso.com"
	once := true
	p.broker.before = func(call string) error {
		if call == "AddUri contoso.co.uk" && once {
			once = false
			fails(t, other.AddDomain(t.Context(), "contoso.co.uk", false), federation.Refused, "MaxUriReached")
			p.must(other.SetIdentifier(t.Context(), federation.SetIdentifierRequest{OrganizationContact: &contact}))
		}
		if strings.HasPrefix(call, "AddUri") {
			return refusal("MaxUriReached")
		}
		return refusal("DomainNotFound")
	}
	fails(t, p.AddDomain(t.Context(), "contoso.co.uk", false), federation.Refused, "MaxUriReached")
	if diff := cmp.Diff(map[federation.Domain][]string{"contoso.co.uk": {"1T00:00", "1T00:00"}}, p.attempts()); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	id, err := p.Identifier(t.Context())
	p.must(err)
	if id.OrganizationContact != contact || len(id.Domains) != 2 {
		t.Errorf("identifier: %+v", id)
	}

	// The domain is locked between the look at the ledger and the intention.
	p = federated(t)
	p.at(0)
	other = *p.Organization
	p.refuseDomains(refusal("MaxUriReached"))
	p.Store = &meanwhile{other.Store, func() {
		fails(t, other.AddDomain(t.Context(), "contoso.co.uk", false), federation.Refused, "MaxUriReached")
	}}
	p.broker.calls = nil
	fails(t, p.AddDomain(t.Context(), "contoso.co.uk", false), federation.Conflict, "DomainLockedAtBroker")
	if diff := cmp.Diff([]string{"AddUri contoso.co.uk"}, p.broker.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestLedgerByHand reads what somebody edited: out of order, in another time zone, from a
// clock that was wrong; and keeps a bounded number.
func TestLedgerByHand(t *testing.T) {
	t.Parallel()
	p := federated(t)
	p.at(12)
	entry := func(domain, at string) string {
		return "    - domain: " + domain + "\n      time: " + at + "\n      fault: ProofOfDomainOwnershipFailed\n"
	}
	text := p.file()
	ledger := func(entries ...string) string {
		return strings.Replace(text, "acceptedDomains:", "  registrationAttempts:\n"+strings.Join(entries, "")+"acceptedDomains:", 1)
	}
	cases := []struct {
		name    string
		entries []string
		until   string // "" is now
	}{
		{"out of order", []string{entry("contoso.co.uk", "2026-05-01T11:00:00Z"), entry("contoso.co.uk", "2026-05-01T09:00:00Z"), entry("contoso.co.uk", "2026-05-01T10:00:00Z")}, "2026-05-02T09:00:00Z"},
		{"four", []string{entry("contoso.co.uk", "2026-05-01T08:00:00Z"), entry("contoso.co.uk", "2026-05-01T09:00:00Z"), entry("contoso.co.uk", "2026-05-01T10:00:00Z"), entry("contoso.co.uk", "2026-05-01T11:00:00Z")}, "2026-05-02T09:00:00Z"},
		{"time zone", []string{entry("contoso.co.uk", "2026-04-30T14:00:01+02:00"), entry("contoso.co.uk", "2026-05-01T09:00:00Z"), entry("contoso.co.uk", "2026-05-01T10:00:00Z")}, "2026-05-01T12:00:01Z"},
		{"just old", []string{entry("contoso.co.uk", "2026-04-30T14:00:00+02:00"), entry("contoso.co.uk", "2026-05-01T09:00:00Z"), entry("contoso.co.uk", "2026-05-01T10:00:00Z")}, ""},
		{"clock put back a little", []string{entry("contoso.co.uk", "2026-05-01T12:05:00Z"), entry("contoso.co.uk", "2026-05-01T12:06:00Z"), entry("contoso.co.uk", "2026-05-01T12:07:00Z")}, "2026-05-02T12:05:00Z"},
		{"clock that was years ahead", []string{entry("contoso.co.uk", "2036-05-01T10:00:00Z"), entry("contoso.co.uk", "2036-05-01T10:00:00Z"), entry("contoso.co.uk", "2036-05-01T10:00:00Z")}, ""},
		{"of others", []string{entry("contoso.com", "2026-05-01T10:00:00Z"), entry("contoso.ca", "2026-05-01T10:00:00Z"), entry("contoso.com", "2026-05-01T10:00:00Z")}, ""},
	}
	for _, c := range cases {
		p.write(ledger(c.entries...))
		p.broker.before = nil
		if c.until == "" {
			p.must(p.AddDomain(t.Context(), "contoso.co.uk", false))
			continue
		}
		err := p.AddDomain(t.Context(), "contoso.co.uk", false)
		fails(t, err, federation.Conflict, "TooManyFailedAttempts")
		if err != nil && !strings.HasSuffix(err.Error(), " it can be tried again at "+c.until) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if len(cases) < 7 {
		t.Errorf("only %d cases", len(cases))
	}
	var many []string
	for i := range 1500 {
		many = append(many, entry(fmt.Sprintf("d%04d.example", i), "2026-05-01T10:00:00Z"))
	}
	p.write(ledger(many...))
	p.refuseDomains(refusal("MaxUriReached"))
	fails(t, p.AddDomain(t.Context(), "contoso.co.uk", false), federation.Refused, "MaxUriReached")
	got := p.file()
	if n := strings.Count(got, "      fault: "); n != 1000 || !strings.Contains(got, "fault: MaxUriReached") || strings.Contains(got, "d0500.") || !strings.Contains(got, "d0501.") {
		t.Errorf("%d attempts are kept, not the last 1000", n)
	}
}
