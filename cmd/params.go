package cmd

import "exfed/federation"

// The parameters that many cmdlets share, each said once.

// Why parameters of a Windows domain have no effect here.
const (
	noDomainController = "there is no Active Directory, hence no domain controller to choose"
	noServer           = "there is one machine: this one"
	noWebServer        = "there is no IIS whose settings it could change"
	noServiceAccount   = "a key file belongs to the user who made it"
	cloudOnly          = "it exists in Exchange Online only"
	reserved           = "it is reserved for internal use in Exchange"
	obsolete           = "it is obsolete in Exchange"
	noLimit            = "all are shown"
)

func (d *declaration) domainController() {
	var ignored opt[string]
	d.text(&ignored, "DomainController", "Fqdn", "The domain controller to work on.", noEffect(noDomainController))
}

// ignoredText declares a parameter that is accepted so that pasted commands run.
func (d *declaration) ignoredText(name, typeName, help, reason string) {
	var ignored opt[string]
	d.text(&ignored, name, typeName, help, noEffect(reason))
}

func (d *declaration) ignoredBoolean(name, help, reason string) {
	var ignored opt[bool]
	d.boolean(&ignored, name, help, noEffect(reason))
}

func (d *declaration) ignoredList(name, typeName, help, reason string) {
	var ignored opt[federation.ListChange]
	d.edit(&ignored, name, typeName, help, noEffect(reason))
}

func (d *declaration) ignoredSwitch(name, help, reason string) {
	var ignored opt[bool]
	d.toggle(&ignored, name, help, noEffect(reason))
}

// organizationIdentity declares the Identity of cmdlets that act on the organization's
// only identifier.
func (d *declaration) organizationIdentity(to *opt[string]) {
	d.text(to, "Identity", "OrganizationIdParameter", "The federated organization identifier; there is one, so this is left out.", at(1), piped)
}

// securityProfiles are the words of -SecurityProfile.
func securityProfiles() []string { return []string{"modern", "exchange"} }

func (d *declaration) securityProfile(to *opt[string], options ...option) {
	d.oneOf(to, "SecurityProfile", "SecurityProfile", securityProfiles(),
		"Which algorithms are produced and accepted: modern (RSA-SHA256, AES-256) or exchange (RSA-SHA1 and 3DES, as Exchange speaks; those of modern are accepted as well).", options...)
}
