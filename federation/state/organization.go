package state

import (
	"exfed/federation"
	"exfed/federation/yamldoc"
)

// organizationSingle is what the file says about the organization as a whole, within a
// transaction.
type organizationSingle struct {
	t       *transaction
	changed bool
	now     organization // once changed
}

// get returns what is there now.
func (o *organizationSingle) get() (organization, error) {
	if o.changed || o.t.doc.Len(organizationSection) == 0 {
		return o.now, nil
	}
	return decode[organization](o.t, organizationSection, 0)
}

// change lets fn change what is there.
func (o *organizationSingle) change(fn func(*organization)) error {
	if err := o.t.mayWrite(); err != nil {
		return err
	}
	now, err := o.get()
	if err != nil {
		return err
	}
	fn(&now)
	o.changed, o.now = true, now
	return nil
}

func (o *organizationSingle) edits() []yamldoc.Edit {
	switch {
	case !o.changed:
		return nil
	case o.now == organization{}:
		return []yamldoc.Edit{{Section: organizationSection}}
	}
	return []yamldoc.Edit{{Section: organizationSection, Object: o.now}}
}

// identifier is the federated organization identifier. It implements federation.Single.
type identifier struct{ in *organizationSingle }

func (i identifier) Get() (federation.OrganizationIdentifier, bool, error) {
	now, err := i.in.get()
	if err != nil || now.Identifier == nil {
		return federation.OrganizationIdentifier{}, false, err
	}
	return *now.Identifier, true, nil
}

func (i identifier) Put(object federation.OrganizationIdentifier) error {
	return i.in.change(func(o *organization) { o.Identifier = &object })
}

func (i identifier) Delete() error {
	return i.in.change(func(o *organization) { o.Identifier = nil })
}

// endpointURL is the URL of the organization's endpoint. It implements federation.Single.
type endpointURL struct{ in *organizationSingle }

func (u endpointURL) Get() (string, bool, error) {
	now, err := u.in.get()
	return now.EndpointURL, now.EndpointURL != "", err
}

func (u endpointURL) Put(text string) error {
	return u.in.change(func(o *organization) { o.EndpointURL = text })
}

func (u endpointURL) Delete() error { return u.Put("") }
