package state

import (
	"fmt"
	"strings"

	"exfed/federation"
	"exfed/federation/yamldoc"
)

// identifierField is the key of the identifier within its section.
const identifierField = "federatedOrganizationIdentifier"

// attemptsField is the key of the refused registrations within that section.
const attemptsField = "registrationAttempts"

// repairField is the key of the repair that was begun within that section.
const repairField = "trustRepair"

// checkReferences checks the rules that hold between objects.
func checkReferences(s snapshot) yamldoc.Faults {
	var faults yamldoc.Faults
	s.checkDefaultDomain(&faults)
	s.checkDomainNames(&faults)
	s.checkTrustCertificates(&faults)
	s.checkIdentifierReferences(&faults)
	s.checkRepairReferences(&faults)
	s.checkPartnerDomains(&faults)
	s.checkMailboxAddresses(&faults)
	s.checkPublishIDs(&faults)
	s.checkPolicyReferences(&faults)
	return faults
}

// checkDefaultDomain: exactly one accepted domain is the default, if there are any.
func (s snapshot) checkDefaultDomain(faults *yamldoc.Faults) {
	checkDefault(s, acceptedDomainsSection, "domain", s.domains, func(d federation.AcceptedDomain) (string, bool) { return d.Name, d.Default }, faults)
}

// checkDefault: exactly one of a section is the default, if there are any. kind is what the one
// is called.
func checkDefault[T any](s snapshot, section, kind string, all []T, read func(T) (name string, isDefault bool), faults *yamldoc.Faults) {
	first, found := "", false
	for i, one := range all {
		name, isDefault := read(one)
		switch {
		case isDefault && !found:
			first, found = name, true
		case isDefault:
			checker{s.doc, section, i, "", faults}.fault("default", "%s is the default %s already", first, kind)
		}
	}
	if !found && len(all) > 0 {
		*faults = append(*faults, yamldoc.Fault{Path: section, Message: "none is the default " + kind + "; set default: true for one"})
	}
}

// checkDomainNames: a domain is accepted once, under whatever name.
func (s snapshot) checkDomainNames(faults *yamldoc.Faults) {
	seen := map[string]string{}
	for i, d := range s.domains {
		if other, ok := seen[d.DomainName]; ok {
			checker{s.doc, acceptedDomainsSection, i, "", faults}.fault("domainName", "%s is accepted as %q already", d.DomainName, other)
			continue
		}
		seen[d.DomainName] = d.Name
	}
}

// checkTrustCertificates: the certificates of a trust are in the file, and are not
// requests for one.
func (s snapshot) checkTrustCertificates(faults *yamldoc.Faults) {
	known, pending := map[string]bool{}, map[string]bool{}
	for _, c := range s.certificates {
		known[c.Thumbprint], pending[c.Thumbprint] = true, c.Pending()
	}
	for i, t := range s.trusts {
		c := checker{s.doc, trustsSection, i, "", faults}
		for field, thumbprint := range certificatesOf(t) {
			switch {
			case !known[thumbprint]:
				c.fault(field, "no certificate %s in %s", thumbprint, certificatesSection)
			case pending[thumbprint]:
				c.fault(field, "%s is a certificate request", thumbprint)
			}
		}
	}
}

// checkIdentifierReferences: the identifier's trust exists, its domains are accepted
// authoritative domains, each named once, and its default domain is one of them.
func (s snapshot) checkIdentifierReferences(faults *yamldoc.Faults) {
	if s.identifier == nil {
		return
	}
	id := *s.identifier
	c := checker{s.doc, organizationSection, 0, identifierField + ".", faults}
	if id.DelegationTrust != "" && s.doc.Index(trustsSection, id.DelegationTrust) < 0 {
		c.fault("delegationTrust", "no trust %q in %s", id.DelegationTrust, trustsSection)
	}
	types := map[string]federation.AcceptedDomainType{}
	for _, d := range s.domains {
		types[d.DomainName] = d.DomainType
	}
	federated := map[federation.Domain]bool{}
	for i, d := range id.Domains {
		field := fmt.Sprintf("domains[%d].domain", i)
		switch kind, ok := types[string(d.Domain)]; {
		case federated[d.Domain]:
			c.fault(field, "%s is in the list already", d.Domain)
		case isAccountNamespace(id, d.Domain): // needs no accepted domain of its own
		case !ok:
			c.fault(field, "no accepted domain %s in %s", d.Domain, acceptedDomainsSection)
		case kind != federation.Authoritative:
			c.fault(field, "accepted domain %s is %s; only %s ones can be federated", d.Domain, kind, federation.Authoritative)
		}
		federated[d.Domain] = true
	}
	if id.DefaultDomain != "" && !federated[id.DefaultDomain] {
		c.fault("defaultDomain", "%s is not one of the federated domains", id.DefaultDomain)
	}
}

// checkRepairReferences: the new certificate of a repair is in the file, and the domains it
// registers again are accepted authoritative ones.
func (s snapshot) checkRepairReferences(faults *yamldoc.Faults) {
	if s.repair == nil {
		return
	}
	c := checker{s.doc, organizationSection, 0, repairField + ".", faults}
	if s.doc.Index(certificatesSection, s.repair.NewThumbprint) < 0 {
		c.fault("newThumbprint", "no certificate %s in %s", s.repair.NewThumbprint, certificatesSection)
	}
	authoritative := map[string]bool{}
	for _, d := range s.domains {
		authoritative[d.DomainName] = d.DomainType == federation.Authoritative
	}
	for i, d := range s.repair.Domains {
		if !authoritative[string(d)] {
			c.fault(fmt.Sprintf("domains[%d]", i), "no %s accepted domain %s in %s", federation.Authoritative, d, acceptedDomainsSection)
		}
	}
}

func isAccountNamespace(id federation.OrganizationIdentifier, d federation.Domain) bool {
	return id.AccountNamespace != "" && strings.EqualFold(id.AccountNamespace, string(d))
}
