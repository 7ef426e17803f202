package cmd

import (
	"context"

	"exfed/cmd/render"
	"exfed/federation"
)

func sharingPolicyView() render.View {
	return render.View{Kind: render.AsTable, Columns: []string{"Name", "Domains", "Enabled", "Default"}, Key: "Name"}
}

func sharingPolicyRecord(p federation.SharingPolicy) render.Record {
	return render.New(append([]render.Field{
		render.List("Domains", p.Domains),
		render.Bool("Enabled", p.Enabled),
		render.Bool("Default", p.Default),
	}, objectFields(p.Name, p.Meta)...)...)
}

// sharingPolicyParams are the parameters of New- and Set-SharingPolicy.
type sharingPolicyParams struct {
	identity, name opt[string]
	domains        opt[[]string]              // of New-
	edit           opt[federation.ListChange] // of Set-
	enabled, deflt opt[bool]
}

// rulesHelp says what the rules of a policy look like.
const rulesHelp = `DOMAIN: ACTION[, ACTION] each. DOMAIN is an SMTP domain, without its sub-domains, * for every other federated organization, or Anonymous for the Internet. ACTION is one of CalendarSharingFreeBusySimple (times), CalendarSharingFreeBusyDetail (subject and location as well) and CalendarSharingFreeBusyReviewer (all of it), and ContactsSharing.`

func newSharingPolicy() spec[sharingPolicyParams] {
	return spec[sharingPolicyParams]{
		name:  "New-SharingPolicy",
		short: "Says what users may share with people of which domains",
		long: `A policy is that of the mailboxes it is given to (set-mailbox -SharingPolicy), and the default
one that of every other mailbox. The first policy is the default one. test-sharingpolicy says
what it allows.`,
		view:    sharingPolicyView(),
		changes: true,
		examples: []string{
			`exfed new-sharingpolicy -Name "Contoso" -Domains "contoso.com: CalendarSharingFreeBusyDetail, ContactsSharing"`,
			`exfed new-sharingpolicy -Name "ContosoWoodgrove" -Domains "contoso.com: CalendarSharingFreeBusySimple","woodgrovebank.com: CalendarSharingFreeBusyDetail" -Enabled false`,
			`exfed new-sharingpolicy -Name "Anonymous" -Domains "Anonymous: CalendarSharingFreeBusySimple" -Default`,
		},
		declare: func(p *sharingPolicyParams, d *declaration) {
			d.text(&p.name, "Name", "String", "The name of the object, at most 64 characters.", required, at(1))
			d.list(&p.domains, "Domains", "MultiValuedProperty", rulesHelp, required)
			p.declareShared(d)
		},
		target: func(p *sharingPolicyParams) string { return "sharing policy " + p.name.value },
		run: func(ctx context.Context, e *env, p *sharingPolicyParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			request := p.request()
			request.Domains.Replace = p.domains.pointer()
			made, err := org.NewSharingPolicy(ctx, request)
			if err != nil {
				return nil, err
			}
			return []render.Record{sharingPolicyRecord(made)}, nil
		},
	}
}

func (p *sharingPolicyParams) declareShared(d *declaration) {
	d.boolean(&p.enabled, "Enabled", "Whether anything is shared by it.")
	d.toggle(&p.deflt, "Default", "Makes it the policy of every mailbox without one of its own, in place of the one that was.", takesWord)
	d.domainController()
}

func (p *sharingPolicyParams) request() federation.SharingPolicyRequest {
	return federation.SharingPolicyRequest{Name: p.name.pointer(), Domains: p.edit.value, Enabled: p.enabled.pointer(), Default: p.deflt.pointer()}
}

func getSharingPolicy() spec[identityParams] {
	return spec[identityParams]{
		name:     "Get-SharingPolicy",
		short:    "Shows sharing policies",
		view:     sharingPolicyView(),
		examples: []string{"exfed get-sharingpolicy", `exfed get-sharingpolicy "Contoso" -Output list`},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "SharingPolicyIdParameter", "The policy to show, by name or GUID; * and ? stand for any characters.",
				at(1), piped, naming(sharingPolicyNames()))
			d.domainController()
		},
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			all, err := matching(p.identity,
				func() ([]federation.SharingPolicy, error) { return org.SharingPolicies(ctx) },
				func(name string) (federation.SharingPolicy, error) { return org.SharingPolicy(ctx, name) },
				federation.SharingPolicy.Key)
			var records []render.Record
			for _, policy := range all {
				records = append(records, sharingPolicyRecord(policy))
			}
			return records, err
		},
	}
}

func setSharingPolicy() spec[sharingPolicyParams] {
	return spec[sharingPolicyParams]{
		name:  "Set-SharingPolicy",
		short: "Changes a sharing policy",
		long: `-Domains replaces the rules. To change some of them:
  exfed set-sharingpolicy Contoso -Domains '@{Add="Anonymous:CalendarSharingFreeBusySimple";Remove="b.example"}'
  exfed set-sharingpolicy Contoso --add-domains "a.example:ContactsSharing" --remove-domains b.example
What is removed is named by its domain. To change a rule, remove and add it in one go.
The default policy stays the default one until another takes its place; -Enabled false ends
sharing by it.`,
		changes: true,
		examples: []string{
			`exfed set-sharingpolicy Contoso -Domains "sales.contoso.com: CalendarSharingFreeBusySimple"`,
			`exfed set-sharingpolicy Contoso -Domains '@{Add="Anonymous:CalendarSharingFreeBusySimple"}'`,
			"exfed set-sharingpolicy Contoso -Default",
			"exfed set-sharingpolicy Contoso -Enabled false",
		},
		declare: func(p *sharingPolicyParams, d *declaration) {
			d.text(&p.identity, "Identity", "SharingPolicyIdParameter", "The policy to change, by name or GUID.", required, at(1), piped, naming(sharingPolicyNames()))
			d.edit(&p.edit, "Domains", "MultiValuedProperty", `The rules: all of them, or @{Add="...";Remove="..."}. `+rulesHelp)
			d.text(&p.name, "Name", "String", "A new name, at most 64 characters.")
			p.declareShared(d)
		},
		target: func(p *sharingPolicyParams) string { return "sharing policy " + p.identity.value },
		run: func(ctx context.Context, e *env, p *sharingPolicyParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.SetSharingPolicy(ctx, p.identity.value, p.request())
		},
	}
}

func removeSharingPolicy() spec[identityParams] {
	return spec[identityParams]{
		name:  "Remove-SharingPolicy",
		short: "Removes a sharing policy",
		long: `A policy that mailboxes have cannot be removed; give them another one first (set-mailbox
-SharingPolicy). The default policy is that of every mailbox without one of its own.`,
		changes:  true,
		examples: []string{"exfed remove-sharingpolicy Contoso", "exfed remove-sharingpolicy Contoso -Confirm:false"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "SharingPolicyIdParameter", "The policy to remove, by name or GUID.", required, at(1), piped, naming(sharingPolicyNames()))
			d.domainController()
		},
		target: func(p *identityParams) string { return "sharing policy " + p.identity.value },
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.RemoveSharingPolicy(ctx, p.identity.value)
		},
	}
}

func sharingPolicyNames() objectNames {
	return existing((*federation.Organization).SharingPolicies, federation.SharingPolicy.Key)
}
