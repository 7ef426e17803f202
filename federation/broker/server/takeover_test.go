package server_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/broker"
)

func TestTakeover(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	orgs := make([]org, 4)
	for i := range orgs {
		orgs[i] = r.register(i)
	}
	r.mustAttach(orgs[0], "contoso.com")
	for _, err := range []error{
		r.client.ReserveDomain(ctx, orgs[0].pair, orgs[0].appID, namespace, nil),
		r.client.AddURI(ctx, orgs[0].pair, orgs[0].appID, namespace, nil),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r.mustAttach(orgs[1], "contoso.com") // first move
	for _, name := range []string{"contoso.com", namespace} {
		_, err := r.client.DomainInfo(ctx, orgs[0].pair, orgs[0].appID, name)
		wantFault(t, "the former holder asks for "+name, err, broker.DomainNotFound)
	}
	r.clock.advance(time.Hour)
	if err := r.client.RemoveURI(ctx, orgs[1].pair, orgs[1].appID, "contoso.com"); err != nil {
		t.Fatal(err)
	}
	r.mustAttach(orgs[2], "contoso.com") // second move, released in between or not
	r.mustAttach(orgs[2], "fabrikam.com")
	r.clock.advance(time.Hour)
	before := r.dump("audit", "replay")
	err := r.attach(orgs[3], "contoso.com")
	wantFault(t, "third move", err, broker.MaxURIReached)
	if text := fmt.Sprint(err); !strings.Contains(text, "MaxUriReached: Same URI cannot be attached to different AppId on a single day.") {
		t.Errorf("the text is %q", text)
	}
	fifth := newPair(t, 5, nil)
	_, err = r.client.CreateAppID(ctx, fifth, "contoso.com", r.publish(fifth, "contoso.com"))
	wantFault(t, "third move by a new AppID", err, broker.MaxURIReached)
	if diff := cmp.Diff(before, r.dump("audit", "replay")); diff != "" {
		t.Errorf("the registry changed:\n%s", diff)
	}
	r.mustAttach(orgs[3], "fabrikam.com") // counted for each domain apart
	r.clock.advance(22 * time.Hour)       // the first move is 24 hours ago
	r.mustAttach(orgs[3], "contoso.com")
}

// TestRemoveURITakesTheNamespace gives a primary domain back: nobody has its account
// namespace then, and other domains stay.
func TestRemoveURITakesTheNamespace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := t.Context()
	o := r.register(1)
	r.mustAttach(o, "fabrikam.com")
	reserve := func(domain string) error {
		name := "FYDIBOHF25SPDLT." + domain
		return errors.Join(r.client.ReserveDomain(ctx, o.pair, o.appID, name, nil), r.client.AddURI(ctx, o.pair, o.appID, name, nil))
	}
	if err := reserve("fabrikam.com"); err != nil {
		t.Fatal(err)
	}
	before := r.dump("audit", "replay", "move", "proof")
	r.mustAttach(o, "contoso.com")
	if err := reserve("contoso.com"); err != nil {
		t.Fatal(err)
	}
	if err := r.client.RemoveURI(ctx, o.pair, o.appID, "contoso.com"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, r.dump("audit", "replay", "move", "proof")); diff != "" {
		t.Errorf("what is left of contoso.com:\n%s", diff)
	}
}
