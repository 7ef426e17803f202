package server_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// TestDomainSignature sends A's own proof with signatures of all kinds.
func TestDomainSignature(t *testing.T) {
	t.Parallel()
	failed, invalid := string(broker.ProofOfDomainOwnershipFailed), string(broker.InvalidArgument)
	text := func(s string) func(*thief) string { return func(*thief) string { return s } }
	encoded := func(pair func(*thief) certificate.Pair, domain string, profile federation.SecurityProfile) func(*thief) string {
		return func(th *thief) string {
			return base64.StdEncoding.EncodeToString(newProof(th.t, pair(th), domain, profile).Signature)
		}
	}
	a := func(th *thief) certificate.Pair { return th.a.pair }
	b := func(th *thief) certificate.Pair { return th.b.pair }
	cases := []struct {
		name             string
		content          func(*thief) string // of the header
		modern, exchange string              // the fault, "" for success
	}{
		{"genuine", func(th *thief) string { return base64.StdEncoding.EncodeToString(th.proofA.Signature) }, "", ""},
		{"in lines", func(th *thief) string {
			s := base64.StdEncoding.EncodeToString(th.proofA.Signature)
			return "\n " + s[:76] + "\n " + s[76:] + "\n"
		}, "", ""},
		{"of another domain", encoded(a, "fabrikam.com", federation.Modern), failed, failed},
		{"of another key", encoded(b, "contoso.com", federation.Modern), failed, failed},
		{"cut", func(th *thief) string { return base64.StdEncoding.EncodeToString(th.proofA.Signature[1:]) }, failed, failed},
		{"as large as allowed", text(base64.StdEncoding.EncodeToString(make([]byte, 2048))), failed, failed},
		{"too large", text(base64.StdEncoding.EncodeToString(make([]byte, 2049))), invalid, invalid},
		{"far too large", text(strings.Repeat("AAAA", 50000)), invalid, invalid},
		{"empty", text(""), invalid, invalid},
		{"not Base64", text("%%%%"), invalid, invalid},
		{"elements", text("<a/>"), invalid, invalid},
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		for profile, want := range map[federation.SecurityProfile]string{federation.Modern: c.modern, federation.Exchange: c.exchange} {
			t.Run(c.name+"/"+string(profile), func(t *testing.T) {
				t.Parallel()
				th := newThief(t, profile)
				before := th.dump("audit", "replay")
				message := signed{
					request: broker.Request{Operation: broker.AddURI, AppID: th.a.appID, URI: "contoso.com"},
					key:     th.a.pair, at: th.clock.Now(), proof: th.proofA,
					domainSignature: `<DomainSignature xmlns="urn:exfed:domain-ownership:1">` + c.content(th) + `</DomainSignature>`,
				}.message(t)
				if got := faultOf(t, th.rig, broker.AddURI, message); got != want {
					t.Errorf("the fault is %q, want %q", got, want)
				}
				if diff := cmp.Diff(before, th.dump("audit", "replay")); (diff == "") != (want != "") {
					t.Errorf("what changed:\n%s", diff)
				}
			})
		}
	}
}

// TestSHA1ProofNeedsExchangeProfile sends a proof as the exchange profile makes it.
func TestSHA1ProofNeedsExchangeProfile(t *testing.T) {
	t.Parallel()
	for profile, want := range map[federation.SecurityProfile]string{
		federation.Modern: string(broker.ProofOfDomainOwnershipFailed), federation.Exchange: "",
	} {
		th := newThief(t, profile)
		th.proofA = newProof(t, th.a.pair, "contoso.com", federation.Exchange)
		th.zone.set("contoso.com", th.proofA.Value)
		if got := th.send(th.a.pair, broker.Request{Operation: broker.AddURI, AppID: th.a.appID}, th.proofA.Signature); got != want {
			t.Errorf("%s: the fault is %q, want %q", profile, got, want)
		}
	}
}

// TestClientsExtensions looks at which headers the client sends: those of this project to
// brokers that know them, in either profile, and to no others.
func TestClientsExtensions(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		profile federation.SecurityProfile
		setUp   func(*broker.Client)
		want    int // requests with each header
	}{
		{"found in the metadata", federation.Modern, func(*broker.Client) {}, 1},
		{"found in the metadata, exchange", federation.Exchange, func(*broker.Client) {}, 1},
		{"known to be extended", federation.Exchange, func(c *broker.Client) { c.ManagementURL, c.Extended = externalURL+server.DelegationPath, true }, 1},
		{"a foreign one", federation.Exchange, func(c *broker.Client) { c.ManagementURL = externalURL + server.DelegationPath }, 0},
		{"a foreign one, modern", federation.Modern, func(c *broker.Client) { c.ManagementURL = externalURL + server.DelegationPath }, 0},
	}
	for _, c := range cases {
		r := newRig(t, inProfile(c.profile))
		o := r.register(1)
		signatures, addressees := 0, 0
		handler := r.server.Handler()
		r.client = r.newClient()
		c.setUp(r.client)
		r.client.SOAP.HTTP = &http.Client{Transport: server.InProcess(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			body := copyOf(q)
			signatures += strings.Count(body, `xmlns="urn:exfed:domain-ownership:1"`)
			addressees += strings.Count(body, `>https://broker.example/service/managedelegation2.asmx</To>`)
			handler.ServeHTTP(w, q)
		}))}
		err := r.attach(o, "contoso.com")
		if refused := c.profile == federation.Modern && c.want == 0; (err != nil) != refused {
			t.Errorf("%s: %v", c.name, err)
		}
		if signatures != c.want || addressees != c.want {
			t.Errorf("%s: %d domain signatures and %d addressees, want %d of each", c.name, signatures, addressees, c.want)
		}
	}
}
