package broker

import (
	"slices"

	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// TokenFault names a refusal of the token service.
type TokenFault string

// The faults of the token service.
const (
	TokenAuthenticationFailed TokenFault = "AuthenticationFailed"
	TokenMemberNameInvalid    TokenFault = "MemberNameInvalid"
	TokenInvalidRequest       TokenFault = "InvalidRequest"
	TokenInvalidScope         TokenFault = "InvalidScope"
	TokenOrganizationDisabled TokenFault = "OrganizationDisabled"
	TokenRequestFailed        TokenFault = "RequestFailed"
)

// TokenFaultKind describes one fault of the token service.
type TokenFaultKind struct {
	Name     TokenFault
	Subcode  string              // of WS-Trust (February 2005, section 11), and the ID of the client's error
	Reason   string              // what the caller reads
	Passport *soap.PassportError // nil where no code is known
	Meaning  string              // when it is sent, for the documentation
	Sender   bool                // the request is at fault; otherwise the service
}

// The code that goes with every failed authentication.
const passportAuthentication = "0x80048821"

// TokenFaultKinds returns every fault the token service answers with, sorted by name.
func TokenFaultKinds() []TokenFaultKind {
	authentication := func(code, text string) *soap.PassportError {
		return &soap.PassportError{Value: passportAuthentication, Code: code, Text: text}
	}
	return []TokenFaultKind{
		{
			Name: TokenAuthenticationFailed, Subcode: "FailedAuthentication", Reason: "Authentication Failure", Sender: true,
			Passport: authentication("0x80041012", "The entered and stored passwords do not match."),
			Meaning: "The request, or the assertion within that names the user, is not signed with the current or previous certificate of " +
				"the organization it says it is from, the certificate is not valid now, the signature does not cover what it must, the profile " +
				"in force does not allow its algorithms, the request is for another broker, the clocks differ by five minutes or more, or it " +
				"was seen before. An organization the broker does not know is answered the same way.",
		},
		{
			Name: TokenInvalidRequest, Subcode: "InvalidRequest", Reason: "The request was invalid or malformed.", Sender: true,
			Meaning: "The request is not the XML, the SOAP or the request for a token it should be.",
		},
		{
			Name: TokenInvalidScope, Subcode: "InvalidScope", Reason: "The request scope is invalid.", Sender: true,
			Meaning: "The token is asked for somebody who is no active organization of this broker or is disabled there, or for an offer " +
				"that the broker does not know or does not allow the organization.",
		},
		{
			Name: TokenMemberNameInvalid, Subcode: "FailedAuthentication", Reason: "Authentication Failure", Sender: true,
			Passport: authentication("0x80041034", "The specified member name is either invalid or empty."),
			Meaning: "The user's address is none, or is not in an active domain of the organization that asks, or the user's name identifier " +
				"holds control characters, is longer than 1024 bytes, or is not a name, one @ and the organization's account namespace, " +
				"spelled as the broker keeps it.",
		},
		{
			Name: TokenOrganizationDisabled, Subcode: "RequestFailed", Reason: "The organization is disabled at this broker.", Sender: true,
			Meaning: "The broker's operator has disabled the organization that asks.",
		},
		{
			Name: TokenRequestFailed, Subcode: "RequestFailed", Reason: "The specified request failed.",
			Meaning: "The broker failed; its log has the reason under the request's number.",
		},
	}
}

// KindOfTokenFault returns the description of the fault with that name; ok is false for
// a name this package does not know.
func KindOfTokenFault(name TokenFault) (kind TokenFaultKind, ok bool) {
	kinds := TokenFaultKinds()
	if i := slices.IndexFunc(kinds, func(k TokenFaultKind) bool { return k.Name == name }); i >= 0 {
		return kinds[i], true
	}
	return TokenFaultKind{}, false
}

// Fault returns the SOAP 1.2 fault.
func (k TokenFaultKind) Fault() *soap.Fault {
	code := soap.ReceiverCode()
	if k.Sender {
		code = soap.SenderCode()
	}
	return &soap.Fault{
		Version: soap.SOAP12, Code: code, Subcode: xmlsec.Name{Space: NamespaceTrust, Local: k.Subcode}, String: k.Reason, Passport: k.Passport,
	}
}

// tokenFaultError turns the token service's refusal into an error. The codes are in its
// text, since they are what administrators search for.
func tokenFaultError(address string, fault *soap.Fault) error {
	e := &federation.Error{Kind: federation.Refused, ID: idFault, Object: tokenServiceObject(address), Reason: soap.Printable(fault.String, maxFaultText)}
	if e.Reason == "" {
		e.Reason = "a fault without a text"
	}
	if i := slices.IndexFunc(TokenFaultKinds(), func(k TokenFaultKind) bool { return k.Subcode == fault.Subcode.Local }); i >= 0 {
		e.ID = fault.Subcode.Local
	}
	if fault.Code == soap.ReceiverCode() {
		e.Kind = federation.Unavailable
	}
	if p := fault.Passport; p != nil && p.Value+p.Code+p.Text != "" {
		e.Reason += " (" + soap.Printable(p.Value+" "+p.Code+" "+p.Text, maxFaultText) + ")"
	}
	return e
}

func tokenServiceObject(address string) string { return "token service of " + brokerObject(address) }
