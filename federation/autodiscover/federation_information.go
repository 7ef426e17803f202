package autodiscover

import "exfed/federation/xmlsec"

// FederationInformationRequest asks who a domain is federated as ([MS-OXWSADISC] section
// 3.1.4.2). Anybody may ask.
type FederationInformationRequest struct{ Domain string }

// Marshal returns the child of the SOAP body.
func (q FederationInformationRequest) Marshal() []byte {
	var w writer
	w.message(GetFederationInformation.request(), "Request", "")
	w.leaf("Domain", q.Domain)
	w.close("Request")
	w.close(GetFederationInformation.request())
	return w.Bytes()
}

// ParseFederationInformationRequest reads the child of the SOAP body. The domain is as it
// was sent and may be none.
func ParseFederationInformationRequest(payload *xmlsec.Element) (FederationInformationRequest, error) {
	var r reader
	request := r.inner(payload, "Request", GetFederationInformation.request())
	r.only(request, "Domain")
	q := FederationInformationRequest{Domain: r.text(request, "Domain", maxName)}
	if q.Domain == "" {
		r.fail("there is no Domain")
	}
	return q, r.refused(GetFederationInformation, "the request")
}

// FederationInformationResponse says who an organization is in the federation. Texts that
// were read are as they were sent.
type FederationInformationResponse struct {
	ErrorCode      ErrorCode
	ErrorMessage   string
	ApplicationURI string // the organization's identifier at the broker, FYDIBOHF25SPDLT.fabrikam.example for one
	Domains        []string
	TokenIssuers   []TokenIssuer // the brokers whose tokens are accepted; Exchange 2010 RTM names none
}

// TokenIssuer is a broker. Either of the two may be empty.
type TokenIssuer struct {
	Endpoint string // of its token service
	URI      string // its identifier, urn:federation:MicrosoftOnline for one
}

// Marshal returns the child of the SOAP body. TokenIssuer has its members in the order of
// the wire, Endpoint first: the schema has them the other way round, and readers of Exchange
// drop what is out of order.
func (a FederationInformationResponse) Marshal() []byte {
	var w writer
	w.response(GetFederationInformation, a.ErrorCode, a.ErrorMessage)
	w.nillable("ApplicationUri", a.ApplicationURI)
	w.textsOrNil("Domains", "Domain", a.Domains)
	if len(a.TokenIssuers) == 0 {
		w.empty("TokenIssuers")
	} else {
		w.open("TokenIssuers")
		for _, issuer := range a.TokenIssuers {
			w.open("TokenIssuer")
			w.nillable("Endpoint", issuer.Endpoint)
			w.nillable("Uri", issuer.URI)
			w.close("TokenIssuer")
		}
		w.close("TokenIssuers")
	}
	w.close("Response")
	w.close(GetFederationInformation.response())
	return w.Bytes()
}

// ParseFederationInformationResponse reads the child of the SOAP body, members in any order.
// What it does not know is ignored.
func ParseFederationInformationResponse(payload *xmlsec.Element) (FederationInformationResponse, error) {
	var r reader
	response := r.inner(payload, "Response", GetFederationInformation.response())
	a := FederationInformationResponse{
		ErrorCode:      r.code(response),
		ErrorMessage:   r.text(response, "ErrorMessage", maxText),
		ApplicationURI: r.text(response, "ApplicationUri", maxURI),
		Domains:        r.texts(r.member(response, "Domains"), "Domain", MaxDomains, maxName),
	}
	for _, issuer := range r.items(r.member(response, "TokenIssuers"), "TokenIssuer", MaxTokenIssuers) {
		a.TokenIssuers = append(a.TokenIssuers, TokenIssuer{
			Endpoint: r.text(issuer, "Endpoint", maxURI), URI: r.text(issuer, "Uri", maxURI),
		})
	}
	if a.ErrorCode == NoError && a.ApplicationURI == "" {
		r.fail("there is no ApplicationUri")
	}
	if err := r.refused(GetFederationInformation, "the answer"); err != nil {
		return FederationInformationResponse{}, err
	}
	return a, nil
}
