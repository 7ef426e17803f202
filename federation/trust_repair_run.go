package federation

import (
	"context"
	"crypto/rsa"
	"slices"

	"exfed/certificate"
)

// BeginRepair makes the new certificate if there is none and writes down what is to be done. From
// then on the repair can be gone on with by what it returns; nothing is given up yet.
func (o *Organization) BeginRepair(ctx context.Context, plan RepairPlan) (TrustRepair, error) {
	repair := plan.TrustRepair
	if plan.replaces != "" {
		return repair, o.Store.Update(ctx, func(tx Tx) error {
			return changeRepair(tx, repair, func(now *TrustRepair) { now.NewThumbprint = repair.NewThumbprint })
		})
	}
	if plan.Resumed {
		return repair, nil
	}
	if repair.NewThumbprint == "" {
		var err error
		if repair.NewThumbprint, err = o.certificateLike(ctx, repair); err != nil {
			return repair, err
		}
	}
	return repair, o.Store.Update(ctx, func(tx Tx) error {
		if _, begun, err := tx.Repair.Get(); err != nil || begun {
			if begun {
				err = Errorf(Conflict, "TrustRepairUnfinished", trustObject(repair.TrustName), "somebody began its repair meanwhile")
			}
			return err
		}
		if trust, err := trustIn(tx, repair.TrustGUID); err != nil || trust.Current != repair.OldThumbprint {
			if err == nil {
				err = Errorf(Conflict, "NextCertificateChanged", trustObject(trust.Name), "somebody published a certificate meanwhile")
			}
			return err
		}
		return tx.Repair.Put(repair)
	})
}

// certificateLike makes a certificate with the names, the label and the services of the old one.
func (o *Organization) certificateLike(ctx context.Context, repair TrustRepair) (string, error) {
	old, err := o.Certificate(ctx, repair.OldThumbprint)
	if err != nil {
		return "", err
	}
	request := CertificateRequest{
		Request:      certificate.Request{Subject: certificate.Subject(old.X509), DNSNames: old.X509.DNSNames},
		FriendlyName: old.FriendlyName, Services: old.Services, PrivateKeyExportable: true,
	}
	if !slices.Contains(request.Services, "Federation") {
		request.Services = append(slices.Clone(request.Services), "Federation")
	}
	if key, ok := old.X509.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > 2048 && slices.Contains(certificate.KeySizes(), key.N.BitLen()) {
		request.KeySize = key.N.BitLen()
	}
	o.Step("making a certificate like %s", repair.OldThumbprint)
	own, err := o.NewCertificate(ctx, request)
	if IsKind(err, Invalid) && len(repair.Domains) > 0 { // the names of another maker's certificate
		request.Request = certificate.Request{DNSNames: []string{string(repair.Domains[0])}}
		own, err = o.NewCertificate(ctx, request)
	}
	return own.Thumbprint, err
}

// RepairRecords returns the proofs to publish, and those of the old certificate, which nothing
// needs any more; where its key is lost they cannot be told, which is noted.
func (o *Organization) RepairRecords(ctx context.Context, repair TrustRepair) (plan DNSPlan, err error) {
	trust := FederationTrust{SecurityProfile: repair.SecurityProfile, Current: repair.NewThumbprint, Previous: repair.OldThumbprint}
	proofs, err := o.plannedProofs(ctx, trust, repair.Domains, &plan)
	plan.Records = slices.Concat(proofs...)
	return plan, err
}

// CarryOutRepair gives the old trust up and makes the new one: the domains are removed, the
// primary one last, then the trust; then it is made anew under the same name with the same
// broker, which gives it another AppID and takes the domains for it. What an earlier run has done
// stays done. The proofs are to be live. With force the broker is asked also for domains that
// it refused too often today.
func (o *Organization) CarryOutRepair(ctx context.Context, repair TrustRepair, force bool) error {
	steps := map[RepairStep]func() error{
		RepairProofs:   func() error { return o.mayGiveUp(ctx, repair) },
		RepairRemove:   func() error { return o.giveUpTrust(ctx, repair) },
		RepairRegister: func() error { return o.registerAnew(ctx, repair, force) },
	}
	order := RepairSteps()
	for i := slices.Index(order, repair.Step); i < len(order)-1; i++ {
		if err := steps[order[i]](); err != nil {
			return err
		}
		repair.Step = order[i+1]
		reached := func(now *TrustRepair) { now.Step = repair.Step }
		if err := o.conclude(ctx, func(tx Tx) error { return changeRepair(tx, repair, reached) }); err != nil {
			return err
		}
	}
	return nil
}

