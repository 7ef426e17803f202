package cmd

import (
	"context"
	"errors"

	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

type testTrustParams struct{ user opt[string] }

func testFederationTrust() spec[testTrustParams] {
	return spec[testTrustParams]{
		name:  "Test-FederationTrust",
		short: "Checks the federation trust from end to end, with a token for the organization itself",
		long: `Each check is Success, Warning or Error; an Error ends with exit code 3, and both say what to
do next. An organization's certificate is a Warning from 60 days before its end on. The test token is asked for in the name of an address in a federated domain, opened
with the organization's own key and thrown away; nothing is changed. -Verbose tells the steps.`,
		view:     render.View{Kind: render.AsList, Key: "Id"},
		changes:  true,
		examples: []string{"exfed test-federationtrust", "exfed test-federationtrust -UserIdentity sales@contoso.com -Verbose"},
		declare: func(p *testTrustParams, d *declaration) {
			d.text(&p.user, "UserIdentity", "RecipientIdParameter", "The user to ask for the test token as, an address in a federated domain.",
				defaults("federation-test in the default or primary domain"))
			d.ignoredBoolean("MonitoringContext", "Adds events for a monitoring system.", "there is no monitoring system to add them for")
			d.domainController()
		},
		target: func(*testTrustParams) string { return "the federation trust" },
		run:    runTestTrust,
	}
}

func runTestTrust(ctx context.Context, e *env, p *testTrustParams) ([]render.Record, error) {
	if e.whatIf != nil {
		// There is nothing to rehearse: a test that asks nobody finds nothing.
		return []render.Record{trustCheckRecord(federation.TrustCheck{})}, nil
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	results, err := e.testTrust(ctx, org, p.user.value)
	var records []render.Record
	for _, result := range results {
		records = append(records, trustCheckRecord(result))
	}
	return records, err
}

// testTrust tests the organization's trust, in the name of a user or, for "", of nobody in
// particular. What was found comes with an error if it has a fault.
func (e *env) testTrust(ctx context.Context, org *federation.Organization, user string) ([]federation.TrustCheck, error) {
	results, err := org.TestTrust(ctx, federation.TrustTest{User: user, Judge: e.judgeToken})
	if err != nil {
		return nil, err
	}
	var causes []*federation.Error
	for _, result := range results {
		switch {
		case result.Type == federation.EventError:
			causes = append(causes, causeOf(result))
		case result.Cause != nil:
			for _, advice := range adviceOn(causeOf(result)) {
				e.warn("%s: %s", result.ID, advice)
			}
		}
	}
	return results, newChecksFailed("FederationTrustTestFailed", "federation trust", causes)
}

func trustCheckRecord(result federation.TrustCheck) render.Record {
	return render.New(
		render.Unset("RunspaceId"), // of a remote session, which there is none of
		render.Text("Id", result.ID),
		render.Text("Type", result.Type),
		render.Text("Message", result.Message),
	)
}

// causeOf is what went wrong in a check, under the check's name.
func causeOf(result federation.TrustCheck) *federation.Error {
	cause := federation.Error{Kind: federation.Other, Err: result.Cause}
	var fault *federation.Error
	if errors.As(result.Cause, &fault) {
		cause = *fault
	}
	cause.Object = string(result.ID)
	return &cause
}

// judgeToken opens a token and makes every check, as the organization it is presented to.
func (e *env) judgeToken(presented federation.PresentedToken, party federation.RelyingParty) error {
	element, err := xmlsec.Parse(presented.Encrypted, xmlsec.Limits{Bytes: maxTokenFile})
	if err != nil {
		return &federation.Error{Kind: federation.Untrusted, ID: token.ReasonMalformed, Object: "token", Reason: "is not XML", Err: err}
	}
	domain, err := token.AddressDomain(presented.User)
	if err != nil {
		return err
	}
	verifier := token.Verifier{Profile: presented.Profile, Keys: party.Keys, Certificates: party.IssuerKeys}
	_, err = verifier.Accept(element, token.Expectation{
		At: e.process.Now(), Issuer: party.IssuerURI, Audience: party.Audience,
		Offers: []token.Offer{token.Offer(presented.Offer)}, Domains: []federation.Domain{domain},
	})
	return err
}
