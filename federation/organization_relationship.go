package federation

import (
	"context"
	"reflect"
	"slices"
	"strings"
)

// OrganizationRelationshipRequest makes or changes a relationship; a nil field stays as it
// is, an empty text is cleared.
type OrganizationRelationshipRequest struct {
	Name                  *string
	DomainNames           ListChange
	FreeBusyAccessEnabled *bool
	FreeBusyAccessLevel   *FreeBusyAccessLevel
	FreeBusyAccessScope   *string
	MailboxMoveEnabled    *bool
	DeliveryReportEnabled *bool
	MailTipsAccessEnabled *bool
	MailTipsAccessLevel   *MailTipsAccessLevel
	MailTipsAccessScope   *string
	PhotosEnabled         *bool
	TargetApplicationURI  *string
	TargetSharingEPR      *string
	TargetOwaURL          *string
	TargetAutodiscoverEPR *string
	OrganizationContact   *string
	Enabled               *bool
	ArchiveAccessEnabled  *bool

	// MayRemove says which domains may go when a change removes more of them than it adds:
	// a list that replaces another is easily shorter than was meant. Nil: none.
	MayRemove func(Domain) bool
}

// NewOrganizationRelationship makes a relationship. It is enabled and shares nothing until
// the request says otherwise.
func (o *Organization) NewOrganizationRelationship(ctx context.Context, request OrganizationRelationshipRequest) (OrganizationRelationship, error) {
	r := OrganizationRelationship{FreeBusyAccessLevel: FreeBusyNone, MailTipsAccessLevel: MailTipsNone, Enabled: true}
	if request.Name != nil {
		r.Name = *request.Name
	}
	if err := CheckName("organization relationship", r.Name); err != nil {
		return r, err
	}
	var err error
	if r.Meta, err = o.newMeta(); err != nil {
		return r, err
	}
	var notes []string
	err = o.Store.Update(ctx, func(tx Tx) error {
		if _, exists, err := tx.Relationships.Get(r.Name); err != nil || exists {
			return orElse(err, Errorf(Exists, "OrganizationRelationshipExists", relationshipObject(r.Name), "exists already"))
		}
		if notes, err = changeRelationship(tx, &r, request); err != nil {
			return err
		}
		notes = append(notes, missingFederation(tx)...)
		return tx.Relationships.Put(r)
	})
	if err == nil {
		o.warnAll(notes)
	}
	return r, err
}

// OrganizationRelationships returns all relationships.
func (o *Organization) OrganizationRelationships(ctx context.Context) ([]OrganizationRelationship, error) {
	var all []OrganizationRelationship
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.Relationships.All()
		return err
	})
	return all, err
}

// OrganizationRelationship returns the relationship with the name, GUID or partner's domain.
func (o *Organization) OrganizationRelationship(ctx context.Context, identity string) (OrganizationRelationship, error) {
	var r OrganizationRelationship
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		r, err = relationshipIn(tx, identity)
		return err
	})
	return r, err
}

// DomainsLeaving returns the domains that the change would take out of the relationship,
// none if it adds at least as many.
func (o *Organization) DomainsLeaving(ctx context.Context, identity string, change ListChange) ([]Domain, error) {
	r, err := o.OrganizationRelationship(ctx, identity)
	if err != nil {
		return nil, err
	}
	now, _, err := changed(r.DomainNames, change, ParseDomain, sameDomain)
	if err != nil {
		return nil, err
	}
	return leaving(r.DomainNames, now), nil
}

// SetOrganizationRelationship changes a relationship. Removing more domains than it adds
// takes the consent of MayRemove (NeedsAnswer, DomainsLeaving).
func (o *Organization) SetOrganizationRelationship(ctx context.Context, identity string, request OrganizationRelationshipRequest) error {
	var notes []string
	err := o.Store.Update(ctx, func(tx Tx) error {
		r, err := relationshipIn(tx, identity)
		if err != nil {
			return err
		}
		before := r
		r.DomainNames = slices.Clone(r.DomainNames)
		if notes, err = changeRelationship(tx, &r, request); err != nil {
			return err
		}
		if err := mayLeave(before, r, request.MayRemove); err != nil {
			return err
		}
		if request.Name != nil && *request.Name != r.Name {
			if err := renameRelationship(tx, &r, *request.Name); err != nil {
				return err
			}
		}
		if reflect.DeepEqual(r, before) {
			return nil
		}
		r.WhenChanged = o.moment()
		return tx.Relationships.Put(r)
	})
	if err == nil {
		o.warnAll(notes)
	}
	return err
}

// RemoveOrganizationRelationship removes a relationship: nothing more is shared with the partner.
func (o *Organization) RemoveOrganizationRelationship(ctx context.Context, identity string) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		r, err := relationshipIn(tx, identity)
		if err != nil {
			return err
		}
		return tx.Relationships.Delete(r.Name)
	})
}

func relationshipObject(name string) string { return "organization relationship " + quote(name) }

func relationshipIn(tx Tx, identity string) (OrganizationRelationship, error) {
	r, ok, err := tx.Relationships.Get(identity)
	if err != nil || ok {
		return r, err
	}
	all, err := tx.Relationships.All()
	if err != nil {
		return r, err
	}
	domain, _ := ParseDomain(identity)
	for _, r := range all {
		if strings.EqualFold(r.GUID, identity) || domain != "" && slices.Contains(r.DomainNames, domain) {
			return r, nil
		}
	}
	return r, Errorf(NotFound, "OrganizationRelationshipNotFound", relationshipObject(identity), "not found")
}

func renameRelationship(tx Tx, r *OrganizationRelationship, name string) error {
	if err := CheckName("organization relationship", name); err != nil {
		return err
	}
	old := r.Name
	other, taken, err := tx.Relationships.Get(name)
	if err != nil || taken && other.GUID != r.GUID {
		return orElse(err, Errorf(Exists, "OrganizationRelationshipExists", relationshipObject(name), "exists already"))
	}
	r.Name = name
	return tx.Relationships.Rename(old, *r)
}

// orElse returns err, or if there is none otherwise.
func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func sameDomain(a, b Domain) bool { return a == b }

// leaving returns what is in before and not in after, nothing if as much has come.
func leaving(before, after []Domain) []Domain {
	gone := without(before, after)
	if len(gone) <= len(without(after, before)) {
		return nil
	}
	return gone
}

// mayLeave refuses a loss of domains that nobody has agreed to.
func mayLeave(before, after OrganizationRelationship, mayRemove func(Domain) bool) error {
	for _, domain := range leaving(before.DomainNames, after.DomainNames) {
		if mayRemove == nil || !mayRemove(domain) {
			return Errorf(NeedsAnswer, "DomainsLeaving", relationshipObject(before.Name),
				"domain %s would be removed, and nobody has agreed to that", domain)
		}
	}
	return nil
}
