package serve

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how often something may be asked: so many times at once, and so many in each
// second from then on.
type Rate struct {
	PerSecond float64
	Burst     int
}

func (r Rate) limiter() *rate.Limiter { return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst) }

// maxAddresses is how many addresses are remembered. With one more all are forgotten: what
// all ask together is bounded besides.
const maxAddresses = 10_000

// Rates bounds how often something is asked, by one address and by all together.
type Rates struct {
	each Rate

	mu      sync.Mutex
	all     *rate.Limiter
	address map[netip.Prefix]*rate.Limiter
}

// NewRates returns the bounds for each address and for all together.
func NewRates(each, all Rate) *Rates {
	return &Rates{each: each, all: all.limiter(), address: map[netip.Prefix]*rate.Limiter{}}
}

// Take counts a request from the remote address of an http.Request and returns 0, or how long
// to wait before another one when that was one too many. Addresses of IPv6 that begin with the
// same 64 bits are one: whoever has one of them has the others (RFC 6177).
func (r *Rates) Take(remote string, now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := Network(remote)
	own, ok := r.address[of]
	if !ok {
		if len(r.address) >= maxAddresses {
			clear(r.address)
		}
		own = r.each.limiter()
		r.address[of] = own
	}
	for _, l := range []*rate.Limiter{own, r.all} {
		if wait := take(l, now); wait > 0 {
			return wait
		}
	}
	return 0
}

func take(l *rate.Limiter, now time.Time) time.Duration {
	reserved := l.ReserveN(now, 1)
	wait := reserved.DelayFrom(now)
	if wait > 0 {
		reserved.CancelAt(now)
	}
	return wait
}

// Network is what counts as one address: all of IPv4, 64 bits of IPv6. It is the zero prefix
// for what is no address and port.
func Network(remote string) netip.Prefix {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	address := from.Addr().Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, _ := address.Prefix(bits) // an address has that many bits
	return prefix
}

// TooOften answers that whoever asks has asked too often (RFC 6585 section 4), and when to
// come again.
func TooOften(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	http.Error(w, "too many requests, try again later", http.StatusTooManyRequests)
}
