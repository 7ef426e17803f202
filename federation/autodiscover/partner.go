package autodiscover

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"exfed/federation"
	"exfed/federation/soap"
)

// Partner is a service that is known already, and the token by which it knows the caller.
type Partner struct {
	Endpoint string // TargetAutodiscoverEpr
	Token    []byte // the xenc:EncryptedData of a delegation token: whoever has it is the user
}

// UserSettings asks for settings of users, ExternalEwsURL for one. The answers are in the
// order of the users. Those for whom the service names another address or another URL are
// asked for there, over https only; the token goes along, so it must be the service that says
// so. An answer whose ErrorCode is not NoError is no error of the call.
func (c *Client) UserSettings(ctx context.Context, partner Partner, users []string, settings ...string) ([]SettingsOf, error) {
	return c.settings(ctx, partner, SettingsRequest{GetUserSettings, users, settings})
}

// DomainSettings is UserSettings for domains.
func (c *Client) DomainSettings(ctx context.Context, partner Partner, domains []string, settings ...string) ([]SettingsOf, error) {
	return c.settings(ctx, partner, SettingsRequest{GetDomainSettings, domains, settings})
}

// OrganizationRelationshipSettings asks for the organization relationships that the partner
// has with the organization of the token, whose domains may be named. A service that does not
// have the operation gives an error that is ErrNotAvailable.
func (c *Client) OrganizationRelationshipSettings(ctx context.Context, partner Partner, domains ...string) ([]RelationshipSettings, error) {
	message, err := c.askPartner(ctx, partner, GetOrganizationRelationshipSettings, RelationshipSettingsRequest{domains}.Marshal())
	if err != nil {
		return nil, err
	}
	answer, err := ParseRelationshipSettingsResponse(message.Payload)
	if err != nil {
		return nil, callError(partner.Endpoint, &unusable{soap.Printable(err.Error(), maxPrinted)})
	}
	if answer.ErrorCode != NoError {
		return nil, codeError(endpointObject(partner.Endpoint), answer.ErrorCode, answer.ErrorMessage)
	}
	return answer.Relationships, nil
}

// askPartner sends a request with the token. No HTTP redirect is followed.
func (c *Client) askPartner(ctx context.Context, partner Partner, o Operation, body []byte) (*soap.Message, error) {
	if u, err := url.Parse(partner.Endpoint); err == nil && strings.Contains(strings.ToLower(u.Path), "/ews/") {
		return nil, &federation.Error{Kind: federation.Invalid, ID: idEndpoint, Object: endpointObject(partner.Endpoint),
			Reason: "its URL is one of Exchange Web Services", Remedy: "a URL with /EWS/ belongs in TargetSharingEpr, not in TargetAutodiscoverEpr"}
	}
	security := soap.TokenBlock(soap.SOAP11, partner.Token, c.now().Truncate(time.Second))
	message, err := c.call(ctx, c.carrier(), o, partner.Endpoint, body, security)
	if err != nil {
		return nil, callError(partner.Endpoint, err)
	}
	return message, nil
}

// pending is somebody who still has to be asked for.
type pending struct {
	place        int // in the answer
	of, endpoint string
}

func (c *Client) settings(ctx context.Context, partner Partner, request SettingsRequest) ([]SettingsOf, error) {
	most := kindOf(request.Operation).most
	if n := len(request.Of); n == 0 || n > most || len(request.Settings) == 0 || len(request.Settings) > MaxSettings {
		return nil, federation.Errorf(federation.Invalid, idRequest, string(request.Operation),
			"it can ask for 1 to %d at a time and for 1 to %d settings", most, MaxSettings)
	}
	answers := make([]SettingsOf, len(request.Of))
	var left []pending
	for i, of := range request.Of {
		left = append(left, pending{i, of, partner.Endpoint})
	}
	for hop := 0; len(left) > 0; hop++ {
		if hop > maxRedirects {
			return nil, federation.Errorf(federation.Untrusted, idUntrusted, endpointObject(left[0].endpoint),
				"more than %d redirects for %q", maxRedirects, soap.Printable(left[0].of, maxPrinted))
		}
		var next []pending
		for len(left) > 0 {
			var together []pending
			together, left = partition(left)
			redirected, err := c.settingsAt(ctx, partner.Token, request, together, answers)
			if err != nil {
				return nil, err
			}
			next = append(next, redirected...)
		}
		left = next
	}
	return answers, nil
}

