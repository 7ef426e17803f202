package broker

import (
	"fmt"
	"strings"

	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// Response is the answer to a Request. AppID is that of CreateAppId, Domain that of
// GetDomainInfo; the other operations answer with an empty element.
type Response struct {
	Operation Operation
	AppID     string
	Domain    federation.DomainInfo
}

// Marshal returns the child of the SOAP body.
func (r Response) Marshal() []byte {
	var w writer
	name := string(r.Operation) + "Response"
	w.open(name, Namespace)
	switch r.Operation {
	case CreateAppID:
		w.open("CreateAppIdResult", "")
		w.leaf("AppId", r.AppID)
		w.close("CreateAppIdResult")
	case GetDomainInfo:
		w.open("GetDomainInfoResult", "")
		w.leaf("DomainName", r.Domain.DomainName)
		w.leaf("AppId", r.Domain.AppID)
		w.leaf("DomainState", string(r.Domain.State))
		w.close("GetDomainInfoResult")
	}
	w.close(name)
	return w.Bytes()
}

// ParseResponse reads the child of the SOAP body that answers the operation. The
// AppID may stand in an element AppId or as plain text: the published specification
// of the second version does not say which. Elements it does not know are ignored.
func ParseResponse(operation Operation, body *xmlsec.Element) (Response, error) {
	if !body.Is(Namespace, string(operation)+"Response") {
		return Response{}, fmt.Errorf("the answer to %s is %s", operation, body.Name)
	}
	response := Response{Operation: operation}
	var err error
	switch operation {
	case CreateAppID:
		response.AppID, err = parseAppID(body)
	case GetDomainInfo:
		response.Domain, err = parseDomainInfo(body)
	}
	return response, err
}

func parseAppID(body *xmlsec.Element) (string, error) {
	result, err := body.Only(Namespace, "CreateAppIdResult")
	if err != nil {
		return "", err
	}
	holder, err := result.Optional(Namespace, "AppId")
	if err != nil {
		return "", err
	}
	if holder == nil {
		holder = result
	}
	text, err := holder.Value()
	if err != nil {
		return "", err
	}
	appID := strings.TrimSpace(text)
	if !validAppID(appID) {
		return "", fmt.Errorf("the AppID is %q, which is not 1 to %d letters and digits", soap.Printable(appID, maxAppID), maxAppID)
	}
	return appID, nil
}

// maxAppID bounds an AppID, in characters. Known ones have 16.
const maxAppID = 64

// validAppID reports whether the text can be an AppID: "any combination of letters
// and numbers". Hyphens and braces are let through, for a GUID.
func validAppID(text string) bool {
	if text == "" || len(text) > maxAppID {
		return false
	}
	for _, c := range []byte(text) {
		letter := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !letter && (c < '0' || c > '9') && !strings.ContainsRune("-{}", rune(c)) {
			return false
		}
	}
	return true
}

func parseDomainInfo(body *xmlsec.Element) (federation.DomainInfo, error) {
	result, err := body.Only(Namespace, "GetDomainInfoResult")
	if err != nil {
		return federation.DomainInfo{}, err
	}
	texts := make(map[string]string, 3)
	for _, name := range []string{"DomainName", "AppId", "DomainState"} {
		text, err := optionalText(result, Namespace, name)
		if err != nil {
			return federation.DomainInfo{}, err
		}
		texts[name] = strings.TrimSpace(text)
	}
	info := federation.DomainInfo{
		DomainName: soap.Printable(texts["DomainName"], maxFaultText),
		AppID:      soap.Printable(texts["AppId"], maxAppID),
		State:      federation.DomainState(texts["DomainState"]),
	}
	switch info.State {
	case federation.PendingActivation, federation.Active, federation.PendingRelease:
		return info, nil
	}
	return federation.DomainInfo{}, fmt.Errorf("the domain state is %q", soap.Printable(texts["DomainState"], maxAppID))
}
