package server_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// FuzzHandler sends anything. Nothing may panic, answer with another status than
// these, or change the registry unless it is accepted, which takes a signature.
func FuzzHandler(f *testing.F) {
	r := newRig(f)
	o := r.register(1)
	good := signed{
		request: broker.Request{Operation: broker.GetDomainInfo, AppID: o.appID, DomainName: "contoso.com"},
		key:     o.pair, at: r.clock.Now().AddDate(-1, 0, 0), // well formed, and stale
	}
	f.Add(broker.GetDomainInfo.SOAPAction(), good.message(f))
	good.proof = newProof(f, "contoso.com")
	f.Add(broker.AddURI.SOAPAction(), good.message(f))
	f.Add("", []byte("<"))
	f.Add("a", bytes.Repeat([]byte("<a>"), 100))
	before, handler := dumpFile(f, r.path), r.server.Handler()
	f.Fuzz(func(t *testing.T, action string, body []byte) {
		q := httptest.NewRequest(http.MethodPost, server.DelegationPath, bytes.NewReader(body))
		q.Header["Content-Type"], q.Header["Soapaction"] = []string{"text/xml"}, []string{action}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, q)
		answer, _ := io.ReadAll(w.Result().Body)
		switch {
		case w.Code == 400, w.Code == 413:
		case w.Code == 500 && bytes.Contains(answer, []byte("Fault>")):
		default:
			t.Errorf("status %d, answer %s", w.Code, answer)
		}
		if bytes.Contains(answer, []byte("InternalError")) || dumpFile(t, r.path) != before {
			t.Errorf("the registry changed, or something broke: %s", answer)
		}
	})
}
