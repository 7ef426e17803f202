package federation_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"exfed/federation"
)

// repairParty is an organization whose clock can be moved. At first its trust is in order and two
// days old; the broker denies access once it is told to.
type repairParty struct {
	*party
	now     time.Time
	current string
	denies  bool
}

func newRepairParty(t *testing.T) *repairParty {
	t.Helper()
	r := &repairParty{now: time.Date(2027, 2, 3, 10, 0, 0, 0, time.UTC)}
	r.party, r.current = newPartyAt(t, func() time.Time { return r.now })
	r.trust(r.current)
	r.must(r.SetIdentifier(t.Context(), namespaceRequest()))
	r.must(r.AddDomain(t.Context(), "contoso.co.uk", false))
	r.must(r.AddDomain(t.Context(), "contoso.ca", false))
	def, contact := "contoso.ca", "kim@contoso.com"
	r.must(r.SetIdentifier(t.Context(), federation.SetIdentifierRequest{DefaultDomain: &def, OrganizationContact: &contact}))
	r.now = r.now.AddDate(0, 0, 2)
	r.broker.before = r.answer
	r.broker.calls = nil
	return r
}

// clone is the same organization in another folder: making keys takes time.
func (r *repairParty) clone(t *testing.T) *repairParty {
	t.Helper()
	c := &repairParty{now: r.now, current: r.current}
	c.party = newBareParty(t, func() time.Time { return c.now })
	c.broker.before = c.answer
	c.write(r.file())
	pair, err := r.Keys.Load(r.current)
	c.must(err)
	c.must(c.Keys.Save(pair))
	return c
}

// answer denies access to the certificate that the broker does not take any more.
func (r *repairParty) answer(call string) error {
	if r.denies && !strings.HasPrefix(call, "Metadata") {
		return federation.Errorf(federation.Refused, "AccessDenied", "trust broker", "1007 AccessDenied")
	}
	return nil
}

func (r *repairParty) expire() {
	r.now = r.now.AddDate(5, 0, 0)
	r.denies = true
}

func (r *repairParty) loseKey() {
	r.t.Helper()
	r.must(os.Remove(filepath.Join(filepath.Dir(r.path), "keys", r.current+".pem")))
	r.denies = true
}

// plan does what a repair does before it begins.
func (r *repairParty) plan(request federation.RepairRequest) (federation.RepairPlan, error) {
	plan, err := r.PlanRepair(r.t.Context(), request)
	if err == nil {
		err = r.ExamineRepair(r.t.Context(), &plan)
	}
	return plan, err
}

// repair carries one out to its end; the broker takes the new certificate.
func (r *repairParty) repair(request federation.RepairRequest) error {
	plan, err := r.plan(request)
	if err != nil {
		return err
	}
	begun, err := r.BeginRepair(r.t.Context(), plan)
	if err != nil {
		return err
	}
	if err := r.CarryOutRepair(r.t.Context(), begun, request.Force); err != nil {
		return err
	}
	return r.EndRepair(r.t.Context())
}

func (r *repairParty) refusedAt(domain federation.Domain, fault string, n int) {
	r.t.Helper()
	r.must(r.Store.Update(r.t.Context(), func(tx federation.Tx) error {
		return tx.Attempts.Put(slices.Repeat([]federation.RegistrationAttempt{{Domain: domain, Time: r.now.Add(-time.Hour), Fault: fault}}, n))
	}))
}

