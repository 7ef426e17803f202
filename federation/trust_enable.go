package federation

import (
	"context"
	"slices"
	"strings"

	"exfed/certificate"
)

// EnableTrustRequest asks for federation from the beginning to the end.
type EnableTrustRequest struct {
	// Domains are to be federated, the primary one first. Those that are not accepted yet
	// become authoritative accepted domains.
	Domains []Domain
	// Trust says how the trust is made when there is none; with one, what is given must
	// agree with it. An empty Thumbprint takes the organization's federation certificate,
	// or makes one; an empty Name is DefaultTrustName, an empty SecurityProfile DefaultProfile.
	Trust NewTrustRequest
}

// DefaultTrustName is what a trust is called that nobody names.
const DefaultTrustName = "Federation"

// FederationFriendlyName is how Exchange labels the certificate its wizard makes.
const FederationFriendlyName = "Exchange Federated Sharing"

// PrepareTrust does what comes before anything is published: it accepts the domains, makes
// the certificate and the trust. What is there already is kept, so that a run that was cut
// short is taken up where it stopped. What contradicts the request is refused before
// anything is changed.
func (o *Organization) PrepareTrust(ctx context.Context, request EnableTrustRequest) (FederationTrust, error) {
	if len(request.Domains) == 0 {
		return FederationTrust{}, Errorf(Invalid, "NoDomains", "federation trust", "no domain to federate is named")
	}
	if err := o.notInRepair(ctx); err != nil {
		return FederationTrust{}, err
	}
	found, err := o.findPrepared(ctx, request)
	if err != nil {
		return FederationTrust{}, err
	}
	for _, domain := range found.unaccepted {
		o.Step("accepting %s as an authoritative domain", domain)
		if _, err := o.NewAcceptedDomain(ctx, string(domain), string(domain), Authoritative); err != nil {
			return FederationTrust{}, err
		}
	}
	if found.trust != nil && found.trust.Pending != pendingCreate {
		return *found.trust, nil
	}
	trust := request.Trust
	if found.trust != nil {
		trust.Name, found.certificate = found.trust.Name, found.trust.Current
		trust.MetadataURL, trust.SecurityProfile = found.trust.MetadataURL, found.trust.SecurityProfile
	}
	if trust.Name == "" {
		trust.Name = DefaultTrustName
	}
	if trust.SecurityProfile == "" {
		trust.SecurityProfile = DefaultProfile(trust.MetadataURL)
	}
	if trust.Thumbprint, err = o.trustCertificate(ctx, found.certificate, request.Domains[0]); err != nil {
		return FederationTrust{}, err
	}
	return o.NewTrust(ctx, trust)
}

// prepared is what is there of a request to enable federation.
type prepared struct {
	trust       *FederationTrust // nil: none yet
	certificate string           // for the trust: its thumbprint; "" if it must be made
	unaccepted  []Domain
}

// findPrepared looks at what is there, and refuses what could not be finished.
func (o *Organization) findPrepared(ctx context.Context, request EnableTrustRequest) (found prepared, err error) {
	err = o.Store.View(ctx, func(tx Tx) error {
		for _, domain := range request.Domains {
			err := requireAuthoritative(tx, domain)
			if idOf(err) == "DomainNotAccepted" {
				found.unaccepted = append(found.unaccepted, domain)
			} else if err != nil {
				return err
			}
		}
		id, _, err := tx.Identifier.Get()
		if err != nil {
			return err
		}
		if has := PrimaryDomain(id.AccountNamespace); has != "" && has != request.Domains[0] {
			return Errorf(Conflict, "AnotherPrimaryDomain", "domain "+quote(string(request.Domains[0])),
				"cannot be the primary one: %s is, and it is named first", has)
		}
		trusts, err := tx.Trusts.All()
		if err != nil {
			return err
		}
		if len(trusts) == 0 {
			found.certificate, err = o.fittingCertificate(tx, request.Trust.Thumbprint)
			return err
		}
		found.trust = &trusts[0]
		return sameTrust(trusts[0], request.Trust)
	})
	return found, err
}

// sameTrust refuses a request that wants another trust than the one there is.
func sameTrust(trust FederationTrust, request NewTrustRequest) error {
	differs := func(what, has string) error {
		return Errorf(Conflict, "AnotherFederationTrust", trustObject(trust.Name), "is there already, and its %s is %s", what, has)
	}
	switch {
	case trust.ProvisionedElsewhere:
		return Errorf(Conflict, "TrustProvisionedElsewhere", trustObject(trust.Name), "was registered elsewhere, so its domains are not registered here")
	case request.Name != "" && !strings.EqualFold(request.Name, trust.Name):
		return differs("name", quote(trust.Name))
	case request.Thumbprint != "" && !strings.EqualFold(request.Thumbprint, trust.Current):
		return differs("certificate", trust.Current)
	case request.MetadataURL != "" && request.MetadataURL != trust.MetadataURL:
		return differs("broker", brokerName(trust))
	case request.SecurityProfile != "" && request.SecurityProfile != trust.SecurityProfile:
		return differs("security profile", string(trust.SecurityProfile))
	}
	return nil
}

