package autodiscover_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// lie is a server and what is made of it.
type lie struct {
	name    string
	handler http.HandlerFunc
	kind    federation.Kind
	outcome autodiscover.Outcome
	text    string // of the attempt behind the URL; "..." at its end for anything
}

func lies(t *testing.T) []lie {
	envelope := func(body string) http.HandlerFunc {
		return saying(200, "text/xml; charset=utf-8", `<s:Envelope xmlns:s="`+soap.Namespace+`"><s:Body>`+body+`</s:Body></s:Envelope>`)
	}
	message := func(members string) http.HandlerFunc {
		return envelope(`<GetFederationInformationResponseMessage xmlns="` + autodiscover.Namespace + `" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Response>` +
			members + `</Response></GetFederationInformationResponseMessage>`)
	}
	const good = `<ErrorCode>NoError</ErrorCode><ApplicationUri>urn:f</ApplicationUri><Domains><Domain>fabrikam.example</Domain></Domains>`
	const (
		page   = `; a sign-in page or another site stands before Autodiscover, or it is not there; let /autodiscover/autodiscover.svc through without authentication`
		signIn = `; something before Autodiscover wants credentials; let /autodiscover/autodiscover.svc and what is below it through without authentication`
		proxy  = `; the proxy wants credentials, which are not sent; let the host through or name it in NO_PROXY`
	)
	many := []string{apex}
	for i := range 5000 {
		many = append(many, fmt.Sprintf("d%d.example", i))
	}
	return []lie{
		{"a page", saying(200, "text/html", "<html><title>Sign\x1b[2J in</title>"), federation.Untrusted, autodiscover.WebPage, `a page with the title "Sign?[2J in" came back where SOAP was expected` + page},
		{"a page without a title", saying(200, "text/html", "<html>"), federation.Untrusted, autodiscover.WebPage, "a web page came back where XML was expected" + page},
		{"405", saying(405, "text/plain", ""), federation.Untrusted, autodiscover.Status, "HTTP status 405 Method Not Allowed; the handler of .svc (svc-Integrated) is missing on the server"},
		{"404", saying(404, "text/plain", ""), federation.Untrusted, autodiscover.Status, "HTTP status 404 Not Found; the virtual directory of Autodiscover is not there"},
		{"401", saying(401, "text/plain", "", "WWW-Authenticate", `Basic realm="F5 APM"`, "Server", "BigIP"), federation.Untrusted, autodiscover.Status, `HTTP status 401 Unauthorized, it asks for "Basic realm=\"F5 APM\"", from "BigIP"` + signIn},
		{"403", saying(403, "text/html", "<html><title>BIG-IP logout page"), federation.Untrusted, autodiscover.Status, `HTTP status 403 Forbidden, a page with the title "BIG-IP logout page"` + signIn},
		{"407", saying(407, "text/plain", "", "Proxy-Authenticate", "Negotiate"), federation.Unavailable, autodiscover.ProxyRefused, `HTTP status 407 Proxy Authentication Required, it asks for "Negotiate"` + proxy},
		{"303", redirecting(303, "https://mail.example/"), federation.Untrusted, autodiscover.Status, `HTTP status 303 See Other, redirects to "https://mail.example/"`},
		{"a redirect to http", redirecting(302, "http://mail.example"+service), federation.Untrusted, autodiscover.RedirectRefused, `redirects to "http://mail.example/autodiscover/autodiscover.svc", which is not https`},
		{"a redirect to another scheme", redirecting(302, "file:///etc/passwd"), federation.Untrusted, autodiscover.RedirectRefused, `redirects to "file:///etc/passwd", which is not https`},
		{"a redirect to nowhere", redirecting(302, ""), federation.Untrusted, autodiscover.RedirectRefused, "redirects nowhere"},
		{"a redirect with a password", redirecting(302, "https://a:b@mail.example/"), federation.Untrusted, autodiscover.RedirectRefused, `redirects to "https://a:b@mail.example/", which is not an address to call`},
		{"a redirect with what is no ASCII", redirecting(302, "https://m\u202eail.example/"), federation.Untrusted, autodiscover.RedirectRefused, `redirects to "https://m?ail.example/", which is not a URL`},
		{"a redirect that is endless", redirecting(302, "https://mail.example/"+strings.Repeat("x", 3000)), federation.Untrusted, autodiscover.RedirectRefused, "redirects to ..."},
		{"nothing", saying(200, "text/xml", ""), federation.Untrusted, autodiscover.BadAnswer, "an empty answer"},
		{"ten gigabytes", func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/xml")
			for chunk := []byte(strings.Repeat("<a>", 10_000)); ; {
				if _, err := rw.Write(chunk); err != nil {
					return
				}
			}
		}, federation.Untrusted, autodiscover.BadAnswer, "an answer of more than 1048576 bytes"},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, federation.Unavailable, autodiscover.NotReached, "cannot be reached: EOF"},
		{"an answer to another request", func(rw http.ResponseWriter, r *http.Request) {
			headers := soap.Addressing{RelatesTo: "urn:uuid:1"}.Blocks(soap.SOAP11)
			_ = soap.Write(rw, soap.Envelope{Headers: headers, Body: autodiscover.FederationInformationResponse{ApplicationURI: "urn:f", Domains: []string{apex}}.Marshal()})
		}, federation.Untrusted, autodiscover.BadAnswer, "the answer is to another request"},
		{"an answer to another question", envelope("<x/>"), federation.Untrusted, autodiscover.BadAnswer, "the answer of GetFederationInformation: the body does not hold GetFederationInformationResponseMessage"},
		{"somebody else's answer", fabrikam(t, "contoso.example"), federation.Untrusted, autodiscover.BadAnswer, "the answer is about other domains"},
		{"no domains", message(`<ApplicationUri>urn:f</ApplicationUri>`), federation.Untrusted, autodiscover.BadAnswer, "the answer is about other domains"},
		{"1001 domains", fabrikam(t, many[:1001]...), federation.Untrusted, autodiscover.BadAnswer, "the answer of GetFederationInformation: Domains holds 1001 elements, more than 1000"},
		{"5000 domains", fabrikam(t, many...), federation.Untrusted, autodiscover.BadAnswer, "the answer is not a SOAP message"},
		{"an application URI with a control", organization(t, "urn:\u009b2Jf", apex), federation.Untrusted, autodiscover.BadAnswer, `the ApplicationUri "urn:?2Jf" is not one`},
		{"no application URI", message(`<ErrorCode>NoError</ErrorCode>`), federation.Untrusted, autodiscover.BadAnswer, "the answer of GetFederationInformation: there is no ApplicationUri"},
		{"two application URIs", message(good + `<ApplicationUri>urn:g</ApplicationUri>`), federation.Untrusted, autodiscover.BadAnswer, "the answer of GetFederationInformation: ..."},
		{"nil with content", message(good + `<ErrorMessage i:nil="true">x</ErrorMessage>`), federation.Untrusted, autodiscover.BadAnswer, "the answer of GetFederationInformation: ErrorMessage is nil and holds something"},
		{"an issuer with a control", message(good + "<TokenIssuers><TokenIssuer><Uri>urn:\u202ex</Uri></TokenIssuer></TokenIssuers>"), federation.Untrusted, autodiscover.BadAnswer, `the token issuer "urn:?x" is not one`},
		{"an error code that is none", message(`<ErrorCode>&#x9b;</ErrorCode>`), federation.Untrusted, autodiscover.BadAnswer, "the answer of GetFederationInformation: ErrorCode is no name of one"},
		{"InvalidDomain", declining(t, autodiscover.InvalidDomain), federation.Refused, autodiscover.Declined, `InvalidDomain: the organization does not know the domain ("no? such")`},
		{"NotFederated", declining(t, autodiscover.NotFederated), federation.Refused, autodiscover.Declined, `NotFederated: the organization is not federated ("no? such")`},
		{"a new error code", declining(t, "Whatever"), federation.Refused, autodiscover.Declined, `Whatever ("no? such")`},
		{"a fault", func(rw http.ResponseWriter, _ *http.Request) {
			_ = soap.WriteFault(rw, &soap.Fault{Code: xmlsec.Name{Space: soap.NamespaceAddressing, Local: "ActionNotSupported"}, String: "no\u202esuch action"})
		}, federation.Refused, autodiscover.Fault, "fault ActionNotSupported: no?such action"},
	}
}

