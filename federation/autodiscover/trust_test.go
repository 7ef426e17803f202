package autodiscover_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/autodiscover"
)

// TestCertificatesForOthers has the first place answer with a certificate for another host.
func TestCertificatesForOthers(t *testing.T) {
	t.Parallel()
	const first, question = "https://" + subdomain + service, subdomain + ": its certificate is for mail.partner.example, not for " + subdomain
	cases := []struct {
		name    string
		trusted []string
		yes     bool
		change  func(w *world)
		want    []string // attempts
		asked   []string
	}{
		{"not agreed to", nil, false, nil, []string{"NameMismatch " + first}, []string{question}},
		{"agreed to", nil, true, nil, []string{"NameMismatch " + first, " Answered " + first}, []string{question}},
		{"trusted by the name in the certificate", []string{"mail.partner.example"}, false, nil, []string{"Answered " + first}, nil},
		{"trusted by its own name", []string{"other.example", "AUTODISCOVER.fabrikam.example."}, false, nil, []string{"Answered " + first}, nil},
		{"another one is trusted", []string{"other.example"}, false, nil, []string{"NameMismatch " + first}, []string{question}},
		{"agreed to, and expired", nil, true, func(w *world) { w.expired[subdomain] = true }, []string{"CertificateUntrusted " + first}, nil},
		{"trusted, and of nobody's authority", []string{subdomain}, true, func(w *world) { w.options.RootCAs = newWorld(w.t).options.RootCAs }, []string{"CertificateUntrusted " + first}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.host("https", subdomain, fabrikam(t, apex))
			w.names[subdomain] = []string{"mail.partner.example"}
			w.frozen = true
			if c.change != nil {
				c.change(w)
			}
			client := w.client()
			client.TrustedHostnames, client.Trust = c.trusted, w.agreeing(c.yes)
			got, _ := client.Discover(t.Context(), apex)
			n := min(len(c.want), len(got.Attempts))
			if diff := cmp.Diff([][]string{c.want, c.asked}, [][]string{briefly(got.Attempts[:n]), w.asked}); diff != "" {
				t.Errorf("attempts, questions (-want +got):\n%s", diff)
			}
			answered := c.want[len(c.want)-1] == "Answered "+first || c.want[len(c.want)-1] == " Answered "+first
			if (got.TargetAutodiscoverEPR != "") != answered {
				t.Errorf("%+v", got)
			}
		})
	}
	if len(cases) < 7 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestAnotherCertificateThanAgreedTo changes the certificate after it was agreed to.
func TestAnotherCertificateThanAgreedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("https", subdomain, fabrikam(t, apex))
	w.names[subdomain] = []string{"mail.partner.example"} // made anew for each connection
	client := w.client()
	client.Trust = w.agreeing(true)
	got, err := client.Discover(t.Context(), apex)
	if err == nil || len(w.seen()) != 0 || len(w.asked) != 2 {
		t.Errorf("%v, requests %q, questions %q", got.Attempts, w.seen(), w.asked)
	}
}

// TestAgreedRedirectKeepsNames: who agrees to a redirect to a host has not agreed to a
// certificate for another one.
func TestAgreedRedirectKeepsNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("http", subdomain, redirecting(http.StatusFound, "https://mail.partner.example"+document))
	w.host("https", "mail.partner.example", fabrikam(t, apex))
	w.names["mail.partner.example"] = []string{"evil.example"}
	client := w.client()
	client.Trust = func(host, reason string) (bool, error) {
		_, _ = w.agreeing(true)(host, reason)
		return len(w.asked) == 1, nil
	}
	got, err := client.Discover(t.Context(), apex)
	want := []string{"mail.partner.example: a redirect without TLS leads to it, which anybody on the way can forge",
		"mail.partner.example: its certificate is for evil.example, not for mail.partner.example"}
	if diff := cmp.Diff(want, w.asked); diff != "" || err == nil || got.Attempts[3].Outcome != autodiscover.NameMismatch {
		t.Errorf("(-want +got):\n%s\n%v", diff, got.Attempts)
	}
}

// TestTree indents what redirects led to.
func TestTree(t *testing.T) {
	t.Parallel()
	got := autodiscover.Tree([]autodiscover.Attempt{
		{URL: "https://a.example/", Aliases: []string{"b.example"}, Reason: "redirects to https://c.example/", Outcome: autodiscover.Redirected},
		{URL: "https://c.example/", Redirects: 1, Reason: "HTTP status 405 Method Not Allowed", Hint: "look there"},
	})
	want := []string{"https://a.example/ (b.example): redirects to https://c.example/", "  https://c.example/: HTTP status 405 Method Not Allowed; look there"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
