package token

import "time"

// Token is what a delegation token claims. Times have the precision of a millisecond
// when this package wrote them. A claim that the token does not have is the zero value.
type Token struct {
	AssertionID    string // an XML name, also of the signature's reference
	Issuer         string // the broker's issuer URI, "urn:federation:MicrosoftOnline"
	IssueInstant   time.Time
	NotBefore      time.Time
	NotOnOrAfter   time.Time
	Audience       string // who it is for, as an absolute URI: "http://FYDIBOHF25SPDLT.fabrikam.com"
	NameIdentifier string // who is asking, opaque and lasting, in the form of a user principal name

	EmailAddress        string // SMTP address of who is asking, in a domain of his organization
	RequestorDomain     string // what the asking organization calls itself
	Action              Offer  // what may be done with the token
	ThirdPartyRequested string // "True" in a token that was asked for on somebody's behalf
	Others              []Attribute

	ProofKey []byte // the secret the asking organization got with the token, of holder-of-key
}

// Attribute is a claim this package knows nothing about.
type Attribute struct {
	Namespace, Name, Value string
}

// OnBehalfOf is what an organization claims towards its broker: that this user of its
// own wants a token. Its Issuer is the organization, its Audience the broker.
type OnBehalfOf struct {
	AssertionID    string
	Issuer         string
	IssueInstant   time.Time
	NotBefore      time.Time
	NotOnOrAfter   time.Time
	Audience       string
	NameIdentifier string
	EmailAddress   string
}

// The namespaces and values that assertions are written in.
const (
	Namespace = "urn:oasis:names:tc:SAML:1.0:assertion" // of SAML 1.1 too

	namespaceTrust = "http://docs.oasis-open.org/ws-sx/ws-trust/200512" // of BinarySecret, whatever the request spoke
	formatUPN      = "http://schemas.xmlsoap.org/claims/upn"
	holderOfKey    = "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key"
	byPassword     = "urn:oasis:names:tc:SAML:1.0:am:password"

	thirdPartyTrue = "True"
)

// attributeName is the name of an attribute of an assertion.
type attributeName struct{ namespace, name string }

func emailAddressName() attributeName {
	return attributeName{"http://schemas.xmlsoap.org/claims", "EmailAddress"}
}

func requestorDomainName() attributeName {
	return attributeName{"http://schemas.microsoft.com/ws/2006/04/identity/claims", "RequestorDomain"}
}

func actionName() attributeName {
	return attributeName{"http://schemas.xmlsoap.org/ws/2006/12/authorization/claims", "action"}
}

func thirdPartyName() attributeName {
	return attributeName{"http://schemas.microsoft.com/ws/2006/04/identity/claims", "ThirdPartyRequested"}
}

// assertion is what tokens and OnBehalfOf have in common.
type assertion struct {
	id, issuer                            string
	issueInstant, notBefore, notOnOrAfter time.Time
	audience                              string
	nameIdentifier                        string
	proofKey                              []byte // nil when the subject is not to be confirmed
	attributes                            []Attribute
}

func (t Token) assertion() assertion {
	a := assertion{
		id: t.AssertionID, issuer: t.Issuer,
		issueInstant: t.IssueInstant, notBefore: t.NotBefore, notOnOrAfter: t.NotOnOrAfter,
		audience: t.Audience, nameIdentifier: t.NameIdentifier, proofKey: t.ProofKey,
	}
	a.attributes = make([]Attribute, 0, 4+len(t.Others))
	a.add(emailAddressName(), t.EmailAddress)
	a.add(requestorDomainName(), t.RequestorDomain)
	a.add(actionName(), string(t.Action))
	a.add(thirdPartyName(), t.ThirdPartyRequested)
	a.attributes = append(a.attributes, t.Others...)
	return a
}

func (o OnBehalfOf) assertion() assertion {
	a := assertion{
		id: o.AssertionID, issuer: o.Issuer,
		issueInstant: o.IssueInstant, notBefore: o.NotBefore, notOnOrAfter: o.NotOnOrAfter,
		audience: o.Audience, nameIdentifier: o.NameIdentifier,
	}
	a.add(emailAddressName(), o.EmailAddress)
	return a
}

// add appends an attribute that has a value.
func (a *assertion) add(name attributeName, value string) {
	if value != "" {
		a.attributes = append(a.attributes, Attribute{name.namespace, name.name, value})
	}
}

// take removes an attribute and returns its value. The reader has seen to it that there
// is one of a name at most.
func (a *assertion) take(name attributeName) string {
	for i, have := range a.attributes {
		if (attributeName{have.Namespace, have.Name}) == name {
			a.attributes = append(a.attributes[:i:i], a.attributes[i+1:]...)
			return have.Value
		}
	}
	return ""
}

// token makes a Token of an assertion that was read.
func (a assertion) token() (Token, error) {
	if a.proofKey == nil {
		return Token{}, malformed("the subject is not confirmed by a key")
	}
	t := Token{
		AssertionID: a.id, Issuer: a.issuer,
		IssueInstant: a.issueInstant, NotBefore: a.notBefore, NotOnOrAfter: a.notOnOrAfter,
		Audience: a.audience, NameIdentifier: a.nameIdentifier, ProofKey: a.proofKey,
	}
	t.EmailAddress = a.take(emailAddressName())
	t.RequestorDomain = a.take(requestorDomainName())
	t.Action = Offer(a.take(actionName()))
	t.ThirdPartyRequested = a.take(thirdPartyName())
	if len(a.attributes) > 0 {
		t.Others = a.attributes
	}
	return t, nil
}

// onBehalfOf makes an OnBehalfOf of an assertion that was read. One with a key, or with
// more than the address, is something else.
func (a assertion) onBehalfOf() (OnBehalfOf, error) {
	o := OnBehalfOf{
		AssertionID: a.id, Issuer: a.issuer,
		IssueInstant: a.issueInstant, NotBefore: a.notBefore, NotOnOrAfter: a.notOnOrAfter,
		Audience: a.audience, NameIdentifier: a.nameIdentifier,
	}
	o.EmailAddress = a.take(emailAddressName())
	if a.proofKey != nil || len(a.attributes) > 0 {
		return OnBehalfOf{}, malformed("it is not an assertion an organization makes of its user")
	}
	return o, nil
}