// partition takes out those who are to be asked for at the first one's endpoint.
func partition(left []pending) (together, rest []pending) {
	for _, p := range left {
		if p.endpoint == left[0].endpoint {
			together = append(together, p)
		} else {
			rest = append(rest, p)
		}
	}
	return together, rest
}

// settingsAt asks one service, enters its answers and returns those it sends elsewhere.
func (c *Client) settingsAt(ctx context.Context, token []byte, request SettingsRequest, asked []pending, answers []SettingsOf) ([]pending, error) {
	endpoint := asked[0].endpoint
	request.Of = nil
	for _, p := range asked {
		request.Of = append(request.Of, p.of)
	}
	message, err := c.askPartner(ctx, Partner{endpoint, token}, request.Operation, request.Marshal())
	if err != nil {
		return nil, err
	}
	answer, err := ParseSettingsResponse(request.Operation, message.Payload)
	switch {
	case err != nil:
		return nil, callError(endpoint, &unusable{soap.Printable(err.Error(), maxPrinted)})
	case answer.ErrorCode != NoError:
		return nil, codeError(endpointObject(endpoint), answer.ErrorCode, answer.ErrorMessage)
	case len(answer.Each) != len(asked):
		return nil, callError(endpoint, &unusable{fmt.Sprintf("%d were asked for and %d are answered for", len(asked), len(answer.Each))})
	}
	var redirected []pending
	for i, of := range answer.Each {
		p := asked[i]
		if of.ErrorCode != RedirectAddress && of.ErrorCode != RedirectURL {
			answers[p.place] = of
			continue
		}
		if p, err = p.redirected(request.Operation, of); err != nil {
			return nil, callError(endpoint, &unusable{err.Error()})
		}
		redirected = append(redirected, p)
	}
	return redirected, nil
}

// redirected returns whom to ask for where instead.
func (p pending) redirected(o Operation, of SettingsOf) (pending, error) {
	if of.ErrorCode == RedirectURL {
		target, err := secureTarget("", of.RedirectTarget)
		if err != nil {
			return p, fmt.Errorf("%q %w", soap.Printable(p.of, maxPrinted), err)
		}
		p.endpoint = WSSecurityURL(target.String())
		return p, nil
	}
	domain := of.RedirectTarget
	if o == GetUserSettings {
		local, host, found := strings.Cut(of.RedirectTarget, "@")
		if !found || !printableURI(local) {
			host = ""
		}
		domain = host
	}
	if _, err := federation.ParseDomain(domain); err != nil {
		return p, fmt.Errorf("%q redirects to %q, which is no address", soap.Printable(p.of, maxPrinted), soap.Printable(of.RedirectTarget, maxPrinted))
	}
	p.of = of.RedirectTarget
	return p, nil
}

// ExternalEwsURL asks where the Exchange Web Services of a user are for callers from
// outside, and returns where they take requests with a token.
func (c *Client) ExternalEwsURL(ctx context.Context, partner Partner, user string) (string, error) {
	answers, err := c.UserSettings(ctx, partner, []string{user}, ExternalEwsURL)
	if err != nil {
		return "", err
	}
	of, object := answers[0], fmt.Sprintf("user %q", soap.Printable(user, maxPrinted))
	if of.ErrorCode != NoError {
		return "", codeError(object, of.ErrorCode, of.ErrorMessage)
	}
	if i := slices.IndexFunc(of.Errors, func(e SettingError) bool { return e.SettingName == ExternalEwsURL }); i >= 0 {
		return "", codeError(object, of.Errors[i].ErrorCode, of.Errors[i].ErrorMessage)
	}
	value := of.Value(ExternalEwsURL)
	if value == "" {
		return "", codeError(object, SettingIsNotAvailable, "the ExternalUrl of Exchange Web Services may not be set there")
	}
	target, err := secureTarget("", value)
	if err != nil {
		return "", callError(partner.Endpoint, &unusable{fmt.Sprintf("the setting %s is %q, which is no https URL", ExternalEwsURL, soap.Printable(value, maxPrinted))})
	}
	return WSSecurityURL(target.String()), nil
}
