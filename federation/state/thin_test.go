package state

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"exfed/federation"
)

func TestThin(t *testing.T) {
	t.Parallel()
	p := filepath.Join(t.TempDir(), "x", "state.yaml")
	f := Open(p, Options{Now: time.Now, Holder: "pid 1 test"})
	ctx := context.Background()
	err := f.Update(ctx, func(tx federation.Tx) error {
		tx.AcceptedDomains.Put(federation.AcceptedDomain{Name: "contoso.com", DomainName: "contoso.com", DomainType: federation.Authoritative, Default: true, Meta: federation.Meta{GUID: "11111111-1111-1111-1111-111111111111", WhenCreated: time.Now().UTC()}})
		return tx.Identifier.Put(federation.OrganizationIdentifier{Enabled: true, Domains: []federation.FederatedDomain{{Domain: "contoso.com"}}})
	})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(p)
	t.Logf("%s", b)
	r := f.Rehearse()
	r.Update(ctx, func(tx federation.Tx) error {
		d, ok, err := tx.AcceptedDomains.Get("CONTOSO.com")
		if !ok || err != nil {
			t.Error(ok, err)
		}
		d.Default = false
		return tx.AcceptedDomains.Put(d)
	})
	for _, l := range r.Diff() {
		t.Log(l)
	}
}
