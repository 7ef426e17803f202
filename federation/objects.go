package federation

import (
	"time"
)

// Meta is what every stored object carries besides its own properties.
type Meta struct {
	GUID        string    `yaml:"guid"`
	WhenCreated time.Time `yaml:"whenCreated"`
	WhenChanged time.Time `yaml:"whenChanged"`
}

// AcceptedDomainType says who is responsible for the recipients of a domain.
type AcceptedDomainType string

// The types of accepted domains.
const (
	Authoritative AcceptedDomainType = "Authoritative" // recipients live here
	InternalRelay AcceptedDomainType = "InternalRelay" // relayed within the same company
	ExternalRelay AcceptedDomainType = "ExternalRelay" // relayed to a third party
)

// AcceptedDomain is an SMTP domain the organization receives mail for.
type AcceptedDomain struct {
	Name               string             `yaml:"name"`
	DomainName         string             `yaml:"domainName"` // A-labels, lower case; may begin with "*."
	DomainType         AcceptedDomainType `yaml:"domainType"`
	Default            bool               `yaml:"default,omitempty"` // true for exactly one domain
	MatchSubDomains    bool               `yaml:"matchSubDomains,omitempty"`
	AddressBookEnabled bool               `yaml:"addressBookEnabled"`
	Meta               `yaml:",inline"`
}

// Key returns the name the object is looked up by.
func (d AcceptedDomain) Key() string { return d.Name }

// Certificate is a certificate of the organization, or a request for one that no
// authority has answered yet. Its private key is not here: it lies in a file of its own
// beside the state file, named by the thumbprint.
type Certificate struct {
	Thumbprint           string    `yaml:"thumbprint"` // SHA-1 of the DER encoding, 40 upper-case hex digits
	FriendlyName         string    `yaml:"friendlyName,omitempty"`
	Services             []string  `yaml:"services,omitempty"` // Federation, IIS, IMAP, POP, SMTP, UM, UMCallRouter
	PrivateKeyExportable bool      `yaml:"privateKeyExportable"`
	WhenCreated          time.Time `yaml:"whenCreated"`
	Raw                  string    `yaml:"certificate,omitempty"` // DER in Base64, one line
	Chain                []string  `yaml:"chain,omitempty"`       // those of the authorities, the issuer first, each as Raw
	Request              string    `yaml:"request,omitempty"`     // PKCS #10 as Raw, in place of a certificate: pending
}

// MaxChain is the largest number of certificates of authorities that are kept with one.
const MaxChain = 16

// Pending reports whether this is a request that waits for its certificate.
func (c Certificate) Pending() bool { return c.Request != "" }

// Key returns the name the object is looked up by.
func (c Certificate) Key() string { return c.Thumbprint }

// FederationTrust is the organization's trust in a broker and the broker's in it.
type FederationTrust struct {
	Name            string          `yaml:"name"`
	SecurityProfile SecurityProfile `yaml:"securityProfile"`
	MetadataURL     string          `yaml:"metadataUrl,omitempty"` // empty: the embedded broker

	// ApplicationIdentifier is the AppID the broker gave this organization; opaque,
	// its case preserved. Empty until the broker has registered the organization.
	ApplicationIdentifier string `yaml:"applicationIdentifier,omitempty"`
	// AdministratorProvisioningID is kept only for a trust that was registered elsewhere.
	AdministratorProvisioningID string `yaml:"administratorProvisioningId,omitempty"`
	// ProvisionedElsewhere: registered outside exfed, so no management call is ever made.
	ProvisionedElsewhere bool   `yaml:"provisionedElsewhere,omitempty"`
	ApplicationURI       string `yaml:"applicationUri,omitempty"` // FYDIBOHF25SPDLT.<primary domain>

	Current  string `yaml:"orgPrivCertificate"`               // thumbprint
	Next     string `yaml:"orgNextPrivCertificate,omitempty"` // thumbprint, staged
	Previous string `yaml:"orgPrevPrivCertificate,omitempty"` // thumbprint, replaced at the last publish

	// Pending names the broker operation that was begun and whose end is not recorded:
	// CreateAppId or UpdateAppIdCertificate. Running the same cmdlet again finishes it.
	Pending string `yaml:"pending,omitempty"`

	Issuer TokenIssuer `yaml:"tokenIssuer,omitempty"`
	Meta   `yaml:",inline"`
}

// Key returns the name the object is looked up by.
func (t FederationTrust) Key() string { return t.Name }

// TokenIssuer is what the broker's metadata document says about it
// (protocol: FederationMetadata 2006-12).
type TokenIssuer struct {
	URI                  string    `yaml:"uri,omitempty"` // urn:federation:...
	EPR                  string    `yaml:"epr,omitempty"` // the token service
	WebRequestorRedirect string    `yaml:"webRequestorRedirectEpr,omitempty"`
	ManagementEPR        string    `yaml:"managementEpr,omitempty"` // ManageDelegation2; the Microsoft gateway's metadata does not name it
	Certificate          string    `yaml:"certificate,omitempty"`   // DER in Base64
	PreviousCertificate  string    `yaml:"previousCertificate,omitempty"`
	MetadataRefreshed    time.Time `yaml:"metadataRefreshed,omitempty"`
}

// FederatedDomain is one domain of the federated organization identifier.
type FederatedDomain struct {
	Domain  Domain `yaml:"domain"`
	Pending string `yaml:"pending,omitempty"` // add or remove: begun at the broker, end not recorded
}

// OrganizationIdentifier is the federated organization identifier: one per organization.
type OrganizationIdentifier struct {
	AccountNamespace    string            `yaml:"accountNamespace,omitempty"` // FYDIBOHF25SPDLT.<primary domain>
	Domains             []FederatedDomain `yaml:"domains,omitempty"`
	DefaultDomain       Domain            `yaml:"defaultDomain,omitempty"`
	Enabled             bool              `yaml:"enabled"`
	OrganizationContact string            `yaml:"organizationContact,omitempty"`
	DelegationTrust     string            `yaml:"delegationTrust,omitempty"` // name of the trust
	Meta                `yaml:",inline"`
}

// SecurityProfile names the algorithms that are produced and accepted.
type SecurityProfile string

// The two profiles.
const (
	Modern   SecurityProfile = "modern"   // RSA-SHA256, AES-256
	Exchange SecurityProfile = "exchange" // RSA-SHA1, 3DES, RSA-OAEP-MGF1P: what Exchange speaks on the wire
)
