package server_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"exfed/federation/broker"
	"exfed/federation/broker/server"
	"exfed/federation/xmlsec"
)

// beforeUpdate is a registry in which something happens before a change is made.
type beforeUpdate struct {
	server.Registry
	armed atomic.Bool
	do    func(server.Registry)
}

func (b *beforeUpdate) Update(ctx context.Context, change func(server.Tx) error) error {
	if b.armed.CompareAndSwap(true, false) {
		b.do(b.Registry)
	}
	return b.Registry.Update(ctx, change)
}

// TestDecidedByWhatIsRememberedNoLonger changes the registry when a token has been made by
// what was remembered of it, and is about to be recorded: that token is never given out, nor
// recorded, and the request gets what the registry now says.
func TestDecidedByWhatIsRememberedNoLonger(t *testing.T) {
	t.Parallel()
	policy := func(appID func(*partners) string, p server.Policy) func(*testing.T, *partners) func(server.Registry) {
		return func(t *testing.T, partners *partners) func(server.Registry) {
			return func(r server.Registry) {
				update(t, r, func(tx server.Tx) error { return tx.PutPolicy(appID(partners), p) })
			}
		}
	}
	contoso := func(p *partners) string { return p.contoso.appID }
	fabrikam := func(p *partners) string { return p.fabrikam.appID }
	for name, c := range map[string]struct {
		change  func(*testing.T, *partners) func(server.Registry)
		outcome string
	}{
		"the asking organization is disabled": {policy(contoso, server.Policy{Disabled: true}), "OrganizationDisabled"},
		"the target is disabled":              {policy(fabrikam, server.Policy{Disabled: true}), "InvalidScope"},
		"nothing of it concerns the request":  {policy(fabrikam, server.Policy{}), "Success"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &beforeUpdate{}
			p := newPartners(t, func(o *server.Options) { b.Registry, o.Registry = o.Registry, b })
			if status, body := p.postToken(p.ask().message(t)); !issuedBody(status, body) { // is remembered
				t.Fatal(status, body)
			}
			before := len(p.auditRows())
			b.do = c.change(t, p)
			b.armed.Store(true)
			status, body := p.postToken(p.ask().message(t))
			if b.armed.Load() {
				t.Fatal("nothing was changed")
			}
			if issued := issuedBody(status, body); issued != (c.outcome == "Success") {
				t.Errorf("status %d, answer %s", status, body)
			}
			var outcomes []string
			for _, entry := range p.auditRows()[before:] {
				outcomes = append(outcomes, entry.Outcome)
			}
			if got := strings.Join(outcomes, " "); got != c.outcome {
				t.Errorf("recorded is %q, want %q", got, c.outcome)
			}
		})
	}
}

// TestRefusedByWhatIsRememberedNoLonger has a request that is right be refused by what is
// remembered of the registry, which was changed without the broker: it is not.
func TestRefusedByWhatIsRememberedNoLonger(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	p.enable(p.contoso, false)
	if _, body := p.postToken(p.ask().message(t)); body != tokenFaults()["OrganizationDisabled"] { // is remembered
		t.Fatal(body)
	}
	p.enable(p.contoso, true)
	if status, body := p.postToken(p.ask().message(t)); !issuedBody(status, body) {
		t.Errorf("status %d, answer %s", status, body)
	}
}

// TestTokenAnswerRelatesToAnything asks under a number that would be markup if it were not
// escaped in the answer, which nobody reads again before it is sent.
func TestTokenAnswerRelatesToAnything(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	const number = `</a:RelatesTo><x y="&z;">]]>'`
	a := p.ask()
	message := replaced(t, a.message(t), "urn:uuid:1<", xmlsec.Escape(number)+"<")
	status, body := p.postToken(message)
	if !issuedBody(status, body) {
		t.Fatalf("status %d, answer %s", status, body)
	}
	header, err := p.parsed([]byte(body)).Only("http://www.w3.org/2003/05/soap-envelope", "Header")
	if err != nil {
		t.Fatal(err)
	}
	block, err := header.Only(broker.NamespaceAddressing, "RelatesTo")
	if err != nil || block.Text() != number {
		t.Errorf("%v, %v", block, err)
	}
}
