package verify_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// TestResolverCutsOff has a resolver cut its answer off, and not answer over TCP: what the rest
// holds nobody knows, and it is no fault of the record's.
func TestResolverCutsOff(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.set(t, "contoso.example", "TXT", proof)
	c := g.checker()
	c.Resolvers = append(c.Resolvers, listen(t, func(query *mdns.Msg) *mdns.Msg {
		answer := answerOf(query, `contoso.example. 60 IN TXT "v=spf1 -all"`)
		answer.Truncated = true
		return answer
	}, nil))
	if diff := cmp.Diff([]string{"contoso.example Success"}, brief(check(t, c, contoso()[:1]))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCutProofWithBlanks counts what is missing of a proof, whatever was put between what is left.
func TestCutProofWithBlanks(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	g.set(t, "contoso.example", "TXT", proof[:20]+strings.Repeat(" ", 100)+proof[20:40])
	findings := check(t, g.checker(), contoso()[:1])
	if want := "the proof is there and 48 of its 88 characters are missing"; len(findings) != 1 || findings[0].Message != want {
		t.Errorf("%v, want %s", findings, want)
	}
}

// TestGivenServerRefers has the server that stands for all of DNS refer to others: it knows
// nothing of the record, and the broker would not take that for an answer either.
func TestGivenServerRefers(t *testing.T) {
	t.Parallel()
	g := newGrove(t)
	c := g.checker()
	c.Servers, c.Resolvers = []string{listen(t, g.parent([]string{"n0.contoso.example."}), nil)}, nil
	findings := check(t, c, contoso()[:1])
	if diff := cmp.Diff([]string{"contoso.example Error P23 NoNameServer"}, brief(findings)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if what := findings[0].Seen[0].What; what != "refers to other name servers" {
		t.Error(what)
	}
}
