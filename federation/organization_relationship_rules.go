package federation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// How many domains a relationship can have. Exchange looks a domain up with a directory
// filter of at most 250 terms, which leaves room for 240; its own tools stop at 238.
const (
	ManyDomains = 238
	MaxDomains  = 240
)

// changeRelationship makes the changes and refuses what cannot be. notes are what the
// administrator should know once it is written.
func changeRelationship(tx Tx, r *OrganizationRelationship, request OrganizationRelationshipRequest) (notes []string, err error) {
	object := relationshipObject(r.Name)
	domains, absent, err := changed(r.DomainNames, request.DomainNames, ParseDomain, sameDomain)
	if err != nil {
		return nil, err
	}
	added := without(domains, r.DomainNames)
	r.DomainNames = domains
	for _, domain := range absent {
		notes = append(notes, fmt.Sprintf("%s: %s is not one of its domains, so it is not removed", object, domain))
	}
	if err := checkDomainCount(*r); err != nil {
		return nil, err
	}
	if err := inNoOther(tx, *r); err != nil {
		return nil, err
	}
	applyAccess(r, request)
	if err := applyTargets(r, request); err != nil {
		return nil, err
	}
	own, err := r.pointsHome(tx, added, request.TargetApplicationURI != nil)
	return slices.Concat(notes, own, r.notes(request, len(added) > 0), emptyScope(tx, *r, request)), err
}

// checkDomainCount refuses no domain and too many.
func checkDomainCount(r OrganizationRelationship) error {
	object := relationshipObject(r.Name)
	switch n := len(r.DomainNames); {
	case n == 0:
		return Errorf(Invalid, "NoDomainNames", object, "it needs at least one domain of the partner")
	case n > MaxDomains:
		return Errorf(Conflict, "TooManyDomains", object, "%d domains, at most %d: they take %d relationships",
			n, MaxDomains, (n+MaxDomains-1)/MaxDomains)
	}
	return nil
}

// inNoOther refuses a domain that another relationship has: a partner is found by it.
func inNoOther(tx Tx, r OrganizationRelationship) error {
	all, err := tx.Relationships.All()
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.GUID == r.GUID {
			continue
		}
		for _, domain := range r.DomainNames {
			if slices.Contains(other.DomainNames, domain) {
				return Errorf(Conflict, "DomainInAnotherRelationship", "domain "+quote(string(domain)),
					"is in %s already; a domain is in one only", relationshipObject(other.Name))
			}
		}
	}
	return nil
}

// pointsHome warns of added domains and of an application URI that are the organization's own.
func (r OrganizationRelationship) pointsHome(tx Tx, added []Domain, targeted bool) (notes []string, err error) {
	accepted, err := tx.AcceptedDomains.All()
	if err != nil {
		return nil, err
	}
	id, _, err := tx.Identifier.Get()
	if err != nil {
		return nil, err
	}
	for _, domain := range added {
		if id.has(domain) || Accepted(accepted, domain) {
			notes = append(notes, fmt.Sprintf("%s: %s is a domain of this organization, not of a partner", relationshipObject(r.Name), domain))
		}
	}
	if targeted && id.AccountNamespace != "" && SameApplicationURI(r.TargetApplicationURI, id.AccountNamespace) {
		notes = append(notes, fmt.Sprintf("%s: TargetApplicationUri %s is this organization's own", relationshipObject(r.Name), r.TargetApplicationURI))
	}
	return notes, nil
}

func applyAccess(r *OrganizationRelationship, request OrganizationRelationshipRequest) {
	set(&r.FreeBusyAccessEnabled, request.FreeBusyAccessEnabled)
	set(&r.FreeBusyAccessLevel, request.FreeBusyAccessLevel)
	set(&r.FreeBusyAccessScope, request.FreeBusyAccessScope)
	set(&r.MailboxMoveEnabled, request.MailboxMoveEnabled)
	set(&r.DeliveryReportEnabled, request.DeliveryReportEnabled)
	set(&r.MailTipsAccessEnabled, request.MailTipsAccessEnabled)
	set(&r.MailTipsAccessLevel, request.MailTipsAccessLevel)
	set(&r.MailTipsAccessScope, request.MailTipsAccessScope)
	set(&r.PhotosEnabled, request.PhotosEnabled)
	set(&r.Enabled, request.Enabled)
	set(&r.ArchiveAccessEnabled, request.ArchiveAccessEnabled)
}

