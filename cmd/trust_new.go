package cmd

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

type newTrustParams struct {
	name, applicationURI, thumbprint, metadataURL, profile opt[string]
	administratorProvisioningID, applicationIdentifier     opt[string]
	skipProvisioning, suppressDNSWarning, legacy           opt[bool]
	checkRevocation                                        opt[bool]
}

func newFederationTrust() spec[newTrustParams] {
	return spec[newTrustParams]{
		name:  "New-FederationTrust",
		short: "Registers the organization with a trust broker, around one certificate",
		long: `The certificate is one of get-exchangecertificate's; it must meet the requirements for
federation (docs/certificate-requirements.md), which are told all at once if it does not. Exchange
also wants a key that Windows does not keep in a CNG provider; that cannot be seen from a file. Without -MetadataUrl the broker is the embedded one, which keeps its registry
beside the state file.

Next: publish the TXT record that get-federateddomainproof prints for every domain, then
set-federatedorganizationidentifier.`,
		view:    trustView(),
		changes: true,
		examples: []string{
			`exfed new-federationtrust -Name "Azure AD authentication" -Thumbprint AC00F35CBA8359953F4126E0984B5CCAFA2F4F17`,
			"exfed get-exchangecertificate -Output json -Property Thumbprint | exfed new-federationtrust -Name Contoso",
		},
		declare: declareNewTrust,
		target:  func(p *newTrustParams) string { return "federation trust " + p.name.value },
		run:     runNewTrust,
	}
}

func declareNewTrust(p *newTrustParams, d *declaration) {
	d.text(&p.name, "Name", "String", "The name of the trust, at most 64 characters.", required, at(1))
	d.text(&p.thumbprint, "Thumbprint", "String", "The certificate that becomes the organization's.", required, piped, naming(certificateThumbprints()))
	d.text(&p.metadataURL, "MetadataUrl", "Uri", "Where the broker publishes its federation metadata; also EXFED_METADATA_URL.", defaults("the embedded broker"))
	d.securityProfile(&p.profile, defaults("modern; exchange for the Microsoft gateway"))
	d.toggle(&p.skipProvisioning, "SkipNamespaceProviderProvisioning",
		"The organization was registered with the broker by other means; no registration is made.")
	d.text(&p.applicationURI, "ApplicationUri", "String", "The primary domain, with -SkipNamespaceProviderProvisioning.")
	d.text(&p.applicationIdentifier, "ApplicationIdentifier", "String", "The AppID the broker gave, with -SkipNamespaceProviderProvisioning.")
	d.text(&p.administratorProvisioningID, "AdministratorProvisioningId", "String", "The provisioning key the broker gave, with -SkipNamespaceProviderProvisioning.")
	d.checkRevocation(&p.checkRevocation)
	d.toggle(&p.legacy, "UseLegacyProvisioningService", "The predecessor of the broker's registration service; it is refused.")
	d.toggle(&p.suppressDNSWarning, "SuppressDnsWarning", "Leaves the reminder about TXT records out.")
	d.domainController()
}

func runNewTrust(ctx context.Context, e *env, p *newTrustParams) ([]render.Record, error) {
	if p.legacy.value {
		return nil, federation.Errorf(federation.Refused, "LegacyProvisioningService", "federation trust \""+p.name.value+"\"",
			"the predecessor of the registration service (ManageDelegation) is not offered: it proves domains by a bare AppID, and the choice could not be changed later")
	}
	request, err := newTrustRequest(e, p)
	if err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	trust, err := org.NewTrust(ctx, request)
	if err != nil {
		return nil, err
	}
	switch {
	case e.whatIf != nil: // nothing was done, so nothing is to be done next
	case trust.ApplicationIdentifier == "":
		e.warn("this broker registers the organization together with its first domain: publish its proof (get-federateddomainproof), then set-federatedorganizationidentifier")
	case !p.suppressDNSWarning.value && !trust.ProvisionedElsewhere:
		e.warn("publish the TXT record that get-federateddomainproof prints for every domain, then finish with set-federatedorganizationidentifier")
	}
	record, err := trustRecord(ctx, org, trust)
	return []render.Record{record}, err
}

