package state

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"exfed/federation"
	"exfed/federation/yamldoc"
)

func checkRelationship(c checker, r federation.OrganizationRelationship) {
	c.guid(r.Meta)
	if n := len(r.DomainNames); n == 0 || n > federation.MaxDomains {
		c.fault("domainNames", "%d domains; it has between 1 and %d", n, federation.MaxDomains)
	}
	for i, domain := range r.DomainNames {
		c.domain(fmt.Sprintf("domainNames[%d]", i), string(domain))
	}
	c.oneOf("freeBusyAccessLevel", string(r.FreeBusyAccessLevel), string(federation.FreeBusyNone),
		string(federation.FreeBusyAvailabilityOnly), string(federation.FreeBusyLimitedDetails))
	c.oneOf("mailTipsAccessLevel", string(r.MailTipsAccessLevel), string(federation.MailTipsNone),
		string(federation.MailTipsLimited), string(federation.MailTipsAll))
	targets := r.Targets()
	for _, target := range slices.Sorted(maps.Keys(targets)) {
		if err := federation.CheckTarget(target, targets[target]); err != nil {
			c.fault(keyOf(target), "%v", err)
		}
	}
}

// keyOf is the target's key in the file: targetOwaUrl for TargetOwaURL.
func keyOf(target federation.Target) string {
	name := []rune(strings.Replace(string(target), "URL", "Url", 1))
	name[0] = unicode.ToLower(name[0])
	return string(name)
}

func checkMailbox(c checker, m federation.Mailbox) {
	c.guid(m.Meta)
	c.address("primarySmtpAddress", m.PrimarySMTPAddress)
	for i, address := range m.OtherAddresses {
		c.address(fmt.Sprintf("otherAddresses[%d]", i), address)
	}
	c.oneOf("defaultCalendarPermission", string(m.DefaultCalendarPermission), string(federation.PermissionNone),
		string(federation.PermissionAvailabilityOnly), string(federation.PermissionLimitedDetails), string(federation.PermissionReviewer))
	if m.CalendarSource != nil {
		if err := m.CalendarSource.Check(); err != nil {
			c.fault("calendarSource", "%v", err)
		}
	}
	if m.CalendarFolder != nil {
		if err := m.CalendarFolder.Check(); err != nil {
			c.fault("calendarFolder", "%v", err)
		}
	}
}

// checkPublishIDs: the address of a published calendar is one mailbox's. A mailbox that was
// copied by hand would otherwise be shown in the place of the other.
func (s snapshot) checkPublishIDs(faults *yamldoc.Faults) {
	seen := map[string]string{}
	for i, m := range s.mailboxes {
		id := m.Folder().PublishID
		if other, ok := seen[id]; ok && id != "" {
			checker{s.doc, mailboxesSection, i, "", faults}.fault("calendarFolder.publishId", "is that of %q already", other)
		}
		seen[id] = m.Name
	}
}

// address accepts what the vocabulary writes: the domain in lower case, as A-labels.
func (c checker) address(field, value string) {
	parsed, err := federation.ParseAddress(value)
	switch {
	case err != nil:
		c.fault(field, "%v", err)
	case parsed != value:
		c.fault(field, "%q is written %q here", value, parsed)
	}
}

// checkPartnerDomains: a domain is in one relationship, once.
func (s snapshot) checkPartnerDomains(faults *yamldoc.Faults) {
	seen := map[federation.Domain]string{}
	for i, r := range s.relationships {
		c := checker{s.doc, relationshipsSection, i, "", faults}
		for j, domain := range r.DomainNames {
			if other, ok := seen[domain]; ok {
				c.fault(fmt.Sprintf("domainNames[%d]", j), "%s is in %q already", domain, other)
			}
			seen[domain] = r.Name
		}
	}
}

// checkMailboxAddresses: an address is one mailbox's, and in an accepted domain.
func (s snapshot) checkMailboxAddresses(faults *yamldoc.Faults) {
	seen := map[string]string{}
	accepted := map[federation.Domain]bool{}
	for i, m := range s.mailboxes {
		c := checker{s.doc, mailboxesSection, i, "", faults}
		for j, address := range m.Addresses() {
			field := "primarySmtpAddress"
			if j > 0 {
				field = fmt.Sprintf("otherAddresses[%d]", j-1)
			}
			domain := federation.DomainOf(address)
			if _, known := accepted[domain]; !known {
				accepted[domain] = federation.Accepted(s.domains, domain)
			}
			folded := strings.ToLower(address)
			if other, ok := seen[folded]; ok {
				c.fault(field, "%s is an address of %q already", address, other)
			} else if !accepted[domain] {
				c.fault(field, "no accepted domain covers %s", domain)
			}
			seen[folded] = m.Name
		}
	}
}
