package partner_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/availability"
	"exfed/federation/partner"
)

const (
	contosoURI  = "FYDIBOHF25SPDLT.contoso.com"
	fabrikamURI = "FYDIBOHF25SPDLT.fabrikam.com"
	broker      = "urn:federation:broker.example"
	endpoint    = "https://autodiscover.fabrikam.com/autodiscover/autodiscover.svc/WSSecurity"
)

func noon() time.Time { return time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC) }

// objects are some that are only read.
type objects[T interface{ Key() string }] []T

func (o objects[T]) Get(key string) (found T, ok bool, err error) {
	i := slices.IndexFunc(o, func(t T) bool { return strings.EqualFold(t.Key(), key) })
	if i < 0 {
		return found, false, nil
	}
	return o[i], true, nil
}
func (o objects[T]) All() ([]T, error)      { return o, nil }
func (o objects[T]) Put(T) error            { return errors.New("nothing is to be written") }
func (o objects[T]) Rename(string, T) error { return errors.New("nothing is to be written") }
func (o objects[T]) Delete(string) error    { return errors.New("nothing is to be written") }

// single is the identifier.
type single federation.OrganizationIdentifier

func (s single) Get() (federation.OrganizationIdentifier, bool, error) {
	return federation.OrganizationIdentifier(s), true, nil
}
func (s single) Put(federation.OrganizationIdentifier) error {
	return errors.New("nothing is to be written")
}
func (s single) Delete() error { return errors.New("nothing is to be written") }

// party is Contoso with its partners, all of them doubles that keep what they are asked.
type party struct {
	id            federation.OrganizationIdentifier
	trusts        []federation.FederationTrust
	relationships []federation.OrganizationRelationship

	refusal     error // of the broker
	information autodiscover.FederationInformation
	undisclosed error            // instead of the information
	ews         map[string]error // of users that have no answer of Autodiscover
	remote      []autodiscover.RelationshipSettings
	untold      error            // instead of remote
	busy        map[string]error // of URLs of EWS that give no answer

	asked []string
	told  []string
}

// newParty is one in which all is well.
func newParty() *party {
	return &party{
		id: federation.OrganizationIdentifier{AccountNamespace: contosoURI, Enabled: true, DelegationTrust: "Contoso",
			Domains: []federation.FederatedDomain{{Domain: "contoso.com"}, {Domain: "contoso.ca"}}},
		trusts: []federation.FederationTrust{{Name: "Contoso", ApplicationURI: contosoURI, Current: "PRINT",
			Issuer: federation.TokenIssuer{URI: broker, EPR: "https://broker.example/extSTS.srf"}}},
		relationships: []federation.OrganizationRelationship{fabrikam()},
		information: autodiscover.FederationInformation{TargetApplicationURI: fabrikamURI, DomainNames: []federation.Domain{"fabrikam.com"},
			TargetAutodiscoverEPR: endpoint, TokenIssuerURIs: []string{broker}},
		remote: []autodiscover.RelationshipSettings{theirs()},
	}
}

func fabrikam() federation.OrganizationRelationship {
	return federation.OrganizationRelationship{Name: "Fabrikam", DomainNames: []federation.Domain{"fabrikam.com"}, Enabled: true,
		FreeBusyAccessEnabled: true, FreeBusyAccessLevel: federation.FreeBusyLimitedDetails,
		TargetApplicationURI: fabrikamURI, TargetAutodiscoverEPR: endpoint}
}

// theirs is the relationship that Fabrikam has.
func theirs() autodiscover.RelationshipSettings {
	return autodiscover.RelationshipSettings{Name: "Contoso", DomainNames: []string{"contoso.com", "contoso.ca"}, FreeBusyAccessEnabled: true,
		FreeBusyAccessLevel: "LimitedDetails", TargetApplicationURI: contosoURI}
}

func (p *party) client() *partner.Client {
	return &partner.Client{Organization: p.organization(), Autodiscover: p, Availability: p}
}

