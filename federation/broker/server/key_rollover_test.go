package server_test

import (
	"crypto/x509"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/token"
)

const week = 7 * 24 * time.Hour

// keys returns what the broker says about its keys, without the certificates.
func (r *rig) keys() (keys []server.SigningKey) {
	r.t.Helper()
	keys, err := r.operator().SigningKeys(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range keys {
		keys[i].DER = nil
	}
	return keys
}

func (r *rig) roll(atOnce bool) []server.SigningKey {
	r.t.Helper()
	rolled, err := r.operator().RollKey(r.t.Context(), atOnce)
	if err != nil || rolled.Dropped != nil {
		r.t.Fatal(err, rolled.Dropped)
	}
	for i := range rolled.Keys {
		rolled.Keys[i].DER = nil
	}
	return rolled.Keys
}

// metadataKeys returns the thumbprints in the metadata, the first one first.
func (r *rig) metadataKeys() (thumbprints []string) {
	for _, c := range r.published() {
		thumbprints = append(thumbprints, thumbprint(c))
	}
	return thumbprints
}

// TestKeyRollover follows the keys through a planned rollover and one at once.
func TestKeyRollover(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := r.clock.Now()
	first := r.keys()[0]
	if diff := cmp.Diff([]string{first.Thumbprint, first.Thumbprint}, r.metadataKeys()); diff != "" {
		t.Errorf("one key stands twice:\n%s", diff)
	}
	staged := r.roll(false)
	second := staged[1].Thumbprint
	next := server.SigningKey{Slot: server.NextSlot, Thumbprint: second, Published: start, Since: start.Add(week)}
	r.wantKeys("staged", staged, first, next)
	r.clock.advance(time.Hour)
	r.wantKeys("staged once more", r.roll(false), first, next)
	r.clock.advance(week - time.Hour - time.Nanosecond)
	r.wantKeys("a moment before", r.keys(), first, next)
	r.clock.advance(time.Nanosecond)
	current, replaced := next, first
	current.Slot, replaced.Slot = server.CurrentSlot, server.PreviousSlot
	r.wantKeys("after a week", r.keys(), current, replaced)
	if _, err := r.operator().RollKey(t.Context(), false); idOf(err) != "SigningKeyInUse" {
		t.Errorf("staging over a key in use: %v", err)
	}
	r.wantKeys("refused", r.keys(), current, replaced)
	at := r.roll(true)
	now := r.clock.Now()
	third := server.SigningKey{Slot: server.CurrentSlot, Thumbprint: at[0].Thumbprint, Published: now, Since: now}
	r.wantKeys("at once", at, third)                 // the replaced key is nobody's to trust any more
	r.clock.advance(15*24*time.Hour + 8*time.Minute) // the longest life, the grace and the skew
	staged = r.roll(false)
	now = r.clock.Now()
	next = server.SigningKey{Slot: server.NextSlot, Thumbprint: staged[1].Thumbprint, Published: now, Since: now.Add(week)}
	r.wantKeys("staged again", staged, third, next)
	next.Slot, next.Since = server.CurrentSlot, now
	r.wantKeys("the staged one at once", r.roll(true), next)
}

// wantKeys compares what the broker says with what its metadata has and what is expected.
func (r *rig) wantKeys(when string, got []server.SigningKey, want ...server.SigningKey) {
	r.t.Helper()
	for i := range want {
		want[i].DER = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Errorf("%s (-want +got):\n%s", when, diff)
	}
	if diff := cmp.Diff(want, r.keys()); diff != "" {
		r.t.Errorf("%s, asked again (-want +got):\n%s", when, diff)
	}
	if diff := cmp.Diff([]string{want[0].Thumbprint, want[len(want)-1].Thumbprint}, r.metadataKeys()); diff != "" {
		r.t.Errorf("%s, metadata (-want +got):\n%s", when, diff)
	}
}

// TestPreviousKeyLeavesTheMetadata follows the replaced key of a planned rollover up to the
// moment from which no token that it signed can be accepted any more.
func TestPreviousKeyLeavesTheMetadata(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	replaced := r.keys()[0]
	current := r.roll(false)[1]
	current.Slot, replaced.Slot = server.CurrentSlot, server.PreviousSlot
	r.clock.advance(week)
	r.wantKeys("when the next key signs", r.keys(), current, replaced)
	r.clock.advance(15*24*time.Hour + 3*time.Minute + 5*time.Minute - time.Second) // an invitation, its grace, the clocks
	r.wantKeys("a second before", r.keys(), current, replaced)
	if _, err := r.operator().RollKey(t.Context(), false); idOf(err) != "SigningKeyInUse" {
		t.Errorf("staging a second before: %v", err)
	}
	r.clock.advance(time.Second)
	r.wantKeys("when its time is up", r.keys(), current)
	now := r.clock.Now()
	staged := r.roll(false)
	r.wantKeys("staged", staged, current, server.SigningKey{
		Slot: server.NextSlot, Thumbprint: staged[1].Thumbprint, Published: now, Since: now.Add(week),
	})
	if left := mustKeys(t, openSQLite(t, r.path)); len(left) != 2 {
		t.Errorf("the registry has %d keys, the replaced one is forgotten when the next is staged", len(left))
	}
}

// openWithKeyFiles starts a broker whose keys lie in a folder, as those of start-federationbroker
// do.
func (r *rig) openWithKeyFiles() *certificate.KeyStore {
	r.t.Helper()
	keys := &certificate.KeyStore{Dir: filepath.Join(r.t.TempDir(), "keys")}
	r.open(func(o *server.Options) {
		pair, err := o.Keys.Load(r.keys()[0].Thumbprint)
		if err != nil {
			r.t.Fatal(err)
		}
		if err := keys.Save(pair); err != nil {
			r.t.Fatal(err)
		}
		o.Keys = keys
	})
	return keys
}

// TestKeyFilesOfRollovers leaves no key file behind that no slot ever named.
func TestKeyFilesOfRollovers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	keys := r.openWithKeyFiles()
	before, _ := keys.List()
	r.roll(false)
	r.roll(false)
	r.clock.advance(week)
	_, _ = r.operator().RollKey(t.Context(), false) // refused
	after, err := keys.List()
	if err != nil || len(after) != len(before)+1 {
		t.Errorf("%d key files before, %d after, %v", len(before), len(after), err)
	}
}

