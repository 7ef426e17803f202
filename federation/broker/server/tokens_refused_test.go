package server_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/soap"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// tokenRefused is a request that must be refused, with the fault, and whether it is in the
// audit trail: it is when it is known who asked.
type tokenRefused struct {
	fault    string
	recorded bool
	message  func(t *testing.T, p *partners) []byte
}

// variant changes a request that is right before it is signed.
func variant(change func(p *partners, a *asked)) func(*testing.T, *partners) []byte {
	return func(t *testing.T, p *partners) []byte {
		a := p.ask()
		change(p, &a)
		return a.message(t)
	}
}

// edited changes one after it was signed.
func edited(pairs ...string) func(*testing.T, *partners) []byte {
	return func(t *testing.T, p *partners) []byte {
		message := p.ask().message(t)
		for i := 0; i < len(pairs); i += 2 {
			message = replaced(t, message, pairs[i], pairs[i+1])
		}
		return message
	}
}

func refusedTokens() map[string]tokenRefused {
	list := map[string]tokenRefused{}
	for _, part := range []map[string]tokenRefused{refusedSenders(), refusedUsers(), refusedScopes(), refusedMessages(), refusedTampering()} {
		for name, c := range part {
			list[name] = c
		}
	}
	return list
}

func refusedSenders() map[string]tokenRefused {
	denied := func(change func(p *partners, a *asked)) tokenRefused {
		return tokenRefused{"AuthenticationFailed", false, variant(change)}
	}
	return map[string]tokenRefused{
		"created five minutes ago":      denied(func(_ *partners, a *asked) { a.at = a.at.Add(-5 * time.Minute) }),
		"created five minutes from now": denied(func(_ *partners, a *asked) { a.at = a.at.Add(5 * time.Minute) }),
		"unknown certificate":           denied(func(p *partners, a *asked) { a.key = newPair(p.t, 3, nil); a.userKey = a.key }),
		"another organization's certificate": denied(func(p *partners, a *asked) {
			a.key, a.userKey = p.fabrikam.pair, p.fabrikam.pair
		}),
		"the victim's certificate claimed": denied(func(p *partners, a *asked) {
			a.keyInfo = xmlsec.X509DataKeyInfo(a.key.Certificate)
			a.key = p.fabrikam.pair
		}),
		"no key named": denied(func(p *partners, a *asked) {
			var err error
			if a.keyInfo, err = xmlsec.ParseMarkup(`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"/>`); err != nil {
				p.t.Fatal(err)
			}
		}),
		"requestor nobody":          denied(func(_ *partners, a *asked) { a.request.Requestor = "FYDIBOHF25SPDLT.nobody.example" }),
		"requestor somebody else":   denied(func(_ *partners, a *asked) { a.request.Requestor = fabrikamURI }),
		"requestor no name":         denied(func(_ *partners, a *asked) { a.request.Requestor = "outlook com" }),
		"for another token service": denied(func(_ *partners, a *asked) { a.to = "https://other.example/extSTS.srf" }),
		"for another path":          denied(func(_ *partners, a *asked) { a.to = externalURL + server.DelegationPath }),
		"no addressee":              denied(func(_ *partners, a *asked) { a.to = "none" }),
		"addressee not signed":      denied(func(_ *partners, a *asked) { a.toUnsigned = true }),
		"body not signed":           denied(func(_ *partners, a *asked) { a.bodyUnsigned = true }),
		"RSA-SHA1":                  denied(func(_ *partners, a *asked) { a.method = xmlsec.RSASHA1 }),
		"SHA-1 digests":             denied(func(_ *partners, a *asked) { a.digest = xmlsec.SHA1 }),
	}
}

