package federation_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/state"
)

// party is an organization on a state file of its own, and the broker it talks to.
type party struct {
	*federation.Organization
	t       *testing.T
	path    string
	broker  *scriptedBroker
	records *scriptedRecords
}

// scriptedBroker agrees to everything unless a test says otherwise.
type scriptedBroker struct {
	calls []string
	// before is called with each operation; its error is the answer.
	before func(call string) error
	// held is its answer to GetDomainInfo, if not that the domain is Active.
	held *federation.DomainInfo
	// unnamed leaves the management endpoint out of the metadata.
	unnamed bool
	// issuer is the URI in the metadata, if not the usual one.
	issuer string
	// metadata is the whole of it, if not the usual.
	metadata *federation.TokenIssuer
}

func (b *scriptedBroker) ask(call string) error {
	b.calls = append(b.calls, call)
	if b.before == nil {
		return nil
	}
	return b.before(call)
}

func (b *scriptedBroker) Metadata(context.Context) (federation.TokenIssuer, error) {
	if b.metadata != nil {
		return *b.metadata, b.ask("Metadata")
	}
	issuer := federation.TokenIssuer{URI: "urn:federation:test", ManagementEPR: "https://broker.example/manage"}
	if b.issuer != "" {
		issuer.URI = b.issuer
	}
	if b.unnamed {
		issuer.ManagementEPR = ""
	}
	return issuer, b.ask("Metadata")
}

func (b *scriptedBroker) CreateAppID(context.Context, certificate.Pair, string, *federation.DomainProof) (string, error) {
	if err := b.ask("CreateAppId"); err != nil {
		return "", err
	}
	return "APPID1", nil
}

func (b *scriptedBroker) ReserveDomain(_ context.Context, _ certificate.Pair, _, namespace string, _ *federation.DomainProof) error {
	return b.ask("ReserveDomain " + namespace)
}

func (b *scriptedBroker) ReleaseDomain(_ context.Context, _ certificate.Pair, _, namespace string) error {
	return b.ask("ReleaseDomain " + namespace)
}

func (b *scriptedBroker) AddURI(_ context.Context, _ certificate.Pair, _, uri string, _ *federation.DomainProof) error {
	return b.ask("AddUri " + uri)
}

func (b *scriptedBroker) RemoveURI(_ context.Context, _ certificate.Pair, _, uri string) error {
	return b.ask("RemoveUri " + uri)
}

func (b *scriptedBroker) DomainInfo(_ context.Context, _ certificate.Pair, appID, domain string) (federation.DomainInfo, error) {
	if b.held != nil {
		return *b.held, b.ask("GetDomainInfo " + domain)
	}
	return federation.DomainInfo{DomainName: domain, AppID: appID, State: federation.Active}, b.ask("GetDomainInfo " + domain)
}

func (b *scriptedBroker) UpdateCertificate(context.Context, certificate.Pair, string, *x509.Certificate) error {
	return b.ask("UpdateAppIdCertificate")
}

// scriptedRecords finds every record live unless a test says otherwise.
type scriptedRecords struct {
	asked []federation.ExpectedRecord
	// find returns what is found about a record; nil: nothing is wrong.
	find func(federation.ExpectedRecord) []federation.DNSFinding
	err  error
}

func (s *scriptedRecords) CheckRecords(_ context.Context, expected []federation.ExpectedRecord) ([]federation.DNSFinding, error) {
	s.asked = append(s.asked, expected...)
	var findings []federation.DNSFinding
	for _, record := range expected {
		if s.find != nil {
			findings = append(findings, s.find(record)...)
			continue
		}
		findings = append(findings, federation.DNSFinding{Record: record.DNSRecord, Domain: record.Domain, Type: federation.EventSuccess, Message: "is live"})
	}
	return findings, s.err
}

// newParty makes an organization with the accepted domains contoso.com, contoso.ca and
// contoso.co.uk and one certificate, whose thumbprint it returns.
func newParty(t *testing.T) (*party, string) {
	t.Helper()
	return newPartyAt(t, time.Now)
}

// newPartyAt is newParty with a clock.
func newPartyAt(t *testing.T, now func() time.Time) (*party, string) {
	t.Helper()
	p := newBareParty(t, now)
	for _, name := range []string{"contoso.com", "contoso.ca", "contoso.co.uk"} {
		_, err := p.NewAcceptedDomain(t.Context(), name, name, federation.Authoritative)
		p.must(err)
	}
	return p, p.certificate()
}

// newBareParty makes an organization that has nothing at all.
func newBareParty(t *testing.T, now func() time.Time) *party {
	t.Helper()
	p := &party{t: t, path: filepath.Join(t.TempDir(), "exfed.yaml"), broker: &scriptedBroker{}, records: &scriptedRecords{}}
	p.Organization = &federation.Organization{
		Store:   state.Open(p.path, state.Options{}),
		Keys:    &certificate.KeyStore{Dir: filepath.Join(filepath.Dir(p.path), "keys")},
		Records: p.records,
		Broker: func(context.Context, federation.FederationTrust) (federation.Broker, error) {
			return p.broker, nil
		},
		Now: now, Rand: rand.Reader,
		Wait: func(context.Context, time.Duration) error { return nil },
		Step: func(string, ...any) {}, Warn: func(string, ...any) {},
	}
	return p
}

// federated is newParty with a trust, an account namespace and one further domain.
func federated(t *testing.T) *party {
	t.Helper()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
	p.must(p.AddDomain(t.Context(), "contoso.ca", false))
	return p
}

func namespaceRequest() federation.SetIdentifierRequest {
	primary, enabled := "contoso.com", true
	return federation.SetIdentifierRequest{AccountNamespace: &primary, Enabled: &enabled}
}

func (p *party) certificate() string {
	p.t.Helper()
	own, err := p.NewCertificate(p.t.Context(), federation.CertificateRequest{
		Request: certificate.Request{DNSNames: []string{"contoso.com"}}, Services: []string{"Federation"}, PrivateKeyExportable: true,
	})
	p.must(err)
	return own.Thumbprint
}

func (p *party) trust(thumbprint string) {
	p.t.Helper()
	_, err := p.NewTrust(p.t.Context(), federation.NewTrustRequest{Name: "Contoso", Thumbprint: thumbprint, SecurityProfile: federation.Modern})
	p.must(err)
}

func (p *party) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// domains are the federated domains as the state file has them.
func (p *party) domains() []federation.FederatedDomain {
	p.t.Helper()
	id, err := p.Identifier(p.t.Context())
	p.must(err)
	return id.Domains
}

// file is the state file.
func (p *party) file() string {
	p.t.Helper()
	text, err := os.ReadFile(p.path)
	p.must(err)
	return string(text)
}

// write puts another state file in its place.
func (p *party) write(text string) {
	p.t.Helper()
	p.must(os.WriteFile(p.path, []byte(text), 0o600))
}

// unchanged fails the test if the state file is not what it was.
func (p *party) unchanged(before string) {
	p.t.Helper()
	if diff := cmp.Diff(before, p.file()); diff != "" {
		p.t.Errorf("the state file changed (-before +after):\n%s", diff)
	}
}

// fails checks the kind and the identifier of an error.
func fails(t *testing.T, err error, kind federation.Kind, id string) {
	t.Helper()
	var e *federation.Error
	if !errors.As(err, &e) || e.Kind != kind || e.ID != id {
		t.Errorf("error %v (%s), %s %s is expected", err, federation.KindOf(err), kind, id)
	}
}
