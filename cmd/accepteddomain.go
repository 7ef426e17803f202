package cmd

import (
	"context"

	"exfed/cmd/render"
	"exfed/federation"
)

func acceptedDomainView() render.View {
	return render.View{Kind: render.AsTable, Columns: []string{"Name", "DomainName", "DomainType", "Default"}, Key: "Name"}
}

func acceptedDomainTypes() []string {
	return []string{string(federation.Authoritative), string(federation.InternalRelay), string(federation.ExternalRelay)}
}

func acceptedDomainRecord(d federation.AcceptedDomain, id federation.OrganizationIdentifier) render.Record {
	federated, link := false, ""
	for _, f := range id.Domains {
		federated = federated || string(f.Domain) == d.DomainName
	}
	if federated {
		link = "Federation"
	}
	return render.New(append([]render.Field{
		render.Text("DomainName", d.DomainName),
		render.Text("DomainType", d.DomainType),
		render.Bool("MatchSubDomains", d.MatchSubDomains),
		render.Bool("AddressBookEnabled", d.AddressBookEnabled),
		render.Bool("Default", d.Default),
		render.Unset("AuthenticationType"),
		render.Unset("LiveIdInstanceType"),
		render.Bool("PendingRemoval", false),
		render.Bool("PendingCompletion", false),
		render.OptionalText("FederatedOrganizationLink", link),
		render.Bool("PendingFederatedAccountNamespace", false),
		render.Bool("PendingFederatedDomain", pendingFederated(d, id)),
		render.Bool("IsDefaultFederatedDomain", federated && string(id.DefaultDomain) == d.DomainName),
	}, objectFields(d.Name, d.Meta)...)...)
}

// pendingFederated reports whether the domain's registration was begun and not finished.
func pendingFederated(d federation.AcceptedDomain, id federation.OrganizationIdentifier) bool {
	for _, f := range id.Domains {
		if string(f.Domain) == d.DomainName {
			return f.Pending != ""
		}
	}
	return false
}

type newAcceptedDomainParams struct {
	name, domainName, domainType opt[string]
}

func newAcceptedDomain() spec[newAcceptedDomainParams] {
	return spec[newAcceptedDomainParams]{
		name:    "New-AcceptedDomain",
		short:   "Declares an SMTP domain the organization receives mail for",
		long:    "Only authoritative accepted domains can be federated. The first domain becomes the default one.",
		view:    acceptedDomainView(),
		changes: true,
		examples: []string{
			"exfed new-accepteddomain -Name Contoso -DomainName contoso.com",
			"exfed new-accepteddomain Partners -DomainName partners.contoso.com -DomainType InternalRelay",
		},
		declare: func(p *newAcceptedDomainParams, d *declaration) {
			d.text(&p.name, "Name", "String", "The name of the object.", required, at(1))
			d.text(&p.domainName, "DomainName", "SmtpDomainWithSubdomains", "The SMTP domain; *.contoso.com covers the sub-domains of contoso.com.", required)
			p.domainType.value = string(federation.Authoritative)
			d.oneOf(&p.domainType, "DomainType", "AcceptedDomainType", acceptedDomainTypes(),
				"Who is responsible for the recipients in the domain.", defaults("Authoritative"))
			d.domainController()
		},
		target: func(p *newAcceptedDomainParams) string { return "accepted domain " + p.name.value },
		run: func(ctx context.Context, e *env, p *newAcceptedDomainParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			d, err := org.NewAcceptedDomain(ctx, p.name.value, p.domainName.value, federation.AcceptedDomainType(p.domainType.value))
			if err != nil {
				return nil, err
			}
			return []render.Record{acceptedDomainRecord(d, federation.OrganizationIdentifier{})}, nil
		},
	}
}

type identityParams struct{ identity opt[string] }

