package server_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

const namespace = "FYDIBOHF25SPDLT.contoso.com"

func TestCreateAppID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	first := r.register(1)
	if !regexp.MustCompile(`^[0-9A-F]{16}$`).MatchString(first.appID) {
		t.Errorf("the AppID is %q", first.appID)
	}
	again, err := r.client.CreateAppID(ctx, first.pair, "", nil)
	if err != nil || again != first.appID {
		t.Errorf("the same certificate got %q, %v; want %q", again, err, first.appID)
	}
	if other := r.register(2); other.appID == first.appID {
		t.Error("another certificate got the same AppID")
	}
	before := r.dump("audit", "replay")
	third := newPair(t, 3, nil)
	_, err = r.client.CreateAppID(ctx, third, "contoso.com", newProof(t, third, "contoso.com", r.profile))
	wantFault(t, "a proof that is not in DNS", err, broker.ProofOfDomainOwnershipFailed)
	_, err = r.client.CreateAppID(ctx, third, namespace, newProof(t, third, "contoso.com", r.profile))
	wantFault(t, "an account namespace first", err, broker.ProofOfDomainOwnershipFailed)
	if diff := cmp.Diff(before, r.dump("audit", "replay")); diff != "" {
		t.Errorf("a refused registration left something behind:\n%s", diff)
	}
	id, err := r.client.CreateAppID(ctx, third, "contoso.com", r.publish(third, "contoso.com"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := r.client.DomainInfo(ctx, third, id, "contoso.com")
	if diff := cmp.Diff(federation.DomainInfo{DomainName: "contoso.com", AppID: id, State: federation.Active}, info); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestWholeLife goes through all eight operations as a client does.
func TestWholeLife(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	o := r.register(1)
	proof := r.publish(o.pair, "contoso.com")
	next := newPair(t, 2, nil)
	steps := []struct {
		name string
		do   func() error
	}{
		{"AddUri", func() error { return r.client.AddURI(ctx, o.pair, o.appID, "contoso.com", proof) }},
		{"ReserveDomain", func() error { return r.client.ReserveDomain(ctx, o.pair, o.appID, namespace, proof) }},
		{"AddUri of the namespace", func() error { return r.client.AddURI(ctx, o.pair, o.appID, namespace, nil) }},
		{"UpdateAppIdProperties", func() error {
			return r.client.UpdateProperties(ctx, o.pair, o.appID, []federation.Property{{Name: "n", Value: "<v>"}})
		}},
		{"UpdateAppIdCertificate", func() error { return r.client.UpdateCertificate(ctx, o.pair, o.appID, next.Certificate) }},
		{"the same again with the old certificate", func() error { return r.client.UpdateCertificate(ctx, o.pair, o.appID, next.Certificate) }},
		{"RemoveUri of the namespace", func() error { return r.client.RemoveURI(ctx, next, o.appID, namespace) }},
		{"ReleaseDomain", func() error { return r.client.ReleaseDomain(ctx, next, o.appID, strings.ToLower(namespace)) }},
		{"RemoveUri", func() error { return r.client.RemoveURI(ctx, next, o.appID, "contoso.com") }},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	wantFault(t, "RemoveUri again", r.client.RemoveURI(ctx, next, o.appID, "contoso.com"), broker.URINotFound)
	wantFault(t, "ReleaseDomain again", r.client.ReleaseDomain(ctx, next, o.appID, namespace), broker.DomainNotFound)
	_, err := r.client.DomainInfo(ctx, next, o.appID, "contoso.com")
	wantFault(t, "GetDomainInfo", err, broker.DomainNotFound)
	checkAudit(t, r, len(steps)+1+3)
}

// checkAudit compares the number of audit entries, and that each names a caller.
func checkAudit(t *testing.T, r *rig, want int) {
	t.Helper()
	view(t, openSQLite(t, r.path), func(tx server.Tx) error {
		entries, err := tx.Audit(1000)
		if err != nil || len(entries) != want {
			t.Errorf("%d audit entries, %v; want %d", len(entries), err, want)
		}
		for _, e := range entries {
			if len(e.Thumbprint) != 40 || e.Operation == "" || e.Outcome == "" || e.RequestID == "" || len(e.AppID) != 16 {
				t.Errorf("an audit entry with gaps: %+v", e)
			}
		}
		return nil
	})
}

func TestIdempotent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	o := r.register(1)
	r.mustAttach(o, "contoso.com")
	if err := r.client.ReserveDomain(ctx, o.pair, o.appID, namespace, nil); err != nil {
		t.Fatal(err)
	}
	before := r.dump("audit", "replay")
	r.zone.fail("contoso.com", errors.New("nobody may ask"))
	repeats := []error{
		r.client.AddURI(ctx, o.pair, o.appID, "CONTOSO.com", nil),
		r.client.ReserveDomain(ctx, o.pair, o.appID, namespace, nil),
		r.client.UpdateCertificate(ctx, o.pair, o.appID, o.pair.Certificate),
	}
	for i, err := range repeats {
		if err != nil {
			t.Errorf("repeat %d: %v", i, err)
		}
	}
	if diff := cmp.Diff(before, r.dump("audit", "replay")); diff != "" {
		t.Errorf("repeating changed the registry:\n%s", diff)
	}
}

func TestProof(t *testing.T) {
	t.Parallel()
	for _, profile := range []federation.SecurityProfile{federation.Modern, federation.Exchange} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			testProof(t, profile)
		})
	}
}

