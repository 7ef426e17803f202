package federation

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"exfed/certificate"
)

// PrepareRollover makes the new certificate, if none is named, and stages it as the next one.
// What an earlier run has done is found and kept.
func (o *Organization) PrepareRollover(ctx context.Context, request RolloverRequest) (RolloverPlan, error) {
	plan, err := o.PlanRollover(ctx, request)
	if err != nil {
		return plan, err
	}
	for _, note := range plan.Notes {
		o.Step("%s", note)
	}
	if plan.abandoned != "" {
		if err := o.Keys.Delete(plan.abandoned); err != nil {
			return plan, FromCertificate(err)
		}
	}
	if plan.Rollover.Published() {
		return plan, nil
	}
	var made *certificate.Pair
	if plan.Rollover.New == "" || plan.Rollover.WhenStaged.IsZero() {
		if made, err = o.rolloverPair(ctx, &plan); err != nil {
			return plan, err
		}
	}
	if plan.Trust.Next == plan.Rollover.New && !plan.Rollover.WhenStaged.IsZero() {
		return plan, nil
	}
	o.Step("staging certificate %s as the next one", plan.Rollover.New)
	return plan, o.Store.Update(ctx, func(tx Tx) error { return o.stageRollover(tx, &plan, made) })
}

// rolloverPair returns the certificate that is to be added, nil if it is there. Its thumbprint is
// written down before its key file is: a process that is killed in between leaves no key that
// nobody knows, and the next one takes it up.
func (o *Organization) rolloverPair(ctx context.Context, plan *RolloverPlan) (*certificate.Pair, error) {
	if plan.Rollover.New != "" {
		if _, err := o.Certificate(ctx, plan.Rollover.New); err == nil || !IsKind(err, NotFound) {
			return nil, err
		}
		pair, err := o.Keys.Load(plan.Rollover.New)
		if err == nil {
			return &pair, nil
		}
		if !certificate.IsNotFound(err) {
			return nil, FromCertificate(err)
		}
	}
	o.Step("making a certificate like %s", plan.Current.Thumbprint)
	if !certificate.IsSelfSigned(plan.Current.X509) {
		o.Warn("certificate %s was issued by %s; the new one is signed by itself, as it may be: name one of that authority to take it in its place", plan.Current.Thumbprint, certificate.Issuer(plan.Current.X509))
	}
	pair, err := certificate.NewSelfSigned(likeCertificate(plan.Current), o.Rand, o.Now())
	if err != nil {
		return nil, FromCertificate(err)
	}
	plan.Rollover.New, plan.Rollover.WhenBegun = certificate.Thumbprint(pair.Certificate), o.moment()
	err = o.Store.Update(ctx, func(tx Tx) error {
		if _, err := unpublished(tx, plan.Trust); err != nil {
			return err
		}
		return tx.Rollover.Put(plan.Rollover)
	})
	if err != nil {
		return nil, err
	}
	return &pair, FromCertificate(o.Keys.Save(pair))
}

// likeCertificate asks for a certificate with the subject, the names and the length of key of
// another; a federation certificate is signed by itself and has a key of 2048 bits at least.
func likeCertificate(own OwnCertificate) certificate.Request {
	size := certificate.PublicKeySize(own.X509)
	sizes := certificate.KeySizes()
	if !slices.Contains(sizes, size) || size < 2048 {
		size = 2048
	}
	return certificate.Request{Subject: certificate.Subject(own.X509), DNSNames: own.X509.DNSNames, KeySize: size}
}

// stageRollover adds the certificate if it was made, and puts it into the next slot.
func (o *Organization) stageRollover(tx Tx, plan *RolloverPlan, made *certificate.Pair) error {
	trust, err := unpublished(tx, plan.Trust)
	if err != nil {
		return err
	}
	if made != nil {
		if err := tx.Certificates.Put(o.madeLike(plan.Current, *made)); err != nil {
			return err
		}
	}
	if err := o.putNext(tx, &trust, plan.Rollover.New, nil); err != nil {
		return err
	}
	if err := o.warnOfServices(tx, trust.Current, trust.Next); err != nil {
		return err
	}
	trust.WhenChanged = o.moment()
	plan.Trust = trust
	plan.Rollover.WhenStaged, plan.Rollover.WhenProven = trust.WhenChanged, time.Time{}
	if plan.Rollover.WhenBegun.IsZero() {
		plan.Rollover.WhenBegun = trust.WhenChanged
	}
	if err := tx.Trusts.Put(trust); err != nil {
		return err
	}
	return tx.Rollover.Put(plan.Rollover)
}

