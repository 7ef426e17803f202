package server_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker/server"
)

// between is a registry that is changed by somebody else before a View of it.
type between struct {
	server.Registry
	views  atomic.Int32
	before int32 // which View; 0 for none
	change func(server.Tx) error
}

func (b *between) View(ctx context.Context, read func(server.Tx) error) error {
	if b.before != 0 && b.views.Add(1) == b.before {
		if err := b.Update(ctx, b.change); err != nil {
			return err
		}
	}
	return b.Registry.View(ctx, read)
}

// TestTakenOverWhileAsking has Fabrikam take Contoso's application URI over after Contoso's
// request was found to be its own, and before it is decided on. It is then refused as it
// would have been a moment later: nothing is recorded, of either organization.
func TestTakenOverWhileAsking(t *testing.T) {
	t.Parallel()
	const whose, policy = 1, 3 // the Views that find out; that of the certificates is between them
	tried := 0
	for view := int32(whose); view <= policy; view++ {
		tried++
		b := &between{}
		p := newPartners(t, func(o *server.Options) { b.Registry, o.Registry = o.Registry, b })
		b.change = func(tx server.Tx) error {
			uri, _, err := tx.URI(contosoURI)
			if err != nil {
				return err
			}
			uri.AppID = p.fabrikam.appID
			return tx.PutURI(uri)
		}
		message, before := p.ask().message(t), len(p.auditRows())
		b.before = view
		if _, body := p.postToken(message); body != tokenFaults()["AuthenticationFailed"] {
			t.Errorf("before View %d: %s", view, body)
		}
		if b.views.Load() < view {
			t.Fatalf("the registry was asked %d times", b.views.Load())
		}
		if diff := cmp.Diff([]server.AuditEntry{}, p.auditRows()[before:]); diff != "" {
			t.Errorf("before View %d the audit trail got (-want +got):\n%s", view, diff)
		}
	}
	if tried < 3 {
		t.Fatalf("%d moments tried", tried)
	}
}
