package federation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"exfed/certificate"
)

// CertificateTest says how the certificates of the trust are judged.
type CertificateTest struct {
	WarningDays, CriticalDays int       // with fewer days left it is a Warning, an Error
	At                        time.Time // the moment they are judged at; zero is now
	CheckRevocation           bool      // ask the authorities of the current and the next one
}

// CertificateState says how a certificate of the trust is doing on this machine.
type CertificateState string

// The states, the worst first but one. Installed is Exchange's.
const (
	CertificateMissing     CertificateState = "Missing" // its record
	CertificateKeyMissing  CertificateState = "KeyMissing"
	CertificateKeyMismatch CertificateState = "KeyMismatch"
	CertificateUnreadable  CertificateState = "KeyUnreadable"
	CertificateExpired     CertificateState = "Expired"
	CertificateNotYetValid CertificateState = "NotYetValid"
	CertificateExpiresSoon CertificateState = "ExpiresSoon"
	CertificateInstalled   CertificateState = "Installed"
)

// CertificateFinding is one thing found about a certificate of the trust. The first of a slot
// is about its state; one for each requirement that is not met comes after it, and what was found
// out about its revocation.
type CertificateFinding struct {
	Slot       DomainProofSlot
	State      CertificateState // of the certificate
	Thumbprint string
	NotAfter   time.Time // zero if the certificate is missing
	DaysLeft   int       // whole days; negative once it has expired
	Type       EventType
	ID         string // stable, in PascalCase
	Message    string
	Cause      error // of an Error or a Warning
}

// TestTrustCertificates looks at the certificates of the organization's trust: whether they and
// their keys are there, how long they last, and whether they meet the requirements. Nothing is
// changed. Without a trust it is NotFound (NoFederationTrust).
func (o *Organization) TestTrustCertificates(ctx context.Context, test CertificateTest) ([]CertificateFinding, error) {
	trust, err := o.onlyTrust(ctx)
	if err != nil {
		return nil, err
	}
	x := certificateExamination{o: o, trust: trust, test: test, at: test.At}
	if test.At.IsZero() {
		x.at = o.Now()
	}
	if x.rotation, err = o.rotationNeeds(ctx, trust); err != nil {
		return nil, err
	}
	slots := []DomainProofSlot{CurrentSlot, NextSlot, PreviousSlot}
	var all []CertificateFinding
	for i, thumbprint := range []string{trust.Current, trust.Next, trust.Previous} {
		if thumbprint == "" {
			continue
		}
		found, err := x.examine(ctx, slots[i], thumbprint)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// rotationNeeds says what it takes to replace the current certificate.
func (o *Organization) rotationNeeds(ctx context.Context, trust FederationTrust) (string, error) {
	id, err := o.Identifier(ctx)
	if err != nil {
		return "", err
	}
	partners := 0
	err = o.Store.View(ctx, func(tx Tx) error {
		all, err := tx.Relationships.All()
		for _, r := range all {
			if r.Enabled {
				partners++
			}
		}
		return err
	})
	needs := counted(len(id.provenDomains()), "TXT record") + ", " + counted(partners, "partner")
	if trust.Next == "" {
		return "rotation needs: 1 new certificate, " + needs, err
	}
	return "rotation still needs: " + needs + ", and the next certificate published", err
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// certificateExamination is a test of the trust's certificates.
type certificateExamination struct {
	o        *Organization
	trust    FederationTrust
	test     CertificateTest
	at       time.Time
	rotation string // what it needs
}

// examined is a certificate in a slot, and what is known of it.
type examined struct {
	slot       DomainProofSlot
	own        OwnCertificate
	unreadable error // its key file
	unmet      []certificate.Unmet
	revocation *certificate.Revocation // nil if it was not asked for
}

// examine returns what is found about one certificate, its state first.
func (x *certificateExamination) examine(ctx context.Context, slot DomainProofSlot, thumbprint string) ([]CertificateFinding, error) {
	own, err := x.o.Certificate(ctx, thumbprint)
	if IsKind(err, NotFound) {
		return []CertificateFinding{{Slot: slot, State: CertificateMissing, Thumbprint: thumbprint, Type: EventError, ID: "CertificateNotFound",
			Message: "It is not among the certificates of the organization.", Cause: err}}, nil
	}
	if err == nil {
		err = requireCertificate(own)
	}
	if err != nil {
		return nil, err
	}
	c := examined{slot: slot, own: own}
	facts, err := x.o.authorityOf(own)
	if err != nil {
		return nil, err
	}
	facts.Key, c.unreadable = x.o.keyFor(own)
	if x.test.CheckRevocation && slot != PreviousSlot && x.o.Fetch != nil {
		found, err := x.o.askRevocation(ctx, own)
		if err != nil {
			return nil, err
		}
		c.revocation, facts.Revocation = &found, &found
	}
	c.unmet = certificate.Check(own.X509, facts, x.at)
	if c.unreadable != nil { // and so not absent
		c.unmet = slices.DeleteFunc(c.unmet, func(u certificate.Unmet) bool { return u.ID == "NoPrivateKey" })
	}
	first := x.judge(c)
	return append([]CertificateFinding{first}, x.further(c, first)...), nil
}

// further are the findings besides the certificate's state.
func (x *certificateExamination) further(c examined, first CertificateFinding) []CertificateFinding {
	if c.slot == PreviousSlot { // which nothing new is done with
		return nil
	}
	var all []CertificateFinding
	add := func(degree EventType, id, text, remedy string) {
		f := first
		f.Type, f.ID, f.Message, f.Cause = degree, id, asSentence(text), nil
		if degree != EventSuccess && degree != EventInformation {
			f.Cause = &Error{Kind: Conflict, ID: id, Object: "certificate " + quote(c.own.Thumbprint), Reason: text, Remedy: remedy}
		}
		all = append(all, f)
	}
	for _, u := range c.unmet {
		if u.ID != requirementOf(first.State) {
			add(EventError, u.ID, u.Text, u.Remedy)
		}
	}
	if r := c.revocation; r != nil {
		switch r.State {
		case certificate.NotRevoked:
			add(EventSuccess, string(r.State), r.String(), "")
		case certificate.RevocationNotPublished:
			add(EventInformation, string(r.State), r.String(), "")
		case certificate.RevocationUnknown:
			add(EventWarning, string(r.State), r.String(), "")
		}
	}
	return all
}

// asSentence makes a sentence of a clause.
func asSentence(clause string) string {
	return strings.ToUpper(clause[:1]) + clause[1:] + "."
}
