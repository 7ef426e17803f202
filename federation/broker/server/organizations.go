package server

import (
	"context"
	"crypto/x509"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/token"
)

// setOperation is what the audit trail calls a decision of the operator's.
const setOperation = "SetOrganization"

// Organization is a registered organization as the broker's operator sees it.
type Organization struct {
	AppID string // 16 upper-case hexadecimal digits
	Policy
	URIs       []string // its domains and application URIs, in order
	Thumbprint string   // SHA-1 of its current certificate
	Created    time.Time
}

// PolicyChange is a decision of the operator's; nil leaves a part of the Policy as it is.
type PolicyChange struct {
	Enabled       *bool
	AllowedOffers *[]token.Offer // each once; empty for every offer
}

// Organizations returns all registered organizations, the one made first first.
func (o *Operator) Organizations(ctx context.Context) ([]Organization, error) {
	var all []Organization
	err := o.Registry.View(ctx, func(tx Tx) error {
		ids, err := tx.AppIDs()
		for _, id := range ids {
			var found Organization
			if found, err = organization(tx, id); err != nil {
				return err
			}
			all = append(all, found)
		}
		return err
	})
	return all, err
}

// Organization returns the organization with the AppID, or the one that holds the domain or
// application URI. If there is none the error is of kind NotFound with the ID
// BrokerOrganizationNotFound.
func (o *Operator) Organization(ctx context.Context, identity string) (found Organization, err error) {
	err = o.Registry.View(ctx, func(tx Tx) error {
		found, err = findOrganization(tx, identity)
		return err
	})
	return found, err
}

// SetOrganization changes what was decided about an organization, which is found as
// Organization finds it, and records that in the audit trail. Brokers that run on the
// registry obey from their next request on. An offer that there is not is refused with
// kind Invalid and ID UnknownOffer.
func (o *Operator) SetOrganization(ctx context.Context, identity string, change PolicyChange) error {
	if change.AllowedOffers != nil {
		for _, offer := range *change.AllowedOffers {
			if !offer.Known() {
				return unknownOffer(offer)
			}
		}
	}
	return o.Registry.Update(ctx, func(tx Tx) error {
		found, err := findOrganization(tx, identity)
		if err != nil {
			return err
		}
		policy := change.apply(found.Policy)
		if reflect.DeepEqual(policy, found.Policy) {
			return nil
		}
		if err := tx.PutPolicy(found.AppID, policy); err != nil {
			return err
		}
		return tx.AddAudit(AuditEntry{At: o.Now().UTC(), AppID: found.AppID, Operation: setOperation, Subject: policy.String(), Outcome: "Success"})
	})
}

func (c PolicyChange) apply(p Policy) Policy {
	if c.Enabled != nil {
		p.Disabled = !*c.Enabled
	}
	if c.AllowedOffers != nil {
		p.AllowedOffers = slices.Compact(slices.Sorted(slices.Values(*c.AllowedOffers)))
	}
	return p
}

// String describes the policy for the audit trail.
func (p Policy) String() string {
	state, offers := "enabled", "every offer"
	if p.Disabled {
		state = "disabled"
	}
	if len(p.AllowedOffers) > 0 {
		offers = strings.Trim(fmt.Sprint(p.AllowedOffers), "[]")
	}
	return state + ", " + offers
}

func findOrganization(tx Tx, identity string) (Organization, error) {
	id := strings.ToUpper(identity)
	if uri, err := parseApplicationURI(identity); err == nil {
		held, found, err := tx.URI(uri.name)
		if err != nil {
			return Organization{}, err
		}
		if found {
			id = held.AppID
		}
	}
	return organization(tx, id)
}

func organization(tx Tx, appID string) (Organization, error) {
	app, found, err := tx.App(appID)
	if err != nil {
		return Organization{}, err
	}
	if !found {
		return Organization{}, federation.Errorf(federation.NotFound, "BrokerOrganizationNotFound", fmt.Sprintf("organization %.300q", appID),
			"there is no such AppID, and nobody holds a domain of that name")
	}
	o := Organization{AppID: app.ID, Created: app.Created}
	if o.Policy, err = tx.Policy(appID); err != nil {
		return Organization{}, err
	}
	if o.URIs, err = tx.URIsOf(appID); err != nil {
		return Organization{}, err
	}
	current, err := x509.ParseCertificate(app.Current.DER)
	if err != nil {
		return Organization{}, fmt.Errorf("certificate %s of AppID %s: %w", app.Current.Fingerprint, appID, err)
	}
	o.Thumbprint = certificate.Thumbprint(current)
	return o, nil
}