// changeRepair changes the record of a repair, as long as it is the same repair.
func changeRepair(tx Tx, repair TrustRepair, change func(now *TrustRepair)) error {
	now, begun, err := tx.Repair.Get()
	if err != nil {
		return err
	}
	if !begun || now.TrustGUID != repair.TrustGUID {
		return Errorf(Conflict, "TrustRepairEnded", trustObject(repair.TrustName), "its repair was ended by somebody else")
	}
	change(&now)
	return tx.Repair.Put(now)
}

// mayGiveUp looks once more before anything is given up. The proofs may have taken days: the new
// certificate must still be of use, and the old one of none. Where the broker alone says that it
// is of none, it must say so twice: it denies access also to what reached it late.
func (o *Organization) mayGiveUp(ctx context.Context, repair TrustRepair) error {
	again := RepairPlan{TrustRepair: repair, Resumed: true}
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		if _, err = o.fittingCertificate(tx, repair.NewThumbprint); err != nil {
			return err
		}
		if again.Trust, err = trustIn(tx, repair.TrustGUID); err != nil || repair.Cause == RepairUnknown {
			return err
		}
		again.Cause, err = o.causeOfRepair(tx, again.Trust)
		return err
	})
	switch {
	case err != nil:
		return err
	case repair.Cause == RepairUnknown:
		return o.ExamineRepair(ctx, &again)
	case again.Cause == "":
		return again.Healthy("its certificate is valid and has its key again")
	}
	return nil
}

// giveUpTrust removes what the broker lets nobody change any more. It is asked to release the
// domains all the same, and expected to refuse: a domain that is proven anew is taken over.
func (o *Organization) giveUpTrust(ctx context.Context, repair TrustRepair) error {
	old, err := o.Trust(ctx, repair.TrustGUID)
	if IsKind(err, NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	id, err := o.Identifier(ctx)
	if err != nil {
		return err
	}
	silent := *o
	silent.Warn = func(string, ...any) {}
	silent.Step = silent.Warn
	if id.DelegationTrust == old.Name {
		for _, domain := range removalOrder(id) {
			o.Step("removing %s here; the broker keeps it until it is proven anew", domain)
			if err := silent.removeDomain(ctx, Domain(domain), true); err != nil {
				return err
			}
		}
	}
	o.Step("removing federation trust %q", old.Name)
	return o.removeTrust(ctx, old.Name)
}

// registerAnew makes the trust and federates the domains.
func (o *Organization) registerAnew(ctx context.Context, repair TrustRepair, force bool) error {
	trusts, err := o.Trusts(ctx)
	if err != nil {
		return err
	}
	made := slices.ContainsFunc(trusts, func(t FederationTrust) bool {
		return t.Name == repair.TrustName && t.Current == repair.NewThumbprint && t.Pending == ""
	})
	if !made {
		_, err := o.newTrust(ctx, NewTrustRequest{Name: repair.TrustName, Thumbprint: repair.NewThumbprint,
			MetadataURL: repair.MetadataURL, SecurityProfile: repair.SecurityProfile})
		if err != nil {
			return err
		}
	}
	if len(repair.Domains) == 0 {
		return nil
	}
	primary := string(repair.Domains[0])
	request := SetIdentifierRequest{DelegationFederationTrust: &repair.TrustName, AccountNamespace: &primary, Force: force}
	if err := o.setIdentifier(ctx, request); err != nil {
		return err
	}
	further, err := o.Unfederated(ctx, repair.Domains[1:])
	if err != nil {
		return err
	}
	for _, domain := range further {
		if err := o.addDomain(ctx, domain, force); err != nil {
			return err
		}
	}
	def := string(repair.DefaultDomain)
	return o.setIdentifier(ctx, SetIdentifierRequest{DefaultDomain: &def, Enabled: &repair.Enabled})
}

// EndRepair forgets a repair: it is done, or, up to its first step, given up.
func (o *Organization) EndRepair(ctx context.Context) error {
	return o.conclude(ctx, func(tx Tx) error { return tx.Repair.Delete() })
}

// notInRepair refuses what would get in the way of a repair that is not finished.
func (o *Organization) notInRepair(ctx context.Context) error {
	return o.Store.View(ctx, refuseInRepair)
}

func refuseInRepair(tx Tx) error {
	repair, begun, err := tx.Repair.Get()
	if err != nil || !begun || repair.Step == RepairTest {
		return err
	}
	return Errorf(Conflict, "TrustRepairUnfinished", trustObject(repair.TrustName), "its repair was begun on %s and is not finished", clock(repair.Began))
}
