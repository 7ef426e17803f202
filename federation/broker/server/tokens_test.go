package server_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

const (
	tokenURL    = externalURL + "/extSTS.srf"
	issuerURI   = "urn:federation:broker.example"
	contosoURI  = "FYDIBOHF25SPDLT.contoso.com"
	fabrikamURI = "FYDIBOHF25SPDLT.fabrikam.com"

	// salesID is what sales@contoso.com is called: echo -n sales@contoso.com | sha256sum, the
	// first 16 bytes in Base64.
	salesID = "UxoWNmHcF10/6P6AQSglUQ=="
)

// partners is a broker with two organizations, each with domains and an application URI.
type partners struct {
	*rig
	contoso, fabrikam org
}

func newPartners(t testing.TB, change ...func(*server.Options)) *partners {
	t.Helper()
	p := &partners{rig: newRig(t, change...)}
	p.contoso, p.fabrikam = p.register(1), p.register(2)
	p.federate(p.contoso, "contoso.com", "sales.contoso.com")
	p.federate(p.fabrikam, "fabrikam.com", "fabrikam.example")
	return p
}

// federate attaches the domains and the account namespace of the first one.
func (r *rig) federate(o org, primary string, others ...string) {
	r.t.Helper()
	for _, domain := range append([]string{primary}, others...) {
		r.mustAttach(o, domain)
	}
	if err := r.client.AddURI(context.Background(), o.pair, o.appID, "FYDIBOHF25SPDLT."+primary, nil); err != nil {
		r.t.Fatal(err)
	}
}

// tokenRequest is what Contoso asks for when nothing is wrong.
func tokenRequest() federation.TokenRequest {
	return federation.TokenRequest{
		Issuer: federation.TokenIssuer{URI: issuerURI, EPR: tokenURL}, ApplicationURI: contosoURI,
		User: "sales@contoso.com", Target: fabrikamURI, Offer: "MSExchange.SharingCalendarFreeBusy",
	}
}

// accept has the target open and check a token by the metadata that the broker publishes.
func (r *rig) accept(response federation.TokenResponse, target certificate.Pair, audience string, offer token.Offer) (*token.Opened, error) {
	r.t.Helper()
	verifier := token.Verifier{Profile: r.profile, Keys: []certificate.Pair{target}, Certificates: r.published()}
	return verifier.Accept(r.parsed(response.Encrypted), token.Expectation{
		At: r.clock.Now(), Issuer: issuerURI, Audience: audience, Offers: []token.Offer{offer},
	})
}

func (r *rig) parsed(document []byte) *xmlsec.Element {
	root, err := xmlsec.Parse(document, xmlsec.Limits{})
	if err != nil {
		r.t.Error(err)
	}
	return root
}

// published returns the certificates in the metadata.
func (r *rig) published() (certificates []*x509.Certificate) {
	r.t.Helper()
	issuer, err := r.newClient().Metadata(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, encoded := range []string{issuer.Certificate, issuer.PreviousCertificate} {
		der, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			r.t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			r.t.Fatal(err)
		}
		certificates = append(certificates, parsed)
	}
	return certificates
}

func profiles() []federation.SecurityProfile {
	return []federation.SecurityProfile{federation.Modern, federation.Exchange}
}

func TestTokenIssued(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			p := newPartners(t, func(o *server.Options) { o.Profile = profile })
			response, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest())
			if err != nil {
				t.Fatalf("%v\n%s", err, p.log)
			}
			opened, err := p.accept(response, p.fabrikam.pair, fabrikamURI, token.SharingCalendarFreeBusy)
			if err != nil {
				t.Fatal(err)
			}
			at := p.clock.Now()
			want := token.Token{
				AssertionID: opened.Token.AssertionID, Issuer: issuerURI,
				IssueInstant: at, NotBefore: at, NotOnOrAfter: at.Add(time.Hour + 3*time.Minute),
				Audience:       "http://FYDIBOHF25SPDLT.fabrikam.com",
				NameIdentifier: salesID + "@FYDIBOHF25SPDLT.contoso.com",
				EmailAddress:   "sales@contoso.com", RequestorDomain: contosoURI,
				Action: "MSExchange.SharingCalendarFreeBusy", ThirdPartyRequested: "True", ProofKey: response.ProofKey,
			}
			if diff := cmp.Diff(want, opened.Token); diff != "" {
				t.Errorf("the token (-want +got):\n%s", diff)
			}
			wantResponse := federation.TokenResponse{
				Encrypted: response.Encrypted, ProofKey: opened.Token.ProofKey,
				NotBefore: at, NotOnOrAfter: at.Add(time.Hour + 3*time.Minute), Audience: "http://FYDIBOHF25SPDLT.fabrikam.com",
			}
			if diff := cmp.Diff(wantResponse, response); diff != "" {
				t.Errorf("the answer (-want +got):\n%s", diff)
			}
		})
	}
}
