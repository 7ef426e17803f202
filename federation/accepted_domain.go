package federation

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SetAcceptedDomainRequest changes an accepted domain; a nil field stays as it is.
type SetAcceptedDomainRequest struct {
	Name               *string
	DomainType         *AcceptedDomainType
	AddressBookEnabled *bool
	MatchSubDomains    *bool
	MakeDefault        *bool
}

// MaxName is the longest name of an object, in characters.
const MaxName = 64

// CheckName refuses a name no object can have.
func CheckName(noun, name string) error {
	object := noun + " " + quote(name)
	switch n := len([]rune(name)); {
	case strings.TrimSpace(name) == "":
		return Errorf(Invalid, "InvalidName", noun, "its name is empty")
	case n > MaxName:
		return Errorf(Invalid, "InvalidName", object, "%d characters, at most %d", n, MaxName)
	case !utf8.ValidString(name):
		return Errorf(Invalid, "InvalidName", noun, "its name is not UTF-8")
	case strings.ContainsFunc(name, steersText):
		return Errorf(Invalid, "InvalidName", noun, "its name holds a control character")
	case strings.TrimSpace(name) != name:
		return Errorf(Invalid, "InvalidName", object, "begins or ends with a blank")
	}
	return nil
}

// steersText reports whether a character moves, breaks or turns the text around it.
func steersText(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
}

// NewAcceptedDomain adds an accepted domain; the first one is the default. The domain
// name may begin with "*." to cover its sub-domains.
func (o *Organization) NewAcceptedDomain(ctx context.Context, name, domainName string, domainType AcceptedDomainType) (AcceptedDomain, error) {
	if err := CheckName("accepted domain", name); err != nil {
		return AcceptedDomain{}, err
	}
	base, wildcard := strings.CutPrefix(domainName, "*.")
	parsed, err := ParseDomain(base)
	if err != nil {
		return AcceptedDomain{}, err
	}
	d := AcceptedDomain{Name: name, DomainName: string(parsed), DomainType: domainType, AddressBookEnabled: domainType == Authoritative}
	if wildcard {
		d.DomainName, d.MatchSubDomains = "*."+d.DomainName, true
	}
	if d.Meta, err = o.newMeta(); err != nil {
		return AcceptedDomain{}, err
	}
	err = o.Store.Update(ctx, func(tx Tx) error {
		all, err := tx.AcceptedDomains.All()
		if err != nil {
			return err
		}
		for _, other := range all {
			if strings.EqualFold(other.Name, d.Name) {
				return Errorf(Exists, "AcceptedDomainExists", acceptedObject(d.Name), "exists already")
			}
			if other.DomainName == d.DomainName {
				return Errorf(Exists, "AcceptedDomainExists", acceptedObject(d.Name), "domain %s is accepted already, as %q", d.DomainName, other.Name)
			}
		}
		d.Default = len(all) == 0
		return tx.AcceptedDomains.Put(d)
	})
	return d, err
}

// AcceptedDomains returns all accepted domains.
func (o *Organization) AcceptedDomains(ctx context.Context) ([]AcceptedDomain, error) {
	var all []AcceptedDomain
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.AcceptedDomains.All()
		return err
	})
	return all, err
}

// AcceptedDomain returns the accepted domain with the name, domain name or GUID.
func (o *Organization) AcceptedDomain(ctx context.Context, identity string) (AcceptedDomain, error) {
	var d AcceptedDomain
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		d, err = acceptedIn(tx, identity)
		return err
	})
	return d, err
}

// SetAcceptedDomain changes an accepted domain.
func (o *Organization) SetAcceptedDomain(ctx context.Context, identity string, request SetAcceptedDomainRequest) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		d, err := acceptedIn(tx, identity)
		if err != nil {
			return err
		}
		before := d
		if request.DomainType != nil && *request.DomainType != d.DomainType {
			if err := refuseFederated(tx, d, "must stay authoritative"); err != nil {
				return err
			}
			d.DomainType = *request.DomainType
			d.AddressBookEnabled = d.DomainType == Authoritative
		}
		if request.AddressBookEnabled != nil {
			d.AddressBookEnabled = *request.AddressBookEnabled
		}
		if request.MatchSubDomains != nil {
			d.MatchSubDomains = *request.MatchSubDomains
		}
		if err := makeDefault(tx, &d, request.MakeDefault); err != nil {
			return err
		}
		if err := renameAccepted(tx, &d, request.Name); err != nil {
			return err
		}
		if d == before {
			return nil
		}
		if err := refuseStranded(tx, before, &d); err != nil {
			return err
		}
		d.WhenChanged = o.moment()
		return tx.AcceptedDomains.Put(d)
	})
}

