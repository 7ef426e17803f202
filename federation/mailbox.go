package federation

import (
	"context"
	"reflect"
	"slices"
	"strings"
)

// MailboxRequest makes or changes a mailbox; a nil field stays as it is.
type MailboxRequest struct {
	Name               *string
	PrimarySMTPAddress *string // another one becomes one of the others
	// EmailAddresses are all addresses as Exchange lists them. The one with SMTP: is the
	// primary one; without any, the primary one stays.
	EmailAddresses            ListChange
	DefaultCalendarPermission *CalendarPermission
	MemberOf                  ListChange
	SharingPolicy             *string // by name or GUID; "" is the default one
}

// NewMailbox makes a mailbox. Everybody may see when it is busy (AvailabilityOnly, which is
// Exchange's default too) until the request says otherwise.
func (o *Organization) NewMailbox(ctx context.Context, request MailboxRequest) (Mailbox, error) {
	m := Mailbox{DefaultCalendarPermission: PermissionAvailabilityOnly}
	set(&m.Name, request.Name)
	if err := CheckName("mailbox", m.Name); err != nil {
		return m, err
	}
	var err error
	if m.Meta, err = o.newMeta(); err != nil {
		return m, err
	}
	err = o.Store.Update(ctx, func(tx Tx) error {
		if _, exists, err := tx.Mailboxes.Get(m.Name); err != nil || exists {
			return orElse(err, Errorf(Exists, "MailboxExists", mailboxObject(m.Name), "exists already"))
		}
		if err := o.changeMailbox(tx, &m, request); err != nil {
			return err
		}
		return tx.Mailboxes.Put(m)
	})
	return m, err
}

// Mailboxes returns all mailboxes.
func (o *Organization) Mailboxes(ctx context.Context) ([]Mailbox, error) {
	var all []Mailbox
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.Mailboxes.All()
		return err
	})
	return all, err
}

// Mailbox returns the mailbox with the name, one of the addresses or the GUID.
func (o *Organization) Mailbox(ctx context.Context, identity string) (Mailbox, error) {
	var m Mailbox
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		m, err = mailboxIn(tx, identity)
		return err
	})
	return m, err
}

// SetMailbox changes a mailbox.
func (o *Organization) SetMailbox(ctx context.Context, identity string, request MailboxRequest) error {
	return o.updateMailbox(ctx, identity, func(tx Tx, m *Mailbox) error {
		if err := o.changeMailbox(tx, m, request); err != nil {
			return err
		}
		if request.Name == nil || *request.Name == m.Name {
			return nil
		}
		return renameMailbox(tx, m, *request.Name)
	})
}

// RemoveMailbox removes a mailbox and what is known of its calendar.
func (o *Organization) RemoveMailbox(ctx context.Context, identity string) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		m, err := mailboxIn(tx, identity)
		if err != nil {
			return err
		}
		return tx.Mailboxes.Delete(m.Name)
	})
}

// updateMailbox has fn change a mailbox and writes it if it has become another.
func (o *Organization) updateMailbox(ctx context.Context, identity string, fn func(Tx, *Mailbox) error) error {
	return o.updateFound(ctx, func(tx Tx) (Mailbox, error) { return mailboxIn(tx, identity) }, fn)
}

// updateFound is updateMailbox for the mailbox that find finds.
func (o *Organization) updateFound(ctx context.Context, find func(Tx) (Mailbox, error), fn func(Tx, *Mailbox) error) error {
	return o.Store.Update(ctx, func(tx Tx) error {
		m, err := find(tx)
		if err != nil {
			return err
		}
		before := m
		if err := fn(tx, &m); err != nil || reflect.DeepEqual(m, before) {
			return err
		}
		m.WhenChanged = o.moment()
		return tx.Mailboxes.Put(m)
	})
}

func mailboxObject(name string) string { return "mailbox " + quote(name) }

func mailboxIn(tx Tx, identity string) (Mailbox, error) {
	m, ok, err := tx.Mailboxes.Get(identity)
	if err != nil || ok {
		return m, err
	}
	all, err := tx.Mailboxes.All()
	if err != nil {
		return m, err
	}
	address, err := parsePrefixed(identity)
	for _, m := range all {
		if strings.EqualFold(m.GUID, identity) || err == nil && m.has(address) {
			return m, nil
		}
	}
	return m, Errorf(NotFound, "MailboxNotFound", mailboxObject(identity), "not found")
}

func (m Mailbox) has(address string) bool {
	return slices.ContainsFunc(m.Addresses(), func(own string) bool { return strings.EqualFold(own, address) })
}

// InGroup reports whether the mailbox is a member of the group.
func (m Mailbox) InGroup(group string) bool {
	return slices.ContainsFunc(m.MemberOf, func(own string) bool { return strings.EqualFold(own, group) })
}

func renameMailbox(tx Tx, m *Mailbox, name string) error {
	if err := CheckName("mailbox", name); err != nil {
		return err
	}
	old := m.Name
	other, taken, err := tx.Mailboxes.Get(name)
	if err != nil || taken && other.GUID != m.GUID {
		return orElse(err, Errorf(Exists, "MailboxExists", mailboxObject(name), "exists already"))
	}
	m.Name = name
	return tx.Mailboxes.Rename(old, *m)
}
