package server_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker/server"
)

// lostNextKey is a broker whose next key is not in the key folder.
type lostNextKey struct {
	*partners
	first, next server.SigningKey
	file        string // of the next key
	content     []byte
}

func newLostNextKey(t *testing.T) *lostNextKey {
	t.Helper()
	p := newPartners(t)
	keys := p.openWithKeyFiles()
	staged := p.roll(false)
	l := &lostNextKey{partners: p, first: staged[0], next: staged[1], file: filepath.Join(keys.Dir, staged[1].Thumbprint+".pem")}
	var err error
	if l.content, err = os.ReadFile(l.file); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(l.file); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lostNextKey) putBack() {
	l.t.Helper()
	if err := os.WriteFile(l.file, l.content, 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// wantSigner asks for a token and looks for the key that signed it.
func (l *lostNextKey) wantSigner(when string, want server.SigningKey) {
	l.t.Helper()
	response, err := l.client.RequestToken(l.t.Context(), l.contoso.pair, tokenRequest())
	if err != nil {
		l.t.Fatalf("%s: %v\n%s", when, err, l.log)
	}
	opened, err := l.acceptWith(l.published(), response)
	if err != nil || thumbprint(opened.Signature.Certificate) != want.Thumbprint {
		l.t.Errorf("%s: %v, or another key than %s signed", when, err, want.Thumbprint)
	}
}

// putOffs counts how often the log says that the next key does not sign.
func (l *lostNextKey) putOffs() (count int) {
	for line := range strings.Lines(l.log.String()) {
		if strings.Contains(line, "was to sign from now on and cannot be used") && strings.Contains(line, `"level":"ERROR"`) &&
			strings.Contains(line, l.next.Thumbprint) && strings.Contains(line, "exfed update-federationbrokerkey") {
			count++
		}
	}
	return count
}

// TestNextKeyIsPutOff loses the next key before its time: the current one goes on signing,
// week by week, until the file is back. The replaced key stays in the metadata as long as
// what it signed meanwhile can be accepted.
func TestNextKeyIsPutOff(t *testing.T) {
	t.Parallel()
	l := newLostNextKey(t)
	l.clock.advance(week - time.Nanosecond)
	l.wantSigner("a moment before", l.first)
	for i := 1; i <= 2; i++ {
		l.clock.advance(week)
		l.wantSigner("when it was to sign", l.first)
		l.next.Since = l.clock.Now().Truncate(time.Microsecond).Add(week)
		l.wantKeys("put off", l.keys(), l.first, l.next)
		if status, body := l.get(server.HealthPath); status != http.StatusOK || !strings.HasPrefix(body, "ok\n") {
			t.Errorf("status %d, %q", status, body)
		}
		if got := l.putOffs(); got != i {
			t.Errorf("the log says it %d times, not %d: %s", got, i, l.log)
		}
	}
	l.putBack()
	l.wantSigner("the file is back", l.first)
	l.wantKeys("waiting", l.keys(), l.first, l.next)
	l.clock.advance(l.next.Since.Sub(l.clock.Now()))
	l.wantSigner("a week after it was put off", l.next)
	current, replaced := l.next, l.first
	current.Slot, replaced.Slot = server.CurrentSlot, server.PreviousSlot
	l.wantKeys("signing", l.keys(), current, replaced)
	l.clock.advance(15*24*time.Hour + 8*time.Minute - time.Microsecond)
	l.wantKeys("while its last token may be valid", l.keys(), current, replaced)
	l.clock.advance(time.Microsecond)
	l.wantKeys("afterwards", l.keys(), current)
}

// TestNextKeyIsPutOffOnce has many ask for tokens, and other brokers start, at the moment
// the lost key was to sign: it is put off once, and every token is of the current key.
func TestNextKeyIsPutOffOnce(t *testing.T) {
	t.Parallel()
	l := newLostNextKey(t)
	l.clock.advance(week)
	metadata := []string{l.first.Thumbprint, l.next.Thumbprint}
	if diff := cmp.Diff(metadata, l.metadataKeys()); diff != "" {
		t.Errorf("the metadata before anybody has put it off (-want +got):\n%s", diff)
	}
	if status, _ := l.get(server.HealthPath); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if diff := cmp.Diff(week, mustNext(t, l).Since.Sub(mustNext(t, l).Published)); diff != "" {
		t.Errorf("looking has put it off:\n%s", diff)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { l.wantSigner("all at once", l.first) })
	}
	for range 3 {
		wg.Go(func() {
			if _, err := server.New(t.Context(), l.started); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	l.next.Since = l.clock.Now().Add(week)
	l.wantKeys("put off", l.keys(), l.first, l.next)
	if got := l.putOffs(); got != 1 {
		t.Errorf("the log says it %d times: %s", got, l.log)
	}
}

func mustNext(t *testing.T, l *lostNextKey) server.SigningKey {
	t.Helper()
	for _, k := range mustKeys(t, openSQLite(t, l.path)) {
		if k.Slot == server.NextSlot {
			return k
		}
	}
	t.Fatal("no next key")
	return server.SigningKey{}
}

// TestLostNextKeyIsReplaced has the operator replace the key, as planned or at once, before
// or after its time: the new one has the whole notice, or signs now.
func TestLostNextKeyIsReplaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after  time.Duration
		atOnce bool
	}{
		"planned": {time.Hour, false}, "planned, after its time": {week + time.Hour, false},
		"at once": {time.Hour, true}, "at once, after its time": {week + time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLostNextKey(t)
			l.clock.advance(c.after)
			rolled, err := l.operator().RollKey(t.Context(), c.atOnce)
			if err != nil {
				t.Fatal(err)
			}
			var dropped *federation.Error
			if !errors.As(rolled.Dropped, &dropped) || dropped.ID != "SigningKeyMissing" || dropped.Object != "signing key "+l.next.Thumbprint {
				t.Errorf("dropped: %v", rolled.Dropped)
			}
			made := rolled.Keys[len(rolled.Keys)-1]
			if made.Thumbprint == l.next.Thumbprint || made.Thumbprint == l.first.Thumbprint {
				t.Errorf("the key is %s again", made.Thumbprint)
			}
			now := l.clock.Now()
			want := []server.SigningKey{l.first, {Slot: server.NextSlot, Thumbprint: made.Thumbprint, Published: now, Since: now.Add(week)}}
			if c.atOnce {
				want = []server.SigningKey{{Slot: server.CurrentSlot, Thumbprint: made.Thumbprint, Published: now, Since: now}}
			}
			l.wantKeys("replaced", l.keys(), want...)
			l.wantSigner("replaced", want[0])
			again, err := l.operator().RollKey(t.Context(), false)
			if err != nil || again.Dropped != nil {
				t.Errorf("once more: %v, %v", err, again.Dropped)
			}
			if !c.atOnce {
				l.wantKeys("once more", l.keys(), want...)
				l.clock.advance(week)
				l.wantSigner("after its notice", want[1])
			}
		})
	}
}

// TestOperatorNeedsNoKeys loses every key: the operator decides all the same, and a new key
// signs.
func TestOperatorNeedsNoKeys(t *testing.T) {
	t.Parallel()
	l := newLostNextKey(t)
	if err := os.RemoveAll(filepath.Dir(l.file)); err != nil {
		t.Fatal(err)
	}
	l.enable(l.contoso, false)
	l.enable(l.contoso, true)
	if status, _ := l.get(server.HealthPath); status != http.StatusServiceUnavailable {
		t.Errorf("without its current key the broker's health is %d", status)
	}
	if _, err := server.New(t.Context(), l.started); idOf(err) != "SigningKeyMissing" {
		t.Errorf("a start without the current key: %v", err)
	}
	rolled, err := l.operator().RollKey(t.Context(), true)
	if err != nil || len(rolled.Keys) != 1 || idOf(rolled.Dropped) != "SigningKeyMissing" {
		t.Fatalf("%+v, %v", rolled, err)
	}
	l.wantSigner("at once", rolled.Keys[0])
}

// TestKeyTurnsAtItsTime has tokens asked for after the next key took over by requests that
// came before: the key of their time signs them.
func TestKeyTurnsAtItsTime(t *testing.T) {
	t.Parallel()
	l := newLostNextKey(t)
	l.putBack()
	l.clock.advance(week)
	l.wantSigner("when it was to sign", l.next)
	l.clock.advance(-time.Microsecond)
	l.wantSigner("a moment before", l.first)
	l.wantKeys("a moment before", l.keys(), l.first, l.next)
	l.clock.advance(time.Microsecond)
	l.wantSigner("when it was to sign, again", l.next)
	if got := l.putOffs(); got != 0 {
		t.Errorf("the log says %d times that it does not sign", got)
	}
}