// TestLyingServers has every server lie in its own way at the first place, and nobody at the
// others.
func TestLyingServers(t *testing.T) {
	t.Parallel()
	cases := lies(t)
	if len(cases) < 30 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.host("https", subdomain, c.handler)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := w.client().Discover(t.Context(), apex)
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 512<<20 { // other tests run at the same time
				t.Errorf("%d bytes were allocated", grown)
			}
			wantNotReceived(t, err, c.kind)
			if len(got.Attempts) != 3 {
				t.Fatalf("%d attempts: %v", len(got.Attempts), got.Attempts)
			}
			first := got.Attempts[0]
			text := strings.TrimPrefix(first.String(), "https://"+subdomain+service+": ")
			if start, cut := strings.CutSuffix(c.text, "..."); first.Outcome != c.outcome || !cut && text != c.text || cut && !strings.HasPrefix(text, start) {
				t.Errorf("%s %q\nwant %s %q", first.Outcome, text, c.outcome, c.text)
			}
			for _, text := range append(autodiscover.Tree(got.Attempts), err.Error()) {
				if strings.ContainsAny(text, "\x1b\u009b\u202e\n") {
					t.Errorf("%q shows what it must not", text)
				}
			}
		})
	}
}

func wantNotReceived(t *testing.T, err error, kind federation.Kind) {
	t.Helper()
	var e *federation.Error
	var attempts *autodiscover.AttemptsError
	if !errors.As(err, &e) || e.Kind != kind || e.ID != "FederationInformationNotReceived" || e.Object != `domain "fabrikam.example"` || !errors.As(err, &attempts) {
		t.Errorf("the error is %v, want FederationInformationNotReceived of kind %s", err, kind)
	}
}

