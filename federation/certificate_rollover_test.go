package federation_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"exfed/federation"
)

// noon is when the rollovers of these tests are begun.
func noon() time.Time { return time.Date(2027, 2, 1, 12, 0, 0, 0, time.UTC) }

// rolling is a federated organization with a rollover that is staged, at noon.
func rolling(t *testing.T) (p *party, old, made string) {
	t.Helper()
	p, old = federatedAt(t, noon)
	plan, err := p.PrepareRollover(t.Context(), federation.RolloverRequest{})
	p.must(err)
	return p, old, plan.Rollover.New
}

// federatedAt is federated with a clock; it returns the thumbprint of the certificate.
func federatedAt(t *testing.T, now func() time.Time) (*party, string) {
	t.Helper()
	p, thumbprint := newPartyAt(t, now)
	p.trust(thumbprint)
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
	p.must(p.AddDomain(t.Context(), "contoso.ca", false))
	return p, thumbprint
}

func (p *party) stage(thumbprint string) {
	p.t.Helper()
	p.must(p.SetTrust(p.t.Context(), p.onlyTrust().Name, federation.SetTrustRequest{Thumbprint: &thumbprint}))
}

func (p *party) publishStaged() {
	p.t.Helper()
	p.must(p.SetTrust(p.t.Context(), p.onlyTrust().Name, federation.SetTrustRequest{Publish: true}))
}

// TestRolloverByHand has somebody do something by hand while a rollover is under way: it is
// followed, or refused by name.
func TestRolloverByHand(t *testing.T) {
	t.Parallel()
	p, old, made := rolling(t)
	other := p.certificate()
	before := p.file()
	cases := []struct {
		name, wants string
		meddle      func()
		id          string // of the error
		from, to    string // the rollover that is gone on with
		published   bool
	}{
		{name: "nothing", meddle: func() {}, from: old, to: made},
		{name: "named again", meddle: func() {}, wants: made, from: old, to: made},
		{name: "another wanted", meddle: func() {}, wants: other, id: "AnotherRollover"},
		{name: "another staged", meddle: func() { p.stage(other) }, id: "AnotherCertificateStaged"},
		{name: "another staged, the first wanted", meddle: func() { p.stage(other) }, wants: made, id: "AnotherCertificateStaged"},
		{name: "another staged and wanted", meddle: func() { p.stage(other) }, wants: other, from: old, to: other},
		{name: "unstaged", meddle: func() { p.stage("") }, from: old, to: made},
		{name: "unstaged, another wanted", meddle: func() { p.stage("") }, wants: other, from: old, to: other},
		{name: "unstaged and removed", meddle: func() { p.drop(made) }, from: old, to: ""},
		{name: "published", meddle: p.publishStaged, from: old, to: made, published: true},
		{name: "published, another wanted", meddle: p.publishStaged, wants: other, id: "ReplacedCertificateNeeded"},
		{name: "published, another staged", meddle: func() { p.publishStaged(); p.stage(other) }, id: "ReplacedCertificateNeeded"},
		{name: "another published", meddle: func() { p.stage(other); p.publishStaged() }, from: other, to: ""},
		{name: "the current one wanted", meddle: func() { p.stage("") }, wants: old, id: "CertificateIsCurrent"},
		{name: "renamed", meddle: func() {
			name := "Renamed"
			p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Name: &name}))
		}, from: old, to: made},
		{name: "publication cut short", meddle: func() {
			p.write(strings.Replace(p.file(), "    tokenIssuer:", "    pending: UpdateAppIdCertificate\n    tokenIssuer:", 1))
		}, from: old, to: made},
	}
	for _, c := range cases {
		c.meddle()
		text := p.file()
		plan, err := p.PlanRollover(t.Context(), federation.RolloverRequest{Thumbprint: c.wants})
		p.unchanged(text)
		if c.id != "" {
			var e *federation.Error
			if !errors.As(err, &e) || e.Kind != federation.Conflict || e.ID != c.id {
				t.Errorf("%s: error %v, want %s", c.name, err, c.id)
			}
		} else if got := plan.Rollover; err != nil || got.Old != c.from || got.New != c.to || got.Published() != c.published {
			t.Errorf("%s: from %s to %s, published %v, %v; want from %s to %s", c.name, got.Old, got.New, got.Published(), err, c.from, c.to)
		}
		p.write(before)
	}
	if len(cases) < 16 {
		t.Errorf("only %d cases", len(cases))
	}
}