func newTrustRequest(e *env, p *newTrustParams) (federation.NewTrustRequest, error) {
	request := federation.NewTrustRequest{
		Name: p.name.value, MetadataURL: e.setting(p.metadataURL, "EXFED_METADATA_URL"), CheckRevocation: p.checkRevocation.value,
	}
	if err := federation.CheckName("federation trust", request.Name); err != nil {
		return request, err
	}
	var err error
	if request.Thumbprint, err = thumbprint(p.thumbprint.value); err != nil {
		return request, err
	}
	if err := checkMetadataURL(request.MetadataURL); err != nil {
		return request, err
	}
	request.SecurityProfile = profileFor(p.profile, request.MetadataURL)
	return request, externalProvisioning(p, &request)
}

// externalProvisioning reads the parameters that belong to a trust registered elsewhere:
// all of them or none.
func externalProvisioning(p *newTrustParams, request *federation.NewTrustRequest) error {
	own := []struct {
		name  string
		value opt[string]
	}{
		{"ApplicationUri", p.applicationURI}, {"ApplicationIdentifier", p.applicationIdentifier},
		{"AdministratorProvisioningId", p.administratorProvisioningID},
	}
	for _, o := range own {
		if o.value.given && !p.skipProvisioning.value {
			return &psargs.UsageError{ID: "ParameterSet", Param: o.name, Msg: "-" + o.name + " goes with -SkipNamespaceProviderProvisioning only"}
		}
		if p.skipProvisioning.value && o.value.value == "" {
			return &psargs.UsageError{ID: "ParameterSet", Param: o.name, Msg: "-SkipNamespaceProviderProvisioning needs -" + o.name}
		}
	}
	if p.skipProvisioning.value {
		request.Elsewhere = &federation.ExternalProvisioning{
			ApplicationURI: p.applicationURI.value, ApplicationIdentifier: p.applicationIdentifier.value,
			AdministratorProvisioningID: p.administratorProvisioningID.value,
		}
	}
	return nil
}

// profileFor is the profile asked for, or the one the broker at the URL speaks.
func profileFor(given opt[string], metadataURL string) federation.SecurityProfile {
	if given.given {
		return federation.SecurityProfile(given.value)
	}
	return federation.DefaultProfile(metadataURL)
}

func checkMetadataURL(text string) error {
	if text == "" {
		return nil
	}
	invalid := func(shown, reason string) error {
		return federation.Errorf(federation.Invalid, "InvalidMetadataUrl", fmt.Sprintf("metadata URL %.200q", shown), "%s", reason)
	}
	u, err := url.Parse(text)
	if err != nil {
		return invalid(text, "is not an address")
	}
	port, err := strconv.ParseUint(cmp.Or(u.Port(), "443"), 10, 16)
	switch {
	case u.User != nil:
		return invalid(u.Redacted(), "names a user; a broker is asked without one")
	case u.Hostname() == "" || !strings.EqualFold(u.Scheme, "https"):
		return invalid(text, "is not an https:// address")
	case err != nil || port == 0:
		return invalid(text, "has a port there is none of")
	}
	return nil
}

// thumbprint reads a thumbprint as people paste it.
func thumbprint(text string) (string, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "(") { // (Get-FederationTrust).OrgCertificate.Thumbprint
		return "", &psargs.UsageError{ID: "ThumbprintIsExpression", Param: "Thumbprint", Msg: "a thumbprint is wanted, and not an expression that only PowerShell knows",
			Hints: []string{"exfed test-federationtrustcertificate shows the thumbprints of the trust and how long they last, exfed get-exchangecertificate those of all certificates"}}
	}
	t, err := certificate.ParseThumbprint(text)
	return t, federation.FromCertificate(err)
}
