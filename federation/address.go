package federation

import "strings"

// ParseAddress reads an SMTP address as people type it. Its domain is read by ParseDomain;
// what stands before the @ stays as it is. Addresses compare without regard to case.
func ParseAddress(text string) (string, error) {
	i := strings.LastIndexByte(text, '@')
	if i < 1 {
		return "", Errorf(Invalid, "InvalidSmtpAddress", "address "+quote(text), "is not an SMTP address")
	}
	domain, err := ParseDomain(text[i+1:])
	if err != nil {
		return "", &Error{Kind: Invalid, ID: "InvalidSmtpAddress", Object: "address " + quote(text), Reason: "is not an SMTP address", Err: err}
	}
	return smtpAddress(text[:i+1] + string(domain))
}

// DomainOf returns the domain of an address that ParseAddress has read.
func DomainOf(address string) Domain { return Domain(address[strings.LastIndexByte(address, '@')+1:]) }

// The prefixes of addresses as Exchange lists them.
const (
	primaryPrefix = "SMTP:"
	otherPrefix   = "smtp:"
)

// EmailAddresses lists the mailbox's addresses as Exchange does: SMTP: before the primary
// one, smtp: before the others.
func (m Mailbox) EmailAddresses() []string {
	all := []string{primaryPrefix + m.PrimarySMTPAddress}
	for _, address := range m.OtherAddresses {
		all = append(all, otherPrefix+address)
	}
	return all
}

// Addresses lists the mailbox's addresses, the primary one first.
func (m Mailbox) Addresses() []string {
	return append([]string{m.PrimarySMTPAddress}, m.OtherAddresses...)
}

// parsePrefixed reads an address with or without Exchange's prefix: SMTP: says that it is the
// primary one, smtp: and nothing that it is another.
func parsePrefixed(text string) (string, error) {
	kind, address, prefixed := strings.Cut(text, ":")
	if !prefixed {
		return ParseAddress(text)
	}
	if !strings.EqualFold(kind, "smtp") {
		return "", Errorf(Invalid, "InvalidSmtpAddress", "address "+quote(text), "is of type %.20q; mailboxes have SMTP addresses only", kind)
	}
	return ParseAddress(address)
}

// namedPrimary returns the address that a list marks as the primary one, or "".
func namedPrimary(lists ...[]string) (string, error) {
	primary := ""
	for _, list := range lists {
		for _, text := range list {
			if !strings.HasPrefix(text, primaryPrefix) {
				continue
			}
			address, err := parsePrefixed(text)
			if err != nil {
				return "", err
			}
			if primary != "" && !strings.EqualFold(primary, address) {
				return "", Errorf(Invalid, "TwoPrimaryAddresses", "address "+quote(address),
					"is marked SMTP: as the primary one, and so is %s; the others have smtp:", primary)
			}
			primary = address
		}
	}
	return primary, nil
}
