package server_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
	"exfed/federation/soap"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// asked is how a test wants a token asked for. Zero values are what is right in the profile.
type asked struct {
	profile federation.SecurityProfile
	request broker.RequestSecurityToken
	user    token.OnBehalfOf
	key     certificate.Pair // signs the message
	userKey certificate.Pair // signs the assertion of the user
	at      time.Time        // of the message

	version      soap.Version
	to, action   string // "none" for none
	toUnsigned   bool
	bodyUnsigned bool
	method       xmlsec.SignatureMethod
	digest       xmlsec.DigestMethod
	userProfile  federation.SecurityProfile
	keyInfo      xmlsec.Markup
	assertion    []byte // in the place of the user's
}

// ask returns a request of Contoso that is accepted.
func (p *partners) ask() asked {
	at := p.clock.Now()
	id, err := token.NewAssertionID(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return asked{
		profile: p.profile, key: p.contoso.pair, userKey: p.contoso.pair, at: at, version: soap.SOAP12,
		request: broker.RequestSecurityToken{ID: "uuid-request", AppliesTo: "http://" + fabrikamURI, Requestor: contosoURI, Offer: "MSExchange.MailTips"},
		user: token.OnBehalfOf{
			AssertionID: id, Issuer: contosoURI, IssueInstant: at, NotBefore: at, NotOnOrAfter: at.Add(5 * time.Minute),
			Audience: issuerURI, NameIdentifier: "c2FsZXM=@" + contosoURI, EmailAddress: "sales@contoso.com",
		},
	}
}

// message returns the request as it goes over the wire.
func (a asked) message(t testing.TB) []byte {
	t.Helper()
	assertion := a.assertion
	if assertion == nil {
		assertion = a.signUser(t)
	}
	keyInfo := a.keyInfo
	if keyInfo == (xmlsec.Markup{}) {
		var err error
		if keyInfo, err = xmlsec.SubjectKeyIdentifierKeyInfo(a.key.Certificate); err != nil {
			t.Fatal(err)
		}
	}
	exchange := a.profile == federation.Exchange
	method := a.method
	if method == "" {
		method = map[bool]xmlsec.SignatureMethod{false: xmlsec.RSASHA256, true: xmlsec.RSASHA1}[exchange]
	}
	message, err := soap.Signing{
		Signer: xmlsec.Signer{Key: a.key.Key, Method: method, Digest: a.digest, KeyInfo: keyInfo},
		Now:    func() time.Time { return a.at }, MustUnderstand: true, NumberedIDs: exchange, UnsignedBody: exchange || a.bodyUnsigned,
	}.Sign(soap.Envelope{Version: a.version, Headers: a.blocks(), Body: a.request.Marshal(assertion, a.profile)})
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func (a asked) signUser(t testing.TB) []byte {
	t.Helper()
	profile := a.profile
	if a.userProfile != "" {
		profile = a.userProfile
	}
	signed, err := token.Issuer{URI: a.user.Issuer, Pair: a.userKey, Profile: profile}.SignOnBehalfOf(a.user)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// signUserNamed signs an assertion of a user whose name identifier is what stands there,
// also one that SignOnBehalfOf would not write.
func (a asked) signUserNamed(t testing.TB, name string) []byte {
	t.Helper()
	const start, end = "<Signature ", "</Signature>"
	unsigned, _ := cut(t, a.signUser(t), start, end)
	unsigned = bytes.ReplaceAll(unsigned, []byte(">"+a.user.NameIdentifier+"<"), []byte(">"+name+"<"))
	root, err := xmlsec.Parse(unsigned, xmlsec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	keyInfo, err := xmlsec.SubjectKeyIdentifierKeyInfo(a.userKey.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	method := map[bool]xmlsec.SignatureMethod{false: xmlsec.RSASHA256, true: xmlsec.RSASHA1}[a.profile == federation.Exchange]
	signed, err := xmlsec.Signer{Key: a.userKey.Key, Method: method, KeyInfo: keyInfo}.SignEnveloped(root.Canonical(), a.user.AssertionID)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (a asked) blocks() []soap.Block {
	addressing := soap.Addressing{To: a.to, Action: a.action, MessageID: "urn:uuid:1", ReplyTo: soap.AnonymousAddress}
	if a.to == "" {
		addressing.To = tokenURL
	}
	if a.action == "" {
		addressing.Action = "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue"
	}
	blocks := addressing.Blocks(a.version)
	if a.to == "none" {
		return blocks[1:]
	}
	blocks[0].Signed = !a.toUnsigned
	return blocks
}

// postToken sends a message to the token service and returns status and body.
func (r *rig) postToken(message []byte) (int, string) {
	return postTokenTo(r.server.Handler(), "application/soap+xml; charset=utf-8", message)
}

func postTokenTo(handler http.Handler, contentType string, message []byte) (int, string) {
	r := httptest.NewRequest(http.MethodPost, server.TokenPath, bytes.NewReader(message))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(body)
}

// tokenFault is the whole answer to a request that is refused.
func tokenFault(members string) string {
	return `<?xml version="1.0" encoding="utf-8"?>` + "\n" +
		`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">` +
		`<s:Body><s:Fault xmlns:s="http://www.w3.org/2003/05/soap-envelope">` + members + `</s:Fault></s:Body></s:Envelope>`
}

const openSubcode = `<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:c="http://schemas.xmlsoap.org/ws/2005/02/trust">c:`

func authenticationFailed(code, text string) string {
	return tokenFault(openSubcode + `FailedAuthentication</s:Value></s:Subcode></s:Code>` +
		`<s:Reason><s:Text xml:lang="en-US">Authentication Failure</s:Text></s:Reason>` +
		`<s:Detail><psf:error xmlns:psf="http://schemas.microsoft.com/Passport/SoapServices/SOAPFault"><psf:value>0x80048821</psf:value>` +
		`<psf:internalerror><psf:code>` + code + `</psf:code><psf:text>` + text + `</psf:text></psf:internalerror></psf:error></s:Detail>`)
}

// tokenFaults are the answers there are, by what the log calls them.
func tokenFaults() map[string]string {
	return map[string]string{
		"AuthenticationFailed": authenticationFailed("0x80041012", "The entered and stored passwords do not match."),
		"MemberNameInvalid":    authenticationFailed("0x80041034", "The specified member name is either invalid or empty."),
		"InvalidScope": tokenFault(openSubcode + `InvalidScope</s:Value></s:Subcode></s:Code>` +
			`<s:Reason><s:Text xml:lang="en-US">The request scope is invalid.</s:Text></s:Reason>`),
		"InvalidRequest": tokenFault(openSubcode + `InvalidRequest</s:Value></s:Subcode></s:Code>` +
			`<s:Reason><s:Text xml:lang="en-US">The request was invalid or malformed.</s:Text></s:Reason>`),
		"RequestFailed": tokenFault(`<s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value xmlns:c="http://schemas.xmlsoap.org/ws/2005/02/trust">` +
			`c:RequestFailed</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">The specified request failed.</s:Text></s:Reason>`),
		"OrganizationDisabled": tokenFault(openSubcode + `RequestFailed</s:Value></s:Subcode></s:Code>` +
			`<s:Reason><s:Text xml:lang="en-US">The organization is disabled at this broker.</s:Text></s:Reason>`),
		"VersionMismatch": tokenFault(`<s:Code><s:Value>s:VersionMismatch</s:Value></s:Code>` +
			`<s:Reason><s:Text xml:lang="en-US">Only SOAP 1.2 is spoken here.</s:Text></s:Reason>`),
		"MustUnderstand": tokenFault(`<s:Code><s:Value>s:MustUnderstand</s:Value></s:Code>` +
			`<s:Reason><s:Text xml:lang="en-US">A mandatory header block is not understood.</s:Text></s:Reason>`),
	}
}

// issuedBody reports whether an answer has a token.
func issuedBody(status int, body string) bool {
	return status == http.StatusOK && strings.Contains(body, "EncryptedData")
}