func (p *party) organization() *federation.Organization {
	return &federation.Organization{
		Store: p, Keys: keys{}, Now: noon,
		Tokens: func(context.Context, federation.FederationTrust) (federation.TokenService, error) { return p, nil },
		Step:   func(format string, args ...any) { p.told = append(p.told, fmt.Sprintf(format, args...)) },
		Warn:   func(string, ...any) {},
	}
}

// View implements federation.Store.
func (p *party) View(_ context.Context, fn func(federation.Tx) error) error {
	return fn(federation.Tx{
		AcceptedDomains: objects[federation.AcceptedDomain](nil), Certificates: objects[federation.Certificate](nil),
		Trusts: objects[federation.FederationTrust](p.trusts), Identifier: single(p.id),
		Relationships: objects[federation.OrganizationRelationship](p.relationships), Mailboxes: objects[federation.Mailbox](nil), SharingPolicies: objects[federation.SharingPolicy](nil),
	})
}

// Update implements federation.Store.
func (p *party) Update(context.Context, func(federation.Tx) error) error {
	return errors.New("nothing is to be written")
}

// keys has the one pair that is asked for.
type keys struct{ federation.RequestKeyStore }

func (keys) Load(string) (certificate.Pair, error) {
	return certificate.Pair{Certificate: &x509.Certificate{NotBefore: noon().AddDate(-1, 0, 0), NotAfter: noon().AddDate(1, 0, 0)}}, nil
}

func (p *party) ask(format string, args ...any) {
	p.asked = append(p.asked, fmt.Sprintf(format, args...))
}

// RequestToken implements federation.TokenService.
func (p *party) RequestToken(_ context.Context, _ certificate.Pair, r federation.TokenRequest) (federation.TokenResponse, error) {
	p.ask("token for %s to %s as %s", r.Offer, r.Target, r.User)
	if p.refusal != nil {
		return federation.TokenResponse{}, p.refusal
	}
	return federation.TokenResponse{Encrypted: []byte(r.Offer + " at " + r.Target)}, nil
}

// Discover implements partner.Autodiscover.
func (p *party) Discover(_ context.Context, domain federation.Domain) (autodiscover.FederationInformation, error) {
	p.ask("discover %s", domain)
	return p.information, p.undisclosed
}

// ExternalEwsURL implements partner.Autodiscover.
func (p *party) ExternalEwsURL(_ context.Context, at autodiscover.Partner, user string) (string, error) {
	p.ask("where is %s, asked at %s with %s", user, at.Endpoint, at.Token)
	if err := p.ews[user]; err != nil {
		return "", err
	}
	_, host, _ := strings.Cut(user, "@")
	return "https://ews." + host + "/", nil
}

// OrganizationRelationshipSettings implements partner.Autodiscover.
func (p *party) OrganizationRelationshipSettings(_ context.Context, at autodiscover.Partner, domains ...string) ([]autodiscover.RelationshipSettings, error) {
	p.ask("relationships with %s, asked at %s with %s", strings.Join(domains, " "), at.Endpoint, at.Token)
	return p.remote, p.untold
}

// GetUserAvailability implements partner.Availability: an answer's text names whom it is about.
func (p *party) GetUserAvailability(_ context.Context, ews string, token []byte, r availability.Request) (availability.Response, error) {
	var answer availability.Response
	var users []string
	for _, m := range r.Mailboxes {
		users = append(users, m.Address)
		answer.Mailboxes = append(answer.Mailboxes, availability.FreeBusyResponse{MessageText: "about " + m.Address})
	}
	p.ask("free/busy of %s, asked at %s with %s", strings.Join(users, " "), ews, token)
	return answer, p.busy[ews]
}

// fails wants an error of a kind with an ID.
func fails(t *testing.T, err error, kind federation.Kind, id string) {
	t.Helper()
	var fault *federation.Error
	if !errors.As(err, &fault) || fault.Kind != kind || fault.ID != id {
		t.Errorf("%v, want %s %s", err, kind, id)
	}
}
