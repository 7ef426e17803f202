package federation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// TestRepairLosesItsCertificate: while the trust is there it is not given up for a certificate that
// is of no use any more; with another one the repair goes on, from whatever step it is at.
func TestRepairLosesItsCertificate(t *testing.T) {
	t.Parallel()
	model := newRepairParty(t)
	for _, step := range []federation.RepairStep{federation.RepairProofs, federation.RepairRegister} {
		r := model.clone(t)
		r.expire()
		plan, err := r.plan(federation.RepairRequest{})
		r.must(err)
		begun, err := r.BeginRepair(t.Context(), plan)
		r.must(err)
		if step == federation.RepairRegister {
			r.broker.before = func(call string) error {
				if call == "CreateAppId" {
					return federation.Errorf(federation.Refused, "InternalError", "trust broker", "InternalError")
				}
				return r.answer(call)
			}
			fails(t, r.CarryOutRepair(t.Context(), begun, false), federation.Refused, "InternalError")
		}
		r.must(r.Keys.Delete(begun.NewThumbprint))
		before := r.file()
		r.broker.before = func(call string) error {
			if call == "CreateAppId" {
				r.denies = false
			}
			return r.answer(call)
		}
		fails(t, r.repair(federation.RepairRequest{}), federation.Conflict, "CertificateRequirementsUnmet")
		r.unchanged(before)
		fails(t, r.repair(federation.RepairRequest{Thumbprint: r.current}), federation.Conflict, "CertificateIsCurrent")
		other := r.certificate()
		r.must(r.repair(federation.RepairRequest{Thumbprint: other}))
		if trust := r.onlyTrust(); trust.Current != other {
			t.Errorf("%s: the trust has certificate %s, not %s", step, trust.Current, other)
		}
		if diff := cmp.Diff(active("contoso.com", "contoso.co.uk", "contoso.ca"), r.domains()); diff != "" {
			t.Errorf("%s: %s", step, diff)
		}
	}
}

// TestRepairFindsTheKey: a key that is put back while the proofs are waited for saves the trust.
func TestRepairFindsTheKey(t *testing.T) {
	t.Parallel()
	r := newRepairParty(t)
	pair, err := r.Keys.Load(r.current)
	r.must(err)
	r.loseKey()
	plan, err := r.plan(federation.RepairRequest{})
	r.must(err)
	begun, err := r.BeginRepair(t.Context(), plan)
	r.must(err)
	r.must(r.Keys.Save(pair))
	before := r.file()
	fails(t, r.CarryOutRepair(t.Context(), begun, false), federation.Conflict, "FederationTrustHealthy")
	r.unchanged(before)
}

// TestRepairIsDeniedTwice: that a broker denies access once is no reason to give a trust up.
func TestRepairIsDeniedTwice(t *testing.T) {
	t.Parallel()
	r := newRepairParty(t)
	r.denies = true
	plan, err := r.plan(federation.RepairRequest{})
	r.must(err)
	if plan.Cause != federation.RepairUnknown {
		t.Fatalf("the cause is %q", plan.Cause)
	}
	begun, err := r.BeginRepair(t.Context(), plan)
	r.must(err)
	r.denies = false
	before := r.file()
	fails(t, r.CarryOutRepair(t.Context(), begun, false), federation.Conflict, "FederationTrustHealthy")
	r.unchanged(before)
}
