// Package verify looks in the public DNS whether the records federation needs are live: at
// every authoritative server of a name, found by delegation, and at the resolvers given.
package verify

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"exfed/federation"
	"exfed/federation/dns"

	mdns "github.com/miekg/dns"
)

const (
	// maxQuestions is how many questions are in flight at most, each on a socket of its own.
	maxQuestions = 128
	// maxInHand is how many records are looked at side by side.
	maxInHand = 64
	// maxServers is how many servers of one zone are asked: addresses, not names.
	maxServers = 32
	// maxSeen is how many sightings a finding lists.
	maxSeen = 64
)

// Asker puts one question to one name server: a dns.Client.
type Asker interface {
	Ask(ctx context.Context, server string, q dns.Question) (*mdns.Msg, error)
}

// Checker looks at records. It asks nobody but the servers it is given and those the
// delegation names.
type Checker struct {
	Client Asker
	// Servers, host:port, stand for all of DNS when there are any: every one of them is asked
	// in place of the authoritative servers, and no delegation is followed.
	Servers []string
	// Resolvers, host:port, are asked besides: what they show users and the broker.
	Resolvers []string
	// System are the resolvers of this machine, asked one after the other as one view. Where
	// the delegation begins is asked of Resolvers, then of these.
	System []string
	// Where returns where a connection to host:port really goes; nil: there.
	Where func(server string) string
	// Reach makes a TLS connection to port 443 of a host at one of the addresses and checks
	// its certificate for the host. Nil: hosts are not reached for.
	Reach func(ctx context.Context, host string, addresses []netip.Addr) error
	// Told is called, from several goroutines, with how many records of a look are done. May
	// be nil.
	Told func(done, all int)
	// Now is the clock that signatures are judged by; nil: time.Now.
	Now func() time.Time
}

var _ federation.RecordChecker = (*Checker)(nil)

// CheckRecords implements federation.RecordChecker. Everything is asked side by side, within
// bounds. An error is that the context ended, or that there is nobody to ask.
func (c *Checker) CheckRecords(ctx context.Context, expected []federation.ExpectedRecord) ([]federation.DNSFinding, error) {
	each, err := c.checkEach(ctx, expected, expected)
	return slices.Concat(each...), err
}

// checkEach looks at some of the records that are expected.
func (c *Checker) checkEach(ctx context.Context, some, expected []federation.ExpectedRecord) ([][]federation.DNSFinding, error) {
	if len(c.Servers)+len(c.Resolvers)+len(c.System) == 0 {
		return nil, federation.Errorf(federation.Invalid, "NoResolver", "name servers", "none is known to ask where the domains are delegated to")
	}
	r := newRun(c, expected)
	each := make([][]federation.DNSFinding, len(some))
	next := make(chan int)
	var workers sync.WaitGroup
	var done atomic.Int64
	for range min(maxInHand, len(some)) {
		workers.Go(func() {
			for i := range next {
				each[i] = r.check(ctx, some[i])
				if n := done.Add(1); c.Told != nil {
					c.Told(int(n), len(some))
				}
			}
		})
	}
	for i := range some {
		next <- i
	}
	close(next)
	workers.Wait()
	return each, over(ctx)
}

// over returns why nothing more can be asked. Connections end at the deadline a moment before
// the context says so.
func over(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// run is one check of a list of records. What was learned in it is not asked again.
type run struct {
	*Checker
	asker    Asker
	turns    chan struct{}
	expected map[string][]federation.ExpectedRecord // proofs that should be at a name

	tops, cuts memo[*zone]
	names      memo[[]string] // NS records of a zone, by its own servers
	hosts      memo[[]netip.Addr]
	found      memo[view]
	looked     memo[sight]
	trusted    memo[security]
	chains     memo[chain]
	reached    memo[error]
}

func newRun(c *Checker, expected []federation.ExpectedRecord) *run {
	r := &run{Checker: c, asker: c.Client, turns: make(chan struct{}, maxQuestions), expected: map[string][]federation.ExpectedRecord{}}
	if r.asker == nil {
		r.asker = &dns.Client{}
	}
	for _, record := range expected {
		if record.Type == federation.TXTRecord && !record.Remove {
			name := canonical(record.Name)
			r.expected[name] = append(r.expected[name], record)
		}
	}
	return r
}

func canonical(name string) string { return mdns.CanonicalName(name) }

func (r *run) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

// ruled returns where a connection to host:port really goes, and whether that is elsewhere.
func (r *run) ruled(address string) (string, bool) {
	if r.Where == nil {
		return address, false
	}
	to := r.Where(address)
	return to, to != address
}

func (r *run) where(address string) string {
	to, _ := r.ruled(address)
	return to
}

// check judges one record: one success, or every fault.
func (r *run) check(ctx context.Context, record federation.ExpectedRecord) []federation.DNSFinding {
	var findings []federation.DNSFinding
	if record.Purpose == federation.AutodiscoverPurpose || record.Type != federation.TXTRecord {
		findings = r.checkAutodiscover(ctx, record)
	} else {
		findings = r.checkProof(ctx, record)
	}
	if len(findings) > 0 {
		return findings
	}
	message := "is live on every server asked"
	if record.Remove {
		message = "is gone from every server asked"
	}
	return []federation.DNSFinding{{Record: record.DNSRecord, Domain: record.Domain, Type: federation.EventSuccess, Message: message}}
}

// memo keeps what was learned under a key. Who asks for what another is just finding out
// waits for it.
type memo[V any] struct {
	mu   sync.Mutex
	kept map[string]*kept[V]
}

type kept[V any] struct {
	once  sync.Once
	value V
}

func (m *memo[V]) of(key string, find func() V) V {
	m.mu.Lock()
	if m.kept == nil {
		m.kept = map[string]*kept[V]{}
	}
	k := m.kept[key]
	if k == nil {
		k = new(kept[V])
		m.kept[key] = k
	}
	m.mu.Unlock()
	k.once.Do(func() { k.value = find() })
	return k.value
}
