package federation_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// TestStagedCertificateOfUnfinishedPublish: while the broker may have the staged
// certificate already, it must stay staged, or the organization could lock itself out.
func TestStagedCertificateOfUnfinishedPublish(t *testing.T) {
	t.Parallel()
	p := federated(t)
	next, third, none := p.certificate(), p.certificate(), ""
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
	text := strings.Replace(p.file(), "    tokenIssuer:", "    pending: UpdateAppIdCertificate\n    tokenIssuer:", 1)
	p.write(text)
	for _, thumbprint := range []*string{&none, &third} {
		err := p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: thumbprint})
		fails(t, err, federation.Conflict, "PublishUnfinished")
		p.unchanged(text)
	}
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Publish: true}))
	trust, err := p.Trust(t.Context(), "Contoso")
	p.must(err)
	if diff := cmp.Diff([]string{next, "", ""}, []string{trust.Current, trust.Next, trust.Pending}); diff != "" {
		t.Errorf("certificates (-want +got):\n%s", diff)
	}
}

// TestTrustChangedWhileRegistering: what others did to the trust while the broker was
// asked stays; the answer is written beside it.
func TestTrustChangedWhileRegistering(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	name := "Renamed"
	p.broker.before = func(call string) error {
		if call == "CreateAppId" {
			p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Name: &name}))
		}
		return nil
	}
	p.trust(thumbprint)
	trusts, err := p.Trusts(t.Context())
	p.must(err)
	var got []string
	for _, trust := range trusts {
		got = append(got, trust.Name+" "+trust.ApplicationIdentifier+" "+trust.Pending)
	}
	if diff := cmp.Diff([]string{"Renamed APPID1 "}, got); diff != "" {
		t.Errorf("trusts (-want +got):\n%s", diff)
	}
}

// TestRegistrationTakenUpAgain: a registration that was cut short stays one when its
// second try does not reach the broker.
func TestRegistrationTakenUpAgain(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	now := p.Now()
	p.Now = func() time.Time { return now } // the second try writes when it read the metadata
	fresh := p.file()
	request := federation.NewTrustRequest{Name: "Contoso", Thumbprint: thumbprint, SecurityProfile: federation.Modern}
	intended := ""
	p.broker.before = func(call string) error {
		if call == "CreateAppId" {
			intended = p.file()
			return unreachable()
		}
		return nil
	}
	_, err := p.NewTrust(t.Context(), request)
	fails(t, err, federation.Unavailable, "BrokerUnreachable")
	p.unchanged(fresh)
	p.write(intended) // as if the first try had been killed
	_, err = p.NewTrust(t.Context(), request)
	fails(t, err, federation.Unavailable, "BrokerUnreachable")
	p.unchanged(intended)
	p.broker.before = nil
	p.trust(thumbprint)
}

// TestNamespaceFinishesTheTrust: the registration of the account namespace brings the
// AppID too, so nothing of the trust is left to do after it.
func TestNamespaceFinishesTheTrust(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.begin(thumbprint)
	next := p.certificate()
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
	trust, err := p.Trust(t.Context(), "Contoso")
	p.must(err)
	want := []string{"APPID1", "FYDIBOHF25SPDLT.contoso.com", next, ""}
	if diff := cmp.Diff(want, []string{trust.ApplicationIdentifier, trust.ApplicationURI, trust.Next, trust.Pending}); diff != "" {
		t.Errorf("trust (-want +got):\n%s", diff)
	}
}

// TestStagedCertificateOfUnfinishedTrust: finishing a trust keeps what was staged.
func TestStagedCertificateOfUnfinishedTrust(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.begin(thumbprint)
	next := p.certificate()
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
	p.trust(thumbprint)
	trust, err := p.Trust(t.Context(), "Contoso")
	p.must(err)
	if diff := cmp.Diff([]string{"APPID1", next, ""}, []string{trust.ApplicationIdentifier, trust.Next, trust.Pending}); diff != "" {
		t.Errorf("trust (-want +got):\n%s", diff)
	}
}

// begin leaves the trust as a process does that is killed while it asks the broker.
func (p *party) begin(thumbprint string) {
	p.t.Helper()
	intended := ""
	p.broker.before = func(call string) error {
		if call == "CreateAppId" {
			intended = p.file()
		}
		return nil
	}
	p.trust(thumbprint)
	p.broker.before = nil
	p.write(intended)
}

// TestInterruptedPublish: the answer of the broker is written down even if an
// interruption comes together with it.
func TestInterruptedPublish(t *testing.T) {
	t.Parallel()
	p := federated(t)
	next := p.certificate()
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
	ctx, interrupt := context.WithCancel(t.Context())
	p.broker.before = func(string) error {
		interrupt()
		return nil
	}
	p.must(p.SetTrust(ctx, "Contoso", federation.SetTrustRequest{Publish: true}))
	trust, err := p.Trust(t.Context(), "Contoso")
	p.must(err)
	if diff := cmp.Diff([]string{next, ""}, []string{trust.Current, trust.Pending}); diff != "" {
		t.Errorf("certificate (-want +got):\n%s", diff)
	}
}

// TestBadNames: a name is shown on terminals and in logs, so nothing that steers them gets in.
func TestBadNames(t *testing.T) {
	t.Parallel()
	cases := []string{"", " a", strings.Repeat("x", 65), "a\x00b", "a\x1b[31m", "a\u009bb", "a\u202eb", "a\u2066b", "a\u200fb", "a\xffb", "a\u2028b"}
	for _, name := range cases {
		if err := federation.CheckName("federation trust", name); !federation.IsKind(err, federation.Invalid) {
			t.Errorf("%q: error %v, one of kind Invalid is expected", name, err)
		}
	}
	for _, name := range []string{"Azure AD authentication", strings.Repeat("é", 64), "信頼", "بوابة"} {
		if err := federation.CheckName("federation trust", name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestAnswerOfPublishLost has the broker take the certificate and its answer get lost.
func TestAnswerOfPublishLost(t *testing.T) {
	t.Parallel()
	p := federated(t)
	next := p.certificate()
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
	p.broker.before = func(call string) error {
		if call != "UpdateAppIdCertificate" {
			return nil
		}
		return federation.Errorf(federation.Unavailable, "BrokerUnreachable", "trust broker", "no answer")
	}
	err := p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Publish: true})
	if !federation.IsKind(err, federation.Unavailable) {
		t.Fatalf("the publication ended with %v", err)
	}
	none := ""
	if err := p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &none}); !federation.IsKind(err, federation.Conflict) {
		t.Errorf("the certificate the broker may know was unstaged: %v", err)
	}
	p.broker.before = nil
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Publish: true}))
	trust, err := p.Trust(t.Context(), "Contoso")
	p.must(err)
	if trust.Current != next || trust.Pending != "" {
		t.Errorf("after publishing again the trust is %+v", trust)
	}
}

// TestAnotherBroker points a registered trust at the metadata of a broker that does not
// know it.
func TestAnotherBroker(t *testing.T) {
	t.Parallel()
	p := federated(t)
	before := p.file()
	p.broker.issuer = "urn:federation:other"
	other := "https://other.example/metadata.xml"
	err := p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{MetadataURL: &other})
	if !federation.IsKind(err, federation.Conflict) {
		t.Errorf("the trust moved to another broker: %v", err)
	}
	p.unchanged(before)
}