func refusedUsers() map[string]tokenRefused {
	denied := func(change func(p *partners, a *asked)) tokenRefused {
		return tokenRefused{"AuthenticationFailed", false, variant(change)}
	}
	unknown := func(change func(p *partners, a *asked)) tokenRefused {
		return tokenRefused{"MemberNameInvalid", true, variant(change)}
	}
	named := func(name string) tokenRefused {
		return unknown(func(p *partners, a *asked) { a.assertion = a.signUserNamed(p.t, name) })
	}
	return map[string]tokenRefused{
		"another organization's user assertion": denied(func(p *partners, a *asked) {
			a.userKey, a.user.Issuer, a.user.EmailAddress = p.fabrikam.pair, fabrikamURI, "a@fabrikam.com"
		}),
		"user assertion signed by another organization": denied(func(p *partners, a *asked) { a.userKey = p.fabrikam.pair }),
		"user assertion with SHA-1":                     denied(func(_ *partners, a *asked) { a.userProfile = federation.Exchange }),
		"user assertion in another name":                denied(func(_ *partners, a *asked) { a.user.Issuer = fabrikamURI }),
		"user assertion for another broker":             denied(func(_ *partners, a *asked) { a.user.Audience = "urn:federation:MicrosoftOnline" }),
		"user assertion of five minutes ago":            denied(func(_ *partners, a *asked) { a.user.IssueInstant = a.at.Add(-5 * time.Minute) }),
		"user assertion made five minutes from now":     denied(func(_ *partners, a *asked) { a.user.IssueInstant = a.at.Add(5 * time.Minute) }),
		"user assertion that expired": denied(func(_ *partners, a *asked) {
			a.user.NotBefore, a.user.NotOnOrAfter = a.at.Add(-time.Hour), a.at.Add(-5*time.Minute)
		}),
		"user assertion of the future": denied(func(_ *partners, a *asked) {
			a.user.NotBefore, a.user.NotOnOrAfter = a.at.Add(5*time.Minute), a.at.Add(time.Hour)
		}),
		"user assertion not signed":          denied(func(_ *partners, a *asked) { a.assertion = []byte(unsignedUser) }),
		"user of a domain nobody has":        unknown(func(_ *partners, a *asked) { a.user.EmailAddress = "sales@nobody.example" }),
		"user of another organization":       unknown(func(_ *partners, a *asked) { a.user.EmailAddress = "sales@fabrikam.com" }),
		"user of a subdomain":                unknown(func(_ *partners, a *asked) { a.user.EmailAddress = "sales@other.contoso.com" }),
		"user of the account namespace":      unknown(func(_ *partners, a *asked) { a.user.EmailAddress = "sales@" + contosoURI }),
		"named under another namespace":      unknown(func(_ *partners, a *asked) { a.user.NameIdentifier = "x@" + fabrikamURI }),
		"named under nobody's namespace":     unknown(func(_ *partners, a *asked) { a.user.NameIdentifier = "x@nobody.example" }),
		"named without a namespace":          unknown(func(_ *partners, a *asked) { a.user.NameIdentifier = contosoURI }),
		"named by 1025 bytes":                named(strings.Repeat("x", 1024-len(contosoURI)) + "@" + contosoURI),
		"named with two signs":               named("a@b@" + contosoURI),
		"named under a URI":                  named("x@http://" + contosoURI),
		"named under capitals":               named("x@FYDIBOHF25SPDLT.CONTOSO.COM"),
		"named under small letters":          named("x@fydibohf25spdlt.contoso.com"),
		"named with a tab":                   named("a&#9;b@" + contosoURI),
		"named with a line end":              named("a&#10;b@" + contosoURI),
		"named with a carriage return":       named("a&#13;b@" + contosoURI),
		"named with a control character":     named("a&#x85;b@" + contosoURI),
		"named by nothing":                   named(""),
		"named with nothing before its sign": unknown(func(_ *partners, a *asked) { a.user.NameIdentifier = "@" + contosoURI }),
	}
}

// unsignedUser is an assertion that anybody can write.
const unsignedUser = `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1" AssertionID="uuid-1" ` +
	`Issuer="FYDIBOHF25SPDLT.contoso.com" IssueInstant="2030-05-01T12:00:00.000Z"></saml:Assertion>`

func refusedScopes() map[string]tokenRefused {
	scope := func(change func(p *partners, a *asked)) tokenRefused {
		return tokenRefused{"InvalidScope", true, variant(change)}
	}
	return map[string]tokenRefused{
		"unknown audience":          scope(func(_ *partners, a *asked) { a.request.AppliesTo = "http://FYDIBOHF25SPDLT.nobody.example" }),
		"unknown domain":            scope(func(_ *partners, a *asked) { a.request.AppliesTo = "nobody.example" }),
		"audience that is no name":  scope(func(_ *partners, a *asked) { a.request.AppliesTo = "urn:federation:MicrosoftOnline" }),
		"audience with a path":      scope(func(_ *partners, a *asked) { a.request.AppliesTo = "http://" + fabrikamURI + "/x" }),
		"audience of many bytes":    scope(func(_ *partners, a *asked) { a.request.AppliesTo = strings.Repeat("a.", 500) + "example" }),
		"audience over https":       scope(func(_ *partners, a *asked) { a.request.AppliesTo = "https://" + fabrikamURI }),
		"unknown offer":             scope(func(_ *partners, a *asked) { a.request.Offer = "MSExchange.Everything" }),
		"offer in other letters":    scope(func(_ *partners, a *asked) { a.request.Offer = "msexchange.mailtips" }),
		"offer that is not allowed": scope(func(_ *partners, a *asked) { a.request.Offer = "MSExchange.SharingRead" }),
		"organization without a URI": scope(func(p *partners, a *asked) {
			p.mustAttach(p.register(3), "bare.example")
			a.request.AppliesTo = "bare.example"
		}),
	}
}

