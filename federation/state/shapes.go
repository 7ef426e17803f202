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
	if s.rollover != nil {
		checkRollover(checker{s.doc, organizationSection, 0, rolloverField + ".", &faults}, *s.rollover)
	}
	if s.repair != nil {
		checkRepair(checker{s.doc, organizationSection, 0, repairField + ".", &faults}, *s.repair)
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

func checkRepair(c checker, r federation.TrustRepair) {
	var steps, causes []string
	for _, step := range federation.RepairSteps() {
		steps = append(steps, string(step))
	}
	for _, cause := range federation.RepairCauses() {
		causes = append(causes, string(cause))
	}
	c.oneOf("step", string(r.Step), steps...)
	c.oneOf("cause", string(r.Cause), causes...)
	c.oneOf("securityProfile", string(r.SecurityProfile), string(federation.Modern), string(federation.Exchange))
	if r.Began.IsZero() {
		c.fault("began", "is missing")
	}
	if r.TrustName == "" {
		c.fault("trustName", "is missing")
	}
	if !isGUID(r.TrustGUID) {
		c.fault("trustGuid", "%q is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e", r.TrustGUID)
	}
	c.thumbprint("oldThumbprint", r.OldThumbprint)
	c.thumbprint("newThumbprint", r.NewThumbprint)
	for i, d := range r.Domains {
		c.domain(fmt.Sprintf("domains[%d]", i), string(d))
	}
	if r.DefaultDomain != "" && !slices.Contains(r.Domains, r.DefaultDomain) {
		c.fault("defaultDomain", "%s is not one of the domains", r.DefaultDomain)
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
	c.der("certificate", "certificate", cert.Raw)
	c.der("request", "certificate request", cert.Request)
	switch {
	case cert.Raw == "" && cert.Request == "":
		c.fault("certificate", "is missing")
	case cert.Raw != "" && cert.Request != "":
		c.fault("request", "cannot stand beside a certificate")
	}
	for i, raw := range cert.Chain {
		field := fmt.Sprintf("chain[%d]", i)
		if c.der(field, "certificate", raw); raw == "" {
			c.fault(field, "is missing")
		}
	}
	if len(cert.Chain) > federation.MaxChain {
		c.fault("chain", "has %d certificates, at most %d", len(cert.Chain), federation.MaxChain)
	}
}

func checkTrust(c checker, t federation.FederationTrust) {
	c.guid(t.Meta)
	c.oneOf("securityProfile", string(t.SecurityProfile), string(federation.Modern), string(federation.Exchange))
	c.oneOf("pending", t.Pending, "", "CreateAppId", "UpdateAppIdCertificate")
	for field, thumbprint := range certificatesOf(t) {
		c.thumbprint(field, thumbprint)
	}
	c.der("tokenIssuer.certificate", "certificate", t.Issuer.Certificate)
	c.der("tokenIssuer.previousCertificate", "certificate", t.Issuer.PreviousCertificate)
}

// certificatesOf yields the certificates of a trust: the current one, which there must be,
// and those that there are besides.
func certificatesOf(t federation.FederationTrust) func(func(field, thumbprint string) bool) {
	return func(yield func(string, string) bool) {
		_ = yield("orgPrivCertificate", t.Current) &&
			(t.Next == "" || yield("orgNextPrivCertificate", t.Next)) &&
			(t.Previous == "" || yield("orgPrevPrivCertificate", t.Previous))
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

// der checks that a value can be the Base64 of a certificate or a request: a DER
// sequence. What is in it is for those to judge who use it.
func (c checker) der(field, what, value string) {
	if value == "" {
		return
	}
	if der, err := base64.StdEncoding.DecodeString(value); err != nil || len(der) < 2 || der[0] != 0x30 {
		c.fault(field, "is not a %s in Base64 on one line", what)
	}
}
