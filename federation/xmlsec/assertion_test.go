package xmlsec_test

import (
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

const namespaceSAML = "urn:oasis:names:tc:SAML:1.0:assertion"

// assertion is a delegation token before it is signed, in canonical form and with no
// white space between elements, as token issuers write it.
const assertion = `<saml:Assertion xmlns:saml="` + namespaceSAML + `" AssertionID="uuid-1" IssueInstant="2030-02-06T04:47:27.032Z"` +
	` Issuer="urn:federation:MicrosoftOnline" MajorVersion="1" MinorVersion="1">` +
	`<saml:Conditions NotBefore="2030-02-06T04:47:27.032Z" NotOnOrAfter="2030-02-21T04:50:27.027Z">` +
	`<saml:AudienceRestrictionCondition><saml:Audience>http://FYDIBOHF25SPDLT.fabrikam.example</saml:Audience></saml:AudienceRestrictionCondition>` +
	`</saml:Conditions>` +
	`<saml:AuthenticationStatement AuthenticationInstant="2030-02-06T04:47:27.032Z" AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:password">` +
	`<saml:Subject><saml:NameIdentifier Format="http://schemas.xmlsoap.org/claims/upn">b3BhcXVl@contoso.example</saml:NameIdentifier>` +
	`<saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:holder-of-key</saml:ConfirmationMethod>` +
	`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><trust:BinarySecret xmlns:trust="http://docs.oasis-open.org/ws-sx/ws-trust/200512">` +
	`AAECAwQFBgcICQoLDA0ODxAREhMUFRYX</trust:BinarySecret></KeyInfo></saml:SubjectConfirmation></saml:Subject></saml:AuthenticationStatement>` +
	`<saml:AttributeStatement><saml:Subject><saml:NameIdentifier Format="http://schemas.xmlsoap.org/claims/upn">b3BhcXVl@contoso.example</saml:NameIdentifier></saml:Subject>` +
	`<saml:Attribute AttributeName="EmailAddress" AttributeNamespace="http://schemas.xmlsoap.org/claims"><saml:AttributeValue>a@contoso.example</saml:AttributeValue></saml:Attribute>` +
	`<saml:Attribute AttributeName="RequestorDomain" AttributeNamespace="http://schemas.microsoft.com/ws/2006/04/identity/claims"><saml:AttributeValue>contoso.example</saml:AttributeValue></saml:Attribute>` +
	`<saml:Attribute AttributeName="action" AttributeNamespace="http://schemas.xmlsoap.org/ws/2006/12/authorization/claims"><saml:AttributeValue>MSExchange.SharingCalendarFreeBusy</saml:AttributeValue></saml:Attribute>` +
	`<saml:Attribute AttributeName="ThirdPartyRequested" AttributeNamespace="http://schemas.microsoft.com/ws/2006/04/identity/claims"><saml:AttributeValue>True</saml:AttributeValue></saml:Attribute>` +
	`</saml:AttributeStatement></saml:Assertion>`

// signedAssertion returns the assertion with a signature by the party, which it names
// by its subject key identifier.
func signedAssertion(t testing.TB, signer party, method xmlsec.SignatureMethod) []byte {
	t.Helper()
	token, err := signer.named(t, method).SignEnveloped([]byte(assertion), "uuid-1")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// named signs with the subject key identifier in KeyInfo.
func (p party) named(t testing.TB, method xmlsec.SignatureMethod) xmlsec.Signer {
	t.Helper()
	info, err := xmlsec.SubjectKeyIdentifierKeyInfo(p.certificate)
	if err != nil {
		t.Fatal(err)
	}
	return xmlsec.Signer{Key: p.key, Method: method, KeyInfo: info}
}

// signatureOf returns the signature of a signed assertion.
func signatureOf(t testing.TB, token string) string {
	t.Helper()
	return between(t, token, "<Signature ", "</Signature>")
}

// withoutSignature returns the assertion as it was before it was signed.
func withoutSignature(t testing.TB, token string) string {
	t.Helper()
	return strings.Replace(token, signatureOf(t, token), "", 1)
}