// testProof varies what is in DNS and in the header. The signature of the domain that
// comes with it in the modern profile is always the genuine one.
func testProof(t *testing.T, profile federation.SecurityProfile) {
	long := "a234567890123456789012345678.com" // 32 characters
	genuine := newProof(t, newPair(t, 1, nil), long, profile)
	value := genuine.Value
	proof := func(domain, value string) *federation.DomainProof {
		return &federation.DomainProof{Domain: federation.Domain(domain), Value: value, Signature: genuine.Signature}
	}
	cases := []struct {
		name  string
		texts []string
		err   error
		uri   string
		proof *federation.DomainProof
		want  broker.FaultName // empty for success
	}{
		{"the only record", []string{value}, nil, long, proof(long, value), ""},
		{"among others", []string{"v=spf1 -all", "AppID=1", value}, nil, long, proof(long, value), ""},
		{"in quotes and blanks", []string{"  \"" + value + "\" "}, nil, long, proof(long, value), ""},
		{"without a domain in the header", []string{value}, nil, long, proof("", value), ""},
		{"no record", nil, nil, long, proof(long, value), broker.ProofOfDomainOwnershipFailed},
		{"another case", []string{strings.ToLower(value)}, nil, long, proof(long, value), broker.ProofOfDomainOwnershipFailed},
		{"cut off", []string{value[:87]}, nil, long, proof(long, value), broker.ProofOfDomainOwnershipFailed},
		{"part of a record", []string{value + " "[:0] + "x"}, nil, long, proof(long, value), broker.ProofOfDomainOwnershipFailed},
		{"no header", []string{value}, nil, long, nil, broker.ProofOfDomainOwnershipFailed},
		{"header for another domain", []string{value}, nil, long, proof("fabrikam.com", value), broker.ProofOfDomainOwnershipFailed},
		{"an empty proof", []string{""}, nil, long, proof(long, ""), broker.ProofOfDomainOwnershipFailed},
		{"a proof that is SPF", []string{"v=spf1 -all"}, nil, long, proof(long, "v=spf1 -all"), broker.ProofOfDomainOwnershipFailed},
		{"name server fails", []string{value}, errors.New("SERVFAIL"), long, proof(long, value), broker.DNSUnavailable},
		{"33 characters", []string{value}, nil, "a" + long, proof("a"+long, value), broker.InvalidURI},
		{"not a domain", []string{value}, nil, "http://contoso.com/", proof("contoso.com", value), broker.InvalidURI},
		{"one label", []string{value}, nil, "localhost", proof("localhost", value), broker.InvalidURI},
		{"not in A-labels", []string{value}, nil, "bücher.example", proof("bücher.example", value), broker.InvalidURI},
		{"trailing dot", []string{value}, nil, "contoso.com.", proof("contoso.com.", value), broker.InvalidURI},
		{"namespace of a namespace", []string{value}, nil, "FYDIBOHF25SPDLT." + namespace, proof("contoso.com", value), broker.InvalidURI},
		{"namespace without its domain", []string{value}, nil, namespace, proof("contoso.com", value), broker.ProofOfDomainOwnershipFailed},
		{"100 kilobytes", []string{value}, nil, strings.Repeat("丁七万丈三", 7000), proof("contoso.com", value), broker.InvalidURI},
		{"nothing", []string{value}, nil, "", proof("contoso.com", value), broker.InvalidArgument},
	}
	if len(cases) < 22 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(o *server.Options) { o.Profile = profile })
			o := r.register(1)
			r.zone.set(c.uri, c.texts...)
			r.zone.fail(c.uri, c.err)
			before := r.dump("audit", "replay")
			err := r.client.AddURI(context.Background(), o.pair, o.appID, c.uri, c.proof)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantFault(t, c.name, err, c.want)
			if diff := cmp.Diff(before, r.dump("audit", "replay")); diff != "" {
				t.Errorf("the registry changed:\n%s", diff)
			}
		})
	}
}

func TestActivationDelay(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *server.Options) { o.ActivationDelay = 15 * time.Minute })
	ctx := context.Background()
	o := r.register(1)
	r.mustAttach(o, "contoso.com")
	state := func() federation.DomainState {
		info, err := r.client.DomainInfo(ctx, o.pair, o.appID, "contoso.com")
		if err != nil {
			t.Fatal(err)
		}
		return info.State
	}
	if got := state(); got != federation.PendingActivation {
		t.Errorf("at first the state is %s", got)
	}
	wantFault(t, "ReserveDomain", r.client.ReserveDomain(ctx, o.pair, o.appID, namespace, nil), broker.DomainNotActive)
	r.clock.advance(15 * time.Minute)
	if got := state(); got != federation.Active {
		t.Errorf("after the delay the state is %s", got)
	}
	if err := r.client.ReserveDomain(ctx, o.pair, o.appID, namespace, nil); err != nil {
		t.Error(err)
	}
}
