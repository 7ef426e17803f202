package federation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// registering is an operation for which the broker looks for proofs.
type registering struct {
	name    string
	domains []federation.Domain // whose proofs
	// prepare returns an organization that is ready for it.
	prepare func(t *testing.T) *party
	do      func(ctx context.Context, p *party, force bool) error
}

func registerings() []registering {
	return []registering{
		{"namespace", []federation.Domain{"contoso.com"}, func(t *testing.T) *party {
			p, thumbprint := newParty(t)
			p.trust(thumbprint)
			return p
		}, func(ctx context.Context, p *party, force bool) error {
			request := namespaceRequest()
			request.Force = force
			return p.SetIdentifier(ctx, request)
		}},
		{"namespace of an unnamed broker", []federation.Domain{"contoso.com"}, func(t *testing.T) *party {
			p, thumbprint := newParty(t)
			p.broker.unnamed = true
			p.trust(thumbprint)
			return p
		}, func(ctx context.Context, p *party, force bool) error {
			request := namespaceRequest()
			request.Force = force
			return p.SetIdentifier(ctx, request)
		}},
		{"domain", []federation.Domain{"contoso.co.uk"}, federated, func(ctx context.Context, p *party, force bool) error {
			return p.AddDomain(ctx, "contoso.co.uk", force)
		}},
		{"certificate", []federation.Domain{"contoso.com", "contoso.ca"}, func(t *testing.T) *party {
			p := federated(t)
			next := p.certificate()
			p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
			return p
		}, func(ctx context.Context, p *party, force bool) error {
			return p.SetTrust(ctx, "Contoso", federation.SetTrustRequest{Publish: true, Force: force})
		}},
	}
}

// eachRegistering runs the test for every operation, with nothing asked or found yet.
func eachRegistering(t *testing.T, test func(t *testing.T, r registering, p *party)) {
	t.Helper()
	all := registerings()
	if len(all) < 4 {
		t.Errorf("only %d operations", len(all))
	}
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			p := r.prepare(t)
			p.broker.calls, p.records.asked = nil, nil
			test(t, r, p)
		})
	}
}

// finding is one about a record, the same each time.
func finding(record federation.ExpectedRecord, id, cause string, kind federation.EventType) federation.DNSFinding {
	return federation.DNSFinding{ID: id, Cause: cause, Record: record.DNSRecord, Domain: record.Domain, Type: kind,
		Seen: []federation.Sighting{{Server: "192.0.2.53:53", What: "something else"}}, Message: cause + " it is", Action: "mend it"}
}