// TestUnreached tells apart the ways in which a host is not reached.
func TestUnreached(t *testing.T) {
	t.Parallel()
	tls := "its certificate is "
	cases := []struct {
		name    string
		build   func(w *world, client *autodiscover.Client)
		kind    federation.Kind
		outcome autodiscover.Outcome
		text    string
	}{
		{"no such name", func(_ *world, c *autodiscover.Client) {
			c.Resolver = records{missing: map[string]bool{subdomain: true}}
		},
			federation.Unavailable, autodiscover.NoSuchName, "DNS does not know the host"},
		{"an alias of no such name", func(_ *world, c *autodiscover.Client) {
			c.Resolver = records{missing: map[string]bool{subdomain: true}, aliases: map[string][]string{subdomain: {"gone.example", "a\u202eb.example"}}}
		}, federation.Unavailable, autodiscover.NoSuchName, "(gone.example, a?b.example): its alias leads to a name that DNS does not know"},
		{"no address", func(_ *world, c *autodiscover.Client) { c.Resolver = records{} }, federation.Unavailable, autodiscover.NoAddress, "the host is in DNS and has no address"},
		{"DNS says nothing", func(_ *world, c *autodiscover.Client) { c.Resolver = records{err: errors.New("SERVFAIL")} }, federation.Unavailable, autodiscover.NoAddress,
			"the host has no address in DNS"},
		{"refused", func(w *world, c *autodiscover.Client) {
			w.host("https", subdomain, nil)
			c.Resolver = records{aliases: map[string][]string{subdomain: {"mail.partner.example"}}}
		},
			federation.Unavailable, autodiscover.ConnectionRefused, "(mail.partner.example, 192.0.2.1): the connection was refused: nobody listens there"},
		{"slow", func(w *world, _ *autodiscover.Client) {
			w.options.Timeout = 200 * time.Millisecond
			w.host("https", subdomain, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // what has not been read hides that the client has gone
				<-r.Context().Done()
			})
		}, federation.Unavailable, autodiscover.TimedOut, "no answer in time; a firewall may drop the connection"},
		{"another name", func(w *world, _ *autodiscover.Client) {
			w.host("https", subdomain, nil)
			w.options.ConnectTo[subdomain+":443"] = w.servers[0]
			w.names[subdomain] = []string{"mail.partner.example", "a", "b", "c", "d", "e", "f"}
		}, federation.Untrusted, autodiscover.NameMismatch, tls + "for mail.partner.example, a, b, c, d, 2 more, not for " + subdomain +
			"; if one of these names is that of the organization's server, name it in TrustedHostnames"},
		{"expired", func(w *world, _ *autodiscover.Client) {
			w.host("https", subdomain, fabrikam(nil, apex))
			w.expired[subdomain] = true
		},
			federation.Untrusted, autodiscover.CertificateUntrusted, tls + "not valid: x509: certificate has expired or is not yet valid"},
		{"nobody's", func(w *world, _ *autodiscover.Client) {
			w.host("https", subdomain, fabrikam(nil, apex))
			w.options.RootCAs = newWorld(w.t).options.RootCAs
		},
			federation.Untrusted, autodiscover.CertificateUntrusted, tls + "of an authority that is not trusted here"},
		{"no TLS", func(w *world, _ *autodiscover.Client) { w.options.ConnectTo[subdomain+":443"] = w.servers[1] },
			federation.Untrusted, autodiscover.TLSFailed, "no TLS connection"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, given := newWorld(t), autodiscover.Client{}
			c.build(w, &given)
			client := w.client()
			client.Resolver = given.Resolver
			got, err := client.Discover(t.Context(), apex)
			wantNotReceived(t, err, c.kind)
			if len(got.Attempts) == 0 || got.Attempts[0].Outcome != c.outcome || !strings.Contains(got.Attempts[0].String(), c.text) {
				t.Errorf("%v, want %s %q", got.Attempts, c.outcome, c.text)
			}
		})
	}
	if len(cases) < 10 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestRedirectLoops follows ten redirects, and none in a circle.
