package broker

import (
	"fmt"
	"strings"

	"exfed/federation"
	"exfed/federation/xmlsec"
)

// RequestSecurityToken is the request for a delegation token ([MS-OXWSLVID] section
// 3.3.4.1, WS-Trust February 2005 section 5.1). The assertion that names the user, which
// its sender signs, goes beside it.
type RequestSecurityToken struct {
	ID        string // of the request, an XML name
	AppliesTo string // application URI or federated domain of the organization the token is for
	Requestor string // what the asking organization calls itself, its account namespace
	Offer     string // the action claim
}

// Marshal returns the child of the SOAP body. onBehalfOf is a saml:Assertion that
// declares its own prefixes; it is put in as it is. The algorithms asked for are those of
// the profile; token services do not heed them.
func (r RequestSecurityToken) Marshal(onBehalfOf []byte, profile federation.SecurityProfile) []byte {
	encryption, signature := xmlsec.AES256GCM, xmlsec.HMACSHA256
	if profile == federation.Exchange {
		encryption, signature = xmlsec.AES256CBC, xmlsec.HMACSHA1
	}
	var w writer
	w.WriteString(`<t:RequestSecurityToken xmlns:t="` + NamespaceTrust + `" xmlns:wsp="` + namespacePolicy +
		`" xmlns:a="` + NamespaceAddressing + `" xmlns:auth="` + namespaceAuthorization + `" Id="`)
	w.text(r.ID)
	w.WriteString(`">`)
	w.leaf("t:RequestType", requestTypeIssue)
	w.leaf("t:TokenType", tokenTypeSAML11)
	w.leaf("t:KeyType", keyTypeSymmetric)
	w.leaf("t:KeySize", "256")
	w.leaf("t:CanonicalizationAlgorithm", xmlsec.ExclusiveC14N)
	w.leaf("t:EncryptionAlgorithm", string(encryption))
	w.leaf("t:EncryptWith", string(encryption))
	w.leaf("t:SignWith", string(signature))
	w.leaf("t:ComputedKeyAlgorithm", computedKeyPSHA1)
	w.appliesTo(r.AppliesTo)
	w.open("t:OnBehalfOf", "")
	w.Write(onBehalfOf)
	w.close("t:OnBehalfOf")
	r.writeClaims(&w)
	w.WriteString(`<wsp:PolicyReference URI="` + policyExchange + `"></wsp:PolicyReference>`)
	w.close("t:RequestSecurityToken")
	return w.Bytes()
}

// appliesTo writes for whom a token is. The prefixes wsp and a are declared further out.
func (w *writer) appliesTo(address string) {
	w.WriteString(`<wsp:AppliesTo><a:EndpointReference>`)
	w.leaf("a:Address", address)
	w.WriteString(`</a:EndpointReference></wsp:AppliesTo>`)
}

// writeClaims writes who asks and what for.
func (r RequestSecurityToken) writeClaims(w *writer) {
	w.WriteString(`<auth:AdditionalContext><auth:ContextItem Scope="` + scopeRequestor + `" Name="` + nameRequestor + `">`)
	w.leaf("auth:Value", r.Requestor)
	w.WriteString(`</auth:ContextItem></auth:AdditionalContext><t:Claims Dialect="` + dialectClaims + `"><auth:ClaimType Uri="` + claimAction + `">`)
	w.leaf("auth:Value", r.Offer)
	w.WriteString(`</auth:ClaimType></t:Claims>`)
}

// ParseRequestSecurityToken reads the child of the SOAP body and returns the assertion
// that names the user beside it. Neither has been verified by this. What a token service
// does not heed (keys, algorithms, policies) is passed over; what it does is there once.
func ParseRequestSecurityToken(body *xmlsec.Element) (RequestSecurityToken, *xmlsec.Element, error) {
	if body.Name != trustName("RequestSecurityToken") {
		return RequestSecurityToken{}, nil, fmt.Errorf("%s is no request for a token", body.Name)
	}
	if err := checkKind(body); err != nil {
		return RequestSecurityToken{}, nil, err
	}
	var r RequestSecurityToken
	r.ID, _ = body.Attribute("", "Id")
	var err error
	if r.AppliesTo, err = readAppliesTo(body); err != nil {
		return RequestSecurityToken{}, nil, err
	}
	if r.Requestor, err = readNamed(body, "Name", nameRequestor, authorizationName("AdditionalContext"), "ContextItem"); err != nil {
		return RequestSecurityToken{}, nil, err
	}
	if r.Offer, err = readNamed(body, "Uri", claimAction, trustName("Claims"), "ClaimType"); err != nil {
		return RequestSecurityToken{}, nil, err
	}
	holder, err := onlyBelow(body, trustName("OnBehalfOf"))
	if err != nil {
		return RequestSecurityToken{}, nil, err
	}
	if held := holder.Elements(); len(held) != 1 {
		return RequestSecurityToken{}, nil, fmt.Errorf("OnBehalfOf holds %d elements, 1 is expected", len(held))
	}
	return r, holder.Elements()[0], nil
}

// checkKind refuses requests for something else than a new SAML 1.1 token.
func checkKind(body *xmlsec.Element) error {
	kind, err := onlyText(body, trustName("RequestType"))
	if err != nil {
		return err
	}
	if kind != requestTypeIssue {
		return fmt.Errorf("the request is of type %.100q", kind)
	}
	tokenType, err := optionalText(body, NamespaceTrust, "TokenType")
	if err != nil {
		return err
	}
	switch strings.TrimSpace(tokenType) {
	case "", tokenTypeSAML11, tokenTypeSAML:
		return nil
	}
	return fmt.Errorf("a token of type %.100q is asked for", tokenType)
}

func readAppliesTo(e *xmlsec.Element) (string, error) {
	return onlyText(e, policyName("AppliesTo"), addressingName("EndpointReference"), addressingName("Address"))
}

// readNamed returns the auth:Value of the one item in a list whose attribute has the value.
func readNamed(body *xmlsec.Element, attribute, value string, list xmlsec.Name, item string) (string, error) {
	holder, err := onlyBelow(body, list)
	if err != nil {
		return "", err
	}
	var found *xmlsec.Element
	for _, e := range holder.Named(namespaceAuthorization, item) {
		if name, _ := e.Attribute("", attribute); name != value {
			continue
		}
		if found != nil {
			return "", fmt.Errorf("%s has %s twice", list.Local, value)
		}
		found = e
	}
	if found == nil {
		return "", fmt.Errorf("%s does not have %s", list.Local, value)
	}
	return onlyText(found, authorizationName("Value"))
}

// onlyText returns the text at the end of a path, without white space around it. There
// must be some.
func onlyText(e *xmlsec.Element, path ...xmlsec.Name) (string, error) {
	found, err := onlyBelow(e, path...)
	if err != nil {
		return "", err
	}
	text, err := found.Value()
	if err != nil {
		return "", err
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", fmt.Errorf("%s is empty", found.Name.Local)
	}
	return text, nil
}
