package state

import (
	"exfed/federation"
	"exfed/federation/yamldoc"
)

// organizationPart is the section about the organization as a whole within a transaction.
type organizationPart struct {
	t       *transaction
	changed bool
	now     organization // once changed
}

func (p *organizationPart) get() (organization, error) {
	if p.changed || p.t.doc.Len(organizationSection) == 0 {
		return p.now, nil
	}
	return decode[organization](p.t, organizationSection, 0)
}

// put changes a part of the section and leaves the others as they are.
func (p *organizationPart) put(change func(*organization)) error {
	if err := p.t.mayWrite(); err != nil {
		return err
	}
	now, err := p.get()
	if err != nil {
		return err
	}
	change(&now)
	p.changed, p.now = true, now
	return nil
}

func (p *organizationPart) edits() []yamldoc.Edit {
	switch {
	case !p.changed:
		return nil
	case p.now.Identifier == nil && p.now.EndpointURL == "" && len(p.now.Attempts) == 0 && p.now.Repair == nil && p.now.Rollover == nil:
		return []yamldoc.Edit{{Section: organizationSection}}
	}
	return []yamldoc.Edit{{Section: organizationSection, Object: p.now}}
}

// identifier is the federated organization identifier. It implements federation.Single.
type identifier struct{ *organizationPart }

func (i identifier) Get() (federation.OrganizationIdentifier, bool, error) {
	now, err := i.get()
	if err != nil || now.Identifier == nil {
		return federation.OrganizationIdentifier{}, false, err
	}
	return *now.Identifier, true, nil
}

func (i identifier) Put(object federation.OrganizationIdentifier) error {
	return i.put(func(o *organization) { o.Identifier = &object })
}

func (i identifier) Delete() error {
	return i.put(func(o *organization) { o.Identifier = nil })
}

// attempts are the registrations that the broker refused. It implements federation.Single.
type attempts struct{ *organizationPart }

func (a attempts) Get() ([]federation.RegistrationAttempt, bool, error) {
	now, err := a.get()
	return now.Attempts, len(now.Attempts) > 0, err
}

func (a attempts) Put(list []federation.RegistrationAttempt) error {
	return a.put(func(o *organization) { o.Attempts = list })
}

func (a attempts) Delete() error { return a.Put(nil) }

// repair is the repair of the trust that was begun. It implements federation.Single.
type repair struct{ *organizationPart }

func (r repair) Get() (federation.TrustRepair, bool, error) {
	now, err := r.get()
	if err != nil || now.Repair == nil {
		return federation.TrustRepair{}, false, err
	}
	return *now.Repair, true, nil
}

func (r repair) Put(object federation.TrustRepair) error {
	return r.put(func(o *organization) { o.Repair = &object })
}

func (r repair) Delete() error {
	return r.put(func(o *organization) { o.Repair = nil })
}

// endpointURL is the URL of the organization's endpoint. It implements federation.Single.
type endpointURL struct{ *organizationPart }

func (u endpointURL) Get() (string, bool, error) {
	now, err := u.get()
	return now.EndpointURL, now.EndpointURL != "", err
}

func (u endpointURL) Put(text string) error {
	return u.put(func(o *organization) { o.EndpointURL = text })
}

func (u endpointURL) Delete() error { return u.Put("") }