func applyTargets(r *OrganizationRelationship, request OrganizationRelationshipRequest) (err error) {
	set(&r.TargetApplicationURI, request.TargetApplicationURI)
	set(&r.TargetSharingEPR, request.TargetSharingEPR)
	set(&r.TargetOwaURL, request.TargetOwaURL)
	set(&r.TargetAutodiscoverEPR, request.TargetAutodiscoverEPR)
	targets := r.Targets()
	for _, target := range slices.Sorted(maps.Keys(targets)) {
		if err := CheckTarget(target, targets[target]); err != nil {
			return err
		}
	}
	if request.OrganizationContact != nil {
		r.OrganizationContact, err = smtpAddress(*request.OrganizationContact)
	}
	return err
}

// set takes over a value that was given.
func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// notes are what is allowed and probably not meant, in what the request touched.
func (r OrganizationRelationship) notes(request OrganizationRelationshipRequest, grown bool) (notes []string) {
	note := func(when bool, format string, args ...any) {
		if when {
			notes = append(notes, relationshipObject(r.Name)+": "+fmt.Sprintf(format, args...))
		}
	}
	n := len(r.DomainNames)
	note(grown && n >= ManyDomains, "%d domains; Exchange's own tools take %d and its shell %d: put further ones into another relationship", n, ManyDomains, MaxDomains)
	touched := request.FreeBusyAccessEnabled != nil || request.FreeBusyAccessLevel != nil || request.FreeBusyAccessScope != nil
	restricted := r.FreeBusyAccessLevel != FreeBusyNone || r.FreeBusyAccessScope != ""
	note(touched && !r.FreeBusyAccessEnabled && restricted, "its free/busy level and scope have no effect until FreeBusyAccessEnabled is true")
	note(touched && r.FreeBusyAccessEnabled && r.FreeBusyAccessLevel == FreeBusyNone, "no free/busy is shared while FreeBusyAccessLevel is None")
	touched = request.MailTipsAccessEnabled != nil || request.MailTipsAccessLevel != nil || request.MailTipsAccessScope != nil
	restricted = r.MailTipsAccessLevel != MailTipsNone || r.MailTipsAccessScope != ""
	note(touched && !r.MailTipsAccessEnabled && restricted, "its MailTips level and scope have no effect until MailTipsAccessEnabled is true")
	touched = request.TargetSharingEPR != nil || request.TargetAutodiscoverEPR != nil
	note(touched && r.TargetSharingEPR != "" && r.TargetAutodiscoverEPR != "", "TargetSharingEpr wins: Autodiscover is not asked while it is set")
	return notes
}

// emptyScope notes a group that was given and that no mailbox is in: nobody would be shown.
func emptyScope(tx Tx, r OrganizationRelationship, request OrganizationRelationshipRequest) []string {
	group := r.FreeBusyAccessScope
	if request.FreeBusyAccessScope == nil || group == "" {
		return nil
	}
	mailboxes, err := tx.Mailboxes.All()
	if err != nil || slices.ContainsFunc(mailboxes, func(m Mailbox) bool { return m.InGroup(group) }) {
		return nil
	}
	return []string{relationshipObject(r.Name) + ": no mailbox is in the group " + quote(group) + ", so no free/busy is shown: set-mailbox -MemberOf"}
}

// missingFederation says what a relationship needs to work and is not there yet.
func missingFederation(tx Tx) []string {
	trusts, err := tx.Trusts.All()
	if err != nil || len(trusts) == 0 {
		return []string{"there is no federation trust yet, and nothing is shared without one: new-federationtrust"}
	}
	id, _, err := tx.Identifier.Get()
	if err != nil || id.requireEnabled() != nil {
		return []string{"the federated organization identifier is not set up, or is switched off, and nothing is shared until it is: set-federatedorganizationidentifier"}
	}
	return nil
}

// warnAll warns of each of the notes.
func (o *Organization) warnAll(notes []string) {
	for _, note := range notes {
		o.Warn("%s", note)
	}
}

// Covers reports whether mail for the domain is accepted as mail for d.
func (d AcceptedDomain) Covers(domain Domain) bool {
	base, wildcard := strings.CutPrefix(d.DomainName, "*.")
	if string(domain) == base {
		return !wildcard
	}
	return (wildcard || d.MatchSubDomains) && strings.HasSuffix(string(domain), "."+base)
}