// drop takes a certificate out of the state file, and leaves its key.
func (p *party) drop(thumbprint string) {
	p.t.Helper()
	p.stage("")
	p.must(p.Store.Update(p.t.Context(), func(tx federation.Tx) error { return tx.Certificates.Delete(thumbprint) }))
}

// TestRolloverTakesWhatIsStaged: a rollover that was begun by hand is the same one.
func TestRolloverTakesWhatIsStaged(t *testing.T) {
	t.Parallel()
	p, old := federatedAt(t, noon)
	next := p.certificate()
	p.stage(next)
	plan, err := p.PrepareRollover(t.Context(), federation.RolloverRequest{})
	p.must(err)
	want := federation.CertificateRollover{Trust: p.onlyTrust().GUID, Old: old, New: next, WhenBegun: noon(), WhenStaged: noon()}
	if diff := cmp.Diff(want, plan.Rollover); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = p.PlanRollover(t.Context(), federation.RolloverRequest{Thumbprint: old})
	fails(t, err, federation.Conflict, "AnotherRollover")
}

// TestRolloverPublished has the broker fail first: what was begun is finished by the next run, and
// the record says when. Whom to tell is said once.
func TestRolloverPublished(t *testing.T) {
	t.Parallel()
	now := noon()
	p, old := federatedAt(t, func() time.Time { return now })
	partner := "Fabrikam"
	_, err := p.NewOrganizationRelationship(t.Context(), federation.OrganizationRelationshipRequest{
		Name: &partner, DomainNames: federation.ListChange{Replace: &[]string{"fabrikam.com"}},
	})
	p.must(err)
	plan, err := p.PrepareRollover(t.Context(), federation.RolloverRequest{})
	p.must(err)
	p.must(p.RolloverProven(t.Context(), plan))
	var warnings []string
	p.Warn = func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	p.broker.before = func(call string) error {
		if call == "UpdateAppIdCertificate" {
			return unreachable()
		}
		return nil
	}
	_, err = p.PublishRollover(t.Context(), plan, false)
	fails(t, err, federation.Unavailable, "BrokerUnreachable")
	if !strings.Contains(p.file(), "pending: UpdateAppIdCertificate") || len(warnings) > 0 {
		t.Errorf("warnings %q, and the state:\n%s", warnings, p.file())
	}
	p.broker.before = nil
	now = now.Add(time.Hour)
	plan, err = p.PrepareRollover(t.Context(), federation.RolloverRequest{})
	p.must(err)
	done, err := p.PublishRollover(t.Context(), plan, false)
	p.must(err)
	want := federation.CertificateRollover{
		Trust: plan.Trust.GUID, Old: old, New: plan.Rollover.New,
		WhenBegun: noon(), WhenStaged: noon(), WhenProven: noon(), WhenPublished: now,
	}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	told := []string{`partners depend on the certificate, AppID or broker of the federation trust, which changed: tell those of the organization relationships "Fabrikam"`}
	if diff := cmp.Diff(told, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	calls := len(p.broker.calls)
	again, err := p.PublishRollover(t.Context(), plan, false) // published meanwhile: nothing is left to do
	if diff := cmp.Diff(want, again); diff != "" || err != nil || len(p.broker.calls) != calls {
		t.Errorf("published twice: %v, %v\n%s", err, p.broker.calls[calls:], diff)
	}
	trust := p.onlyTrust()
	if diff := cmp.Diff([]string{plan.Rollover.New, "", old, ""}, []string{trust.Current, trust.Next, trust.Previous, trust.Pending}); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
}

// TestRolloverOfAnotherIsNotPublished: what somebody staged after the proofs were looked at is
// not published in their name.
func TestRolloverOfAnotherIsNotPublished(t *testing.T) {
	t.Parallel()
	p, _, _ := rolling(t)
	plan, err := p.PlanRollover(t.Context(), federation.RolloverRequest{})
	p.must(err)
	p.stage(p.certificate())
	before, calls := p.file(), len(p.broker.calls)
	_, err = p.PublishRollover(t.Context(), plan, false)
	fails(t, err, federation.Conflict, "NextCertificateChanged")
	p.must(p.RolloverTested(t.Context(), federation.RolloverPlan{Rollover: federation.CertificateRollover{Trust: "another"}}))
	p.unchanged(before)
	if len(p.broker.calls) != calls {
		t.Errorf("the broker was asked for %v", p.broker.calls[calls:])
	}
}

// TestRolloverAfterwards moves the clock on: another rollover begins when it is due, or meant.
func TestRolloverAfterwards(t *testing.T) {
	t.Parallel()
	now := noon()
	p, old := federatedAt(t, func() time.Time { return now })
	plan, err := p.PrepareRollover(t.Context(), federation.RolloverRequest{})
	p.must(err)
	done, err := p.PublishRollover(t.Context(), plan, false)
	p.must(err)
	other := p.certificate()
	const day = 24 * time.Hour
	ends := noon().AddDate(5, 0, 0)
	for _, c := range []struct {
		name    string
		at      time.Time
		request federation.RolloverRequest
		begins  bool
		id      string
	}{
		{"at once", noon(), federation.RolloverRequest{}, false, ""},
		{"at once, by force", noon(), federation.RolloverRequest{Force: true}, false, ""},
		{"another at once, by force", noon(), federation.RolloverRequest{Thumbprint: other, Force: true}, true, ""},
		{"another, too early", noon().Add(16*day - time.Second), federation.RolloverRequest{Thumbprint: other}, false, "ReplacedCertificateNeeded"},
		{"another, after 16 days", noon().Add(16 * day), federation.RolloverRequest{Thumbprint: other}, true, ""},
		{"the same, after 16 days", noon().Add(16 * day), federation.RolloverRequest{Thumbprint: done.New}, false, ""},
		{"a year later", noon().AddDate(1, 0, 0), federation.RolloverRequest{}, false, ""},
		{"60 days before the end", ends.Add(-60 * day), federation.RolloverRequest{}, false, ""},
		{"less than 60 days before the end", ends.Add(-60*day + time.Second), federation.RolloverRequest{}, true, ""},
		{"after the end", ends.Add(time.Second), federation.RolloverRequest{}, false, "CertificateExpired"},
	} {
		now = c.at
		plan, err := p.PlanRollover(t.Context(), c.request)
		switch {
		case c.id != "":
			fails(t, err, federation.Conflict, c.id)
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.begins && (plan.Rollover.Old != done.New || plan.Rollover.Published()):
			t.Errorf("%s: no other rollover is begun: %+v", c.name, plan.Rollover)
		case !c.begins && !cmp.Equal(done, plan.Rollover):
			t.Errorf("%s: %s", c.name, cmp.Diff(done, plan.Rollover))
		}
	}
	stale, err := p.StaleRecords(t.Context(), federation.RolloverPlan{Rollover: done, Domains: []federation.Domain{"contoso.com", "contoso.ca"}})
	p.must(err)
	var got []string
	for _, r := range stale.Records {
		got = append(got, fmt.Sprintf("%s %s %s %v", r.Name, r.Slot, r.Thumbprint, r.Remove))
	}
	if diff := cmp.Diff([]string{"contoso.com OrgPrevPrivCertificate " + old + " true", "contoso.ca OrgPrevPrivCertificate " + old + " true"}, got); diff != "" || len(stale.Notes) > 0 {
		t.Errorf("stale records, notes %q (-want +got):\n%s", stale.Notes, diff)
	}
}

// TestRolloverGivenUpLeavesNoKey: a certificate whose making was cut short goes when another is
// taken in its place.
func TestRolloverGivenUpLeavesNoKey(t *testing.T) {
	t.Parallel()
	p, old, made := rolling(t)
	other := p.certificate()
	p.drop(made)
	text := p.file()
	at := strings.Index(text, "    whenStaged:")
	end := at + strings.Index(text[at:], "\n") + 1
	p.write(text[:at] + text[end:]) // as it is after a kill behind the key file
	plan, err := p.PrepareRollover(t.Context(), federation.RolloverRequest{Thumbprint: other})
	p.must(err)
	if plan.Rollover.New != other || plan.Rollover.Old != old {
		t.Errorf("%+v", plan.Rollover)
	}
	files, err := os.ReadDir(filepath.Join(filepath.Dir(p.path), "keys"))
	p.must(err)
	var keys []string
	for _, f := range files {
		keys = append(keys, strings.TrimSuffix(f.Name(), ".pem"))
	}
	if diff := cmp.Diff([]string{old, other}, keys, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// TestRolloverRefused wants each trust refused whose certificate cannot be replaced, by name, and
// nothing made.
func TestRolloverRefused(t *testing.T) {
	t.Parallel()
	p, old := federatedAt(t, noon)
	key := filepath.Join(filepath.Dir(p.path), "keys", old+".pem")
	good, err := os.ReadFile(key)
	p.must(err)
	whole := p.file()
	cases := []struct {
		name, id string
		kind     federation.Kind
		change   func()
	}{
		{"never registered (C04)", "FederationTrustNotProvisioned", federation.Conflict, func() {
			p.write(strings.Replace(whole, "    applicationIdentifier: APPID1\n", "", 1))
		}},
		{"registered elsewhere", "RolloverElsewhere", federation.Conflict, func() {
			p.write(strings.Replace(whole, "    applicationIdentifier: APPID1\n", "    applicationIdentifier: APPID1\n    provisionedElsewhere: true\n", 1))
		}},
		{"no key (C05)", "FederationKeyLost", federation.Conflict, func() { p.must(os.Remove(key)) }},
		{"a key that is none", "FederationKeyLost", federation.Conflict, func() { p.must(os.WriteFile(key, []byte("none"), 0o600)) }},
		{"not there", "FederationTrustNotFound", federation.NotFound, func() {}},
	}
	for _, c := range cases {
		c.change()
		text := p.file()
		request := federation.RolloverRequest{}
		if c.name == "not there" {
			request.Trust = "Nobody"
		}
		_, err := p.PrepareRollover(t.Context(), request)
		fails(t, err, c.kind, c.id)
		p.unchanged(text)
		p.write(whole)
		p.must(os.WriteFile(key, good, 0o600))
	}
	if len(cases) < 5 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestTimetable has rollovers at different steps say when the rest can be done.
func TestTimetable(t *testing.T) {
	t.Parallel()
	plan := federation.RolloverPlan{Rollover: federation.CertificateRollover{Old: "OLD"}, Domains: []federation.Domain{"contoso.com"}}
	lines := func(at time.Time) (out []string) {
		for _, step := range plan.Timetable(at, 10*time.Minute) {
			out = append(out, step.Line())
		}
		return out
	}
	compare := func(name string, want, got []string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	compare("not begun", []string{
		"2027-02-01T12:00:00Z at the earliest: a certificate like OLD, which is made, is staged as the next one",
		`2027-02-01T12:00:00Z at the earliest: its TXT proofs are published beside the present ones: domain "contoso.com"`,
		"2027-02-01T12:10:00Z at the earliest: the broker takes it, once every name server shows the proofs; OLD becomes the previous one",
		"2027-02-01T12:10:00Z at the earliest: the trust is tested",
		"2027-02-04T12:10:00Z at the earliest: the broker gives out no token for a request with certificate OLD any more: its TXT proofs can be removed",
		"2027-02-17T12:10:00Z at the earliest: the last tokens from before, those of sharing invitations, have run out",
	}, lines(noon()))
	plan.Rollover.New, plan.Rollover.WhenStaged = "NEW", noon().Add(-time.Minute)
	compare("staged a minute ago", []string{
		"done at 2027-02-01T11:59:00Z: certificate NEW is staged as the next one",
		`2027-02-01T12:00:00Z at the earliest: its TXT proofs are published beside the present ones: domain "contoso.com"`,
		"2027-02-01T12:09:00Z at the earliest: the broker takes it, once every name server shows the proofs; OLD becomes the previous one",
		"2027-02-01T12:09:00Z at the earliest: the trust is tested",
		"2027-02-04T12:09:00Z at the earliest: the broker gives out no token for a request with certificate OLD any more: its TXT proofs can be removed",
		"2027-02-17T12:09:00Z at the earliest: the last tokens from before, those of sharing invitations, have run out",
	}, lines(noon()))
	compare("staged an hour ago", []string{
		"done at 2027-02-01T11:59:00Z: certificate NEW is staged as the next one",
		`2027-02-01T12:59:00Z at the earliest: its TXT proofs are published beside the present ones: domain "contoso.com"`,
		"2027-02-01T12:59:00Z at the earliest: the broker takes it, once every name server shows the proofs; OLD becomes the previous one",
		"2027-02-01T12:59:00Z at the earliest: the trust is tested",
		"2027-02-04T12:59:00Z at the earliest: the broker gives out no token for a request with certificate OLD any more: its TXT proofs can be removed",
		"2027-02-17T12:59:00Z at the earliest: the last tokens from before, those of sharing invitations, have run out",
	}, lines(noon().Add(59*time.Minute)))
	plan.Rollover.WhenProven, plan.Rollover.WhenPublished, plan.Rollover.WhenTested = noon(), noon(), noon()
	compare("all done", []string{
		"done at 2027-02-01T11:59:00Z: certificate NEW is staged as the next one",
		`done at 2027-02-01T12:00:00Z: its TXT proofs are published beside the present ones: domain "contoso.com"`,
		"done at 2027-02-01T12:00:00Z: the broker takes it, once every name server shows the proofs; OLD becomes the previous one",
		"done at 2027-02-01T12:00:00Z: the trust is tested",
		"2027-02-04T12:00:00Z at the earliest: the broker gives out no token for a request with certificate OLD any more: its TXT proofs can be removed",
		"2027-02-17T12:00:00Z at the earliest: the last tokens from before, those of sharing invitations, have run out",
	}, lines(noon().Add(time.Hour)))
	plan = federation.RolloverPlan{Rollover: federation.CertificateRollover{Old: "OLD", New: "NEW"}}
	compare("no domain", []string{
		"2027-02-01T12:00:00Z at the earliest: certificate NEW is staged as the next one",
		"2027-02-01T12:00:00Z at the earliest: the broker takes it, once every name server shows the proofs; OLD becomes the previous one",
		"2027-02-01T12:00:00Z at the earliest: the trust is tested",
		"2027-02-04T12:00:00Z at the earliest: the broker gives out no token for a request with certificate OLD any more: its TXT proofs can be removed",
		"2027-02-17T12:00:00Z at the earliest: the last tokens from before, those of sharing invitations, have run out",
	}, lines(noon()))
}

// TestRolloverPublishedUnstaged: the certificate of a rollover that was cut short before it was
// staged may be imported from its key file, staged and published by hand.
func TestRolloverPublishedUnstaged(t *testing.T) {
	t.Parallel()
	p, old, made := rolling(t)
	p.must(p.Store.Update(t.Context(), func(tx federation.Tx) error {
		r, _, err := tx.Rollover.Get()
		r.WhenStaged = time.Time{}
		return errors.Join(err, tx.Rollover.Put(r))
	}))
	p.publishStaged()
	plan, err := p.PlanRollover(t.Context(), federation.RolloverRequest{})
	if r := plan.Rollover; err != nil || r.Old != old || r.New != made || !r.Published() {
		t.Errorf("the rollover is %+v, %v", r, err)
	}
}
