package state

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"exfed/federation"
	"exfed/federation/yamldoc"
)

// checker collects the faults of the object at one position of a section.
type checker struct {
	doc      *yamldoc.Document
	section  string
	position int
	prefix   string // put before the names of fields
	faults   *yamldoc.Faults
}

func (c checker) fault(field, format string, args ...any) {
	*c.faults = append(*c.faults, c.doc.Fault(c.section, c.position, c.prefix+field, fmt.Sprintf(format, args...)))
}

// checkShapes checks each object by itself: what its values look like.
func checkShapes(s snapshot) yamldoc.Faults {
	var faults yamldoc.Faults
	if s.endpointURL != "" {
		if _, err := federation.ParseEndpointURL(s.endpointURL); err != nil {
			checker{s.doc, organizationSection, 0, "", &faults}.fault("endpointUrl", "%v", err)
		}
	}
	if s.identifier != nil {
		checkIdentifier(checker{s.doc, organizationSection, 0, identifierField + ".", &faults}, *s.identifier)
	}
	for i, a := range s.attempts {
		checkAttempt(checker{s.doc, organizationSection, 0, fmt.Sprintf("%s[%d].", attemptsField, i), &faults}, a)
	}
	for i, d := range s.domains {
		checkAcceptedDomain(checker{s.doc, acceptedDomainsSection, i, "", &faults}, d)
	}
	for i, cert := range s.certificates {
		checkCertificate(checker{s.doc, certificatesSection, i, "", &faults}, cert)
	}
	for i, trust := range s.trusts {
		checkTrust(checker{s.doc, trustsSection, i, "", &faults}, trust)
	}
	for i, r := range s.relationships {
		checkRelationship(checker{s.doc, relationshipsSection, i, "", &faults}, r)
	}
	for i, p := range s.policies {
		checkPolicy(checker{s.doc, policiesSection, i, "", &faults}, p)
	}
	for i, m := range s.mailboxes {
		checkMailbox(checker{s.doc, mailboxesSection, i, "", &faults}, m)
	}
	return faults
}

func checkIdentifier(c checker, id federation.OrganizationIdentifier) {
	c.guid(id.Meta)
	if id.AccountNamespace != "" && federation.PrimaryDomain(id.AccountNamespace) == "" {
		c.fault("accountNamespace", "%q does not begin with %s", id.AccountNamespace, federation.AccountNamespacePrefix)
	}
	for i, d := range id.Domains {
		field := fmt.Sprintf("domains[%d]", i)
		c.domain(field+".domain", string(d.Domain))
		c.oneOf(field+".pending", d.Pending, "", "add", "remove")
	}
	if id.DefaultDomain != "" {
		c.domain("defaultDomain", string(id.DefaultDomain))
	}
}

func checkAttempt(c checker, a federation.RegistrationAttempt) {
	c.domain("domain", string(a.Domain))
	if a.Time.IsZero() {
		c.fault("time", "is missing")
	}
	if !federation.IsFaultName(a.Fault) {
		c.fault("fault", "%q is not the name of a fault such as %s", a.Fault, federation.ProofFailedFault)
	}
}

func checkAcceptedDomain(c checker, d federation.AcceptedDomain) {
	c.guid(d.Meta)
	c.domain("domainName", strings.TrimPrefix(d.DomainName, "*."))
	c.oneOf("domainType", string(d.DomainType), string(federation.Authoritative),
		string(federation.InternalRelay), string(federation.ExternalRelay))
}

func checkCertificate(c checker, cert federation.Certificate) {
	c.thumbprint("thumbprint", cert.Thumbprint)
	for i, service := range cert.Services {
		c.oneOf(fmt.Sprintf("services[%d]", i), service, "Federation", "IIS", "IMAP", "POP", "SMTP", "UM", "UMCallRouter")
	}
	c.der("certificate", cert.Raw)
	if cert.Raw == "" {
		c.fault("certificate", "is missing")
	}
}

func checkTrust(c checker, t federation.FederationTrust) {
	c.guid(t.Meta)
	c.oneOf("securityProfile", string(t.SecurityProfile), string(federation.Modern), string(federation.Exchange))
	c.oneOf("pending", t.Pending, "", "CreateAppId", "UpdateAppIdCertificate")
	c.thumbprint("orgPrivCertificate", t.Current)
	for field, thumbprint := range otherCertificates(t) {
		if thumbprint != "" {
			c.thumbprint(field, thumbprint)
		}
	}
	c.der("tokenIssuer.certificate", t.Issuer.Certificate)
	c.der("tokenIssuer.previousCertificate", t.Issuer.PreviousCertificate)
}

// otherCertificates yields the certificates a trust may have besides the current one.
func otherCertificates(t federation.FederationTrust) func(func(field, thumbprint string) bool) {
	return func(yield func(string, string) bool) {
		_ = yield("orgNextPrivCertificate", t.Next) && yield("orgPrevPrivCertificate", t.Previous)
	}
}

func (c checker) oneOf(field, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		allowed = slices.DeleteFunc(allowed, func(s string) bool { return s == "" })
		c.fault(field, "%q is not one of %s", value, strings.Join(allowed, ", "))
	}
}

// domain accepts what the vocabulary writes: lower case, A-labels.
func (c checker) domain(field, value string) {
	parsed, err := federation.ParseDomain(value)
	switch {
	case err != nil:
		c.fault(field, "%v", err)
	case string(parsed) != value:
		c.fault(field, "%q is written %q here", value, parsed)
	}
}

func (c checker) guid(meta federation.Meta) {
	if !isGUID(meta.GUID) {
		c.fault("guid", "%q is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e", meta.GUID)
	}
}

func isGUID(text string) bool {
	groups := strings.Split(text, "-")
	if len(groups) != 5 {
		return false
	}
	for i, length := range []int{8, 4, 4, 4, 12} {
		if len(groups[i]) != length || strings.Trim(groups[i], "0123456789abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

func (c checker) thumbprint(field, value string) {
	if len(value) != 40 || strings.Trim(value, "0123456789ABCDEF") != "" {
		c.fault(field, "%q is not a thumbprint, 40 upper-case hexadecimal digits", value)
	}
}

// der checks that a value can be the Base64 of a certificate: a DER sequence. What is
// in it is for those to judge who use it.
func (c checker) der(field, value string) {
	if value == "" {
		return
	}
	if der, err := base64.StdEncoding.DecodeString(value); err != nil || len(der) < 2 || der[0] != 0x30 {
		c.fault(field, "is not a certificate in Base64 on one line")
	}
}
