package federation_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

func unreachable() error {
	return federation.Errorf(federation.Unavailable, "BrokerUnreachable", "trust broker", "cannot be reached")
}

// timedContext is a context whose time is up when over is closed.
type timedContext struct {
	context.Context
	over chan struct{}
}

func (c timedContext) Done() <-chan struct{} { return c.over }

func (c timedContext) Err() error {
	select {
	case <-c.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// TestForcedRemovalOutlivesTheTime: a broker that never answers uses up the time there
// is, and the domain has to be dropped all the same.
func TestForcedRemovalOutlivesTheTime(t *testing.T) {
	t.Parallel()
	p := federated(t)
	ctx := timedContext{t.Context(), make(chan struct{})}
	p.broker.before = func(string) error {
		close(ctx.over)
		return unreachable()
	}
	p.must(p.RemoveDomain(ctx, "contoso.ca", true))
	if diff := cmp.Diff([]federation.FederatedDomain{{Domain: "contoso.com"}}, p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}
}

// TestInterruptedRemoval: an interruption is no refusal of the broker, so -Force does not
// go on after it.
func TestInterruptedRemoval(t *testing.T) {
	t.Parallel()
	for _, force := range []bool{false, true} {
		p := federated(t)
		before := p.file()
		ctx, interrupt := context.WithCancel(t.Context())
		p.broker.before = func(string) error {
			interrupt()
			return ctx.Err()
		}
		if err := p.RemoveDomain(ctx, "contoso.ca", force); err == nil {
			t.Errorf("force %t: no error", force)
		}
		p.unchanged(before)
	}
}

// TestRemovalRecordedAfterInterruption: what the broker has done is written down even if
// the interruption comes together with its answer.
func TestRemovalRecordedAfterInterruption(t *testing.T) {
	t.Parallel()
	p := federated(t)
	ctx, interrupt := context.WithCancel(t.Context())
	p.broker.before = func(string) error {
		interrupt()
		return nil
	}
	p.must(p.RemoveDomain(ctx, "contoso.ca", false))
	if diff := cmp.Diff([]federation.FederatedDomain{{Domain: "contoso.com"}}, p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}
}

// TestHalfRemovedPrimary: once the broker has given up the account namespace, the state
// file must not say that all is as before.
func TestHalfRemovedPrimary(t *testing.T) {
	t.Parallel()
	p := federated(t)
	p.must(p.RemoveDomain(t.Context(), "contoso.ca", false))
	p.broker.before = func(call string) error {
		if call == "RemoveUri contoso.com" {
			return unreachable()
		}
		return nil
	}
	err := p.RemoveDomain(t.Context(), "contoso.com", false)
	fails(t, err, federation.Unavailable, "BrokerUnreachable")
	if !strings.Contains(err.Error(), "run the same command again") {
		t.Errorf("%v does not say what to do", err)
	}
	if diff := cmp.Diff([]federation.FederatedDomain{{Domain: "contoso.com", Pending: "remove"}}, p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}
	p.broker.before = nil
	p.must(p.RemoveDomain(t.Context(), "contoso.com", false))
	if diff := cmp.Diff([]federation.FederatedDomain(nil), p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}
}

// TestAdditionTakenUpAgain: an addition that was cut short stays one when its second try
// does not reach the broker; the broker may hold the domain already.
func TestAdditionTakenUpAgain(t *testing.T) {
	t.Parallel()
	p := federated(t)
	p.broker.before = func(call string) error {
		if call == "GetDomainInfo contoso.co.uk" {
			return unreachable()
		}
		return nil
	}
	fails(t, p.AddDomain(t.Context(), "contoso.co.uk", false), federation.Unavailable, "BrokerUnreachable")
	before := p.file()
	if !strings.Contains(before, "pending: add") {
		t.Fatalf("no addition is pending in\n%s", before)
	}
	p.broker.before = func(string) error { return unreachable() }
	fails(t, p.AddDomain(t.Context(), "contoso.co.uk", false), federation.Unavailable, "BrokerUnreachable")
	p.unchanged(before)
}

// TestAddAfterCutShortRemoval: a removal that was cut short can be finished or taken back.
// Taking it back is an addition, for the broker may have released the domain.
func TestAddAfterCutShortRemoval(t *testing.T) {
	t.Parallel()
	p := federated(t)
	cut := strings.Replace(p.file(), "- domain: contoso.ca", "- domain: contoso.ca\n        pending: remove", 1)
	p.write(cut)
	p.broker.before = func(string) error { return unreachable() }
	fails(t, p.AddDomain(t.Context(), "contoso.ca", false), federation.Unavailable, "BrokerUnreachable")
	p.unchanged(cut)
	p.broker.before, p.broker.calls = nil, nil
	p.must(p.AddDomain(t.Context(), "contoso.ca", false))
	if diff := cmp.Diff([]string{"GetDomainInfo contoso.ca", "AddUri contoso.ca", "GetDomainInfo contoso.ca"}, p.broker.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]federation.FederatedDomain{{Domain: "contoso.com"}, {Domain: "contoso.ca"}}, p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}

	cut = strings.Replace(p.file(), "- domain: contoso.com", "- domain: contoso.com\n        pending: remove", 1)
	p.write(cut)
	on := true
	fails(t, p.AddDomain(t.Context(), "contoso.com", false), federation.Conflict, "AccountNamespaceUnfinished")
	fails(t, p.AddDomain(t.Context(), "contoso.co.uk", false), federation.Conflict, "AccountNamespaceUnfinished")
	p.must(p.SetIdentifier(t.Context(), federation.SetIdentifierRequest{Enabled: new(bool)}))
	fails(t, p.SetIdentifier(t.Context(), federation.SetIdentifierRequest{Enabled: &on}), federation.Conflict, "AccountNamespaceUnfinished")
	p.must(p.SetIdentifier(t.Context(), namespaceRequest()))
	if diff := cmp.Diff([]federation.FederatedDomain{{Domain: "contoso.com"}, {Domain: "contoso.ca"}}, p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}
}

// TestAddUnfinishedPrimary: only the registration of the account namespace can finish the
// primary domain's; an addition would leave the namespace unreserved.
func TestAddUnfinishedPrimary(t *testing.T) {
	t.Parallel()
	p, thumbprint := newParty(t)
	p.trust(thumbprint)
	p.broker.before = func(call string) error {
		if strings.HasPrefix(call, "ReserveDomain") {
			return unreachable()
		}
		return nil
	}
	fails(t, p.SetIdentifier(t.Context(), namespaceRequest()), federation.Unavailable, "BrokerUnreachable")
	before := p.file()
	p.broker.before = nil
	fails(t, p.AddDomain(t.Context(), "contoso.com", false), federation.Conflict, "AccountNamespaceUnfinished")
	p.unchanged(before)
}

// TestRemovePrimaryWhileAdding: what was admitted is looked at again under the lock, so
// that a domain added meanwhile does not lose its account namespace.
func TestRemovePrimaryWhileAdding(t *testing.T) {
	t.Parallel()
	p := federated(t)
	p.must(p.RemoveDomain(t.Context(), "contoso.ca", false))
	other := *p.Organization
	ask := p.Broker
	p.Broker = func(ctx context.Context, trust federation.FederationTrust) (federation.Broker, error) {
		p.must(other.AddDomain(ctx, "contoso.co.uk", false))
		return ask(ctx, trust)
	}
	fails(t, p.RemoveDomain(t.Context(), "contoso.com", false), federation.Conflict, "PrimaryDomainLast")
	if diff := cmp.Diff([]federation.FederatedDomain{{Domain: "contoso.com"}, {Domain: "contoso.co.uk"}}, p.domains()); diff != "" {
		t.Errorf("federated domains (-want +got):\n%s", diff)
	}
}

// TestRemovalChangesTheDate: a removed domain is a change like any other.
func TestRemovalChangesTheDate(t *testing.T) {
	t.Parallel()
	p := federated(t)
	later := p.Now().AddDate(0, 0, 1)
	p.Now = func() time.Time { return later }
	p.must(p.RemoveDomain(t.Context(), "contoso.ca", false))
	id, err := p.Identifier(t.Context())
	p.must(err)
	if want := later.UTC().Truncate(time.Second); !id.WhenChanged.Equal(want) {
		t.Errorf("WhenChanged is %s, %s is expected", id.WhenChanged, want)
	}
}