// TestRepairRefuses: what is in order, what cannot be known and what may be locked is left as it is,
// and the broker is asked nothing that would change something.
func TestRepairRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		arrange func(r *repairParty)
		request federation.RepairRequest
		kind    federation.Kind
		id      string
	}{
		{"in order", func(*repairParty) {}, federation.RepairRequest{}, federation.Conflict, "FederationTrustHealthy"},
		{"in order, with force", func(*repairParty) {}, federation.RepairRequest{Force: true}, federation.Conflict, "FederationTrustHealthy"},
		{"expired, and the broker takes it", func(r *repairParty) { r.expire(); r.denies = false }, federation.RepairRequest{}, federation.Conflict, "FederationTrustHealthy"},
		{"clock behind", func(r *repairParty) { r.now = r.now.AddDate(-1, 0, 0) }, federation.RepairRequest{}, federation.Conflict, "CertificateNotYetValid"},
		{"another name", func(r *repairParty) { r.expire() }, federation.RepairRequest{Name: "Other"}, federation.NotFound, "FederationTrustNotFound"},
		{"with the old certificate", func(r *repairParty) { r.expire() }, federation.RepairRequest{Thumbprint: r0}, federation.Conflict, "CertificateIsCurrent"},
		{"with none there is", func(r *repairParty) { r.expire() }, federation.RepairRequest{Thumbprint: strings.Repeat("0", 40)}, federation.NotFound, "CertificateNotFound"},
		{"made today", func(r *repairParty) { r.now = r.now.AddDate(0, 0, -2).Add(23 * time.Hour); r.loseKey() }, federation.RepairRequest{}, federation.Conflict, "TrustMadeToday"},
		{"unknown at the broker, made today", func(r *repairParty) { r.now = r.now.AddDate(0, 0, -2).Add(23 * time.Hour); r.denies = true }, federation.RepairRequest{}, federation.Conflict, "TrustMadeToday"},
		{"refused too often", func(r *repairParty) { r.expire(); r.refusedAt("contoso.co.uk", "ProofOfDomainOwnershipFailed", 3) }, federation.RepairRequest{}, federation.Conflict, "TooManyFailedAttempts"},
		{"locked", func(r *repairParty) { r.expire(); r.refusedAt("contoso.com", "MaxUriReached", 1) }, federation.RepairRequest{}, federation.Conflict, "DomainLockedAtBroker"},
		{"broker away", func(r *repairParty) { r.expire(); r.broker.before = func(string) error { return unreachable() } }, federation.RepairRequest{}, federation.Unavailable, "BrokerUnreachable"},
		{"clock off", func(r *repairParty) { r.expire(); r.says("ClockOff") }, federation.RepairRequest{}, federation.Refused, "ClockOff"},
		{"disabled", func(r *repairParty) { r.expire(); r.says("OrganizationDisabled") }, federation.RepairRequest{}, federation.Refused, "OrganizationDisabled"},
		{"another broker", func(r *repairParty) { r.expire(); r.broker.issuer = "urn:federation:other" }, federation.RepairRequest{}, federation.Conflict, "TokenIssuerAnother"},
		{"registered elsewhere", func(r *repairParty) {
			r.write(strings.Replace(r.file(), "    applicationUri:", "    provisionedElsewhere: true\n    applicationUri:", 1))
			r.expire()
		}, federation.RepairRequest{}, federation.Conflict, "TrustProvisionedElsewhere"},
	}
	model := newRepairParty(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := model.clone(t)
			c.arrange(r)
			if c.request.Thumbprint == r0 {
				c.request.Thumbprint = r.current
			}
			before := r.file()
			_, err := r.plan(c.request)
			fails(t, err, c.kind, c.id)
			r.unchanged(before)
			for _, call := range r.broker.calls {
				if call != "Metadata" && call != "GetDomainInfo contoso.com" {
					t.Errorf("the broker was asked for %s", call)
				}
			}
		})
	}
	if len(cases) < 16 {
		t.Errorf("only %d cases", len(cases))
	}
}

// r0 stands for the current certificate in a case.
const r0 = "current"

// says has the broker answer that to everything but its metadata.
func (r *repairParty) says(fault string) {
	r.broker.before = func(call string) error {
		if call == "Metadata" {
			return nil
		}
		return federation.Errorf(federation.Refused, fault, "trust broker", "%s", fault)
	}
}

