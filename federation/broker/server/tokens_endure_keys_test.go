package server_test

import (
	"crypto/x509"
	"fmt"
	"sync"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/token"
)

// What a wave of requests is: each asker asks that often, and the clock goes on after each.
const (
	askers   = 4
	each     = 2
	waveStep = 10 * time.Second
)

// stagingDay is when the next key is staged, in days.
const stagingDay = 3

// lateness is for how long after its end a token is still accepted (the skew of a clock).
const lateness = 5 * time.Minute

// wave has several ask at once while the clock goes on, until something else that happens
// meanwhile, if anything, is over, and returns the tokens. Half of them are good for an hour
// and the others for 15 days.
func (p *partners) wave(during func()) []federation.TokenResponse {
	p.t.Helper()
	var mu sync.Mutex
	var issued []federation.TokenResponse
	var wg sync.WaitGroup
	begin, over := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		defer close(over)
		if <-begin; during != nil {
			during()
		}
	})
	var once sync.Once
	for n := range askers {
		client, request := p.newClient(), tokenRequest()
		if n%2 == 0 {
			request.Offer = string(token.SharingInviteMessage)
		}
		wg.Go(func() {
			defer once.Do(func() { close(begin) })
			for n := 0; n < each || !isClosed(over); n++ {
				response, err := client.RequestToken(p.t.Context(), p.contoso.pair, request)
				if err != nil {
					p.t.Error(err)
					return
				}
				if n < each {
					p.clock.advance(waveStep)
				}
				mu.Lock()
				issued = append(issued, response)
				mu.Unlock()
				once.Do(func() { close(begin) })
			}
		})
	}
	wg.Wait()
	return issued
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// acceptAt has Fabrikam judge the token at that time by the certificates it knows.
func (p *partners) acceptAt(at time.Time, known []*x509.Certificate, response federation.TokenResponse) (*token.Opened, error) {
	return token.Verifier{Profile: p.profile, Keys: []certificate.Pair{p.fabrikam.pair}, Certificates: known}.Accept(
		p.parsed(response.Encrypted), token.Expectation{At: at, Issuer: issuerURI, Audience: fabrikamURI, Offers: token.Offers()})
}

// holder is somebody tokens are presented to, who reads the metadata once a week: as seldom
// as the notice of a new key allows.
type holder struct {
	weekday int
	known   []*x509.Certificate
}

// flow is tokens in the hands of those they are for, and the count of what these said.
type flow struct {
	*partners
	holders                                                    []*holder
	held                                                       []federation.TokenResponse
	signed                                                     map[string]int // tokens by key
	issued, settled, accepted, refused, validRefused, overtime int
}

// newFlow has holders who read the metadata on the day of the staging and around it.
func newFlow(t *testing.T) *flow {
	t.Helper()
	f := &flow{partners: newPartners(t), signed: map[string]int{}}
	for _, weekday := range []int{stagingDay, stagingDay - 1, stagingDay + 1} {
		f.holders = append(f.holders, &holder{weekday, f.published()})
	}
	return f
}

func (f *flow) count() string {
	return fmt.Sprintf("%d tokens, %d judged at their end; %d judgements of valid ones accepted, %d refused; %d of expired ones refused, %d accepted",
		f.issued, f.settled, f.accepted, f.validRefused, f.refused, f.overtime)
}

// judge has a holder judge the token at that time.
func (f *flow) judge(h *holder, response federation.TokenResponse, at time.Time) {
	f.t.Helper()
	_, err := f.acceptAt(at, h.known, response)
	switch over := !at.Before(response.NotOnOrAfter.Add(lateness)); {
	case over && idOf(err) == token.ReasonExpired:
		f.refused++
	case over:
		f.overtime++
		f.t.Errorf("at %s a token until %s is not refused for that: %v", at, response.NotOnOrAfter, err)
	case err == nil:
		f.accepted++
	default:
		f.validRefused++
		f.t.Errorf("at %s a token of %s until %s is refused: %v", at, response.NotBefore, response.NotOnOrAfter, err)
	}
}

// settle judges tokens for the last time: every holder at the last moment of each that has
// ended, and at its end.
func (f *flow) settle() {
	f.t.Helper()
	var live []federation.TokenResponse
	for _, response := range f.held {
		end := response.NotOnOrAfter.Add(lateness)
		if end.After(f.clock.Now()) {
			live = append(live, response)
			continue
		}
		for _, h := range f.holders {
			f.judge(h, response, end.Add(-time.Nanosecond))
			f.judge(h, response, end)
		}
		f.settled++
	}
	f.held = live
}

// day lets a day pass. Some read the metadata, with a token judged just before; then many
// are asked for and judged.
func (f *flow) day(n int, during func()) (issued []federation.TokenResponse) {
	f.t.Helper()
	f.settle()
	first, err := f.client.RequestToken(f.t.Context(), f.contoso.pair, tokenRequest())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, h := range f.holders {
		f.judge(h, first, f.clock.Now())
		if n%7 == h.weekday {
			h.known = f.published()
		}
	}
	issued = append(f.wave(during), first)
	f.issued += len(issued)
	now := f.clock.Now()
	for i := n % len(f.holders); i < len(f.held); i += len(f.holders) {
		f.judge(f.holders[(i+n)%len(f.holders)], f.held[i], now)
	}
	for _, response := range issued {
		f.judge(f.holders[n%len(f.holders)], response, response.NotBefore)
		for _, h := range f.holders {
			f.judge(h, response, now)
		}
	}
	f.held = append(f.held, issued...)
	f.clock.advance(24*time.Hour - askers*each*waveStep)
	return issued
}

