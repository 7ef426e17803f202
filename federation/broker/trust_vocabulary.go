package broker

import "exfed/federation/xmlsec"

// Namespaces of token requests.
const (
	// NamespaceTrust is that of WS-Trust, February 2005.
	NamespaceTrust = "http://schemas.xmlsoap.org/ws/2005/02/trust"

	namespacePolicy        = "http://schemas.xmlsoap.org/ws/2004/09/policy"
	namespaceAuthorization = "http://schemas.xmlsoap.org/ws/2006/12/authorization"
)

// The actions of a token request and its answer.
const (
	IssueAction  = NamespaceTrust + "/RST/Issue"
	IssuedAction = NamespaceTrust + "/RSTR/Issue"
)

// What token requests and their answers say that is always the same.
const (
	requestTypeIssue = NamespaceTrust + "/Issue"
	keyTypeSymmetric = NamespaceTrust + "/SymmetricKey"
	tokenTypeSAML11  = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1"
	tokenTypeSAML    = "urn:oasis:names:tc:SAML:1.0" // how token services call it as well
	computedKeyPSHA1 = NamespaceTrust + "/CK/PSHA1"

	scopeRequestor = namespaceAuthorization + "/ctx/requestor"
	nameRequestor  = "http://schemas.microsoft.com/wlid/requestor"
	dialectClaims  = namespaceAuthorization + "/authclaims"
	claimAction    = namespaceAuthorization + "/claims/action"
	policyExchange = "EX_MBI_FED_SSL"
)

func trustName(local string) xmlsec.Name { return xmlsec.Name{Space: NamespaceTrust, Local: local} }

func addressingName(local string) xmlsec.Name {
	return xmlsec.Name{Space: NamespaceAddressing, Local: local}
}

func authorizationName(local string) xmlsec.Name {
	return xmlsec.Name{Space: namespaceAuthorization, Local: local}
}

func policyName(local string) xmlsec.Name { return xmlsec.Name{Space: namespacePolicy, Local: local} }

// onlyBelow goes down a path on which every element is the only one of its name.
func onlyBelow(e *xmlsec.Element, path ...xmlsec.Name) (*xmlsec.Element, error) {
	for _, name := range path {
		child, err := e.Only(name.Space, name.Local)
		if err != nil {
			return nil, err
		}
		e = child
	}
	return e, nil
}
