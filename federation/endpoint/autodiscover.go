package endpoint

import (
	"context"
	"strings"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/serve"
	"exfed/federation/soap"
	"exfed/federation/token"
)

// serverVersion is the version of the schema that the answers follow, and as what the
// endpoint is taken: one whose clients know all that it answers.
func serverVersion() autodiscover.ServerVersionInfo {
	return autodiscover.ServerVersionInfo{MajorVersion: 15, Version: "Exchange2013_SP1"}
}

func (s *Server) autodiscoverOperation(o autodiscover.Operation, do func(context.Context, *call) ([]byte, error), offers ...token.Offer) (string, operation) {
	return o.Action(), operation{offers: offers, response: o.ResponseAction(), headers: []soap.Block{serverVersion().Block()}, do: do}
}

// anonymousOperations is what anybody may ask.
func (s *Server) anonymousOperations() map[string]operation {
	action, op := s.autodiscoverOperation(autodiscover.GetFederationInformation, s.federationInformation)
	return map[string]operation{action: op}
}

// autodiscoverOperations is what users of partners may ask. A token for free/busy is taken as
// well: who may ask for the data may ask where they are.
func (s *Server) autodiscoverOperations() map[string]operation {
	operations := map[string]operation{}
	for o, do := range map[autodiscover.Operation]func(context.Context, *call) ([]byte, error){
		autodiscover.GetUserSettings:                     s.userSettings,
		autodiscover.GetDomainSettings:                   s.domainSettings,
		autodiscover.GetOrganizationRelationshipSettings: s.relationshipSettings,
	} {
		action, op := s.autodiscoverOperation(o, do, token.Autodiscover, token.SharingCalendarFreeBusy)
		operations[action] = op
	}
	return operations
}

// federationInformation says who the organization is in the federation. A domain that is not
// federated is answered like one that is not the organization's.
func (s *Server) federationInformation(ctx context.Context, c *call) ([]byte, error) {
	var answer autodiscover.FederationInformationResponse
	asked, err := autodiscover.ParseFederationInformationRequest(c.message.Payload)
	switch domain, wrong := federation.ParseDomain(asked.Domain); {
	case err != nil:
		answer.ErrorCode, answer.ErrorMessage = autodiscover.InvalidRequest, "The request is not a valid one."
	case !c.organization.Federated():
		answer.ErrorCode, answer.ErrorMessage = autodiscover.NotFederated, "The organization is not federated."
	case wrong != nil || !c.organization.federates(domain):
		answer.ErrorCode, answer.ErrorMessage = autodiscover.InvalidDomain, "The domain is not one of the organization."
	default:
		answer = c.organization.information()
	}
	s.log.InfoContext(ctx, "federation information", "request", serve.RequestID(ctx), "domain", soap.Printable(asked.Domain, maxLogged), "outcome", answer.ErrorCode)
	return answer.Marshal(), nil
}

func (o *organization) federates(domain federation.Domain) bool {
	for _, d := range o.Domains() {
		if d == domain {
			return true
		}
	}
	return false
}

func (o *organization) information() autodiscover.FederationInformationResponse {
	answer := autodiscover.FederationInformationResponse{ErrorCode: autodiscover.NoError, ApplicationURI: o.Trust.ApplicationURI}
	for _, d := range o.Domains() {
		answer.Domains = append(answer.Domains, string(d))
	}
	if o.Trust.Issuer.URI != "" {
		answer.TokenIssuers = []autodiscover.TokenIssuer{{Endpoint: o.Trust.Issuer.EPR, URI: o.Trust.Issuer.URI}}
	}
	return answer
}

// userSettings says where a user's calendar is asked for, to whoever has a token: it is the
// same for all users and no secret, and it is there that who may see nothing is told so.
// Whether there is such a user is not said here.
func (s *Server) userSettings(ctx context.Context, c *call) ([]byte, error) {
	return s.settings(ctx, c, autodiscover.GetUserSettings, autodiscover.InvalidUser, func(user string) bool {
		domain, err := token.AddressDomain(user)
		return err == nil && c.organization.federates(domain)
	})
}

