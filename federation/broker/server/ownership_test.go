package server_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

func inProfile(profile federation.SecurityProfile) func(*server.Options) {
	return func(o *server.Options) { o.Profile = profile }
}

// thief is a broker, organization A whose proof of contoso.com is in DNS, and B, who
// has a valid certificate and AppID and wants the domain.
type thief struct {
	*rig
	a, b   org
	proofA *federation.DomainProof
}

func newThief(t *testing.T, profile federation.SecurityProfile) *thief {
	t.Helper()
	r := newRig(t, inProfile(profile))
	th := &thief{rig: r, a: r.register(1), b: r.register(2)}
	th.proofA = r.publish(th.a.pair, "contoso.com")
	return th
}

// send has the owner of the pair ask for contoso.com with A's public value and the given
// signature, and returns what the broker did not agree to: "" or the fault.
func (th *thief) send(pair certificate.Pair, request broker.Request, signature []byte) string {
	th.t.Helper()
	request.URI = "contoso.com"
	message := signed{
		request: request, key: pair, at: th.clock.Now(),
		proof: &federation.DomainProof{Domain: "contoso.com", Value: th.proofA.Value, Signature: signature},
	}.message(th.t)
	return faultOf(th.t, th.rig, request.Operation, message)
}

// faultOf posts a message and returns the code of the fault, "" if there was none.
func faultOf(t testing.TB, r *rig, operation broker.Operation, message []byte) string {
	t.Helper()
	status, body := post(r.server.Handler(), operation.SOAPAction(), message)
	if status == http.StatusOK {
		return ""
	}
	_, rest, _ := strings.Cut(body, "<ErrorCode>")
	code, _, found := strings.Cut(rest, "</ErrorCode>")
	if !found {
		t.Fatalf("status %d, answer %s", status, body)
	}
	return code
}

// ways returns every way in which B can ask for the domain with A's value.
func (th *thief) ways() map[string]func() string {
	b := func(domain string) []byte { return newProof(th.t, th.b.pair, domain, th.profile).Signature }
	signatures := map[string][]byte{
		"no signature": nil, "A's signature, captured": th.proofA.Signature,
		"B's own signature": b("contoso.com"), "B's signature of another domain": b("evil.example"),
	}
	ways := map[string]func() string{}
	for name, signature := range signatures {
		ways["AddUri, "+name] = func() string {
			return th.send(th.b.pair, broker.Request{Operation: broker.AddURI, AppID: th.b.appID}, signature)
		}
		ways["CreateAppId, "+name] = func() string {
			return th.send(newPair(th.t, 2, nil), broker.Request{Operation: broker.CreateAppID}, signature)
		}
	}
	return ways
}

// refuseAll checks that no way but the excepted ones leads B anywhere.
func (th *thief) refuseAll(when string, except ...string) {
	th.t.Helper()
	refused := 0
	for name, way := range th.ways() {
		if strings.Contains(" "+strings.Join(except, " ")+" ", name) {
			continue
		}
		before := th.dump("audit", "replay")
		if got := way(); got != string(broker.ProofOfDomainOwnershipFailed) {
			th.t.Errorf("%s, %s: the answer is %q", when, name, got)
		}
		if diff := cmp.Diff(before, th.dump("audit", "replay")); diff != "" {
			th.t.Errorf("%s, %s: the registry changed:\n%s", when, name, diff)
		}
		refused++
	}
	if refused != 8-len(except) {
		th.t.Errorf("%s: %d ways were tried", when, refused)
	}
}

// TestProofOfAnother has B replay what A published, before A registers it and after A
// did, gave the domain back and lost it to C.
func TestProofOfAnother(t *testing.T) {
	t.Parallel()
	for profile, open := range map[federation.SecurityProfile][]string{
		federation.Modern: nil,
		// Before A registers, nothing tells the two apart: TestWindowOfExchangeProfile.
		federation.Exchange: {"AddUri, no signature", "CreateAppId, no signature"},
	} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			th := newThief(t, profile)
			th.refuseAll("before A registered", open...)
			add := func(o org, proof *federation.DomainProof) {
				t.Helper()
				if err := th.client.AddURI(ctx, o.pair, o.appID, "contoso.com", proof); err != nil {
					t.Fatal(err)
				}
			}
			add(th.a, th.proofA)
			th.refuseAll("after A registered")
			if err := th.client.RemoveURI(ctx, th.a.pair, th.a.appID, "contoso.com"); err != nil {
				t.Fatal(err)
			}
			th.refuseAll("after A gave the domain back")
			c := th.register(3)
			proofC := newProof(t, c.pair, "contoso.com", profile)
			th.zone.set("contoso.com", th.proofA.Value, proofC.Value)
			add(c, proofC)
			th.refuseAll("after C took the domain over")
			add(th.a, th.proofA) // whose it is may use it again
			th.refuseAll("after A took it back")
		})
	}
}