// TestFaultyProofStopsBeforeTheBroker finds each kind of fault, and wants the broker not to
// be asked, nothing to be written, and all that was found to be told.
func TestFaultyProofStopsBeforeTheBroker(t *testing.T) {
	t.Parallel()
	cases := []struct{ id, cause, want string }{
		{"P01", "ProofAbsent", "ProofNotInDns"},
		{"P16", "NotEverywhere", "NotEverywhere"},
		{"P02", "AnotherProof", "AnotherProof"},
		{"P03", "ProofMangled", "ProofMangled"},
		{"P04", "ProofAtWrongName", "ProofAtWrongName"},
		{"P05", "SplitView", "SplitView"},
		{"P06", "TcpRefused", "TcpRefused"},
	}
	eachRegistering(t, func(t *testing.T, r registering, p *party) {
		before := p.file()
		for _, c := range cases {
			p.records.asked = nil
			var want []federation.DNSFinding
			p.records.find = func(record federation.ExpectedRecord) []federation.DNSFinding {
				want = append(want, finding(record, c.id, c.cause, federation.EventError))
				return []federation.DNSFinding{finding(record, c.id, c.cause, federation.EventError)}
			}
			err := r.do(t.Context(), p, true) // force is for refusals of the broker, not for this
			fails(t, err, federation.Refused, c.want)
			var proofs *federation.ProofsNotLive
			if !errors.As(err, &proofs) {
				t.Fatalf("%s: error %v", c.cause, err)
			}
			if diff := cmp.Diff(want, proofs.Findings); diff != "" {
				t.Errorf("%s: findings (-want +got):\n%s", c.cause, diff)
			}
			for _, domain := range r.domains {
				if !strings.Contains(err.Error(), string(domain)) {
					t.Errorf("%s: %v does not name %s", c.cause, err, domain)
				}
			}
			p.unchanged(before)
		}
		if len(p.broker.calls) > 0 {
			t.Errorf("the broker was asked for %v", p.broker.calls)
		}
		p.records.find = nil
		p.must(r.do(t.Context(), p, false))
	})
	if len(cases) < 7 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestSeveralFaultyProofs: the summary names the domains at fault and no others, and has
// the cause they have in common.
func TestSeveralFaultyProofs(t *testing.T) {
	t.Parallel()
	cases := []struct {
		com, ca string // causes; "" is live
		kind    federation.Kind
		id      string
		want    string
	}{
		{"ProofAbsent", "", federation.Refused, "ProofNotInDns", `domain "contoso.com"`},
		{"", "ProofMangled", federation.Refused, "ProofMangled", `domain "contoso.ca"`},
		{"ProofMangled", "ProofMangled", federation.Refused, "ProofMangled", `domains "contoso.com", "contoso.ca"`},
		{"ProofMangled", "SplitView", federation.Refused, "ProofNotInDns", `domains "contoso.com", "contoso.ca"`},
		{"NoNameServer", "", federation.Unavailable, "ProofNotChecked", `domain "contoso.com"`},
		{"NoNameServer", "NoNameServer", federation.Unavailable, "ProofNotChecked", `domains "contoso.com", "contoso.ca"`},
		{"NoNameServer", "ProofAbsent", federation.Refused, "ProofNotInDns", `domain "contoso.ca"`},
	}
	r := registerings()[3]
	p := r.prepare(t)
	before := p.file()
	p.broker.calls = nil
	for _, c := range cases {
		causes := map[federation.Domain]string{"contoso.com": c.com, "contoso.ca": c.ca}
		p.records.find = func(record federation.ExpectedRecord) []federation.DNSFinding {
			if causes[record.Domain] == "" {
				return []federation.DNSFinding{finding(record, "", "", federation.EventSuccess)}
			}
			return []federation.DNSFinding{finding(record, "P99", causes[record.Domain], federation.EventError)}
		}
		err := r.do(t.Context(), p, false)
		fails(t, err, c.kind, c.id)
		var e *federation.Error
		if errors.As(err, &e) && e.Object != c.want {
			t.Errorf("%s, %s: the error is about %s, %s is expected", c.com, c.ca, e.Object, c.want)
		}
	}
	p.unchanged(before)
	if len(p.broker.calls) > 0 {
		t.Errorf("the broker was asked for %v", p.broker.calls)
	}
	if len(cases) < 7 {
		t.Errorf("only %d cases", len(cases))
	}
}

// TestNameServersThatCannotBeAsked: nothing is known then, so nothing is done; an
// interruption stays one.
func TestNameServersThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	eachRegistering(t, func(t *testing.T, r registering, p *party) {
		before := p.file()
		for _, cause := range []error{
			federation.Errorf(federation.Unavailable, "DnsUnavailable", "name server 192.0.2.53:53", "did not answer in time"),
			context.DeadlineExceeded, errors.New("no route to host"),
		} {
			p.records.err = cause
			err := r.do(t.Context(), p, false)
			fails(t, err, federation.Unavailable, "ProofNotChecked")
			if !strings.Contains(err.Error(), cause.Error()) {
				t.Errorf("%v does not say why", err)
			}
		}
		p.records.err = fmt.Errorf("asking: %w", context.Canceled)
		var proofs *federation.ProofsNotLive
		if err := r.do(t.Context(), p, false); !errors.Is(err, context.Canceled) || errors.As(err, &proofs) {
			t.Errorf("interrupted: %v", err)
		}
		p.unchanged(before)
		if len(p.broker.calls) > 0 {
			t.Errorf("the broker was asked for %v", p.broker.calls)
		}
	})
}

// TestWarningsOfTheCheck: they are told in one line each and stop nothing.
func TestWarningsOfTheCheck(t *testing.T) {
	t.Parallel()
	eachRegistering(t, func(t *testing.T, r registering, p *party) {
		var warnings, want []string
		p.Warn = func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
		p.records.find = func(record federation.ExpectedRecord) []federation.DNSFinding {
			f := finding(record, "P12", "LegacyAppId", federation.EventWarning)
			f.Message = "an AppID=\nhint: record\tis there" + strings.Repeat("é", 1000)
			return []federation.DNSFinding{f, finding(record, "", "", federation.EventSuccess)}
		}
		p.must(r.do(t.Context(), p, false))
		for _, domain := range r.domains {
			want = append(want, "domain "+string(domain)+": an AppID= hint: record is there"+strings.Repeat("é", 234))
		}
		if diff := cmp.Diff(want, warnings); diff != "" {
			t.Errorf("warnings (-want +got):\n%s", diff)
		}
	})
}