// TestRepairCauses tells them apart, and plans what is to come back.
func TestRepairCauses(t *testing.T) {
	t.Parallel()
	model := newRepairParty(t)
	for cause, arrange := range map[federation.RepairCause]func(*repairParty){
		federation.RepairExpired: (*repairParty).expire,
		federation.RepairKeyLost: (*repairParty).loseKey,
		federation.RepairUnknown: func(r *repairParty) { r.denies = true },
	} {
		t.Run(string(cause), func(t *testing.T) {
			t.Parallel()
			r := model.clone(t)
			guid := r.onlyTrust().GUID
			arrange(r)
			plan, err := r.plan(federation.RepairRequest{})
			r.must(err)
			want := federation.TrustRepair{
				Step: federation.RepairProofs, Cause: cause, Began: r.now, TrustName: "Contoso", TrustGUID: guid, SecurityProfile: federation.Modern,
				ApplicationIdentifier: "APPID1", OldThumbprint: r.current,
				Domains: []federation.Domain{"contoso.com", "contoso.co.uk", "contoso.ca"}, DefaultDomain: "contoso.ca", Enabled: true,
			}
			if diff := cmp.Diff(want, plan.TrustRepair); diff != "" || plan.Resumed {
				t.Errorf("resumed: %v, plan (-want +got):\n%s", plan.Resumed, diff)
			}
		})
	}
}

// TestRepairForced goes on although the trust was made today.
func TestRepairForced(t *testing.T) {
	t.Parallel()
	r := newRepairParty(t)
	r.now = r.now.AddDate(0, 0, -2).Add(time.Hour)
	r.loseKey()
	plan, err := r.plan(federation.RepairRequest{Force: true})
	r.must(err)
	fails(t, plan.Held, federation.Conflict, "TrustMadeToday")
}

