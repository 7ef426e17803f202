package server_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// TestConcurrentClients has 32 clients register, attach a domain of their own, and
// fight for one that only some may get.
func TestConcurrentClients(t *testing.T) {
	t.Parallel()
	const clients = 32
	r := newRig(t, func(o *server.Options) { o.MaxConcurrent, o.MaxLookups = clients, clients })
	var published []string // every client's proof is in DNS all the time
	for key := range len(testKeys) {
		published = append(published, newProof(t, newPair(t, key, nil), "contoso.com", r.profile).Value)
	}
	r.zone.set("contoso.com", published...)
	var wg sync.WaitGroup
	var won, refused atomic.Int32
	for n := range clients {
		wg.Go(func() {
			ctx := context.Background()
			pair, client := newPair(t, n%len(testKeys), nil), r.newClient()
			appID, err := client.CreateAppID(ctx, pair, "", nil)
			if err != nil {
				t.Error(err)
				return
			}
			own := fmt.Sprintf("own%d.example", n)
			if err := client.AddURI(ctx, pair, appID, own, r.publish(pair, own)); err != nil {
				t.Error(err)
			}
			err = client.AddURI(ctx, pair, appID, "contoso.com", newProof(t, pair, "contoso.com", r.profile))
			var e *federation.Error
			switch {
			case err == nil:
				won.Add(1)
			case errors.As(err, &e) && e.ID == string(broker.MaxURIReached):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// The first one and two moves, whatever the order.
	if won.Load() != 3 || refused.Load() != clients-3 {
		t.Errorf("%d got the domain and %d were refused, want 3 and %d", won.Load(), refused.Load(), clients-3)
	}
	checkAudit(t, r, 3*clients)
}

// TestSameRequestAtOnce sends one request many times at once: it counts once.
func TestSameRequestAtOnce(t *testing.T) {
	t.Parallel()
	const copies = 32
	a := newAttacks(t, func(o *server.Options) { o.MaxConcurrent, o.MaxLookups = copies, copies })
	message := a.good.message(t)
	var wg sync.WaitGroup
	var accepted, denied atomic.Int32
	for range copies {
		wg.Go(func() {
			switch status, body := post(a.server.Handler(), broker.AddURI.SOAPAction(), message); {
			case status == 200:
				accepted.Add(1)
			case body == accessDenied:
				denied.Add(1)
			default:
				t.Errorf("status %d, answer %s", status, body)
			}
		})
	}
	wg.Wait()
	if accepted.Load() != 1 || denied.Load() != copies-1 {
		t.Errorf("%d accepted, %d denied", accepted.Load(), denied.Load())
	}
}
