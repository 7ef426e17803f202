package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation/broker/server"
)

// TestFailedTokenRequestsAreRecorded asks a broker that cannot sign: it is known who asked,
// so it is in the audit trail, and the request is worth nothing when the broker can again.
func TestFailedTokenRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			p := newPartners(t, func(o *server.Options) { o.Profile = profile })
			keys := p.started.Keys
			signing := p.keys()[0].Thumbprint
			pair, err := keys.Load(signing)
			if err != nil {
				t.Fatal(err)
			}
			if err := keys.Delete(signing); err != nil {
				t.Fatal(err)
			}
			a, before := p.ask(), len(p.auditRows())
			message := a.message(t)
			status, body := p.postToken(message)
			if diff := cmp.Diff(tokenFaults()["RequestFailed"], body); status != http.StatusInternalServerError || diff != "" {
				t.Errorf("status %d, answer (-want +got):\n%s", status, diff)
			}
			want := []server.AuditEntry{{
				At: p.clock.Now(), AppID: p.contoso.appID, Thumbprint: certificate.Thumbprint(p.contoso.pair.Certificate), Operation: "IssueToken",
				Subject: "http://" + fabrikamURI, User: "sales@contoso.com", Audience: "http://" + fabrikamURI, Offer: "MSExchange.MailTips", Outcome: "RequestFailed",
			}}
			got := p.auditRows()[before:]
			for i := range got {
				got[i].RequestID = ""
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the audit trail got (-want +got):\n%s", diff)
			}
			if log := p.log.String(); !strings.Contains(log, "token request failed") || !strings.Contains(log, signing) {
				t.Errorf("the log says %s", log)
			}
			if err := keys.Save(pair); err != nil {
				t.Fatal(err)
			}
			if _, body := p.postToken(message); body != tokenFaults()["AuthenticationFailed"] {
				t.Errorf("the request once more: %s", body)
			}
			if rows := p.auditRows()[before:]; len(rows) != 1 {
				t.Errorf("the audit trail has %d entries", len(rows))
			}
			if status, body := p.postToken(p.ask().message(t)); !issuedBody(status, body) {
				t.Errorf("another request: status %d, %s", status, body)
			}
		})
	}
}

// TestLongestName is named by as many bytes as a text of a token may have.
func TestLongestName(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	a := p.ask()
	a.user.NameIdentifier = strings.Repeat("x", 1023-len(contosoURI)) + "@" + contosoURI
	if status, body := p.postToken(a.message(t)); !issuedBody(status, body) {
		t.Errorf("status %d, %s\n%s", status, body, p.log)
	}
}