func (s *Server) domainSettings(ctx context.Context, c *call) ([]byte, error) {
	return s.settings(ctx, c, autodiscover.GetDomainSettings, autodiscover.InvalidDomain, func(text string) bool {
		domain, err := federation.ParseDomain(text)
		return err == nil && c.organization.federates(domain)
	})
}

func (s *Server) settings(ctx context.Context, c *call, o autodiscover.Operation, stranger autodiscover.ErrorCode, own func(string) bool) ([]byte, error) {
	answer := autodiscover.SettingsResponse{Operation: o, ErrorCode: autodiscover.NoError}
	asked, err := autodiscover.ParseSettingsRequest(o, c.message.Payload)
	if err != nil {
		answer.ErrorCode, answer.ErrorMessage = autodiscover.InvalidRequest, "The request is not a valid one."
	}
	for _, name := range asked.Of {
		if own(name) {
			answer.Each = append(answer.Each, s.settingsOf(asked.Settings))
		} else {
			answer.Each = append(answer.Each, autodiscover.SettingsOf{ErrorCode: stranger, ErrorMessage: stranger.Meaning()})
		}
	}
	s.log.InfoContext(ctx, "settings", "request", serve.RequestID(ctx), "operation", o, "requester", c.requester.address,
		"of", soap.Printable(strings.Join(asked.Of, " "), maxLogged), "outcome", answer.ErrorCode)
	return answer.Marshal(), nil
}

func (s *Server) settingsOf(names []string) autodiscover.SettingsOf {
	of := autodiscover.SettingsOf{ErrorCode: autodiscover.NoError}
	values := map[string]string{
		autodiscover.ExternalEwsURL: s.base + EWSPath, autodiscover.ExternalEwsVersion: "15.00.0000.000",
		autodiscover.EwsSupportedSchemas: "Exchange2010, Exchange2013, Exchange2013_SP1",
	}
	given := map[string]bool{}
	for _, name := range names {
		value, known := values[name]
		if given[name] {
			continue // asked for twice
		}
		if given[name] = true; known {
			of.Settings = append(of.Settings, autodiscover.Setting{Name: name, Value: value})
			continue
		}
		of.Errors = append(of.Errors, autodiscover.SettingError{
			ErrorCode: autodiscover.SettingIsNotAvailable, ErrorMessage: autodiscover.SettingIsNotAvailable.Meaning(), SettingName: name,
		})
	}
	return of
}

// relationshipSettings shows a partner the relationship with him. Its scopes are left out:
// they name groups of the organization.
func (s *Server) relationshipSettings(ctx context.Context, c *call) ([]byte, error) {
	answer := autodiscover.RelationshipSettingsResponse{ErrorCode: autodiscover.NoError}
	if _, err := autodiscover.ParseRelationshipSettingsRequest(c.message.Payload); err != nil {
		answer.ErrorCode, answer.ErrorMessage = autodiscover.InvalidRequest, "The request is not a valid one."
		return answer.Marshal(), nil
	}
	r, related := c.organization.Directory.Relationship(c.requester.domain)
	if related && r.Enabled {
		answer.Relationships = []autodiscover.RelationshipSettings{settingsOfRelationship(r)}
	}
	s.log.InfoContext(ctx, "relationship settings", "request", serve.RequestID(ctx), "requester", c.requester.address,
		"relationship", r.Name, "enabled", r.Enabled, "outcome", answer.ErrorCode)
	return answer.Marshal(), nil
}

func settingsOfRelationship(r federation.OrganizationRelationship) autodiscover.RelationshipSettings {
	settings := autodiscover.RelationshipSettings{
		DeliveryReportEnabled: r.DeliveryReportEnabled, FreeBusyAccessEnabled: r.FreeBusyAccessEnabled,
		FreeBusyAccessLevel: string(r.FreeBusyAccessLevel), MailTipsAccessEnabled: r.MailTipsAccessEnabled,
		MailTipsAccessLevel: string(r.MailTipsAccessLevel), MailboxMoveEnabled: r.MailboxMoveEnabled, Name: r.Name,
		TargetApplicationURI: r.TargetApplicationURI, TargetAutodiscoverEPR: r.TargetAutodiscoverEPR, TargetSharingEPR: r.TargetSharingEPR,
	}
	for _, d := range r.DomainNames {
		settings.DomainNames = append(settings.DomainNames, string(d))
	}
	return settings
}