// TestRepairOrder: the secondary domains go first and the primary one last; then everything comes
// back as it was, with another certificate.
func TestRepairOrder(t *testing.T) {
	t.Parallel()
	r := newRepairParty(t)
	r.expire()
	old, before := r.onlyTrust(), r.identifier()
	r.broker.before = func(call string) error {
		if call == "CreateAppId" {
			r.denies = false
		}
		return r.answer(call)
	}
	r.must(r.repair(federation.RepairRequest{}))
	want := []string{
		"Metadata", "GetDomainInfo contoso.com", // whether it must be
		"RemoveUri contoso.co.uk", "RemoveUri contoso.ca", "RemoveUri FYDIBOHF25SPDLT.contoso.com",
		"Metadata", "CreateAppId",
		"AddUri contoso.com", "ReserveDomain FYDIBOHF25SPDLT.contoso.com", "AddUri FYDIBOHF25SPDLT.contoso.com", "GetDomainInfo contoso.com",
		"AddUri contoso.co.uk", "GetDomainInfo contoso.co.uk", "AddUri contoso.ca", "GetDomainInfo contoso.ca",
	}
	if diff := cmp.Diff(want, r.broker.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	trust := r.onlyTrust()
	if trust.Current == old.Current || trust.GUID == old.GUID || trust.Previous != "" {
		t.Errorf("it is the same trust: %+v", trust)
	}
	own, err := r.Certificate(t.Context(), trust.Current)
	r.must(err)
	if diff := cmp.Diff([]string{"contoso.com"}, own.X509.DNSNames); diff != "" || !own.PrivateKeyExportable || !slices.Contains(own.Services, "Federation") {
		t.Errorf("the certificate is %+v: %s", own.Certificate, diff)
	}
	trust.Current, trust.Meta, trust.Issuer.MetadataRefreshed = old.Current, old.Meta, old.Issuer.MetadataRefreshed
	if diff := cmp.Diff(old, trust); diff != "" {
		t.Errorf("trust (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, r.identifier(), cmpopts.IgnoreFields(federation.Meta{}, "WhenChanged")); diff != "" {
		t.Errorf("identifier (-want +got):\n%s", diff)
	}
	if strings.Contains(r.file(), "trustRepair") {
		t.Errorf("it is not over:\n%s", r.file())
	}
}

func (r *repairParty) identifier() federation.OrganizationIdentifier {
	r.t.Helper()
	id, err := r.Identifier(r.t.Context())
	r.must(err)
	return id
}

// TestRepairTakenUp has each call to the broker fail in turn. Taken up again the repair comes to the
// same end, with one new certificate.
func TestRepairTakenUp(t *testing.T) {
	t.Parallel()
	cut := 0
	model := newRepairParty(t)
	for failing := 3; ; failing++ { // the first two ask whether it must be
		r := model.clone(t)
		r.expire()
		calls := 0
		r.broker.before = func(call string) error {
			if calls++; calls == failing {
				return unreachable()
			}
			if call == "CreateAppId" {
				r.denies = false
			}
			return r.answer(call)
		}
		if err := r.repair(federation.RepairRequest{}); err != nil {
			cut++
			fails(t, err, federation.Unavailable, "BrokerUnreachable")
			r.must(r.repair(federation.RepairRequest{}))
		}
		if diff := cmp.Diff(active("contoso.com", "contoso.co.uk", "contoso.ca"), r.domains()); diff != "" {
			t.Errorf("cut short at call %d: %s", failing, diff)
		}
		if own, err := r.Certificates(t.Context()); err != nil || len(own) != 2 || strings.Contains(r.file(), "trustRepair") {
			t.Errorf("cut short at call %d: %d certificates, %v\n%s", failing, len(own), err, r.file())
		}
		if calls < failing {
			break
		}
	}
	if cut < 9 {
		t.Errorf("cut short %d times, 9 or more are expected", cut)
	}
}

// TestRepairKeepsOthersOut refuses what would get in the way while a repair is begun.
func TestRepairKeepsOthersOut(t *testing.T) {
	t.Parallel()
	r := newRepairParty(t)
	r.expire()
	plan, err := r.plan(federation.RepairRequest{})
	r.must(err)
	begun, err := r.BeginRepair(t.Context(), plan)
	r.must(err)
	before := r.file()
	ctx, on, name := t.Context(), true, "Other"
	others := map[string]func() error{
		"NewTrust":     func() error { _, err := r.NewTrust(ctx, federation.NewTrustRequest{Name: "Other"}); return err },
		"PrepareTrust": func() error { _, err := r.PrepareTrust(ctx, enableRequest("contoso.com")); return err },
		"RemoveTrust":  func() error { return r.RemoveTrust(ctx, "Contoso") },
		"SetTrust":     func() error { return r.SetTrust(ctx, "Contoso", federation.SetTrustRequest{Name: &name}) },
		"Stage": func() error {
			return r.SetTrust(ctx, "Contoso", federation.SetTrustRequest{Thumbprint: &begun.NewThumbprint})
		},
		"Publish":       func() error { return r.SetTrust(ctx, "Contoso", federation.SetTrustRequest{Publish: true}) },
		"SetIdentifier": func() error { return r.SetIdentifier(ctx, federation.SetIdentifierRequest{Enabled: &on}) },
		"AddDomain":     func() error { return r.AddDomain(ctx, "contoso.ca", true) },
		"RemoveDomain":  func() error { return r.RemoveDomain(ctx, "contoso.ca", true) },
		"Rollover":      func() error { _, err := r.PlanRollover(ctx, federation.RolloverRequest{}); return err },
		"another one":   func() error { _, err := r.PlanRepair(ctx, federation.RepairRequest{Thumbprint: r.current}); return err },
		"begun twice":   func() error { _, err := r.BeginRepair(ctx, plan); return err },
	}
	for what, do := range others {
		err := do()
		if what == "begun twice" {
			before = r.file() // a certificate was made for it
		}
		fails(t, err, federation.Conflict, "TrustRepairUnfinished")
		if t.Failed() {
			t.Fatal(what)
		}
	}
	fails(t, r.RemoveCertificate(ctx, begun.NewThumbprint), federation.Conflict, "CertificateInUse")
	r.unchanged(before)
	if len(others) < 12 {
		t.Errorf("only %d others", len(others))
	}
}
