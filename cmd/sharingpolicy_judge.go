package cmd

import (
	"context"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/policy"
)

type testSharingPolicyParams struct{ identity, recipient, action opt[string] }

func testSharingPolicy() spec[testSharingPolicyParams] {
	return spec[testSharingPolicyParams]{
		name:  "Test-SharingPolicy",
		short: "Says whether a user may share something with somebody, and which rule says so",
		long: `Without -Recipient it lists what each mailbox may share at most with each domain.

Policies alone are judged. That the recipient's organization is federated is taken for granted;
that this one is not is warned of. An answer of no ends with exit code 3.`,
		view: render.View{Kind: render.AsList, Key: "Identity"},
		examples: []string{
			"exfed test-sharingpolicy -Identity sales@contoso.com -Recipient joe@fabrikam.com -Action CalendarSharingFreeBusyDetail",
			"exfed test-sharingpolicy -Identity sales@contoso.com -Recipient Anonymous",
			"exfed test-sharingpolicy -Output table",
		},
		declare: func(p *testSharingPolicyParams, d *declaration) {
			var actions []string
			for _, a := range policy.SharingActions() {
				actions = append(actions, string(a))
			}
			p.action.value = actions[0]
			d.text(&p.identity, "Identity", "MailboxIdParameter", "The mailbox whose user shares, by name, one of its addresses or GUID.", at(1), piped, naming(mailboxNames()),
				defaults("all mailboxes, without -Recipient"))
			d.text(&p.recipient, "Recipient", "String", "Whom it is shared with: an address, a domain, or Anonymous for anybody on the Internet.")
			d.oneOf(&p.action, "Action", "SharingPolicyAction", actions, "What is shared.", defaults(actions[0]))
		},
		check: func(p *testSharingPolicyParams) error {
			switch {
			case p.recipient.value != "" && p.identity.value == "":
				return &psargs.UsageError{ID: "MissingParameter", Param: "Identity", Msg: "-Identity is missing: whose policy is asked about?"}
			case p.recipient.value == "" && p.action.given:
				return &psargs.UsageError{ID: "MissingParameter", Param: "Recipient", Msg: "-Recipient is missing: with whom is it shared?"}
			}
			return nil
		},
		run: func(ctx context.Context, e *env, p *testSharingPolicyParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			if p.recipient.value == "" {
				return sharingCeilings(ctx, org, p.identity.value)
			}
			return judgeSharing(ctx, org, p)
		},
	}
}

func judgeSharing(ctx context.Context, org *federation.Organization, p *testSharingPolicyParams) ([]render.Record, error) {
	answer, err := org.JudgeSharing(ctx, federation.SharingQuestion{
		Mailbox: p.identity.value, Recipient: p.recipient.value, Action: policy.SharingAction(p.action.value),
	})
	if err != nil {
		return nil, err
	}
	rule := ""
	if answer.Rule != nil {
		rule = answer.Rule.String()
	}
	records := []render.Record{render.New(
		render.Text("Identity", answer.Mailbox.Name),
		render.Text("Recipient", answer.Recipient),
		render.Text("Action", p.action.value),
		render.Bool("Allowed", answer.Allowed),
		render.OptionalText("SharingPolicy", answer.Policy),
		render.OptionalText("Rule", rule),
		render.Text("CalendarLevel", string(answer.Level)),
		render.OptionalText("ResponseCode", answer.ResponseCode()),
		render.Text("Reason", string(answer.Reason)),
		render.Text("Message", answer.Explanation),
	)}
	if answer.Allowed {
		return records, nil
	}
	return records, federation.Errorf(federation.ChecksFailed, "SharingNotAllowed", "mailbox "+answer.Mailbox.Name, "%s", answer.Explanation)
}

func sharingCeilings(ctx context.Context, org *federation.Organization, mailbox string) ([]render.Record, error) {
	ceilings, err := org.SharingCeilings(ctx, mailbox)
	var records []render.Record
	for _, c := range ceilings {
		records = append(records, render.New(
			render.Text("Identity", c.Mailbox.Name),
			render.OptionalText("Domain", c.Domain),
			render.Text("CalendarLevel", string(c.Level)),
			render.Bool("ContactsSharing", c.Contact),
			render.OptionalText("SharingPolicy", c.Policy),
		))
	}
	return records, err
}
