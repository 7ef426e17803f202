package cmd

import (
	"context"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

func trustView() render.View {
	return render.View{Kind: render.AsTable, Columns: []string{"Name", "ApplicationIdentifier", "ApplicationUri"}, Key: "Name"}
}

func getFederationTrust() spec[identityParams] {
	return spec[identityParams]{
		name:     "Get-FederationTrust",
		short:    "Shows the federation trust",
		view:     trustView(),
		examples: []string{"exfed get-federationtrust -Output list", "exfed get-federationtrust -Property Name,OrgCertificate.NotAfter"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "FederationTrustIdParameter", "The trust to show, by name or GUID; * and ? stand for any characters.",
				at(1), piped, naming(trustNames()))
			d.domainController()
		},
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			trusts, err := matching(p.identity,
				func() ([]federation.FederationTrust, error) { return org.Trusts(ctx) },
				func(name string) (federation.FederationTrust, error) { return org.Trust(ctx, name) },
				federation.FederationTrust.Key)
			if err != nil {
				return nil, err
			}
			var records []render.Record
			for _, t := range trusts {
				warnAboutTrust(e, t)
				record, err := trustRecord(ctx, org, t)
				if err != nil {
					return nil, err
				}
				records = append(records, record)
			}
			return records, nil
		},
	}
}

// warnAboutTrust says what is unfinished about a trust.
func warnAboutTrust(e *env, t federation.FederationTrust) {
	switch {
	case t.Pending != "":
		e.warn("federation trust %q: %s was begun at the broker and its end is not recorded; run the cmdlet that began it again", t.Name, t.Pending)
	case t.ApplicationIdentifier == "":
		e.warn("federation trust %q is not registered with the broker yet: set-federatedorganizationidentifier completes it", t.Name)
	}
}

type setTrustParams struct {
	identity, applicationURI, name, metadataURL, thumbprint, profile opt[string]
	publish, refresh                                                 opt[bool]
	registration                                                     registrationParams
}

func setFederationTrust() spec[setTrustParams] {
	return spec[setTrustParams]{
		name:  "Set-FederationTrust",
		short: "Stages or publishes a certificate, reads the broker's metadata again, or renames the trust",
		long: `Changing the certificate takes three steps, because DNS needs time in between and each
step can be repeated by itself:
  1. set-federationtrust NAME -Thumbprint NEW       stages it as the next one
  2. publish the TXT records of get-federateddomainproof -DomainName DOMAIN -Thumbprint NEW
  3. set-federationtrust NAME -PublishFederationCertificate
The last step looks for the new proof of every federated domain before the broker is asked;
-SkipDnsCheck leaves that out.
update-federationcertificate does all of it, and goes on where it stopped.`,
		changes: true,
		examples: []string{
			`exfed set-federationtrust "Azure AD authentication" -RefreshMetadata`,
			`exfed set-federationtrust "Azure AD authentication" -Thumbprint AC00F35CBA8359953F4126E0984B5CCAFA2F4F17`,
			`exfed set-federationtrust "Azure AD authentication" -PublishFederationCertificate`,
		},
		declare: func(p *setTrustParams, d *declaration) {
			d.text(&p.identity, "Identity", "FederationTrustIdParameter", "The trust to change, by name or GUID.", required, at(1), piped, naming(trustNames()))
			d.text(&p.thumbprint, "Thumbprint", "String", "Stages this certificate as the next one; null unstages.", naming(certificateThumbprints()))
			d.toggle(&p.publish, "PublishFederationCertificate", "Makes the next certificate the current one, here and at the broker.")
			d.toggle(&p.refresh, "RefreshMetadata", "Reads the broker's metadata and signing certificates again.")
			d.text(&p.metadataURL, "MetadataUrl", "Uri", "Reads the metadata from here from now on; null is the embedded broker.")
			d.text(&p.name, "Name", "String", "A new name for the trust.")
			d.text(&p.applicationURI, "ApplicationUri", "String", "The primary domain of a trust that was registered elsewhere.")
			d.securityProfile(&p.profile)
			d.registration(&p.registration)
			d.domainController()
		},
		target: func(p *setTrustParams) string { return "federation trust " + p.identity.value },
		run: func(ctx context.Context, e *env, p *setTrustParams) ([]render.Record, error) {
			request, err := setTrustRequest(p)
			if err != nil {
				return nil, err
			}
			org, err := e.registrar(p.registration)
			if err != nil {
				return nil, err
			}
			return nil, org.SetTrust(ctx, p.identity.value, request)
		},
	}
}

func setTrustRequest(p *setTrustParams) (federation.SetTrustRequest, error) {
	request := federation.SetTrustRequest{
		Name: p.name.pointer(), ApplicationURI: p.applicationURI.pointer(), MetadataURL: p.metadataURL.pointer(),
		Thumbprint: p.thumbprint.pointer(), RefreshMetadata: p.refresh.value, Publish: p.publish.value, Force: p.registration.force.value,
	}
	if p.publish.value && (p.thumbprint.given || p.refresh.value || p.metadataURL.given || p.applicationURI.given) {
		return request, &psargs.UsageError{ID: "ParameterSet", Param: "PublishFederationCertificate",
			Msg:   "-PublishFederationCertificate goes alone",
			Hints: []string{"stage and refresh in one call, publish the new proofs in DNS, then publish the certificate in another"}}
	}
	if p.name.given {
		if err := federation.CheckName("federation trust", p.name.value); err != nil {
			return request, err
		}
	}
	if p.profile.given {
		profile := federation.SecurityProfile(p.profile.value)
		request.SecurityProfile = &profile
	}
	if p.thumbprint.value != "" {
		t, err := thumbprint(p.thumbprint.value)
		if err != nil {
			return request, err
		}
		request.Thumbprint = &t
	}
	return request, checkMetadataURL(p.metadataURL.value)
}

func removeFederationTrust() spec[identityParams] {
	return spec[identityParams]{
		name:  "Remove-FederationTrust",
		short: "Removes the federation trust",
		long: `All federated domains go first: the secondary ones, the primary one last. A trust made
anew later has another AppID and other proofs; the old TXT records can be deleted.`,
		changes:  true,
		examples: []string{`exfed remove-federationtrust "Azure AD authentication"`},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "FederationTrustIdParameter", "The trust to remove, by name or GUID.", required, at(1), piped, naming(trustNames()))
			d.domainController()
		},
		target: func(p *identityParams) string { return "federation trust " + p.identity.value },
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.RemoveTrust(ctx, p.identity.value)
		},
	}
}