// RemoveAcceptedDomain removes an accepted domain that is neither federated nor the
// default one of several.
func (o *Organization) RemoveAcceptedDomain(ctx context.Context, identity string) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		d, err := acceptedIn(tx, identity)
		if err != nil {
			return err
		}
		if err := refuseFederated(tx, d, "cannot be removed"); err != nil {
			return err
		}
		all, err := tx.AcceptedDomains.All()
		if err != nil {
			return err
		}
		if d.Default && len(all) > 1 {
			return Errorf(Conflict, "DefaultAcceptedDomain", acceptedObject(d.Name), "is the default; make another one the default first")
		}
		if err := refuseStranded(tx, d, nil); err != nil {
			return err
		}
		return tx.AcceptedDomains.Delete(d.Name)
	})
}

func acceptedObject(name string) string { return "accepted domain " + quote(name) }

func acceptedIn(tx Tx, identity string) (AcceptedDomain, error) {
	d, ok, err := tx.AcceptedDomains.Get(identity)
	if err != nil || ok {
		return d, err
	}
	all, err := tx.AcceptedDomains.All()
	if err != nil {
		return d, err
	}
	for _, d := range all {
		if strings.EqualFold(d.DomainName, identity) || strings.EqualFold(d.GUID, identity) {
			return d, nil
		}
	}
	return d, Errorf(NotFound, "AcceptedDomainNotFound", acceptedObject(identity), "not found")
}

// requireAuthoritative refuses a domain that cannot be federated.
func requireAuthoritative(tx Tx, domain Domain) error {
	all, err := tx.AcceptedDomains.All()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(d AcceptedDomain) bool { return d.DomainName == string(domain) })
	if i < 0 {
		return Errorf(Conflict, "DomainNotAccepted", "domain "+quote(string(domain)), "is not an accepted domain, so it cannot be federated")
	}
	d := all[i]
	if d.DomainType != Authoritative {
		return Errorf(Conflict, "DomainNotAuthoritative", "domain "+quote(string(domain)),
			"is accepted as %s; only authoritative domains can be federated", d.DomainType)
	}
	return nil
}

func refuseFederated(tx Tx, d AcceptedDomain, consequence string) error {
	id, _, err := tx.Identifier.Get()
	if err == nil && id.has(Domain(d.DomainName)) {
		err = Errorf(Conflict, "AcceptedDomainFederated", acceptedObject(d.Name), "is federated and %s", consequence)
	}
	return err
}

// makeDefault moves the default to d; it cannot simply be taken away.
func makeDefault(tx Tx, d *AcceptedDomain, want *bool) error {
	if want == nil || *want == d.Default {
		return nil
	}
	if !*want {
		return Errorf(Conflict, "DefaultAcceptedDomain", acceptedObject(d.Name), "one domain is always the default; make another one the default instead")
	}
	all, err := tx.AcceptedDomains.All()
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.Default {
			other.Default = false
			if err := tx.AcceptedDomains.Put(other); err != nil {
				return err
			}
		}
	}
	d.Default = true
	return nil
}

func renameAccepted(tx Tx, d *AcceptedDomain, name *string) error {
	if name == nil || *name == d.Name {
		return nil
	}
	if err := CheckName("accepted domain", *name); err != nil {
		return err
	}
	old := d.Name
	if other, ok, err := tx.AcceptedDomains.Get(*name); err != nil {
		return err
	} else if ok && !strings.EqualFold(other.Name, old) {
		return Errorf(Exists, "AcceptedDomainExists", acceptedObject(*name), "exists already")
	}
	d.Name = *name
	return tx.AcceptedDomains.Rename(old, *d)
}
