package cmd

import (
	"context"
	"time"

	"exfed/certificate"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

type testTokenParams struct {
	path, issuerCertificate, thumbprint, at, audience, offer, profile opt[string]
}

func testDelegationToken() spec[testTokenParams] {
	return spec[testTokenParams]{
		name:  "Test-DelegationToken",
		short: "Opens a delegation token and makes every check an organization makes",
		long: `Reads a token in the clear or encrypted to this organization, by itself or within the
answer or message that carries it, in either security profile. Shows what the token claims,
how it is signed and encrypted, and each check as Passed, Failed or NotChecked; a failed one
ends with exit code 3. What a token claims is shown only when its signature holds.

The token must be of the broker of the trust and for this organization. With
-IssuerCertificate no trust is needed, and of a token in the clear no key.`,
		view: render.View{Kind: render.AsList, Key: "Check"},
		examples: []string{
			"exfed test-delegationtoken -Path token.xml",
			"exfed test-delegationtoken -Path token.xml -Offer MSExchange.SharingCalendarFreeBusy -At 2027-02-03T10:00:00Z",
			"exfed test-delegationtoken -Path message.xml -IssuerCertificate broker.pem -Audience http://FYDIBOHF25SPDLT.fabrikam.com",
		},
		declare: func(p *testTokenParams, d *declaration) {
			d.text(&p.path, "Path", "Path", "The file with the token; - is standard input.", required, at(1), filePath)
			d.text(&p.issuerCertificate, "IssuerCertificate", "Path", "The issuer's certificates, in PEM or DER, in place of those of the trust.", filePath)
			d.text(&p.thumbprint, "Thumbprint", "String", "Opens the token with the key of this certificate alone.",
				naming(certificateThumbprints()), defaults("those of the trust: current, next, previous"))
			d.text(&p.at, "At", "DateTime", "The time to judge the token at, such as 2027-02-03T10:00:00Z; without an offset it is one of the machine's time zone.", defaults("now"))
			d.text(&p.audience, "Audience", "Uri", "Who the token must be for.", defaults("this organization"))
			d.text(&p.offer, "Offer", "String", "What the token must be for, such as "+string(token.MailTips)+".", completesOffers(), defaults("not checked"))
			d.securityProfile(&p.profile, defaults("either"))
		},
		check: func(p *testTokenParams) error {
			return refuseEmpty(given{"Path", p.path}, given{"IssuerCertificate", p.issuerCertificate}, given{"Thumbprint", p.thumbprint},
				given{"At", p.at}, given{"Audience", p.audience}, given{"Offer", p.offer})
		},
		run: runTestToken,
	}
}

func runTestToken(ctx context.Context, e *env, p *testTokenParams) ([]render.Record, error) {
	expected, err := p.expectation(e.process.Now())
	if err != nil {
		return nil, err
	}
	element, err := e.readToken(p.path.value)
	if err != nil {
		return nil, err
	}
	party, err := p.relyingParty(ctx, e)
	if err != nil {
		return nil, err
	}
	expected.Issuer = party.IssuerURI
	if expected.Audience == "" {
		expected.Audience = party.Audience
	}
	verifier := token.Verifier{Profile: federation.Exchange, Keys: party.Keys, Certificates: party.IssuerKeys, AllowPlain: true}
	if p.profile.given {
		verifier.Profile = federation.SecurityProfile(p.profile.value)
	}
	opened, findings := verifier.Examine(element, expected)
	failed := failedChecks("token of "+fileObject(p.path.value), findings)
	records := []render.Record{tokenRecord(element, opened, failed == nil)}
	for _, f := range findings {
		records = append(records, render.New(
			render.Text("Check", f.Check),
			render.Text("Outcome", f.Outcome.String()),
			render.OptionalText("Reason", f.Reason),
			render.Text("Text", f.Text),
		))
	}
	return records, failed
}

// expectation is what the parameters say about the token.
func (p *testTokenParams) expectation(now time.Time) (token.Expectation, error) {
	expected := token.Expectation{At: now, Audience: p.audience.value}
	if p.offer.value != "" {
		expected.Offers = []token.Offer{token.Offer(p.offer.value)}
	}
	return expected, dateTime(p.at, "At", now.Location(), &expected.At)
}

// relyingParty is what the token is judged by: the trust, with what the parameters put in
// place of its parts. Without a trust, the issuer's certificates alone will do.
func (p *testTokenParams) relyingParty(ctx context.Context, e *env) (federation.RelyingParty, error) {
	org, err := e.organization()
	if err != nil {
		return federation.RelyingParty{}, err
	}
	party, err := org.RelyingParty(ctx)
	if p.issuerCertificate.value != "" && federation.IsKind(err, federation.NotFound) {
		err = nil
	}
	if err != nil {
		return party, err
	}
	if p.issuerCertificate.value != "" {
		// Whose certificates these are is for their owner to know: it may be another broker.
		party.IssuerURI = ""
		if party.IssuerKeys, err = readCertificates(p.issuerCertificate.value); err != nil {
			return party, err
		}
	}
	if p.thumbprint.value == "" {
		return party, nil
	}
	print, err := thumbprint(p.thumbprint.value)
	if err != nil {
		return party, err
	}
	pair, err := org.KeyPair(ctx, print)
	party.Keys = []certificate.Pair{pair}
	return party, err
}

// failedChecks makes an error of the checks that failed, nil of none.
func failedChecks(object string, findings []token.Finding) error {
	var causes []*federation.Error
	for _, f := range findings {
		if f.Outcome == token.Failed {
			causes = append(causes, federation.Errorf(federation.Untrusted, f.Reason, string(f.Check), "%s", f.Text))
		}
	}
	return newChecksFailed("TokenRefused", object, causes)
}

// tokenRecord shows a token. What it claims is shown when its signature holds, what it says
// about its encryption in any case.
func tokenRecord(element *xmlsec.Element, opened *token.Opened, good bool) render.Record {
	outcome := token.Passed
	if !good {
		outcome = token.Failed
	}
	fields := []render.Field{render.Text("Outcome", outcome.String())}
	if opened != nil {
		fields = append(fields, claimFields(opened.Token)...)
		fields = append(fields,
			render.Text("SecurityProfile", profileOf(opened)),
			render.Text("SignatureMethod", opened.Signature.Method),
			render.Text("DigestMethod", opened.Signature.Digest),
			render.Text("SignedWith", token.KeyName(opened.Signature.KeyInfo)),
			render.Text("IssuerThumbprint", certificate.Thumbprint(opened.Signature.Certificate)),
		)
	}
	fields = append(fields, sealOf(element).fields()...)
	if opened != nil && opened.Encryption != nil {
		fields = append(fields, render.Text("OpenedWith", certificate.Thumbprint(opened.Encryption.Certificate)))
	}
	return render.New(fields...)
}

// claimFields are what a token says, but for its proof key.
func claimFields(t token.Token) []render.Field {
	others := make([]string, len(t.Others))
	for i, a := range t.Others {
		others[i] = a.Namespace + "/" + a.Name + "=" + a.Value
	}
	return []render.Field{
		render.Text("EmailAddress", t.EmailAddress),
		render.Text("NameIdentifier", t.NameIdentifier),
		render.Text("RequestorDomain", t.RequestorDomain),
		render.Text("Offer", t.Action),
		render.Text("ThirdPartyRequested", t.ThirdPartyRequested),
		render.List("OtherAttributes", others),
		render.Text("Audience", t.Audience),
		render.Text("Issuer", t.Issuer),
		render.Text("AssertionID", t.AssertionID),
		render.Time("IssueInstant", t.IssueInstant),
		render.Time("NotBefore", t.NotBefore),
		render.Time("NotOnOrAfter", t.NotOnOrAfter),
	}
}

// profileOf is the profile a token was written in.
func profileOf(opened *token.Opened) federation.SecurityProfile {
	tripleDES := opened.Encryption != nil && opened.Encryption.Method == xmlsec.TripleDESCBC
	if tripleDES || opened.Signature.Method == xmlsec.RSASHA1 || opened.Signature.Digest == xmlsec.SHA1 {
		return federation.Exchange
	}
	return federation.Modern
}
