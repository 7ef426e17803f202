package state

import (
	"exfed/federation"
	"exfed/federation/yamldoc"
)

// Version is the version of the state file that is written.
const Version = 1

// The sections of a state file.
const (
	organizationSection    = "organization"
	acceptedDomainsSection = "acceptedDomains"
	certificatesSection    = "certificates"
	trustsSection          = "federationTrusts"
	relationshipsSection   = "organizationRelationships"
	policiesSection        = "sharingPolicies"
	mailboxesSection       = "mailboxes"
)

// layout is the documented order of the file.
func layout() yamldoc.Layout {
	return yamldoc.Layout{
		Version: Version,
		Header:  "# Federation state, see docs/state-file.md. Edit with care; private keys are in keys/.\n",
		Sections: []yamldoc.Section{
			yamldoc.Mapping[organization](organizationSection),
			yamldoc.List[federation.AcceptedDomain](acceptedDomainsSection, "name"),
			yamldoc.List[federation.Certificate](certificatesSection, "thumbprint"),
			yamldoc.List[federation.FederationTrust](trustsSection, "name"),
			yamldoc.List[federation.OrganizationRelationship](relationshipsSection, "name"),
			yamldoc.List[federation.SharingPolicy](policiesSection, "name"),
			yamldoc.List[federation.Mailbox](mailboxesSection, "name"),
		},
	}
}

// organization is what the file says about the organization as a whole.
type organization struct {
	EndpointURL string                             `yaml:"endpointUrl,omitempty"`
	Identifier  *federation.OrganizationIdentifier `yaml:"federatedOrganizationIdentifier,omitempty"`
	Attempts    []federation.RegistrationAttempt   `yaml:"registrationAttempts,omitempty"`
	Rollover    *federation.CertificateRollover    `yaml:"certificateRollover,omitempty"`
	Repair      *federation.TrustRepair            `yaml:"trustRepair,omitempty"`
}
