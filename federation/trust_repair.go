package federation

import (
	"context"
	"slices"
	"strings"
	"time"

	"exfed/certificate"
)

// TrustRepair is a repair of the federation trust that was begun. It holds what the trust and
// the identifier were, so that the repair can be gone on with after any interruption, also
// while there is no trust at all.
type TrustRepair struct {
	Step  RepairStep  `yaml:"step"`
	Cause RepairCause `yaml:"cause"`
	Began time.Time   `yaml:"began"`

	// The trust that is given up, and the one that takes its place: the same but for the
	// certificate and the AppID.
	TrustName             string          `yaml:"trustName"`
	TrustGUID             string          `yaml:"trustGuid"` // of the one that is given up
	SecurityProfile       SecurityProfile `yaml:"securityProfile"`
	MetadataURL           string          `yaml:"metadataUrl,omitempty"`
	ApplicationIdentifier string          `yaml:"applicationIdentifier,omitempty"` // of the one that is given up
	OldThumbprint         string          `yaml:"oldThumbprint"`
	NewThumbprint         string          `yaml:"newThumbprint"`

	// What the identifier was; its contact stays where it is.
	Domains       []Domain `yaml:"domains,omitempty"` // the primary one first, as they are registered
	DefaultDomain Domain   `yaml:"defaultDomain,omitempty"`
	Enabled       bool     `yaml:"enabled"`
}

// RepairStep is what a repair does next.
type RepairStep string

// The steps of a repair, in their order. Up to the first nothing is given up.
const (
	RepairProofs   RepairStep = "proofs"   // the proofs of the new certificate are to be published
	RepairRemove   RepairStep = "remove"   // the domains and the trust are removed here
	RepairRegister RepairStep = "register" // the trust is made anew and the domains are registered
	RepairTest     RepairStep = "test"     // the new trust is tested, and the partners are told
)

// RepairSteps lists the steps in their order.
func RepairSteps() []RepairStep {
	return []RepairStep{RepairProofs, RepairRemove, RepairRegister, RepairTest}
}

// RepairCause is why a trust cannot be mended otherwise.
type RepairCause string

// What a broker takes no change after: whatever is signed with the certificate is refused.
const (
	RepairExpired RepairCause = "CertificateExpired"
	RepairKeyLost RepairCause = "PrivateKeyLost"
	RepairUnknown RepairCause = "CertificateUnknown" // the broker knows the AppID by another one, or not at all
)

// RepairCauses lists the causes.
func RepairCauses() []RepairCause { return []RepairCause{RepairExpired, RepairKeyLost, RepairUnknown} }

// RepairRequest asks for the trust to be repaired.
type RepairRequest struct {
	Name       string // of the trust; empty: the only one
	Thumbprint string // the certificate to begin anew with; empty: the one staged or prepared for it, or a new one
	Force      bool   // also where the broker may lock the domains
}

// RepairPlan is a repair that can be carried out.
type RepairPlan struct {
	TrustRepair
	Resumed bool            // it was begun by an earlier run
	Trust   FederationTrust // the one that is given up; zero once it is gone
	Force   bool            // was asked for
	Held    error           // why the broker may lock the domains, where Force goes on all the same

	replaces string // the new certificate the repair was begun with, if it is of no use any more
}

// repairPause is how long domains stay with an AppID before they go to another: brokers lock a
// URI for a day that is attached to several AppIDs within one (KB 3027942).
const repairPause = attemptWindow

// PlanRepair looks at the state alone and refuses what cannot be repaired, or not yet. The
// cause is empty where only the broker can know of one. A repair that was begun is gone on with.
func (o *Organization) PlanRepair(ctx context.Context, request RepairRequest) (plan RepairPlan, err error) {
	err = o.Store.View(ctx, func(tx Tx) (err error) {
		plan, err = o.planRepair(tx, request)
		return err
	})
	return plan, err
}

func (o *Organization) planRepair(tx Tx, request RepairRequest) (plan RepairPlan, err error) {
	plan.Force = request.Force
	if plan.TrustRepair, plan.Resumed, err = tx.Repair.Get(); err != nil {
		return plan, err
	}
	if !plan.Resumed {
		return o.beginPlan(tx, request)
	}
	if err := o.replaceUnfit(tx, &plan, request.Thumbprint); err != nil {
		return plan, err
	}
	if err := plan.sameRequest(request); err != nil || plan.Step != RepairProofs {
		return plan, err
	}
	if plan.Trust, err = trustIn(tx, plan.TrustGUID); err != nil {
		return plan, err
	}
	plan.Cause, err = o.causeOfRepair(tx, plan.Trust)
	return plan, err
}

// replaceUnfit takes another certificate than the one the repair was begun with, if that is of
// no use any more and no trust was made with it: nothing could be finished with it.
func (o *Organization) replaceUnfit(tx Tx, plan *RepairPlan, thumbprint string) error {
	if thumbprint == "" || strings.EqualFold(thumbprint, plan.NewThumbprint) {
		return nil
	}
	if _, unfit := o.fittingCertificate(tx, plan.NewThumbprint); unfit == nil {
		return nil
	}
	trusts, err := tx.Trusts.All()
	if err != nil || slices.ContainsFunc(trusts, func(t FederationTrust) bool { return t.Current == plan.NewThumbprint }) {
		return err
	}
	given := FederationTrust{Name: plan.TrustName, Current: plan.OldThumbprint}
	another, err := o.repairCertificate(tx, given, thumbprint)
	if err == nil {
		plan.replaces, plan.NewThumbprint = plan.NewThumbprint, another
	}
	return err
}

