package federation

import (
	"slices"
	"strings"
)

// changeMailbox makes the changes and refuses what cannot be.
func (o *Organization) changeMailbox(tx Tx, m *Mailbox, request MailboxRequest) error {
	before := m.Addresses()
	if err := o.changeAddresses(m, request); err != nil {
		return err
	}
	if err := checkAddresses(tx, *m, before); err != nil {
		return err
	}
	set(&m.DefaultCalendarPermission, request.DefaultCalendarPermission)
	if err := assignPolicy(tx, m, request.SharingPolicy); err != nil {
		return err
	}
	groups, absent, err := changed(m.MemberOf, request.MemberOf, parseGroup, strings.EqualFold)
	if err != nil {
		return err
	}
	m.MemberOf = groups
	for _, group := range absent {
		o.Warn("%s: it is not in group %q, so it is not removed from it", mailboxObject(m.Name), group)
	}
	return nil
}

func parseGroup(text string) (string, error) { return text, CheckName("group", text) }

// changeAddresses works out which address is the primary one and which are the others.
func (o *Organization) changeAddresses(m *Mailbox, request MailboxRequest) error {
	edit := request.EmailAddresses
	var replace []string
	if edit.Replace != nil {
		replace = *edit.Replace
	}
	marked, err := namedPrimary(replace, edit.Add)
	if err != nil {
		return err
	}
	primary, err := m.choosePrimary(request.PrimarySMTPAddress, marked)
	if err != nil {
		return err
	}
	known := m.OtherAddresses
	if m.PrimarySMTPAddress != "" {
		known = m.Addresses()
	}
	others, absent, err := changed(known, edit, parsePrefixed, strings.EqualFold)
	if err != nil {
		return err
	}
	for _, address := range absent {
		o.Warn("%s: %s is not one of its addresses, so it is not removed", mailboxObject(m.Name), address)
	}
	isPrimary := func(address string) bool { return strings.EqualFold(address, primary) }
	if edit.Replace == nil && m.PrimarySMTPAddress != "" && strings.EqualFold(primary, m.PrimarySMTPAddress) && !slices.ContainsFunc(others, isPrimary) {
		return Errorf(Conflict, "PrimaryAddressStays", "address "+quote(primary),
			"is the primary address of %s and cannot be removed before another one is primary", mailboxObject(m.Name))
	}
	m.PrimarySMTPAddress = primary
	m.OtherAddresses = slices.DeleteFunc(others, isPrimary)
	if len(m.OtherAddresses) == 0 {
		m.OtherAddresses = nil
	}
	return nil
}

// choosePrimary decides between the address that was given as the primary one, the one that
// is marked so in a list, and the one there is.
func (m Mailbox) choosePrimary(given *string, marked string) (string, error) {
	if given == nil || *given == "" {
		if primary := firstOf(marked, m.PrimarySMTPAddress); primary != "" {
			return primary, nil
		}
		return "", Errorf(Invalid, "NoPrimaryAddress", mailboxObject(m.Name), "it needs a primary address")
	}
	primary, err := parsePrefixed(*given)
	if err != nil {
		return "", err
	}
	if marked != "" && !strings.EqualFold(primary, marked) {
		return "", Errorf(Invalid, "TwoPrimaryAddresses", "address "+quote(marked),
			"is marked SMTP: as the primary one, and %s is given as that", primary)
	}
	return primary, nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// checkAddresses refuses an address that was not there before and is another mailbox's or in
// no accepted domain.
func checkAddresses(tx Tx, m Mailbox, before []string) error {
	all, err := tx.Mailboxes.All()
	if err != nil {
		return err
	}
	accepted, err := tx.AcceptedDomains.All()
	if err != nil {
		return err
	}
	for _, address := range without(m.Addresses(), before) {
		i := slices.IndexFunc(all, func(other Mailbox) bool { return other.GUID != m.GUID && other.has(address) })
		if i >= 0 {
			return Errorf(Exists, "AddressInUse", "address "+quote(address), "is one of %s", mailboxObject(all[i].Name))
		}
		if domain := DomainOf(address); !Accepted(accepted, domain) {
			return Errorf(Conflict, "AddressNotAccepted", "address "+quote(address), "%s is no accepted domain", domain)
		}
	}
	return nil
}

// Accepted reports whether one of the accepted domains covers the domain.
func Accepted(accepted []AcceptedDomain, domain Domain) bool {
	return slices.ContainsFunc(accepted, func(d AcceptedDomain) bool { return d.Covers(domain) })
}

// refuseStranded refuses a change of an accepted domain after which addresses of mailboxes
// would be in none. after is nil when the domain is removed.
func refuseStranded(tx Tx, before AcceptedDomain, after *AcceptedDomain) error {
	mailboxes, err := tx.Mailboxes.All()
	if err != nil {
		return err
	}
	accepted, err := tx.AcceptedDomains.All()
	if err != nil {
		return err
	}
	accepted = slices.DeleteFunc(accepted, func(d AcceptedDomain) bool { return d.GUID == before.GUID })
	if after != nil {
		accepted = append(accepted, *after)
	}
	for _, m := range mailboxes {
		for _, address := range m.Addresses() {
			if !Accepted(accepted, DomainOf(address)) {
				return Errorf(Conflict, "AcceptedDomainInUse", acceptedObject(before.Name), "%s has the address %s, which no other accepted domain covers",
					mailboxObject(m.Name), address)
			}
		}
	}
	return nil
}
