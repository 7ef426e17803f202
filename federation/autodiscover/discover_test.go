package autodiscover_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
)

const (
	subdomain = "autodiscover.fabrikam.example"
	apex      = "fabrikam.example"
	service   = "/autodiscover/autodiscover.svc"
	document  = "/autodiscover/autodiscover.xml"
)

// briefly shows attempts without their reasons.
func briefly(attempts []autodiscover.Attempt) []string {
	var lines []string
	for _, a := range attempts {
		lines = append(lines, strings.Repeat(" ", a.Redirects)+string(a.Outcome)+" "+a.URL)
	}
	return lines
}

// TestOrder asserts which requests go where, in which order, and who is asked for consent.
func TestOrder(t *testing.T) {
	t.Parallel()
	const (
		first, second = "https://" + subdomain + service, "https://" + apex + service
		third         = "http://" + subdomain + document
		fourth        = "dns:_autodiscover._tcp.fabrikam.example?type=SRV"
		mail          = "https://mail.partner.example" + service
		unprotected   = "mail.partner.example: a redirect without TLS leads to it, which anybody on the way can forge"
	)
	cases := []struct {
		name     string
		build    func(t *testing.T, w *world)
		trusted  []string
		agree    bool
		srv      []net.SRV
		requests []string
		attempts []string
		asked    []string
		epr      string // empty: an error
	}{
		{name: "the first", build: func(t *testing.T, w *world) { w.host("https", subdomain, fabrikam(t, apex)) },
			requests: []string{"POST " + first}, attempts: []string{"Answered " + first}, epr: first + "/WSSecurity"},
		{name: "the second", build: func(t *testing.T, w *world) { w.host("https", apex, fabrikam(t, apex)) },
			requests: []string{"POST " + second}, attempts: []string{"NoSuchName " + first, "Answered " + second}, epr: second + "/WSSecurity"},
		{name: "a refusal is not the end", build: func(t *testing.T, w *world) {
			w.host("https", subdomain, declining(t, autodiscover.InvalidDomain))
			w.host("https", apex, fabrikam(t, apex))
		}, requests: []string{"POST " + first, "POST " + second}, attempts: []string{"Declined " + first, "Answered " + second}, epr: second + "/WSSecurity"},
		{name: "redirects over TLS", build: func(t *testing.T, w *world) {
			w.host("https", subdomain, func(rw http.ResponseWriter, r *http.Request) {
				for path, next := range map[string]struct {
					status int
					target string
				}{service: {302, "/b"}, "/b": {301, "https://" + subdomain + "/c#x"}, "/c": {307, "/d"}, "/d": {308, mail}} {
					if path == r.URL.Path {
						redirecting(next.status, next.target)(rw, r)
					}
				}
			})
			w.host("https", "mail.partner.example", fabrikam(t, apex))
		}, requests: []string{"POST " + first, "POST https://" + subdomain + "/b", "POST https://" + subdomain + "/c", "POST https://" + subdomain + "/d", "POST " + mail},
			attempts: []string{"Redirected " + first, " Redirected https://" + subdomain + "/b", "  Redirected https://" + subdomain + "/c",
				"   Redirected https://" + subdomain + "/d", "    Answered " + mail}, epr: mail + "/WSSecurity"},
		{name: "a redirect without TLS, agreed to", build: func(t *testing.T, w *world) {
			w.host("http", subdomain, redirecting(302, "https://mail.partner.example/Autodiscover/Autodiscover.xml"))
			w.host("https", "mail.partner.example", fabrikam(t, apex))
		}, agree: true, requests: []string{"GET " + third, "POST " + mail}, asked: []string{unprotected},
			attempts: []string{"NoSuchName " + first, "NoSuchName " + second, "Redirected " + third, " Answered " + mail}, epr: mail + "/WSSecurity"},
		{name: "a redirect without TLS to a trusted host", build: func(t *testing.T, w *world) {
			w.host("http", subdomain, redirecting(302, "https://mail.partner.example"+document))
			w.host("https", "mail.partner.example", fabrikam(t, apex))
		}, trusted: []string{"Mail.Partner.example"}, requests: []string{"GET " + third, "POST " + mail},
			attempts: []string{"NoSuchName " + first, "NoSuchName " + second, "Redirected " + third, " Answered " + mail}, epr: mail + "/WSSecurity"},
		{name: "a redirect without TLS, not agreed to", build: func(t *testing.T, w *world) {
			w.host("http", subdomain, redirecting(302, "https://mail.partner.example"+document))
			w.host("https", "mail.partner.example", fabrikam(t, apex))
		}, requests: []string{"GET " + third}, asked: []string{unprotected},
			attempts: []string{"NoSuchName " + first, "NoSuchName " + second, "Redirected " + third, " NotConsented " + mail, "NoSuchName " + fourth}},
		{name: "SRV", build: func(t *testing.T, w *world) { w.host("https", "mail.partner.example", fabrikam(t, apex)) }, agree: true,
			srv: []net.SRV{{Target: "other.example", Port: 8443}, {Target: "mail.partner.example", Port: 443}}, requests: []string{"POST " + mail},
			asked:    []string{"mail.partner.example: a record in DNS names it, which is not protected"},
			attempts: []string{"NoSuchName " + first, "NoSuchName " + second, "NoSuchName " + third, "Redirected " + fourth, " Answered " + mail},
			epr:      mail + "/WSSecurity"},
		{name: "SRV, not agreed to", build: func(t *testing.T, w *world) { w.host("https", "mail.partner.example", fabrikam(t, apex)) },
			srv:      []net.SRV{{Target: "mail.partner.example", Port: 443}},
			asked:    []string{"mail.partner.example: a record in DNS names it, which is not protected"},
			attempts: []string{"NoSuchName " + first, "NoSuchName " + second, "NoSuchName " + third, "Redirected " + fourth, " NotConsented " + mail}},
		{name: "nothing at all", build: func(*testing.T, *world) {},
			attempts: []string{"NoSuchName " + first, "NoSuchName " + second, "NoSuchName " + third, "NoSuchName " + fourth}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.build(t, w)
			client := w.client()
			client.TrustedHostnames, client.Trust = c.trusted, w.agreeing(c.agree)
			client.Resolver = records{missing: map[string]bool{subdomain: true, apex: true}, services: map[string][]net.SRV{"_autodiscover._tcp.fabrikam.example": c.srv}}
			var observed []autodiscover.Attempt
			client.Observe = func(a autodiscover.Attempt) { observed = append(observed, a) }
			got, err := client.Discover(t.Context(), apex)
			if diff := cmp.Diff([]any{c.requests, c.attempts, c.asked, c.epr}, []any{w.seen(), briefly(got.Attempts), w.asked, got.TargetAutodiscoverEPR}); diff != "" {
				t.Errorf("requests, attempts, questions, answer (-want +got):\n%s\n%v", diff, err)
			}
			if diff := cmp.Diff(briefly(got.Attempts), briefly(observed)); diff != "" {
				t.Errorf("observed (-want +got):\n%s", diff)
			}
			if (err == nil) != (c.epr != "") {
				t.Errorf("the error is %v", err)
			}
		})
	}
	if len(cases) < 10 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestFound asserts the whole result.
func TestFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("https", subdomain, fabrikam(t, "EU.fabrikam.example", apex, "*.fabrikam.example", "stolen.example", "b\u00fccher.example", "a\u202eb.example", apex, "silent.example"))
	w.host("https", "autodiscover.eu.fabrikam.example", organization(t, "fydibohf25spdlt.fabrikam.example", "eu.fabrikam.example"))
	w.host("https", "autodiscover.xn--bcher-kva.example", fabrikam(t, "b\u00fccher.example"))
	w.host("https", "autodiscover.stolen.example", organization(t, "FYDIBOHF25SPDLT.stolen.example", "stolen.example"))
	client := w.client()
	got, err := client.Discover(t.Context(), apex)
	if err != nil {
		t.Fatal(err)
	}
	got.Attempts = nil
	want := autodiscover.FederationInformation{
		TargetApplicationURI:  "FYDIBOHF25SPDLT.fabrikam.example",
		DomainNames:           []federation.Domain{apex, "eu.fabrikam.example", "xn--bcher-kva.example"},
		TargetAutodiscoverEPR: "https://" + subdomain + service + "/WSSecurity",
		TokenIssuerURIs:       []string{"urn:federation:broker.example"},
		Dropped: []autodiscover.DroppedDomain{
			{"*.fabrikam.example", "is not a domain"}, {"a?b.example", "is not a domain"},
			{"stolen.example", "leads to the organization FYDIBOHF25SPDLT.stolen.example"},
			{"silent.example", "does not lead back: https://autodiscover.silent.example/autodiscover/autodiscover.svc: the host has no address in DNS"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	client.BypassAdditionalDomainValidation = true
	before := len(w.seen())
	got, err = client.Discover(t.Context(), apex)
	if err != nil || len(w.seen())-before != 1 {
		t.Errorf("%v, requests: %q", err, w.seen()[before:])
	}
	all := []federation.Domain{apex, "eu.fabrikam.example", "stolen.example", "xn--bcher-kva.example", "silent.example"}
	if diff := cmp.Diff(all, got.DomainNames); diff != "" {
		t.Errorf("without validation (-want +got):\n%s", diff)
	}
}

// TestManyDomains checks 240 further domains, and puts no question about them.
func TestManyDomains(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	domains := []string{apex}
	for i := range 260 {
		domains = append(domains, "d"+strings.Repeat("x", i%30)+string(rune('a'+i/30))+".example")
	}
	w.host("https", subdomain, fabrikam(t, domains...))
	for _, domain := range domains[1:] {
		w.host("https", "autodiscover."+domain, fabrikam(t, domain))
	}
	w.names["autodiscover."+domains[1]] = []string{"mail.other.example"}
	client := w.client()
	client.Trust = w.agreeing(true)
	got, err := client.Discover(t.Context(), apex)
	if err != nil || len(got.DomainNames) != 240 || len(got.Dropped) != 21 || len(w.asked) != 0 {
		t.Fatalf("%d domains, %d dropped, asked %q, %v", len(got.DomainNames), len(got.Dropped), w.asked, err)
	}
	if !strings.HasSuffix(got.Dropped[0].Reason, "its certificate is for mail.other.example, not for autodiscover."+domains[1]) || !strings.Contains(got.Dropped[20].Reason, "more than 240") {
		t.Errorf("%q", got.Dropped)
	}
}

// TestErrorsOfTrust ends the discovery with the error of who was asked, and with the end of
// the caller's patience.
func TestErrorsOfTrust(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("https", subdomain, fabrikam(t, apex))
	w.host("https", apex, fabrikam(t, apex))
	w.names[subdomain] = []string{"mail.partner.example"}
	client, nobody := w.client(), errors.New("nobody is there")
	client.Trust = func(string, string) (bool, error) { return true, nobody }
	if _, err := client.Discover(t.Context(), apex); err != nobody {
		t.Errorf("%v", err)
	}
	if seen := w.seen(); len(seen) != 0 {
		t.Errorf("requests: %q", seen)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.Discover(ctx, apex)
	if !federation.IsKind(err, federation.Interrupted) {
		t.Errorf("interrupted: %v", err)
	}
}