// madeLike is the new certificate as it is kept. It serves federation alone: which certificate
// other services use is theirs to change.
func (o *Organization) madeLike(own OwnCertificate, pair certificate.Pair) Certificate {
	return Certificate{
		Thumbprint:           certificate.Thumbprint(pair.Certificate),
		FriendlyName:         own.FriendlyName,
		Services:             []string{"Federation"},
		PrivateKeyExportable: true,
		WhenCreated:          o.moment(),
		Raw:                  base64.StdEncoding.EncodeToString(pair.Certificate.Raw),
	}
}

// RolloverRecords are the proofs that must stand side by side in DNS until the new certificate is
// published: those of the current one and those of the next.
func (o *Organization) RolloverRecords(ctx context.Context, plan RolloverPlan) (DNSPlan, error) {
	return o.rolloverDNS(ctx, plan, func(r PlannedRecord) bool { return !r.Remove })
}

// StaleRecords are the proofs of the replaced certificate, which can be removed.
func (o *Organization) StaleRecords(ctx context.Context, plan RolloverPlan) (DNSPlan, error) {
	return o.rolloverDNS(ctx, plan, func(r PlannedRecord) bool { return r.Remove && r.Thumbprint == plan.Rollover.Old })
}

func (o *Organization) rolloverDNS(ctx context.Context, plan RolloverPlan, wanted func(PlannedRecord) bool) (DNSPlan, error) {
	if len(plan.Domains) == 0 {
		return DNSPlan{}, nil
	}
	all, err := o.PlanDNS(ctx, DNSPlanRequest{Domains: plan.Domains})
	all.Records = slices.DeleteFunc(all.Records, func(r PlannedRecord) bool { return r.Purpose != ProofPurpose || !wanted(r) })
	all.Notes = slices.DeleteFunc(all.Notes, func(note string) bool { return strings.HasPrefix(note, NoAutodiscover) })
	return all, err
}

// RolloverProofs are the records the broker will look for before it takes the new certificate.
func (o *Organization) RolloverProofs(ctx context.Context, plan RolloverPlan) ([]ExpectedRecord, error) {
	return o.expectedProofs(ctx, registration{trust: plan.Trust, thumbprint: plan.Rollover.New, domains: plan.Domains})
}

// RolloverProven writes down that all name servers show the proofs.
func (o *Organization) RolloverProven(ctx context.Context, plan RolloverPlan) error {
	return o.noteRollover(ctx, plan, func(r *CertificateRollover) { r.WhenProven = o.moment() })
}

// RolloverTested writes down that the trust has passed its test.
func (o *Organization) RolloverTested(ctx context.Context, plan RolloverPlan) error {
	return o.noteRollover(ctx, plan, func(r *CertificateRollover) { r.WhenTested = o.moment() })
}

// noteRollover writes a step down, unless another rollover has taken the place of this one.
func (o *Organization) noteRollover(ctx context.Context, plan RolloverPlan, change func(*CertificateRollover)) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		kept, found, err := tx.Rollover.Get()
		if err != nil || !found || kept.Trust != plan.Rollover.Trust || kept.New != plan.Rollover.New {
			return err
		}
		change(&kept)
		return tx.Rollover.Put(kept)
	})
}

// PublishRollover has the broker take the new certificate, which becomes the current one. If it
// is that already, nothing is done. The proofs must be in DNS.
func (o *Organization) PublishRollover(ctx context.Context, plan RolloverPlan, force bool) (CertificateRollover, error) {
	trust, err := o.Trust(ctx, plan.Trust.GUID)
	if err != nil {
		return plan.Rollover, err
	}
	if trust.Current != plan.Rollover.New {
		if trust.Current != plan.Rollover.Old || trust.Next != plan.Rollover.New {
			return plan.Rollover, nextChanged(trust)
		}
		if err := o.publish(ctx, trust, force); err != nil {
			return plan.Rollover, err
		}
		o.tellPartners(ctx, noticeCertificate)
	}
	return o.rollover(context.WithoutCancel(ctx), plan)
}

// rollover reads the record of a rollover again.
func (o *Organization) rollover(ctx context.Context, plan RolloverPlan) (r CertificateRollover, err error) {
	err = o.Store.View(ctx, func(tx Tx) error {
		r, _, err = tx.Rollover.Get()
		return err
	})
	return r, err
}

// noteRolloverPublished writes down that the trust has got its new certificate, together with the
// change itself and whoever made it: a rollover that is published by hand is no other one.
func (o *Organization) noteRolloverPublished(tx Tx, trust FederationTrust) error {
	r, found, err := tx.Rollover.Get()
	if err != nil || !found || r.Trust != trust.GUID || r.New != trust.Current || r.Old != trust.Previous {
		return err
	}
	r.WhenPublished = o.moment()
	if r.WhenStaged.IsZero() { // it was staged by hand, and this must not fail: the broker has it
		r.WhenStaged = r.WhenPublished
	}
	return tx.Rollover.Put(r)
}
