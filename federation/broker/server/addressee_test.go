package server_test

import (
	"net/http"
	"testing"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// TestAddressee writes the address of the broker, and that of another, in several ways.
func TestAddressee(t *testing.T) {
	t.Parallel()
	const path = "/service/managedelegation2.asmx"
	cases := []struct {
		external, to     string
		modern, exchange string // the fault, "" for success
	}{
		{"https://broker.example", "https://broker.example" + path, "", ""},
		{"https://broker.example", "\n HTTPS://Broker.EXAMPLE:443" + path + " ", "", ""},
		{"https://Broker.example:443", "https://broker.example" + path, "", ""},
		{"https://broker.example:8443", "https://broker.example:8443" + path, "", ""},
		{"https://broker.example:8443", "https://broker.example" + path, "1007", "1007"},
		{"https://broker.example", "https://relay.example" + path, "1007", "1007"},
		{"https://broker.example", "http://broker.example" + path, "1007", "1007"},
		{"https://broker.example", "https://user@broker.example" + path, "1007", "1007"},
		{"https://broker.example", "https://broker.example" + path + "?x", "1007", "1007"},
		{"https://broker.example", "<a/>", "InvalidArgument", "InvalidArgument"},
		{"https://broker.example", "none", "1007", ""},
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		for profile, want := range map[federation.SecurityProfile]string{federation.Modern: c.modern, federation.Exchange: c.exchange} {
			r := newRig(t, inProfile(profile), func(o *server.Options) { o.ExternalURL = c.external })
			message := signed{request: broker.Request{Operation: broker.CreateAppID}, key: newPair(t, 1, nil), at: r.clock.Now(), to: c.to}.message(t)
			if got := faultOf(t, r, broker.CreateAppID, message); got != want {
				t.Errorf("%s, the broker at %s, the request for %q: the fault is %q, want %q", profile, c.external, c.to, got, want)
			}
		}
	}
}

// TestRelay has one broker pass a client's request on to another.
func TestRelay(t *testing.T) {
	t.Parallel()
	for _, profile := range []federation.SecurityProfile{federation.Modern, federation.Exchange} {
		victim := newRig(t, inProfile(profile))
		evil := newRig(t, inProfile(profile), func(o *server.Options) { o.ExternalURL = "https://evil.example" })
		relayed := 0
		handler := evil.server.Handler()
		evil.client.MetadataURL = "https://evil.example" + broker.MetadataPath
		evil.client.SOAP.HTTP = &http.Client{Transport: server.InProcess(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.Method == http.MethodGet {
				handler.ServeHTTP(w, q)
				return
			}
			relayed++
			victim.server.Handler().ServeHTTP(w, q)
		}))}
		_, err := evil.client.CreateAppID(t.Context(), newPair(t, 1, nil), "", nil)
		wantFault(t, string(profile), err, broker.AccessDenied)
		if relayed != 1 {
			t.Errorf("%d requests were relayed", relayed)
		}
	}
}
