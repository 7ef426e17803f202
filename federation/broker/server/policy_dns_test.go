package server_test

import (
	"context"
	"sync/atomic"
	"testing"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// countedResolver is a resolver that counts what it is asked.
type countedResolver struct {
	federation.TXTResolver
	questions atomic.Int32
}

func (a *countedResolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	a.questions.Add(1)
	return a.TXTResolver.LookupTXT(ctx, name)
}

// TestDisabledAsksNoNameServer: a disabled organization, which gets nothing, does not take
// the few slots of those who wait for name servers either.
func TestDisabledAsksNoNameServer(t *testing.T) {
	t.Parallel()
	a := &countedResolver{}
	r := newRig(t, func(o *server.Options) { a.TXTResolver, o.Resolver = o.Resolver, a })
	o := r.register(1)
	for _, enabled := range []bool{false, true} {
		r.enable(o, enabled)
		before := a.questions.Load()
		err := r.attach(o, "contoso.com")
		_, createErr := r.client.CreateAppID(t.Context(), o.pair, "www.contoso.com", r.publish(o.pair, "www.contoso.com"))
		asked := a.questions.Load() - before
		if enabled {
			if err != nil || createErr != nil || asked != 2 {
				t.Errorf("enabled, the name servers were asked %d times: %v, %v", asked, err, createErr)
			}
			continue
		}
		wantFault(t, "AddUri", err, broker.OrganizationDisabled)
		wantFault(t, "CreateAppId", createErr, broker.OrganizationDisabled)
		if asked != 0 {
			t.Errorf("disabled, the name servers were asked %d times", asked)
		}
	}
}
