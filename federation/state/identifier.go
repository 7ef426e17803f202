package state

import (
	"exfed/federation"
	"exfed/federation/yamldoc"
)

// identifier is the federated organization identifier within a transaction. It
// implements federation.Single.
type identifier struct {
	t       *transaction
	changed bool
	now     *federation.OrganizationIdentifier // once changed; nil when deleted
}

func (i *identifier) Get() (federation.OrganizationIdentifier, bool, error) {
	now := i.now
	if !i.changed && i.t.doc.Len(organizationSection) > 0 {
		stored, err := decode[organization](i.t, organizationSection, 0)
		if err != nil {
			return federation.OrganizationIdentifier{}, false, err
		}
		now = stored.Identifier
	}
	if now == nil {
		return federation.OrganizationIdentifier{}, false, nil
	}
	return *now, true, nil
}

func (i *identifier) Put(object federation.OrganizationIdentifier) error {
	if err := i.t.mayWrite(); err != nil {
		return err
	}
	i.changed, i.now = true, &object
	return nil
}

func (i *identifier) Delete() error {
	if err := i.t.mayWrite(); err != nil {
		return err
	}
	i.changed, i.now = true, nil
	return nil
}

func (i *identifier) edits() []yamldoc.Edit {
	switch {
	case !i.changed:
		return nil
	case i.now == nil:
		return []yamldoc.Edit{{Section: organizationSection}}
	}
	return []yamldoc.Edit{{Section: organizationSection, Object: organization{Identifier: i.now}}}
}
