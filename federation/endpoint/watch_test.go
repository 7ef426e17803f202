package endpoint_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/endpoint"
)

// waiting is a calendar that says when it is asked and answers when it is let.
func waiting(inside, release chan struct{}) reading {
	return func(ctx context.Context, _, _ time.Time) ([]availability.Event, error) {
		inside <- struct{}{}
		<-release
		return nil, nil
	}
}

func (w *world) get(path string) answer {
	return w.send(httptest.NewRequest(http.MethodGet, base+path, nil))
}

// TestChangesAreNoticed: what the organization publishes is read again as soon as its stamp is
// another, and not before.
func TestChangesAreNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pass := issue(t)
	outcome := func() bool {
		t.Helper()
		got := w.freeBusy(pass, asking("anna@fabrikam.com"))
		return strings.Contains(got.body, "<m:ResponseCode>NoError</m:ResponseCode>")
	}
	if !outcome() || w.reads != 1 {
		t.Fatalf("%d reads", w.reads)
	}
	shared := relationships()
	shared[0].Enabled = false
	other := publishedBy(t, shared, mailboxes())
	w.change(func() { w.published = other }) // and the stamp says nothing
	if !outcome() || w.reads != 1 {
		t.Errorf("%d reads although nothing has changed", w.reads)
	}
	w.mu.Lock()
	w.stamp = "2" // at the same moment
	w.mu.Unlock()
	if outcome() || w.reads != 2 {
		t.Errorf("the change is not obeyed after %d reads", w.reads)
	}
	for range 10 {
		outcome()
	}
	if w.reads != 2 {
		t.Errorf("%d reads", w.reads)
	}
}

// TestWithoutStamp: the organization is read every half second.
func TestWithoutStamp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	options := w.options()
	options.Stamp = nil
	server, err := endpoint.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	w.server, w.reads = server, 0
	for range 3 {
		_ = w.get("/healthz")
		w.change(func() {})
		_, _ = w.get("/healthz"), w.get("/healthz")
	}
	if w.reads != 3 {
		t.Errorf("%d reads in 3 seconds", w.reads)
	}
}

// TestUnreadableState: what was read before holds, health says that something is wrong, and
// the log says it once.
func TestUnreadableState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pass := issue(t)
	healthy := func(want int, text string) {
		t.Helper()
		if got := w.get("/healthz"); got.status != want || got.body != text {
			t.Errorf("health: %d %q, not %d", got.status, got.body, want)
		}
	}
	healthy(http.StatusOK, "ok\n")
	_ = w.log.take()
	for range 3 {
		w.change(func() { w.stamp, w.failure = "broken", errors.New("exfed.yaml: line 7: unknown key\x1b") })
		if got := w.freeBusy(pass, asking("anna@fabrikam.com")); got.status != http.StatusOK {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	const said = `{"level":"ERROR","msg":"the organization's state cannot be read; what was read before holds","error":"exfed.yaml: line 7: unknown key?"}` + "\n"
	if got := w.log.take(); !strings.HasPrefix(got, said) || strings.Count(got, "cannot be read") != 1 {
		t.Errorf("the log says %s", got)
	}
	healthy(http.StatusServiceUnavailable, "the organization's state cannot be read\n")
	if got, want := w.log.take(), `{"level":"ERROR","msg":"not healthy","request":"unnumbered","error":"exfed.yaml: line 7: unknown key?"}`+"\n"; got != want {
		t.Errorf("the log says %s", got)
	}
	w.change(func() { w.failure = nil })
	healthy(http.StatusOK, "ok\n")
	if got, want := w.log.take(), `{"level":"INFO","msg":"the organization's state can be read again"}`+"\n"; got != want {
		t.Errorf("the log says %s", got)
	}
}

// TestNotReadFirst: an endpoint that has never read its organization is none.
func TestNotReadFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := errors.New("broken")
	options := w.options()
	options.Organization = func(context.Context) (federation.Published, error) { return federation.Published{}, broken }
	if _, err := endpoint.New(t.Context(), options); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// TestReadingIsForAll: that whoever asked has gone does not make the organization unreadable.
func TestReadingIsForAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	options := w.options()
	options.Organization = func(ctx context.Context) (federation.Published, error) { return w.published, ctx.Err() }
	server, err := endpoint.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	w.server = server
	w.change(func() { w.stamp = "2" })
	gone, leave := context.WithCancel(t.Context())
	leave()
	if got := w.send(httptest.NewRequestWithContext(gone, http.MethodGet, base+"/healthz", nil)); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestOptions: what an endpoint cannot work with.
func TestOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	urls := []string{"", "http://mail.fabrikam.com", "mail.fabrikam.com", "https://", "https://u@mail.fabrikam.com", "https://mail.fabrikam.com/x", "https://mail.fabrikam.com/?x", "https://mail.fabrikam.com/#x", "https://:443", "https://%zz"}
	for _, u := range urls {
		options := w.options()
		options.ExternalURL = u
		var fault *federation.Error
		if _, err := endpoint.New(t.Context(), options); !errors.As(err, &fault) || fault.ID != "InvalidExternalUrl" || fault.Kind != federation.Invalid {
			t.Errorf("%q: %v", u, err)
		}
	}
	changes := []func(*endpoint.Options){
		func(o *endpoint.Options) { o.Organization = nil }, func(o *endpoint.Options) { o.Calendars = nil },
		func(o *endpoint.Options) { o.Now = nil }, func(o *endpoint.Options) { o.Rand = nil },
	}
	for i, change := range changes {
		options := w.options()
		change(&options)
		if _, err := endpoint.New(t.Context(), options); err == nil {
			t.Errorf("%d is accepted", i)
		}
	}
	if len(urls) < 10 || len(changes) < 4 {
		t.Fatal("cases are missing")
	}
}