func mustKeys(t *testing.T, registry server.Registry) (keys []server.SigningKey) {
	t.Helper()
	view(t, registry, func(tx server.Tx) (err error) {
		keys, err = tx.SigningKeys()
		return err
	})
	return keys
}

// TestTokensWhileKeysRoll has a relying party that reads the metadata once a day, while
// tokens of the longest life are asked for and keys are replaced as planned.
func TestTokensWhileKeysRoll(t *testing.T) {
	t.Parallel()
	const days = 80
	p := newPartners(t)
	request := tokenRequest()
	request.Offer = "MSExchange.SharingInviteMessage"
	var held []federation.TokenResponse
	accepted, late, signers := 0, 0, map[string]bool{}
	for day := range days {
		known := p.published()
		p.clock.advance(12 * time.Hour)
		if day%35 == 3 {
			p.roll(false)
		}
		response, err := p.client.RequestToken(t.Context(), p.contoso.pair, request)
		if err != nil {
			t.Fatalf("day %d: %v", day, err)
		}
		held = append(held, response)
		for _, response := range held {
			expired := !p.clock.Now().Add(-5 * time.Minute).Before(response.NotOnOrAfter)
			opened, err := p.acceptWith(known, response)
			switch {
			case err == nil && !expired:
				accepted++
				signers[thumbprint(opened.Signature.Certificate)] = true
			case expired && (idOf(err) == token.ReasonExpired || idOf(err) == token.ReasonSignerUnknown): // its key may be gone by then
				late++
			default:
				t.Fatalf("day %d, a token until %s: %v", day, response.NotOnOrAfter, err)
			}
		}
		if len(held) > 17 {
			held = held[1:]
		}
		p.clock.advance(12 * time.Hour)
	}
	if len(signers) != 3 || accepted < 1000 || late < 100 {
		t.Errorf("%d keys signed, %d tokens were accepted, %d were too late", len(signers), accepted, late)
	}
	t.Logf("%d keys, %d accepted, none valid refused, %d refused after their time", len(signers), accepted, late)
}

func (p *partners) acceptWith(known []*x509.Certificate, response federation.TokenResponse) (*token.Opened, error) {
	return token.Verifier{Profile: p.profile, Keys: []certificate.Pair{p.fabrikam.pair}, Certificates: known}.Accept(
		p.parsed(response.Encrypted), token.Expectation{
			At: p.clock.Now(), Issuer: issuerURI, Audience: fabrikamURI, Offers: token.Offers(),
		})
}

// TestTokensWhileKeyRollsAtOnce replaces the key at any moment while many ask. Whoever
// reads the metadata after he got his token can verify it.
func TestTokensWhileKeyRollsAtOnce(t *testing.T) {
	t.Parallel()
	const askers, each = 8, 12
	p := newPartners(t)
	var wg sync.WaitGroup
	var accepted atomic.Int32
	wg.Go(func() { p.roll(true) }) // one: two in a row leave the first one's tokens behind
	for range askers {
		client := p.newClient()
		wg.Go(func() {
			for range each {
				response, err := client.RequestToken(t.Context(), p.contoso.pair, tokenRequest())
				if err != nil {
					t.Error(err)
					return
				}
				_, err = p.acceptWith(p.published(), response)
				if err != nil { // signed just before the key was taken out of use: ask again
					if response, err = client.RequestToken(t.Context(), p.contoso.pair, tokenRequest()); err == nil {
						_, err = p.acceptWith(p.published(), response)
					}
				}
				if err != nil {
					t.Error(err)
					return
				}
				accepted.Add(1)
			}
		})
	}
	wg.Wait()
	if accepted.Load() != askers*each {
		t.Errorf("%d of %d tokens were accepted", accepted.Load(), askers*each)
	}
	if response, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest()); err != nil {
		t.Error(err)
	} else if opened, err := p.acceptWith(p.published(), response); err != nil || thumbprint(opened.Signature.Certificate) != p.keys()[0].Thumbprint {
		t.Errorf("after the rollover: %v", err)
	}
}