func brokerName(trust FederationTrust) string {
	if trust.MetadataURL == "" {
		return "the embedded one"
	}
	return "that at " + quote(trust.MetadataURL)
}

// fittingCertificate returns the certificate that is named, or else the federation certificate
// that is there, of a run that was cut short or made by hand; "" if there is none but those
// that are not wanted.
func (o *Organization) fittingCertificate(tx Tx, thumbprint string, unwanted ...string) (string, error) {
	if thumbprint != "" {
		own, err := o.certificateIn(tx, thumbprint)
		if err == nil {
			err = o.requireFederationCertificate(own)
		}
		return own.Thumbprint, err
	}
	all, err := tx.Certificates.All()
	if err != nil {
		return "", err
	}
	var fitting []string
	for _, c := range all {
		if !slices.Contains(c.Services, "Federation") || slices.Contains(unwanted, c.Thumbprint) {
			continue
		}
		own, err := o.decode(c)
		if err != nil {
			return "", err
		}
		if o.requireFederationCertificate(own) == nil {
			fitting = append(fitting, own.Thumbprint)
		}
	}
	if len(fitting) > 1 {
		return "", Errorf(Conflict, "SeveralFederationCertificates", "federation certificate",
			"several could be the organization's: %s", strings.Join(fitting, ", "))
	}
	return strings.Join(fitting, ""), nil
}

// trustCertificate returns the certificate of the trust, a new one if there is none.
func (o *Organization) trustCertificate(ctx context.Context, found string, primary Domain) (string, error) {
	if found != "" {
		o.Step("taking certificate %s, which is there", found)
		return found, nil
	}
	o.Step("making a certificate for %s", primary)
	own, err := o.NewCertificate(ctx, CertificateRequest{
		Request: certificate.Request{DNSNames: []string{string(primary)}}, FriendlyName: FederationFriendlyName,
		Services: []string{"Federation"}, PrivateKeyExportable: true,
	})
	return own.Thumbprint, err
}

// FederableDomains returns the authoritative accepted domains and the federated ones, the
// primary one first; before there is one, the default one, which is the first that was named.
func (o *Organization) FederableDomains(ctx context.Context) ([]Domain, error) {
	id, err := o.Identifier(ctx)
	if err != nil {
		return nil, err
	}
	domains, err := o.dnsDomains(ctx, nil, &DNSPlan{})
	if err != nil {
		return nil, err
	}
	first := PrimaryDomain(id.AccountNamespace)
	if first == "" {
		accepted, err := o.AcceptedDomains(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range accepted {
			if d.Default {
				first = Domain(d.DomainName)
			}
		}
	}
	if i := slices.Index(domains, first); i > 0 {
		domains = slices.Insert(slices.Delete(domains, i, i+1), 0, first)
	}
	return domains, nil
}

// Unfederated returns those of the domains that are still to be federated, and so those whose
// proofs the broker will look for.
func (o *Organization) Unfederated(ctx context.Context, domains []Domain) ([]Domain, error) {
	id, err := o.Identifier(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(domains), func(domain Domain) bool {
		i := id.index(domain)
		return i >= 0 && id.Domains[i].Pending == ""
	}), nil
}

// ExpectedProofs are the records the broker will look for before it takes the domains.
func (o *Organization) ExpectedProofs(ctx context.Context, trust FederationTrust, domains []Domain) ([]ExpectedRecord, error) {
	return o.expectedProofs(ctx, registration{trust: trust, thumbprint: trust.Current, domains: domains})
}

// EnableDomains registers the account namespace of the first domain, switches federation on
// and federates the other domains. What is federated already stays as it is.
func (o *Organization) EnableDomains(ctx context.Context, trust FederationTrust, domains []Domain) error {
	primary, enabled := string(domains[0]), true
	err := o.SetIdentifier(ctx, SetIdentifierRequest{DelegationFederationTrust: &trust.Name, AccountNamespace: &primary, Enabled: &enabled})
	if err != nil {
		return err
	}
	further, err := o.Unfederated(ctx, domains[1:])
	if err != nil {
		return err
	}
	for _, domain := range further {
		if err := o.AddDomain(ctx, domain, false); err != nil {
			return err
		}
	}
	return nil
}