func TestRedirectLoops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hops := 0
	w.host("https", subdomain, func(rw http.ResponseWriter, r *http.Request) {
		hops++
		redirecting(302, fmt.Sprintf("/%d", hops))(rw, r)
	})
	w.host("https", apex, func(rw http.ResponseWriter, r *http.Request) {
		next := map[string]string{service: "/b", "/b": "/c", "/c": "/b"}[r.URL.Path]
		redirecting(307, next)(rw, r)
	})
	w.host("http", subdomain, redirecting(301, "https://mail.partner.example"+document))
	got, err := w.client().Discover(t.Context(), apex)
	wantNotReceived(t, err, federation.Untrusted)
	if n := len(w.seen()); n != 11+3+1 {
		t.Errorf("%d requests: %q", n, w.seen())
	}
	var ends []string
	for _, a := range got.Attempts {
		if a.Outcome == autodiscover.RedirectRefused {
			ends = append(ends, a.URL+" "+a.Reason)
		}
	}
	want := []string{"https://" + subdomain + "/11 more than 10 redirects", "https://" + apex + "/b the redirects lead in a circle",
		"http://" + subdomain + document + " redirects with HTTP status 301, not 302"}
	if diff := cmp.Diff(want, ends); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSelfRedirect is a circle of one.
func TestSelfRedirect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host("https", subdomain, redirecting(302, "https://"+subdomain+service))
	got, _ := w.client().Discover(t.Context(), apex)
	if diff := cmp.Diff(2, len(w.seen())); diff != "" || got.Attempts[2].Reason != "the redirects lead in a circle" {
		t.Errorf("(-want +got):\n%s\n%v", diff, got.Attempts)
	}
}

// TestWithoutTLSRefused lists redirects of the question without TLS that lead nowhere.
func TestWithoutTLSRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]http.HandlerFunc{
		`redirects to "http://mail.partner.example/autodiscover/autodiscover.xml", which is not https`:                                       redirecting(302, "http://mail.partner.example"+document),
		`redirects to "https://mail.partner.example/x", which is not /autodiscover/autodiscover.xml of a host`:                               redirecting(302, "https://mail.partner.example/x"),
		`redirects to "https://mail.partner.example/?/autodiscover/autodiscover.xml", which is not /autodiscover/autodiscover.xml of a host`: redirecting(302, "https://mail.partner.example/?"+document),
		"redirects with HTTP status 301, not 302": redirecting(301, "https://mail.partner.example"+document),
		"does not redirect":                       saying(200, "text/xml", "<Autodiscover/>"),
		"HTTP status 404 Not Found":               saying(404, "text/plain", ""),
	}
	for reason, handler := range cases {
		w := newWorld(t)
		w.host("http", subdomain, handler)
		w.host("https", "mail.partner.example", fabrikam(t, apex))
		client := w.client()
		client.Trust = w.agreeing(true)
		got, err := client.Discover(t.Context(), apex)
		if err == nil || len(got.Attempts) != 3 || got.Attempts[2].Reason != reason || len(w.asked) != 0 {
			t.Errorf("%q: %v, asked %q", reason, autodiscover.Tree(got.Attempts), w.asked)
		}
	}
	if len(cases) < 6 {
		t.Errorf("%d cases", len(cases))
	}
}
