package verify_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// TestHostileZoneAsksLittle has the alias of Autodiscover lead to a name of many labels, each of
// which is delegated to many servers whose addresses have to be looked up, and are nowhere.
func TestHostileZoneAsksLittle(t *testing.T) {
	t.Parallel()
	const most = 150
	for _, labels := range []int{25, 100} {
		var asked atomic.Int64
		g := newGrove(t)
		g.set(t, "contoso.example", "TXT", proof)
		g.set(t, "autodiscover.contoso.example", "CNAME", strings.Repeat("a.", labels)+"evil.example.")
		delegate := func(query *mdns.Msg, zone string) *mdns.Msg {
			asked.Add(1)
			answer := new(mdns.Msg).SetReply(query)
			for i := range 31 {
				answer.Ns = append(answer.Ns, record(fmt.Sprintf("%s 60 IN NS s%d.%s", zone, i, zone)))
			}
			answer.Ns = append(answer.Ns, record(fmt.Sprintf("%s 60 IN NS z.%s", zone, zone)))
			answer.Extra = append(answer.Extra, record("z."+zone+" 60 IN A 192.0.2.66"))
			answer.Compress = true
			return answer
		}
		contosos := forward(t, "udp", g.Where("192.0.2.53:53"))
		g.put("192.0.2.53:53", listen(t, func(query *mdns.Msg) *mdns.Msg {
			if strings.HasSuffix(query.Question[0].Name, "evil.example.") {
				return delegate(query, "evil.example.")
			}
			return contosos(query)
		}, nil))
		g.put("192.0.2.66:53", listen(t, func(query *mdns.Msg) *mdns.Msg {
			return delegate(query, query.Question[0].Name)
		}, nil))
		resolves := forward(t, "udp", g.resolver)
		g.resolver = listen(t, func(query *mdns.Msg) *mdns.Msg {
			if strings.HasSuffix(query.Question[0].Name, "evil.example.") {
				asked.Add(1)
				return answerOf(query)
			}
			return resolves(query)
		}, nil)
		findings := check(t, g.checker(), contoso()[1:])
		if diff := cmp.Diff([]string{"autodiscover.contoso.example Error N14 AutodiscoverElsewhere"}, brief(findings)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if n := asked.Load(); n > most || n < 10 && labels < 100 {
			t.Errorf("%d questions about a hostile zone, at most %d are expected", n, most)
		}
	}
}