func refusedMessages() map[string]tokenRefused {
	invalid := func(message func(*testing.T, *partners) []byte) tokenRefused {
		return tokenRefused{"InvalidRequest", false, message}
	}
	literal := func(text string) func(*testing.T, *partners) []byte {
		return func(*testing.T, *partners) []byte { return []byte(text) }
	}
	return map[string]tokenRefused{
		"nothing":         invalid(literal("")),
		"garbage":         invalid(literal("\x00\xffgarbage")),
		"a page":          invalid(literal("<html></html>")),
		"an entity":       invalid(literal(`<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>`)),
		"a deep document": invalid(literal(strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000))),
		"SOAP 1.1":        {"VersionMismatch", false, variant(func(_ *partners, a *asked) { a.version = soap.SOAP11 })},
		"another action": invalid(variant(func(_ *partners, a *asked) {
			a.action = "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Cancel"
		})),
		"no audience":         invalid(variant(func(_ *partners, a *asked) { a.request.AppliesTo = "" })),
		"no offer":            invalid(variant(func(_ *partners, a *asked) { a.request.Offer = " " })),
		"no requestor":        invalid(variant(func(_ *partners, a *asked) { a.request.Requestor = "" })),
		"no user":             invalid(variant(func(_ *partners, a *asked) { a.assertion = []byte{} })),
		"two users":           invalid(variant(func(_ *partners, a *asked) { a.assertion = []byte("<a/><b/>") })),
		"something mandatory": {"MustUnderstand", false, edited(`</s:Header>`, `<x:X xmlns:x="urn:x" s:mustUnderstand="1"/></s:Header>`)},
		"another request":     invalid(edited("t:RequestSecurityToken ", "t:RequestSomething ", "/t:RequestSecurityToken>", "/t:RequestSomething>")),
		"to be renewed":       invalid(edited("trust/Issue</t:RequestType>", "trust/Renew</t:RequestType>")),
		"a SAML 2 token":      invalid(edited("#SAMLV1.1</t:TokenType>", "#SAMLV2.0</t:TokenType>")),
		"two audiences":       invalid(edited("<t:OnBehalfOf>", "<wsp:AppliesTo/><t:OnBehalfOf>")),
	}
}

func refusedTampering() map[string]tokenRefused {
	denied := func(message func(*testing.T, *partners) []byte) tokenRefused {
		return tokenRefused{"AuthenticationFailed", false, message}
	}
	return map[string]tokenRefused{
		"not signed": denied(func(t *testing.T, p *partners) []byte {
			message, _ := cut(t, p.ask().message(t), "<o:Security", "</o:Security>")
			return message
		}),
		"signature stripped": denied(func(t *testing.T, p *partners) []byte {
			message := p.ask().message(t)
			start := bytes.Index(message, []byte("</u:Timestamp>")) + len("</u:Timestamp>")
			end := bytes.Index(message, []byte("</o:Security>"))
			return append(bytes.Clone(message[:start]), message[end:]...)
		}),
		"another offer":     denied(edited("MSExchange.MailTips", "MSExchange.SharingCalendarFreeBusy")),
		"another audience":  denied(edited("http://"+fabrikamURI, "http://"+contosoURI)),
		"another user":      denied(edited("sales@contoso.com", "chief@contoso.com")),
		"a comment in user": denied(edited("sales@contoso.com", "sales@contoso.com<!-- x -->.evil")),
		"another time":      denied(edited("<u:Created>2030-05-01T12:00:00Z", "<u:Created>2030-05-01T12:00:01Z")),
		"another addressee": denied(edited(tokenURL+"<", tokenURL+"?<")),
		"a second timestamp": denied(edited("</o:Security>",
			`<u:Timestamp><u:Created>2030-05-01T12:00:00Z</u:Created><u:Expires>2030-05-01T12:05:00Z</u:Expires></u:Timestamp></o:Security>`)),
		"body moved away": denied(func(t *testing.T, p *partners) []byte {
			message := p.ask().message(t)
			other := p.ask()
			other.request.ID, other.user.EmailAddress = "uuid-other", "chief@contoso.com"
			_, evil := cut(t, other.message(t), "<s:Body", "</s:Body>")
			rest, body := cut(t, message, "<s:Body", "</s:Body>")
			evil = bytes.Replace(evil, evil[len("<s:Body"):bytes.IndexByte(evil, '>')], nil, 1)
			hidden := replaced(t, rest, "</s:Header>", "<x:Hidden xmlns:x=\"urn:x\">"+string(body)+"</x:Hidden></s:Header>")
			return replaced(t, hidden, "</s:Envelope>", string(evil)+"</s:Envelope>")
		}),
	}
}

