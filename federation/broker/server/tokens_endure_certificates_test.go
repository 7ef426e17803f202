package server_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/token"
)

// asking is one request for a token, with the clock before it and after it.
type asking struct {
	began, ended time.Time
	response     federation.TokenResponse
	err          error
}

// asked has machines of Contoso that have that certificate ask, each that often and at once,
// while the clock goes on after each request.
func (p *partners) askWith(pair certificate.Pair, times int, step time.Duration) (all []asking) {
	const machines = 3
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range machines {
		client := p.newClient()
		wg.Go(func() {
			for range times {
				a := asking{began: p.clock.Now()}
				a.response, a.err = client.RequestToken(p.t.Context(), pair, tokenRequest())
				a.ended = p.clock.Now()
				p.clock.advance(step)
				mu.Lock()
				all = append(all, a)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all
}

// count returns how many got a token; all others must have been refused.
func (p *partners) count(asked []asking) (issued int) {
	p.t.Helper()
	for _, a := range asked {
		switch {
		case a.err == nil:
			issued++
		case idOf(a.err) != "FailedAuthentication":
			p.t.Errorf("neither issued nor refused: %v", a.err)
		}
	}
	return issued
}

func (p *partners) wantIssued(what string, asked []asking, all bool) {
	p.t.Helper()
	want := 0
	if all {
		want = len(asked)
	}
	if got := p.count(asked); got != want || len(asked) < 6 {
		p.t.Errorf("%s: %d of %d got a token, want %d", what, got, len(asked), want)
	}
}

// replace has the organization replace its certificate.
func (p *partners) replace(o *org, next certificate.Pair) {
	p.t.Helper()
	if err := p.client.UpdateCertificate(p.t.Context(), o.pair, o.appID, next.Certificate); err != nil {
		p.t.Error(err)
	}
	o.pair = next
}

// TestTokensFlowOverRequesterRollover replaces the certificate of the organization whose
// machines ask all the time, some with the old one and some with the new one already.
func TestTokensFlowOverRequesterRollover(t *testing.T) {
	t.Parallel()
	const life = 72 * time.Hour
	p := newPartners(t)
	old, next, last := p.contoso.pair, newPair(t, 3, nil), newPair(t, 4, nil)
	p.wantIssued("old, before", p.askWith(old, 2, time.Second), true)
	p.wantIssued("new, before", p.askWith(next, 2, time.Second), false)
	var wg sync.WaitGroup
	var replaced atomic.Bool
	var during, early []asking
	wg.Go(func() { during = p.askWith(old, 10, 0) })
	wg.Go(func() {
		for sure := false; !sure; {
			sure = replaced.Load()
			for _, a := range p.askWith(next, 1, 0) {
				early = append(early, a)
				if sure && a.err != nil {
					t.Errorf("after the certificate was replaced: %v", a.err)
				}
			}
		}
	})
	since := p.clock.Now() // it stands still
	p.replace(&p.contoso, next)
	replaced.Store(true)
	wg.Wait()
	p.wantIssued("old, meanwhile", during, true)
	if p.count(early) < 3 {
		t.Errorf("new, meanwhile: %d of %d got a token", p.count(early), len(early))
	}
	for range 2 {
		p.clock.advance(life / 3)
		p.wantIssued("old, within 72 hours", p.askWith(old, 2, 0), true)
		p.wantIssued("new, within 72 hours", p.askWith(next, 2, 0), true)
	}
	p.clock.advance(since.Add(life - 10*time.Second).Sub(p.clock.Now()))
	wg.Go(func() { p.wantIssued("new, at 72 hours", p.askWith(next, 4, 0), true) })
	late := p.askWith(old, 8, time.Second)
	wg.Wait()
	for _, a := range late {
		if a.err == nil && !a.response.NotBefore.Before(since.Add(life)) || a.err != nil && a.ended.Before(since.Add(life)) {
			t.Errorf("asked with the old one between %s and %s, %s after it was replaced: %v", a.began, a.ended, a.ended.Sub(since), a.err)
		}
	}
	if got := p.count(late); got < 8 || got > len(late)-8 {
		t.Errorf("%d of %d got a token around the end", got, len(late))
	}
	p.replace(&p.contoso, last)
	p.wantIssued("the oldest", p.askWith(old, 2, 0), false)
	p.wantIssued("old", p.askWith(next, 2, 0), true)
	p.wantIssued("new", p.askWith(last, 2, 0), true)
	t.Logf("while it was replaced: %d with the old one, %d of %d with the new one; at its end %d of %d",
		p.count(during), p.count(early), len(early), p.count(late), len(late))
}

// TestReplacedTwice has an organization replace its certificate again while the first one
// could still be asked with: that one is refused from then on, and the second one has its
// 72 hours.
func TestReplacedTwice(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	first, second, third := p.contoso.pair, newPair(t, 3, nil), newPair(t, 4, nil)
	p.replace(&p.contoso, second)
	p.clock.advance(time.Hour)
	p.wantIssued("first", p.askWith(first, 2, 0), true)
	p.replace(&p.contoso, third)
	p.wantIssued("first, replaced twice", p.askWith(first, 2, 0), false)
	p.clock.advance(72*time.Hour - time.Microsecond)
	p.wantIssued("second", p.askWith(second, 2, 0), true)
	p.clock.advance(time.Microsecond)
	p.wantIssued("second, 72 hours later", p.askWith(second, 2, 0), false)
	p.wantIssued("third", p.askWith(third, 2, 0), true)
}

// TestTokensFlowOverAudienceRollover replaces the certificate of the organization the tokens
// are for. Each is encrypted to the one that is current when it is issued; who keeps the
// replaced key beside the new one, as a trust does, opens all of them.
func TestTokensFlowOverAudienceRollover(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	old, next := p.fabrikam.pair, newPair(t, 3, nil)
	asked := p.askWith(p.contoso.pair, 4, 0)
	before := len(asked)
	var wg sync.WaitGroup
	var during []asking
	wg.Go(func() { during = p.askWith(p.contoso.pair, 10, 0) })
	p.replace(&p.fabrikam, next)
	wg.Wait()
	asked = append(asked, during...)
	until := len(asked)
	asked = append(asked, p.askWith(p.contoso.pair, 4, 0)...)
	p.wantIssued("all", asked, true)
	known, byOld := p.published(), 0
	open := func(a asking, keys ...certificate.Pair) string {
		_, err := token.Verifier{Profile: p.profile, Keys: keys, Certificates: known}.Accept(p.parsed(a.response.Encrypted),
			token.Expectation{At: p.clock.Now(), Issuer: issuerURI, Audience: fabrikamURI, Offers: token.Offers()})
		return idOf(err)
	}
	const opened = "<nil>"
	for i, a := range asked {
		got := [3]string{open(a, next, old), open(a, old), open(a, next)}
		want := [3]string{opened, token.ReasonKeyUnknown, opened}
		if i < before || i < until && got[1] == opened {
			want = [3]string{opened, opened, token.ReasonKeyUnknown}
			byOld++
		}
		if got != want {
			t.Errorf("token %d with both keys, the old and the new one: %q, want %q", i, got, want)
		}
	}
	t.Logf("%d tokens to the old certificate, %d to the new one, all of them opened", byOld, len(asked)-byOld)
}
