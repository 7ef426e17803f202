package federation

import (
	"context"
	"strings"
)

// Directory is what an organization that is asked about its mailboxes looks up, all of one
// moment. It does not change and is for concurrent use.
type Directory struct {
	partners  map[Domain]OrganizationRelationship
	mailboxes map[string]Mailbox // by each address, in lower case
	accepted  map[Domain]bool
	published []PublishedCalendar
}

// Directory reads the relationships, the accepted domains, the mailboxes and what their policies publish.
func (o *Organization) Directory(ctx context.Context) (d *Directory, err error) {
	err = o.Store.View(ctx, func(tx Tx) error {
		d, err = directoryIn(tx)
		return err
	})
	return d, err
}

func directoryIn(tx Tx) (*Directory, error) {
	d := &Directory{partners: map[Domain]OrganizationRelationship{}, mailboxes: map[string]Mailbox{}, accepted: map[Domain]bool{}}
	relationships, err := tx.Relationships.All()
	if err != nil {
		return nil, err
	}
	for _, r := range relationships {
		for _, domain := range r.DomainNames {
			d.partners[domain] = r
		}
	}
	domains, err := tx.AcceptedDomains.All()
	if err != nil {
		return nil, err
	}
	for _, a := range domains {
		d.accepted[Domain(a.DomainName)] = true
	}
	mailboxes, err := tx.Mailboxes.All()
	if err != nil {
		return nil, err
	}
	for _, m := range mailboxes {
		for _, address := range m.Addresses() {
			d.mailboxes[strings.ToLower(address)] = m
		}
	}
	d.published, err = publishedIn(tx, mailboxes)
	return d, err
}

// Relationship returns the relationship that has the partner's domain, whether it is enabled
// or not. A relationship with contoso.com is none with sales.contoso.com.
func (d *Directory) Relationship(domain Domain) (OrganizationRelationship, bool) {
	r, ok := d.partners[domain]
	return r, ok
}

// Own reports whether a domain is one of the organization itself: an accepted one, or below
// one that is accepted with all of its sub-domains.
func (d *Directory) Own(domain Domain) bool {
	if d.accepted[domain] {
		return true
	}
	for _, above, found := strings.Cut(string(domain), "."); found; _, above, found = strings.Cut(above, ".") {
		if d.accepted[Domain("*."+above)] {
			return true
		}
	}
	return false
}

// Mailbox returns the mailbox that has the address, with the source of its calendar. What is
// no address is nobody's.
func (d *Directory) Mailbox(address string) (Mailbox, bool) {
	address, err := parsePrefixed(address)
	if err != nil {
		return Mailbox{}, false
	}
	m, ok := d.mailboxes[strings.ToLower(address)]
	return m, ok
}
