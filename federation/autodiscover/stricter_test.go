package autodiscover_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
)

// TestRedirectOfMisnamedHost: who has another host's certificate was let in by somebody, who
// has not agreed to where it leads.
func TestRedirectOfMisnamedHost(t *testing.T) {
	t.Parallel()
	const (
		first, other = "https://" + subdomain + service, "https://mail.partner.example" + service
		name         = subdomain + ": its certificate is for hoster.example, not for " + subdomain
		lead         = "mail.partner.example: " + subdomain + " redirects to it, whose certificate is for other names"
	)
	cases := []struct {
		name     string
		trusted  []string
		answers  []bool
		target   string
		requests []string
		attempts []string
		asked    []string
	}{
		{"trusted, the other not agreed to", []string{"hoster.example"}, []bool{false}, other, []string{"POST " + first},
			[]string{"Redirected " + first, " NotConsented " + other}, []string{lead}},
		{"trusted by its own name, the other not agreed to", []string{subdomain}, []bool{false}, other, []string{"POST " + first},
			[]string{"Redirected " + first, " NotConsented " + other}, []string{lead}},
		{"trusted, the other agreed to", []string{"hoster.example"}, []bool{true}, other, []string{"POST " + first, "POST " + other},
			[]string{"Redirected " + first, " Answered " + other}, []string{lead}},
		{"both trusted", []string{"hoster.example", "MAIL.partner.example"}, nil, other, []string{"POST " + first, "POST " + other},
			[]string{"Redirected " + first, " Answered " + other}, nil},
		{"both agreed to", nil, []bool{true, true}, other, []string{"POST " + first, "POST " + other},
			[]string{"NameMismatch " + first, " Redirected " + first, "  Answered " + other}, []string{name, lead}},
		{"one agreed to", nil, []bool{true, false}, other, []string{"POST " + first},
			[]string{"NameMismatch " + first, " Redirected " + first, "  NotConsented " + other}, []string{name, lead}},
		{"to itself", []string{"hoster.example"}, nil, "https://autodiscover.fabrikam.example/b", []string{"POST " + first, "POST https://" + subdomain + "/b"},
			[]string{"Redirected " + first, " Answered https://autodiscover.fabrikam.example/b"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.host("https", subdomain, func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == service {
					redirecting(302, c.target)(rw, r)
					return
				}
				fabrikam(t, apex)(rw, r)
			})
			w.host("https", "mail.partner.example", fabrikam(t, apex))
			w.names[subdomain], w.frozen = []string{"hoster.example"}, true
			client := w.client()
			client.TrustedHostnames = c.trusted
			client.Trust = func(host, reason string) (bool, error) {
				_, _ = w.agreeing(true)(host, reason)
				return len(w.asked) <= len(c.answers) && c.answers[len(w.asked)-1], nil
			}
			got, _ := client.Discover(t.Context(), apex)
			n := min(len(c.attempts), len(got.Attempts))
			if diff := cmp.Diff([][]string{c.requests, c.attempts, c.asked}, [][]string{w.seen(), briefly(got.Attempts[:n]), w.asked}); diff != "" {
				t.Errorf("requests, attempts, questions (-want +got):\n%s", diff)
			}
		})
	}
	if len(cases) < 7 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestConsentIsForOneDomain: what was agreed to for the domain asked about holds for no
// further one, neither a way without TLS nor a certificate.
func TestConsentIsForOneDomain(t *testing.T) {
	t.Parallel()
	const mail = "mail.partner.example"
	for name, build := range map[string]func(w *world){
		"a redirect": func(w *world) {
			w.host("http", subdomain, redirecting(302, "https://"+mail+document))
			w.host("http", "autodiscover.further.example", redirecting(302, "https://"+mail+document))
			w.host("https", mail, fabrikam(t, apex, "further.example"))
		},
		"a certificate": func(w *world) {
			w.host("https", subdomain, fabrikam(t, apex, "further.example"))
			w.host("https", "autodiscover.further.example", redirecting(302, "https://"+subdomain+service))
			w.names[subdomain], w.frozen = []string{mail}, true
		},
	} {
		w := newWorld(t)
		build(w)
		client := w.client()
		client.Trust = w.agreeing(true)
		got, err := client.Discover(t.Context(), apex)
		if err != nil || len(w.asked) != 1 || len(got.DomainNames) != 1 || len(got.Dropped) != 1 || !strings.Contains(got.Dropped[0].Reason, mail) {
			t.Errorf("%s: %q, dropped %q, asked %q, %v", name, got.DomainNames, got.Dropped, w.asked, err)
		}
		client.TrustedHostnames = []string{mail}
		if got, err = client.Discover(t.Context(), apex); err != nil || len(got.DomainNames) != 2 {
			t.Errorf("%s, trusted: %q, dropped %q, %v", name, got.DomainNames, got.Dropped, err)
		}
	}
}

// TestFurtherDomainsTakeTooLong ends the look-up of all further domains together: what was not
// reached is left out, what was is kept.
func TestFurtherDomainsTakeTooLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	domains := []string{apex, "prompt.example"}
	w.host("https", "autodiscover.prompt.example", fabrikam(t, "prompt.example"))
	for i := range 20 {
		domains = append(domains, fmt.Sprintf("d%d.example", i))
		w.host("https", "autodiscover."+domains[i+2], func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // what has not been read hides that the client has gone
			<-r.Context().Done()
		})
	}
	w.host("https", subdomain, fabrikam(t, domains...))
	client := w.client()
	bounded, end := context.WithCancel(t.Context())
	client.LimitValidation = func(context.Context) (context.Context, context.CancelFunc) { return bounded, end }
	client.Observe = func(a autodiscover.Attempt) {
		if a.Domain == "prompt.example" && a.Outcome == autodiscover.Answered {
			end()
		}
	}
	got, err := client.Discover(t.Context(), apex)
	var dropped []autodiscover.DroppedDomain
	for _, d := range domains[2:] {
		dropped = append(dropped, autodiscover.DroppedDomain{Domain: d, Reason: "was not looked up in the time there is for further domains; ask for it by itself"})
	}
	if diff := cmp.Diff([]any{[]federation.Domain{apex, "prompt.example"}, dropped}, []any{got.DomainNames, got.Dropped}); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s\n%v", diff, err)
	}
}

// TestKnownHosts leads to a host that is known by a way that is not protected, and takes no
// certificate of others for it.
func TestKnownHosts(t *testing.T) {
	t.Parallel()
	const mail = "mail.partner.example"
	for name, c := range map[string]struct {
		known, named, end string
	}{
		"known":                               {"MAIL.partner.example", mail, "Answered"},
		"another one is known":                {"other.example", mail, "NotConsented"},
		"known, with a certificate of others": {mail, "hoster.example", "NameMismatch"},
		"others are known":                    {"hoster.example", "hoster.example", "NotConsented"},
	} {
		w := newWorld(t)
		w.host("http", subdomain, redirecting(302, "https://"+mail+document))
		w.host("https", mail, fabrikam(t, apex))
		w.names[mail] = []string{c.named}
		client := w.client()
		client.KnownHosts = []string{c.known}
		got, _ := client.Discover(t.Context(), apex)
		if diff := cmp.Diff(" "+c.end+" https://"+mail+service, briefly(got.Attempts)[3]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