// TestTokensRefused sends what must be refused, looks for the fault to the letter, and
// then asks properly.
func TestTokensRefused(t *testing.T) {
	t.Parallel()
	list := refusedTokens()
	if len(list) < 60 {
		t.Fatalf("%d cases", len(list))
	}
	for name, c := range list {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPartners(t)
			p.decide(p.contoso.appID, server.PolicyChange{AllowedOffers: &[]token.Offer{token.MailTips, token.SharingCalendarFreeBusy}})
			message := c.message(t, p)
			leaveOut := []string{}
			if c.recorded {
				leaveOut = []string{"token_audit", "replay"}
			}
			before, rows := p.dump(leaveOut...), p.auditRows()
			status, body := p.postToken(message)
			if diff := cmp.Diff(before, p.dump(leaveOut...)); diff != "" {
				t.Errorf("the registry changed:\n%s", diff)
			}
			wantStatus := http.StatusBadRequest
			if c.fault == "VersionMismatch" || c.fault == "MustUnderstand" {
				wantStatus = http.StatusInternalServerError
			}
			if diff := cmp.Diff(tokenFaults()[c.fault], body); status != wantStatus || diff != "" {
				t.Errorf("status %d, answer (-want +got):\n%s\n%s", status, diff, p.log)
			}
			if added := p.auditRows()[len(rows):]; c.recorded && (len(added) != 1 || added[0].Outcome != c.fault) || !c.recorded && len(added) != 0 {
				t.Errorf("the audit trail got %+v", added)
			}
			if !strings.Contains(p.log.String(), "refused") {
				t.Error("the log says nothing")
			}
			if status, body := p.postToken(p.ask().message(t)); !issuedBody(status, body) {
				t.Fatalf("the genuine request: status %d, answer %s\n%s", status, body, p.log)
			}
		})
	}
}

// auditRows returns the audit trail, oldest first.
func (r *rig) auditRows() (entries []server.AuditEntry) {
	r.t.Helper()
	registry := openSQLite(r.t.(*testing.T), r.path)
	view(r.t.(*testing.T), registry, func(tx server.Tx) (err error) {
		entries, err = tx.Audit(10_000)
		return err
	})
	for i, j := 0, len(entries)-1; i < j; i, j = i+1, j-1 {
		entries[i], entries[j] = entries[j], entries[i]
	}
	return entries
}

func TestTokenRequestsThatAreNoCalls(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	before := p.dump()
	message := p.ask().message(t)
	cases := []struct {
		name, contentType string
		message           []byte
		status            int
	}{
		{"SOAP 1.1", "text/xml; charset=utf-8", message, http.StatusUnsupportedMediaType},
		{"JSON", "application/json", message, http.StatusUnsupportedMediaType},
		{"UTF-16", "application/soap+xml; charset=utf-16", message, http.StatusUnsupportedMediaType},
		{"oversized", "application/soap+xml", append(bytes.Repeat([]byte(" "), 256<<10), message...), http.StatusRequestEntityTooLarge},
		{"another action outside", `application/soap+xml; action="urn:x"`, message, http.StatusBadRequest},
	}
	if len(cases) < 5 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		if status, body := postTokenTo(p.server.Handler(), c.contentType, c.message); status != c.status || strings.Contains(body, "Encrypted") {
			t.Errorf("%s: status %d, answer %s", c.name, status, body)
		}
	}
	if diff := cmp.Diff(before, p.dump()); diff != "" {
		t.Errorf("the registry changed:\n%s", diff)
	}
}