// wantSigners checks that the tokens are signed with the old key before since and with the
// new one from then on.
func (f *flow) wantSigners(tokens []federation.TokenResponse, old, replacement string, since time.Time) {
	f.t.Helper()
	for _, response := range tokens {
		want := old
		if !response.NotBefore.Before(since) {
			want = replacement
		}
		opened, err := f.acceptAt(response.NotBefore, f.published(), response)
		if err != nil {
			f.t.Errorf("a token of %s: %v", response.NotBefore, err)
			continue
		}
		if got := thumbprint(opened.Signature.Certificate); got != want {
			f.t.Errorf("a token of %s is signed with %s, want %s", response.NotBefore, got, want)
		}
		f.signed[want]++
	}
}

// TestTokensFlowOverKeyRollover has many ask, at once and all the time, over a planned
// rollover: the next key is staged, signs a week later, and another one takes the old one's
// place in the metadata as soon as no token of that one is left. Every token is judged when
// it is issued, on days it is valid, at its last moment and at its end, by those who read
// the metadata just before the rollover begins and on other days.
func TestTokensFlowOverKeyRollover(t *testing.T) {
	t.Parallel()
	const signs = stagingDay + 7
	f := newFlow(t)
	old := f.keys()[0].Thumbprint
	var next server.SigningKey
	for day := range signs {
		var during func()
		if day == stagingDay {
			during = func() { next = f.roll(false)[1] }
		}
		issued := f.day(day, during)
		f.wantSigners(issued, old, "nobody", f.clock.Now())
	}
	for day := signs; day < signs+2; day++ { // it begins to sign while tokens flow
		f.wantSigners(f.day(day, nil), old, next.Thumbprint, next.Since)
	}
	if f.signed[old] <= askers*each*signs || f.signed[next.Thumbprint] < askers*each {
		t.Errorf("the tokens by key: %v", f.signed)
	}
	for day := signs + 2; day < signs+15; day++ {
		f.day(day, nil)
	}
	longest := 15*24*time.Hour + 3*time.Minute + lateness
	f.clock.advance(next.Since.Add(longest - time.Nanosecond).Sub(f.clock.Now()))
	if _, err := f.operator().RollKey(t.Context(), false); idOf(err) != "SigningKeyInUse" {
		t.Errorf("the old key is dropped while its tokens may be valid: %v", err)
	}
	f.clock.advance(time.Nanosecond)
	f.settle()
	f.roll(false)
	f.day(stagingDay, nil)
	for _, h := range f.holders {
		h.known = f.published()
	}
	f.clock.advance(longest)
	f.settle()
	if f.validRefused != 0 || f.overtime != 0 || f.issued < 200 || f.settled != f.issued || f.accepted < 1600 || f.refused < 600 {
		t.Error(f.count())
	}
	t.Log(f.count())
}

// TestTokensOfDroppedKey takes the key out of use at once while tokens flow. Whoever has
// read the metadata since accepts no token of the dropped key, and whoever has not, none of
// a key he has never seen.
func TestTokensOfDroppedKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		staged bool // the key that replaces it is known already
	}{{"unknown", false}, {"staged", true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPartners(t)
			if c.staged {
				p.roll(false)
			}
			before, old := p.published(), p.published()[:1]
			tokens := p.wave(nil)
			tokens = append(tokens, p.wave(func() { p.roll(true) })...)
			late := p.wave(nil)
			after := p.published()
			if len(tokens) < 2*askers*each || len(late) < askers*each {
				t.Fatalf("%d and %d tokens", len(tokens), len(late))
			}
			const accepted = "<nil>"
			dropped := 0
			for i, response := range append(tokens, late...) {
				_, err := p.acceptAt(p.clock.Now(), old, response)
				isOld := err == nil
				if isOld {
					dropped++
				}
				if isOld && i >= len(tokens) || !isOld && i < askers*each {
					t.Errorf("token %d: signed with the old key: %t", i, isOld)
				}
				_, stale := p.acceptAt(p.clock.Now(), before, response)
				_, fresh := p.acceptAt(p.clock.Now(), after, response)
				got, want := [2]string{idOf(stale), idOf(fresh)}, [2]string{accepted, accepted}
				if isOld {
					want[1] = token.ReasonSignerUnknown
				} else if !c.staged {
					want[0] = token.ReasonSignerUnknown
				}
				if got != want {
					t.Errorf("token %d, before and after the metadata is read: %q, want %q", i, got, want)
				}
			}
			t.Logf("%d tokens of the dropped key, %d of the other", dropped, len(tokens)+len(late)-dropped)
		})
	}
}
