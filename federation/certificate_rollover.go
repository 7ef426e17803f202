package federation

import (
	"context"
	"strings"
	"time"

	"exfed/certificate"
)

// How long the replaced certificate is needed after a rollover.
const (
	// ReplacedCertificateLife is how long the broker still gives tokens to those who ask with
	// it, so that the organization's other machines can follow.
	ReplacedCertificateLife = 72 * time.Hour
	// ReplacedKeyLife is how long there are tokens that were encrypted to it. Those of sharing
	// invitations live for 15 days, and there is some grace.
	ReplacedKeyLife = 16 * 24 * time.Hour
)

// CertificateRollover is the replacement of a trust's certificate: under way, or the last one.
// Each step is written down when it is done, so that an interrupted one goes on where it
// stopped. It is a note and no more: the slots of the trust decide.
type CertificateRollover struct {
	Trust string `yaml:"trust"`         // GUID
	Old   string `yaml:"oldThumbprint"` // of the certificate that is replaced
	New   string `yaml:"newThumbprint"` // of the one in its place; not yet there before it is staged

	WhenBegun     time.Time `yaml:"whenBegun"`
	WhenStaged    time.Time `yaml:"whenStaged,omitempty"`    // the new certificate is there and the next one
	WhenProven    time.Time `yaml:"whenProven,omitempty"`    // all name servers showed its proofs
	WhenPublished time.Time `yaml:"whenPublished,omitempty"` // the broker has taken it
	WhenTested    time.Time `yaml:"whenTested,omitempty"`    // the trust passed its test with it
}

// Published reports whether the new certificate is the current one.
func (r CertificateRollover) Published() bool { return !r.WhenPublished.IsZero() }

// OldAskedUntil is until when tokens may be asked for with the replaced certificate.
func (r CertificateRollover) OldAskedUntil() time.Time {
	return r.WhenPublished.Add(ReplacedCertificateLife)
}

// OldReadUntil is until when there may be tokens that only the replaced certificate's key opens.
func (r CertificateRollover) OldReadUntil() time.Time { return r.WhenPublished.Add(ReplacedKeyLife) }

// RolloverRequest asks for a trust's certificate to be replaced.
type RolloverRequest struct {
	Trust      string // its name or GUID; "" is the only one
	Thumbprint string // of the certificate to take, which is there; "" makes one like the current
	// Force lets another rollover begin although there may be tokens for the certificate that
	// the last one replaced, and asks the broker also for domains that it refused too often today.
	Force bool
}

// RolloverPlan is what a request comes to, with the state as it is.
type RolloverPlan struct {
	Trust   FederationTrust
	Current OwnCertificate
	// Rollover is the one to go on with. A New of "" is a certificate that is still to be made,
	// a WhenBegun of zero a rollover that is still to be written down.
	Rollover CertificateRollover
	// Domains are those whose proofs the broker looks for.
	Domains []Domain
	// Notes say what is taken up, and what was done by hand meanwhile.
	Notes []string

	abandoned string // a certificate that was to be made for a rollover that is given up
}

func (p *RolloverPlan) note(text string) { p.Notes = append(p.Notes, text) }

// PlanRollover finds the rollover that is under way, or what a new one would be. It changes
// nothing. Refused are a trust whose certificate cannot be replaced any more, or not by a call to
// its broker, and a request that contradicts what was begun.
func (o *Organization) PlanRollover(ctx context.Context, request RolloverRequest) (plan RolloverPlan, err error) {
	err = o.Store.View(ctx, func(tx Tx) error {
		plan, err = o.planRollover(tx, request)
		return err
	})
	return plan, err
}

func (o *Organization) planRollover(tx Tx, request RolloverRequest) (RolloverPlan, error) {
	if err := refuseInRepair(tx); err != nil {
		return RolloverPlan{}, err
	}
	plan, err := o.rolloverTrust(tx, request)
	if err != nil {
		return plan, err
	}
	kept, found, err := tx.Rollover.Get()
	if err != nil {
		return plan, err
	}
	switch trust := plan.Trust; {
	case found && kept.Trust == trust.GUID && kept.New == trust.Current && kept.Published():
		err = o.planAfterwards(tx, &plan, kept, request)
	case found && kept.Trust == trust.GUID && kept.Old == trust.Current:
		err = o.planUnderWay(tx, &plan, kept, request)
	default:
		if found && kept.Trust == trust.GUID && kept.New != trust.Current && !kept.Published() {
			plan.note("the rollover to certificate " + kept.New + " was overtaken: the trust got certificate " + trust.Current + " meanwhile")
			plan.abandon(tx, kept)
		}
		err = o.planAnew(tx, &plan, request)
	}
	if err != nil {
		return plan, err
	}
	id, _, err := tx.Identifier.Get()
	plan.Domains = id.provenDomains()
	return plan, err
}

// rolloverTrust finds the trust and refuses one whose certificate cannot be replaced.
func (o *Organization) rolloverTrust(tx Tx, request RolloverRequest) (plan RolloverPlan, err error) {
	if plan.Trust, err = chooseTrust(tx, &request.Trust, OrganizationIdentifier{}); err != nil {
		return plan, err
	}
	trust := plan.Trust
	switch {
	case trust.ProvisionedElsewhere:
		next := request.Thumbprint
		if next == "" {
			next = trust.Next
		}
		return plan, rolloverElsewhere(trust, next)
	case trust.ApplicationIdentifier == "":
		return plan, Errorf(Conflict, "FederationTrustNotProvisioned", trustObject(trust.Name),
			"was never registered with the broker, so there is no certificate to replace there")
	}
	if plan.Current, err = o.certificateIn(tx, trust.Current); err != nil {
		return plan, err
	}
	if err := checkTimes(plan.Current.X509, o.Now()); err != nil {
		return plan, err
	}
	_, err = o.Keys.Load(trust.Current)
	if certificate.IsCode(err, certificate.KeyNotFound) || certificate.IsCode(err, certificate.KeyMismatch) || certificate.IsCode(err, certificate.KeyDamaged) {
		return plan, &Error{Kind: Conflict, ID: "FederationKeyLost", Object: trustObject(trust.Name),
			Reason: "the private key of its current certificate is lost, and the broker takes another certificate only on that key's signature", Err: err}
	}
	return plan, FromCertificate(err)
}

func rolloverElsewhere(trust FederationTrust, next string) error {
	if next == "" {
		next = "the new certificate"
	} else {
		next = "certificate " + next
	}
	return Errorf(Conflict, "RolloverElsewhere", trustObject(trust.Name),
		"was registered elsewhere: %s must be uploaded to the broker by the means it was registered with", next)
}

// provenDomains are the federated domains whose proofs a broker looks for. The account namespace
// needs none.
func (id OrganizationIdentifier) provenDomains() []Domain {
	var domains []Domain
	for _, d := range id.Domains {
		if !strings.EqualFold(string(d.Domain), id.AccountNamespace) {
			domains = append(domains, d.Domain)
		}
	}
	return domains
}
