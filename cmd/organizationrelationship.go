package cmd

import (
	"context"

	"exfed/cmd/render"
	"exfed/federation"
)

func relationshipView() render.View {
	return render.View{Kind: render.AsList, Key: "Name"}
}

// relationshipRecord shows a relationship under Exchange's property names, in Exchange's order.
func relationshipRecord(r federation.OrganizationRelationship) render.Record {
	return render.New(append([]render.Field{
		render.List("DomainNames", r.DomainNames),
		render.Bool("FreeBusyAccessEnabled", r.FreeBusyAccessEnabled),
		render.Text("FreeBusyAccessLevel", r.FreeBusyAccessLevel),
		render.OptionalText("FreeBusyAccessScope", r.FreeBusyAccessScope),
		render.Bool("MailboxMoveEnabled", r.MailboxMoveEnabled),
		render.Bool("DeliveryReportEnabled", r.DeliveryReportEnabled),
		render.Bool("MailTipsAccessEnabled", r.MailTipsAccessEnabled),
		render.Text("MailTipsAccessLevel", r.MailTipsAccessLevel),
		render.OptionalText("MailTipsAccessScope", r.MailTipsAccessScope),
		render.Bool("PhotosEnabled", r.PhotosEnabled),
		render.OptionalText("TargetApplicationUri", r.TargetApplicationURI),
		render.OptionalText("TargetSharingEpr", r.TargetSharingEPR),
		render.OptionalText("TargetOwaURL", r.TargetOwaURL),
		render.OptionalText("TargetAutodiscoverEpr", r.TargetAutodiscoverEPR),
		render.OptionalText("OrganizationContact", r.OrganizationContact),
		render.Bool("Enabled", r.Enabled),
		render.Bool("ArchiveAccessEnabled", r.ArchiveAccessEnabled),
	}, objectFields(r.Name, r.Meta)...)...)
}

func newOrganizationRelationship() spec[relationshipParams] {
	return spec[relationshipParams]{
		name:  "New-OrganizationRelationship",
		short: "Says what is shared with a partner organization, and where it is reached",
		long: `The relationship is one-sided: the partner makes one of its own. It needs the federation
trust and the federated organization identifier to work. Without -TargetAutodiscoverEpr and
-TargetSharingEpr the partner's endpoints are unknown; get-federationinformation asks the
partner for them, and what it shows can be piped into this cmdlet.`,
		view:    relationshipView(),
		changes: true,
		examples: []string{
			`exfed new-organizationrelationship -Name Contoso -DomainNames contoso.com,northamerica.contoso.com -FreeBusyAccessEnabled true -FreeBusyAccessLevel LimitedDetails`,
			`exfed new-organizationrelationship -Name "Fourth Coffee" -DomainNames fourthcoffee.com -TargetAutodiscoverEpr https://mail.fourthcoffee.com/autodiscover/autodiscover.svc/wssecurity -TargetApplicationUri mail.fourthcoffee.com`,
			`cat contoso.json | exfed new-organizationrelationship -Name Contoso -FreeBusyAccessEnabled true -FreeBusyAccessLevel LimitedDetails`,
		},
		declare: func(p *relationshipParams, d *declaration) {
			d.text(&p.name, "Name", "String", "The name of the object, at most 64 characters.", required, at(1))
			d.list(&p.domains, "DomainNames", "MultiValuedProperty", "The partner's SMTP domains; sub-domains are not included. A domain is in one relationship only.", required, piped)
			p.declareShared(d)
			d.ignoredList("MailboxMovePublishedScopes", "MultiValuedProperty", "Whose mailboxes may be moved.", cloudOnly)
		},
		target: func(p *relationshipParams) string { return "organization relationship " + p.name.value },
		run: func(ctx context.Context, e *env, p *relationshipParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			request := p.request()
			request.DomainNames.Replace = p.domains.pointer()
			r, err := org.NewOrganizationRelationship(ctx, request)
			if err != nil {
				return nil, err
			}
			return []render.Record{relationshipRecord(r)}, nil
		},
	}
}

func getOrganizationRelationship() spec[identityParams] {
	return spec[identityParams]{
		name:  "Get-OrganizationRelationship",
		short: "Shows organization relationships",
		view:  relationshipView(),
		examples: []string{
			"exfed get-organizationrelationship",
			"exfed get-organizationrelationship contoso.com -Output json",
			"exfed get-organizationrelationship -Output table -Property Name,Enabled,DomainNames",
		},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "OrganizationRelationshipIdParameter",
				"The relationship to show, by name, GUID or one of its domains; * and ? stand for any characters.", at(1), piped, naming(relationshipNames()))
			d.domainController()
		},
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			all, err := matching(p.identity,
				func() ([]federation.OrganizationRelationship, error) { return org.OrganizationRelationships(ctx) },
				func(name string) (federation.OrganizationRelationship, error) {
					return org.OrganizationRelationship(ctx, name)
				},
				federation.OrganizationRelationship.Key)
			var records []render.Record
			for _, r := range all {
				records = append(records, relationshipRecord(r))
			}
			return records, err
		},
	}
}

func removeOrganizationRelationship() spec[identityParams] {
	return spec[identityParams]{
		name:     "Remove-OrganizationRelationship",
		short:    "Removes an organization relationship",
		long:     "Sharing with the partner ends at once. set-organizationrelationship -Enabled false ends it too and keeps the settings.",
		changes:  true,
		examples: []string{"exfed remove-organizationrelationship Contoso", "exfed remove-organizationrelationship Contoso -Confirm:false"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "OrganizationRelationshipIdParameter", "The relationship to remove, by name, GUID or one of its domains.",
				required, at(1), piped, naming(relationshipNames()))
			d.domainController()
		},
		target: func(p *identityParams) string { return "organization relationship " + p.identity.value },
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.RemoveOrganizationRelationship(ctx, p.identity.value)
		},
	}
}

func relationshipNames() objectNames {
	return existing((*federation.Organization).OrganizationRelationships, federation.OrganizationRelationship.Key)
}
