package endpoint_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"exfed/certificate"
)

// counted counts how often a key decrypts something.
type counted struct {
	*rsa.PrivateKey
	times *atomic.Int64
}

func (c counted) Decrypt(random io.Reader, sealed []byte, options crypto.DecrypterOpts) ([]byte, error) {
	c.times.Add(1)
	return c.PrivateKey.Decrypt(random, sealed, options)
}

// counting has the world count how often tokens are decrypted.
func counting(w *world) *atomic.Int64 {
	times := &atomic.Int64{}
	own := pairs().fabrikam
	w.change(func() {
		w.published.Party.Keys = []certificate.Pair{{Certificate: own.Certificate, Key: counted{own.Key.(*rsa.PrivateKey), times}}}
		w.stamp += " counted"
	})
	return times
}

// TestTokensAreOpenedOnce: for as long as five minutes, and again when the organization has
// changed.
func TestTokensAreOpenedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opened := counting(w)
	pass := issue(t)
	ask := func(want int64, when string) {
		t.Helper()
		if got := w.freeBusy(pass, asking("anna@fabrikam.com")); got.status != http.StatusOK {
			t.Fatalf("%s: %d %s", when, got.status, got.body)
		}
		if n := opened.Load(); n != want {
			t.Errorf("%s: opened %d times, not %d", when, n, want)
		}
	}
	for range 5 {
		ask(1, "the same")
	}
	begun := w.now
	at := func(d time.Duration) { w.change(func() { w.now = begun.Add(d - time.Second) }) } // which change adds
	at(5*time.Minute - time.Millisecond)
	ask(1, "almost five minutes later")
	at(5 * time.Minute)
	ask(2, "five minutes later")
	at(0)
	ask(3, "when the clock was put back")
	w.change(func() { w.stamp += "changed" })
	ask(4, "when the organization has changed")
	// Another token, and the same one with other octets, are opened by themselves.
	first := pass
	pass = issue(t)
	ask(5, "another")
	pass = bytes.Replace(first, []byte(`Id="Assertion0"`), []byte(`Id="Assertion1"`), 1)
	ask(6, "other octets")
	pass = first
	ask(6, "the first again")
}

// TestRefusedTokensAreNotRemembered: nor is one that could not be opened good later on.
func TestRefusedTokensAreNotRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opened := counting(w)
	good := issue(t)
	bent := altered(good)
	for i := range 3 {
		if got := w.freeBusy(bent, asking("anna@fabrikam.com")); got.body != tokenRefused() || opened.Load() != int64(i+1) {
			t.Errorf("%d %s, opened %d times", got.status, got.body, opened.Load())
		}
	}
}

// TestManyAtOnce: two hundred requests of four kinds at once, while the organization changes.
// Each is answered as if it were alone, or told to come again later.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.has("anna", tea(), doctor())
	pass, stranger := issue(t), issue(t, from("carol@tailspin.com"))
	kinds := []struct {
		token []byte
		who   string
		want  string
	}{
		{pass, "anna@fabrikam.com", availabilityOf(shown("DetailedMerged", digits+fullEvents))},
		{pass, "nobody@fabrikam.com", availabilityOf(notFound())},
		{stranger, "anna@fabrikam.com", availabilityOf(noAccess)},
		{nil, "anna@fabrikam.com", securityFault("InvalidSecurity", securityRefused)},
	}
	var wg sync.WaitGroup
	var busy, answered atomic.Int64
	for i := range 200 {
		k := kinds[i%len(kinds)]
		wg.Go(func() {
			if i%20 == 0 {
				w.change(func() { w.stamp = fmt.Sprint(i) })
			}
			got := w.freeBusy(k.token, asking(k.who))
			switch {
			case got.status == http.StatusServiceUnavailable && got.header.Get("Retry-After") == "5":
				busy.Add(1)
			case got.body != k.want:
				t.Errorf("%s: %d %s", k.who, got.status, got.body)
			default:
				answered.Add(1)
			}
		})
	}
	wg.Wait()
	if busy.Load()+answered.Load() != 200 || answered.Load() < 16 { // the share of a partner
		t.Errorf("%d answered, %d told to come later", answered.Load(), busy.Load())
	}
}
