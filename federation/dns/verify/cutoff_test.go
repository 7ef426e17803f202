package verify_test

import (
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