// sameRequest refuses to go on with something else than what was begun.
func (p RepairPlan) sameRequest(request RepairRequest) error {
	differs := func(what, has string) error {
		return Errorf(Conflict, "TrustRepairUnfinished", trustObject(p.TrustName), "its repair was begun on %s, and its %s is %s", clock(p.Began), what, has)
	}
	switch {
	case request.Name != "" && !strings.EqualFold(request.Name, p.TrustName) && !strings.EqualFold(request.Name, p.TrustGUID):
		return differs("name", quote(p.TrustName))
	case request.Thumbprint != "" && !strings.EqualFold(request.Thumbprint, p.NewThumbprint):
		return differs("new certificate", p.NewThumbprint)
	}
	return nil
}

// beginPlan plans a repair that is not begun.
func (o *Organization) beginPlan(tx Tx, request RepairRequest) (plan RepairPlan, err error) {
	plan.Force = request.Force
	if plan.Trust, err = chooseTrust(tx, &request.Name, OrganizationIdentifier{}); err != nil {
		return plan, err
	}
	trust := plan.Trust
	if trust.ProvisionedElsewhere {
		return plan, Errorf(Conflict, "TrustProvisionedElsewhere", trustObject(trust.Name), "was registered elsewhere, and is repaired there")
	}
	id, _, err := tx.Identifier.Get()
	if err != nil {
		return plan, err
	}
	plan.TrustRepair = TrustRepair{
		Step: RepairProofs, Began: o.moment(),
		TrustName: trust.Name, TrustGUID: trust.GUID, SecurityProfile: trust.SecurityProfile, MetadataURL: trust.MetadataURL,
		ApplicationIdentifier: trust.ApplicationIdentifier, OldThumbprint: trust.Current,
	}
	if strings.EqualFold(id.DelegationTrust, trust.Name) {
		plan.Domains, plan.Enabled = repairedDomains(id), id.Enabled
		if slices.Contains(plan.Domains, id.DefaultDomain) {
			plan.DefaultDomain = id.DefaultDomain
		}
	}
	for _, domain := range plan.Domains {
		if err := requireAuthoritative(tx, domain); err != nil {
			return plan, err
		}
	}
	if plan.Cause, err = o.causeOfRepair(tx, trust); err != nil {
		return plan, err
	}
	if plan.Held = o.tooSoon(tx, plan); plan.Held != nil && !request.Force {
		return plan, plan.Held
	}
	plan.NewThumbprint, err = o.repairCertificate(tx, trust, request.Thumbprint)
	return plan, err
}

// repairedDomains are the domains that are registered again, the primary one first. What was
// about to be removed is not.
func repairedDomains(id OrganizationIdentifier) []Domain {
	primary := PrimaryDomain(id.AccountNamespace)
	var domains []Domain
	if primary != "" {
		domains = append(domains, primary)
	}
	for _, d := range id.Domains {
		if d.Domain != primary && d.Pending != pendingRemove && PrimaryDomain(string(d.Domain)) == "" {
			domains = append(domains, d.Domain)
		}
	}
	return domains
}

// causeOfRepair is why nothing can be signed with the trust's certificate any more, "" if it
// can. A clock that is behind is none, nor is a key that is there and cannot be read.
func (o *Organization) causeOfRepair(tx Tx, trust FederationTrust) (RepairCause, error) {
	own, err := o.certificateIn(tx, trust.Current)
	if err != nil {
		return "", err
	}
	if err := checkTimes(own.X509, o.Now()); idOf(err) == "CertificateExpired" {
		return RepairExpired, nil
	} else if err != nil {
		return "", err
	}
	switch _, err := o.Keys.Load(trust.Current); {
	case certificate.IsNotFound(err), certificate.IsCode(err, certificate.KeyMismatch), certificate.IsCode(err, certificate.KeyDamaged):
		return RepairKeyLost, nil
	case err != nil:
		return "", FromCertificate(err)
	}
	return "", nil
}

// tooSoon says why the domains would be locked at the broker: it refused them too often
// today, or they came to their AppID within a day.
func (o *Organization) tooSoon(tx Tx, plan RepairPlan) error {
	if err := o.heldBack(tx, plan.Domains); err != nil {
		return err
	}
	made := plan.Trust.WhenCreated
	if plan.Cause == "" || len(plan.Domains) == 0 || o.moment().Sub(made).Abs() >= repairPause {
		return nil
	}
	return Errorf(Conflict, "TrustMadeToday", trustObject(plan.TrustName),
		"was made on %s: a broker may lock domains for a day that go to another AppID again within 24 hours; it can be repaired at %s",
		clock(made), clock(made.Add(repairPause)))
}

// repairCertificate is the certificate to begin anew with: the one that is named, the one that
// is staged, or one that was made for it; "" if it must be made. The old ones are none of them.
func (o *Organization) repairCertificate(tx Tx, trust FederationTrust, thumbprint string) (string, error) {
	switch slot := trust.SlotOf(thumbprint); {
	case thumbprint != "" && (slot == CurrentSlot || slot == PreviousSlot):
		return "", Errorf(Conflict, "CertificateIsCurrent", "certificate "+quote(thumbprint), "is the one that federation trust %q is to be rid of", trust.Name)
	case thumbprint != "":
		return o.fittingCertificate(tx, thumbprint)
	}
	if trust.Next != "" {
		if next, err := o.fittingCertificate(tx, trust.Next); err == nil {
			return next, nil
		}
	}
	return o.fittingCertificate(tx, "", trust.Current, trust.Next, trust.Previous)
}