// TestWindowOfExchangeProfile shows what the exchange profile cannot prevent: a domain
// nobody holds goes to who sends its proof first. Its owner gets in with the signature all
// the same, and keeps both domain and proof.
func TestWindowOfExchangeProfile(t *testing.T) {
	t.Parallel()
	th := newThief(t, federation.Exchange)
	if got := th.ways()["AddUri, no signature"](); got != "" {
		t.Fatalf("the first to use a value is refused: %s", got)
	}
	add := broker.Request{Operation: broker.AddURI, AppID: th.a.appID}
	if got := th.send(th.a.pair, add, nil); got != string(broker.ProofOfDomainOwnershipFailed) {
		t.Errorf("A without a signature: the fault is %q", got)
	}
	if got := th.send(th.a.pair, add, th.proofA.Signature); got != "" {
		t.Fatalf("A with the signature: the fault is %q", got)
	}
	th.clock.advance(1)
	th.refuseAll("after A took the domain back")
	if err := th.client.RemoveURI(t.Context(), th.a.pair, th.a.appID, "contoso.com"); err != nil {
		t.Fatal(err)
	}
	th.refuseAll("after A gave the domain back")
	if got := th.send(th.a.pair, add, nil); got != "" {
		t.Errorf("A with the proof that is A's, without a signature: the fault is %q", got)
	}
}

// TestMoveNeedsSignature has C bring a proof of its own to a domain that A holds or held
// last: in either profile it takes the domain over with the signature only.
func TestMoveNeedsSignature(t *testing.T) {
	t.Parallel()
	for _, profile := range []federation.SecurityProfile{federation.Modern, federation.Exchange} {
		for _, released := range []bool{false, true} {
			th := newThief(t, profile)
			th.mustAttach(th.a, "contoso.com")
			if released {
				if err := th.client.RemoveURI(t.Context(), th.a.pair, th.a.appID, "contoso.com"); err != nil {
					t.Fatal(err)
				}
			}
			c := th.register(3)
			th.proofA = th.publish(c.pair, "contoso.com") // the only one in DNS
			before := th.dump("audit", "replay")
			for name, request := range map[string]broker.Request{
				"AddUri": {Operation: broker.AddURI, AppID: c.appID}, "CreateAppId": {Operation: broker.CreateAppID},
			} {
				if got := th.send(c.pair, request, nil); got != string(broker.ProofOfDomainOwnershipFailed) {
					t.Errorf("%s, released %v, %s without a signature: the fault is %q", profile, released, name, got)
				}
			}
			if diff := cmp.Diff(before, th.dump("audit", "replay")); diff != "" {
				t.Errorf("%s, released %v: the registry changed:\n%s", profile, released, diff)
			}
			if got := th.send(c.pair, broker.Request{Operation: broker.AddURI, AppID: c.appID}, th.proofA.Signature); got != "" {
				t.Errorf("%s, released %v, with the signature: the fault is %q", profile, released, got)
			}
		}
	}
}

// TestProofIsBoundOnce has many with keys of their own send one value at once: one of them
// is the first, and for the others it is somebody else's.
func TestProofIsBoundOnce(t *testing.T) {
	t.Parallel()
	th := newThief(t, federation.Exchange)
	var wg sync.WaitGroup
	outcomes := make([]string, len(testKeys))
	for key := range outcomes {
		wg.Go(func() {
			outcomes[key] = th.send(newPair(t, key, nil), broker.Request{Operation: broker.CreateAppID}, nil)
		})
	}
	wg.Wait()
	want := slices.Repeat([]string{string(broker.ProofOfDomainOwnershipFailed)}, len(testKeys))
	want[0] = ""
	slices.Sort(outcomes)
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestProofStaysWithTheKey renews A's certificate with the same key: the proof, which is
// the same, must still be A's.
func TestProofStaysWithTheKey(t *testing.T) {
	t.Parallel()
	for _, profile := range []federation.SecurityProfile{federation.Modern, federation.Exchange} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			th := newThief(t, profile)
			th.mustAttach(th.a, "contoso.com")
			renewed := newPair(t, 1, nil)
			for _, err := range []error{
				th.client.RemoveURI(ctx, th.a.pair, th.a.appID, "contoso.com"),
				th.client.UpdateCertificate(ctx, th.a.pair, th.a.appID, renewed.Certificate),
				th.client.AddURI(ctx, renewed, th.a.appID, "contoso.com", th.proofA),
			} {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
}