func getAcceptedDomain() spec[identityParams] {
	return spec[identityParams]{
		name:     "Get-AcceptedDomain",
		short:    "Lists accepted domains",
		view:     acceptedDomainView(),
		examples: []string{"exfed get-accepteddomain", "exfed get-accepteddomain Contoso -Output list"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "AcceptedDomainIdParameter", "The domain to show, by name, domain name or GUID; * and ? stand for any characters.",
				at(1), piped, naming(acceptedDomainNames()))
			d.domainController()
			d.ignoredText("ResultSize", "Unlimited", "How many to show at most.", cloudOnly)
		},
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			id, err := org.Identifier(ctx)
			if err != nil {
				return nil, err
			}
			domains, err := matching(p.identity,
				func() ([]federation.AcceptedDomain, error) { return org.AcceptedDomains(ctx) },
				func(name string) (federation.AcceptedDomain, error) { return org.AcceptedDomain(ctx, name) },
				federation.AcceptedDomain.Key)
			var records []render.Record
			for _, d := range domains {
				records = append(records, acceptedDomainRecord(d, id))
			}
			return records, err
		},
	}
}

type setAcceptedDomainParams struct {
	identity, name, domainType               opt[string]
	addressBook, makeDefault, matchSubDomain opt[bool]
}

func setAcceptedDomain() spec[setAcceptedDomainParams] {
	return spec[setAcceptedDomainParams]{
		name:     "Set-AcceptedDomain",
		short:    "Changes an accepted domain",
		changes:  true,
		examples: []string{"exfed set-accepteddomain Contoso -MakeDefault true"},
		declare: func(p *setAcceptedDomainParams, d *declaration) {
			d.text(&p.identity, "Identity", "AcceptedDomainIdParameter", "The domain to change, by name, domain name or GUID.",
				required, at(1), piped, naming(acceptedDomainNames()))
			d.boolean(&p.addressBook, "AddressBookEnabled", "Whether recipients of the domain are looked up.")
			d.ignoredBoolean("CanHaveCloudCache", "Cloud cache.", cloudOnly)
			d.oneOf(&p.domainType, "DomainType", "AcceptedDomainType", acceptedDomainTypes(), "Who is responsible for the recipients in the domain.")
			d.ignoredBoolean("EnableNego2Authentication", "Authentication.", cloudOnly)
			d.boolean(&p.makeDefault, "MakeDefault", "Makes the domain the organization's default one.")
			d.ignoredText("MailFlowRegion", "String", "Mail flow region.", cloudOnly)
			d.boolean(&p.matchSubDomain, "MatchSubDomains", "Whether mail for sub-domains is accepted too.")
			d.text(&p.name, "Name", "String", "A new name, at most 64 characters.")
			d.ignoredBoolean("OutboundOnly", "Coexistence.", cloudOnly)
			d.ignoredBoolean("PendingCompletion", "Pending completion.", reserved)
			d.ignoredBoolean("PendingRemoval", "Pending removal.", reserved)
			d.ignoredBoolean("SendingFromDomainDisabled", "Blocks sending from the domain.", cloudOnly)
			d.ignoredBoolean("SendingToDomainDisabled", "Blocks delivery to the domain.", cloudOnly)
			d.domainController()
		},
		target: func(p *setAcceptedDomainParams) string { return "accepted domain " + p.identity.value },
		run: func(ctx context.Context, e *env, p *setAcceptedDomainParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			request := federation.SetAcceptedDomainRequest{
				Name: p.name.pointer(), AddressBookEnabled: p.addressBook.pointer(),
				MatchSubDomains: p.matchSubDomain.pointer(), MakeDefault: p.makeDefault.pointer(),
			}
			if p.domainType.given {
				domainType := federation.AcceptedDomainType(p.domainType.value)
				request.DomainType = &domainType
			}
			return nil, org.SetAcceptedDomain(ctx, p.identity.value, request)
		},
	}
}

func removeAcceptedDomain() spec[identityParams] {
	return spec[identityParams]{
		name:     "Remove-AcceptedDomain",
		short:    "Removes an accepted domain",
		long:     "A federated domain is removed from federation first: remove-federateddomain.",
		changes:  true,
		examples: []string{"exfed remove-accepteddomain Contoso", "exfed remove-accepteddomain Contoso -Confirm:false"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "AcceptedDomainIdParameter", "The domain to remove, by name, domain name or GUID.",
				required, at(1), piped, naming(acceptedDomainNames()))
			d.domainController()
		},
		target: func(p *identityParams) string { return "accepted domain " + p.identity.value },
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.RemoveAcceptedDomain(ctx, p.identity.value)
		},
	}
}
