package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/token"
)

// TestTokensAtOnce asks for 200 tokens at the same time: each is issued, recorded once and
// good for whoever it is for.
func TestTokensAtOnce(t *testing.T) {
	t.Parallel()
	const requests = 200
	p := newPartners(t, func(o *server.Options) { o.MaxConcurrent = requests })
	before := len(p.auditRows())
	var wg sync.WaitGroup
	var accepted atomic.Int32
	for n := range requests {
		client := p.newClient()
		request := tokenRequest()
		request.User = fmt.Sprintf("user%d@contoso.com", n)
		wg.Go(func() {
			response, err := client.RequestToken(t.Context(), p.contoso.pair, request)
			if err != nil {
				t.Error(err)
				return
			}
			opened, err := p.accept(response, p.fabrikam.pair, fabrikamURI, token.SharingCalendarFreeBusy)
			if err != nil || opened.Token.EmailAddress != request.User || string(opened.Token.ProofKey) != string(response.ProofKey) {
				t.Errorf("%s: %v", request.User, err)
				return
			}
			accepted.Add(1)
		})
	}
	wg.Wait()
	users := map[string]bool{}
	for _, entry := range p.auditRows()[before:] {
		users[entry.User] = entry.Outcome == "Success"
	}
	if accepted.Load() != requests || len(users) != requests {
		t.Errorf("%d of %d tokens were accepted, %d users are in the audit trail", accepted.Load(), requests, len(users))
	}
}

// TestSameTokenRequestAtOnce sends one request many times at once: it counts once.
func TestSameTokenRequestAtOnce(t *testing.T) {
	t.Parallel()
	const copies = 64
	p := newPartners(t, func(o *server.Options) { o.MaxConcurrent = copies })
	before := len(p.auditRows())
	message := p.ask().message(t)
	var wg sync.WaitGroup
	var issued, denied atomic.Int32
	for range copies {
		wg.Go(func() {
			switch status, body := p.postToken(message); {
			case issuedBody(status, body):
				issued.Add(1)
			case status == http.StatusBadRequest && body == tokenFaults()["AuthenticationFailed"]:
				denied.Add(1)
			default:
				t.Errorf("status %d, answer %s", status, body)
			}
		})
	}
	wg.Wait()
	if rows := len(p.auditRows()) - before; issued.Load() != 1 || denied.Load() != copies-1 || rows != 1 {
		t.Errorf("%d issued, %d denied, %d rows", issued.Load(), denied.Load(), rows)
	}
}

// gate is a registry on which changes wait, or fail, when a test says so.
type gate struct {
	server.Registry
	arrived chan struct{} // gets one for each change that waits
	open    chan error    // gives each one leave, or an error instead
}

func (g *gate) Update(ctx context.Context, change func(server.Tx) error) error {
	g.arrived <- struct{}{}
	if err := <-g.open; err != nil {
		return err
	}
	return g.Registry.Update(ctx, change)
}

func (p *partners) closeGate(concurrent int) *gate {
	g := &gate{arrived: make(chan struct{}), open: make(chan error)}
	p.open(func(o *server.Options) {
		g.Registry = o.Registry
		o.Registry, o.MaxConcurrent = g, concurrent
	})
	return g
}

func TestTokenServiceBusy(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	g := p.closeGate(1)
	message := p.ask().message(t)
	answered := make(chan bool)
	go func() { answered <- issuedBody(p.postToken(message)) }()
	<-g.arrived
	if _, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest()); !federation.IsKind(err, federation.Unavailable) {
		t.Errorf("while the service is busy the error is %v", err)
	}
	p.wantAlive("while the token service is busy")
	g.open <- nil
	if !<-answered {
		t.Error("the request that was worked on got no token")
	}
}

// TestTokenNotRecorded has the registry fail: what is not recorded is not handed out. The
// changes that come while one waits are made together, and each by itself when that fails.
func TestTokenNotRecorded(t *testing.T) {
	t.Parallel()
	const together = 4
	p := newPartners(t)
	g := p.closeGate(2 * together)
	full := errors.New("no space left on device")
	before := p.dump()
	type answer struct {
		status int
		body   string
	}
	answers := make(chan answer)
	ask := func() {
		message := p.ask().message(t)
		go func() {
			status, body := p.postToken(message)
			answers <- answer{status, body}
		}()
	}
	want := tokenFault(`<s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value xmlns:c="http://schemas.xmlsoap.org/ws/2005/02/trust">c:RequestFailed` +
		`</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">The specified request failed.</s:Text></s:Reason>`)
	ask()
	<-g.arrived
	for range together {
		ask()
	}
	g.open <- full
	if got := <-answers; got.status != http.StatusInternalServerError || got.body != want {
		t.Errorf("alone: status %d, answer %s", got.status, got.body)
	}
	if diff := cmp.Diff(before, p.dump()); diff != "" {
		t.Errorf("the registry changed:\n%s", diff)
	}
	issued, failed, changes := 0, 0, 0
	for issued+failed < together {
		select {
		case <-g.arrived:
			changes++
			g.open <- map[bool]error{true: full}[changes == 1] // the first one that holds several, or one
		case got := <-answers:
			if issuedBody(got.status, got.body) {
				issued++
			} else {
				failed++
			}
		}
	}
	if issued < together-1 || issued+failed != together {
		t.Errorf("%d issued, %d failed, in %d changes", issued, failed, changes)
	}
}