// TestWithoutTheCheck: nobody is asked but the broker.
func TestWithoutTheCheck(t *testing.T) {
	t.Parallel()
	eachRegistering(t, func(t *testing.T, r registering, p *party) {
		p.records.err = errors.New("asked")
		p.Records = nil
		p.must(r.do(t.Context(), p, false))
		if len(p.broker.calls) == 0 || len(p.records.asked) > 0 {
			t.Errorf("calls %v, records %v", p.broker.calls, p.records.asked)
		}
	})
}

// TestWhatIsLookedFor compares the records asked for: the proof of the certificate that the
// broker goes by, and those of all others of the organization, each with its place.
func TestWhatIsLookedFor(t *testing.T) {
	t.Parallel()
	p := federated(t)
	current, err := p.Trust(t.Context(), "Contoso")
	p.must(err)
	next, spare := p.certificate(), p.certificate()
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Thumbprint: &next}))
	proofOf := func(domain federation.Domain, thumbprint string) federation.DomainProof {
		pair, err := p.Keys.Load(thumbprint)
		p.must(err)
		proof, err := federation.NewDomainProof(pair, domain, federation.Modern)
		p.must(err)
		proof.Signature = nil
		return proof
	}
	record := func(domain federation.Domain, slot federation.DomainProofSlot, thumbprint string, others ...federation.SlotProof) federation.ExpectedRecord {
		for i := range others {
			others[i].DomainProof = proofOf(domain, others[i].Thumbprint)
		}
		accepted, err := p.AcceptedDomains(t.Context())
		p.must(err)
		var elsewhere []federation.SlotProof
		for _, d := range accepted {
			if other := federation.Domain(d.DomainName); other != domain {
				elsewhere = append(elsewhere, federation.SlotProof{DomainProof: proofOf(other, thumbprint), Slot: slot, Thumbprint: thumbprint})
			}
		}
		if slot == federation.CurrentSlot { // in the order of the slots
			others = append(elsewhere, others...)
		} else {
			others = slices.Insert(others, min(1, len(others)), elsewhere...)
		}
		return federation.ExpectedRecord{Others: func() []federation.SlotProof { return others }, PlannedRecord: federation.PlannedRecord{
			DNSRecord: federation.DNSRecord{Name: string(domain), Type: federation.TXTRecord, Text: proofOf(domain, thumbprint).Value},
			Domain:    domain, Purpose: federation.ProofPurpose, Slot: slot, Thumbprint: thumbprint,
		}}
	}
	inSlot := func(slot federation.DomainProofSlot, thumbprint string) federation.SlotProof {
		return federation.SlotProof{Slot: slot, Thumbprint: thumbprint}
	}
	asked := cmp.Transformer("Others", func(others func() []federation.SlotProof) []federation.SlotProof { return others() })
	p.records.asked = nil
	p.must(p.AddDomain(t.Context(), "contoso.co.uk", false))
	want := []federation.ExpectedRecord{
		record("contoso.co.uk", federation.CurrentSlot, current.Current, inSlot(federation.NextSlot, next), inSlot("", spare)),
	}
	if diff := cmp.Diff(want, p.records.asked, asked); diff != "" {
		t.Errorf("for a domain (-want +got):\n%s", diff)
	}
	p.records.asked = nil
	p.must(p.SetTrust(t.Context(), "Contoso", federation.SetTrustRequest{Publish: true}))
	want = nil
	for _, domain := range []federation.Domain{"contoso.com", "contoso.ca", "contoso.co.uk"} {
		want = append(want, record(domain, federation.NextSlot, next, inSlot(federation.CurrentSlot, current.Current), inSlot("", spare)))
	}
	if diff := cmp.Diff(want, p.records.asked, asked); diff != "" {
		t.Errorf("for a certificate (-want +got):\n%s", diff)
	}
	p.must(p.RemoveDomain(t.Context(), "contoso.ca", false))
	p.must(p.Keys.Delete(spare)) // what cannot be read explains nothing, and stops nothing
	p.records.asked = nil
	p.must(p.AddDomain(t.Context(), "contoso.ca", false))
	want = []federation.ExpectedRecord{record("contoso.ca", federation.CurrentSlot, next, inSlot(federation.PreviousSlot, current.Current))}
	if diff := cmp.Diff(want, p.records.asked, asked); diff != "" {
		t.Errorf("after the publication (-want +got):\n%s", diff)
	}
}
