package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// frozen is a registry with one organization that counts the attempts to change it.
// A real one would take all of the fuzzer's time.
type frozen struct {
	app      server.App
	key      server.SigningKey
	attempts atomic.Int32
}

func (f *frozen) View(_ context.Context, read func(server.Tx) error) error {
	return read(frozenTx{f: f})
}

func (f *frozen) Update(context.Context, func(server.Tx) error) error {
	f.attempts.Add(1)
	return errors.New("the registry is frozen")
}

func (f *frozen) Generation(context.Context) (int64, error) { return 1, nil }

func (f *frozen) Close() error { return nil }

// frozenTx has what is asked before anything changes.
type frozenTx struct {
	server.Tx
	f *frozen
}

func (t frozenTx) App(appID string) (server.App, bool, error) {
	if appID != t.f.app.ID {
		return server.App{}, false, nil
	}
	return t.f.app, true, nil
}

func (t frozenTx) AppByFingerprint(string) (server.App, bool, error) { return server.App{}, false, nil }

func (t frozenTx) URI(string) (server.URI, bool, error) { return server.URI{}, false, nil }

func (t frozenTx) Generation() (int64, error) { return 1, nil }

func (t frozenTx) SigningKeys() ([]server.SigningKey, error) {
	return []server.SigningKey{t.f.key}, nil
}

// FuzzHandler sends anything. Nothing may panic, answer with another status than
// these, or get as far as changing the registry, which takes a fresh signature.
func FuzzHandler(f *testing.F) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	pair := newPair(f, 1, nil)
	keys := &memoryKeys{}
	_ = keys.Save(pair)
	registry := &frozen{app: app("A000000000000001"), key: server.SigningKey{
		Slot: server.CurrentSlot, Thumbprint: certificate.Thumbprint(pair.Certificate), DER: pair.Certificate.Raw,
	}}
	trustBroker, err := server.New(context.Background(), server.Options{
		Registry: registry, Keys: keys, Resolver: &zone{}, ExternalURL: externalURL,
		Now: func() time.Time { return now }, Rand: rand.Reader,
	})
	if err != nil {
		f.Fatal(err)
	}
	stale := signed{
		request: broker.Request{Operation: broker.GetDomainInfo, AppID: registry.app.ID, DomainName: "contoso.com"},
		key:     pair, at: now.AddDate(-1, 0, 0),
	}
	f.Add(broker.GetDomainInfo.SOAPAction(), stale.message(f))
	stale.proof = newProof(f, pair, "contoso.com", federation.Modern)
	f.Add(broker.AddURI.SOAPAction(), stale.message(f))
	fresh := stale
	fresh.at = now // well signed, by somebody the registry does not know
	f.Add(broker.GetDomainInfo.SOAPAction(), fresh.message(f))
	f.Add("", []byte("<"))
	f.Add("a", bytes.Repeat([]byte("<a>"), 100))
	handler := trustBroker.Handler()
	f.Fuzz(func(t *testing.T, action string, body []byte) {
		q := httptest.NewRequest(http.MethodPost, server.DelegationPath, bytes.NewReader(body))
		q.Header["Content-Type"], q.Header["Soapaction"] = []string{"text/xml"}, []string{action}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, q)
		answer, _ := io.ReadAll(w.Result().Body)
		switch {
		case w.Code == http.StatusBadRequest, w.Code == http.StatusRequestEntityTooLarge:
		case w.Code == http.StatusInternalServerError && bytes.Contains(answer, []byte("Fault>")):
		default:
			t.Errorf("status %d, answer %s", w.Code, answer)
		}
		if bytes.Contains(answer, []byte("InternalError")) || registry.attempts.Load() != 0 {
			t.Errorf("something broke, or would have changed: %s", answer)
		}
	})
}
