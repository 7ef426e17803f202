package verify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"exfed/federation/dns"

	mdns "github.com/miekg/dns"
)

// maxRecords is how many records an answer may hold.
const maxRecords = 512

// role is what a server is asked as.
type role int

const (
	authority role = iota // named by the delegation: it must know for itself
	stand                 // given by the user for all of DNS: may be a resolver
	resolver              // shows what users and the broker see
)

// server is a name server that can be asked.
type server struct {
	address string // host:port
	name    string // by which it was found; "" if by its address
	role    role
	apex    string // of the zone whose authority it is
	missing string // why it cannot be asked; "" if it can
}

func (s server) String() string {
	switch {
	case s.address == "":
		return s.name
	case s.name == "":
		return s.address
	}
	return s.address + " (" + s.name + ")"
}

// view is what one server shows about a name.
type view struct {
	server
	answer *mdns.Msg // of RCODE NOERROR or NXDOMAIN; nil: none that can be used
	fault  Cause     // why there is none; "" also where the server could not be judged
	detail string    // reads on after the server's name
	tcp    error     // TCP was needed, and did not work
	edns   error     // with EDNS there was no answer
	bogus  bool      // refused by a validating resolver alone: answer is what it gave unchecked
	whole  bool      // the answer was not cut off
}

// put asks one server a question, over the transports that it takes.
func (r *run) put(ctx context.Context, s server, q dns.Question) view {
	v := view{server: s}
	if s.missing != "" {
		v.fault, v.detail = NameServerWithoutAddress, s.missing
		return v
	}
	answer, err := r.talk(ctx, &v, q)
	switch {
	case err != nil && ctx.Err() == nil && local(s, err):
		v.detail = "is not reached from here over IPv6"
	case err != nil:
		v.fault, v.detail = silentOrGarbled(err), err.Error()
	default:
		r.read(ctx, &v, q, answer)
	}
	return v
}

// talk gets an answer of any kind: with EDNS first, without it where that brings nothing,
// and over TCP when it was cut off, or when it is one that some can get over TCP only.
func (r *run) talk(ctx context.Context, v *view, q dns.Question) (*mdns.Msg, error) {
	q.Transport = dns.EDNS
	answer, err := r.ask(ctx, v.server, q)
	if err != nil || answer.Rcode == mdns.RcodeFormatError || answer.Rcode == mdns.RcodeNotImplemented {
		plain := q
		plain.Transport, plain.DNSSEC = dns.PlainUDP, false
		second, failed := r.ask(ctx, v.server, plain)
		if failed != nil {
			if err == nil {
				return answer, nil
			}
			return nil, err
		}
		v.edns, answer = err, second
	}
	v.whole = !answer.Truncated
	if answer.Truncated || v.role != resolver && plainSize(answer) > mdns.MinMsgSize {
		q.Transport = dns.TCP
		full, failed := r.ask(ctx, v.server, q)
		if failed == nil && !full.Truncated {
			answer, v.whole = full, true
		} else if failed != nil && silentOrGarbled(failed) == NameServerGarbled {
			return nil, fmt.Errorf("%w over TCP", failed)
		} else if v.tcp = failed; failed == nil {
			v.tcp = errors.New("cut its answer off even over TCP")
		}
	}
	return answer, nil
}

// ask puts a question when its turn comes.
func (r *run) ask(ctx context.Context, s server, q dns.Question) (*mdns.Msg, error) {
	select {
	case r.turns <- struct{}{}:
		defer func() { <-r.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	answer, err := r.asker.Ask(ctx, s.address, q)
	if err == nil && len(answer.Answer)+len(answer.Ns)+len(answer.Extra) > maxRecords {
		err = fmt.Errorf("answered more than %d records", maxRecords)
	}
	return answer, err
}

// read judges an answer by what the server is.
func (r *run) read(ctx context.Context, v *view, q dns.Question, answer *mdns.Msg) {
	usable := answer.Rcode == mdns.RcodeSuccess || answer.Rcode == mdns.RcodeNameError
	switch {
	case usable && (v.role != authority && !refers(answer) || answer.Authoritative || v.role == authority && cutBelow(answer, v.apex, q.Name) != ""):
		v.answer = answer
	case usable:
		v.fault, v.detail = NameServerLame, "is not authoritative"
		if refers(answer) {
			v.detail = "refers to other name servers"
		}
	case v.role != authority && answer.Rcode == mdns.RcodeServerFailure && !q.CheckingDisabled:
		q.CheckingDisabled = true
		if again := r.put(ctx, v.server, q); again.answer != nil {
			v.answer, v.bogus, v.whole = again.answer, true, again.whole
			return
		}
		fallthrough
	default:
		v.fault, v.detail = NameServerLame, "said "+dns.Rcode(answer.Rcode)
		if v.role != authority {
			v.fault = NameServerSilent
		}
	}
}

// refers reports whether an answer says nothing of the name but who may know.
func refers(answer *mdns.Msg) bool {
	return len(answer.Answer) == 0 && !answer.Authoritative && dns.HasType(answer.Ns, mdns.TypeNS) && !dns.HasType(answer.Ns, mdns.TypeSOA)
}

// silentOrGarbled tells what is no answer from no answer at all.
func silentOrGarbled(err error) Cause {
	text := err.Error()
	if strings.HasPrefix(text, "answered") || strings.HasPrefix(text, "sent a question") {
		return NameServerGarbled
	}
	return NameServerSilent
}

// local reports whether it is this machine that has no way to IPv6 addresses: no fault of
// the server's.
func local(s server, err error) bool {
	host, _, _ := net.SplitHostPort(s.address)
	if addr, bad := netip.ParseAddr(host); bad != nil || !addr.Is6() || addr.IsLoopback() {
		return false
	}
	for _, code := range []syscall.Errno{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT,
		10047, 10049, 10051, 10065, // what Windows calls the same
	} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// plainSize is the size of an answer as one gets it who asks without EDNS.
func plainSize(answer *mdns.Msg) int {
	plain := mdns.Msg{MsgHdr: answer.MsgHdr, Compress: true, Question: answer.Question}
	for _, record := range answer.Answer {
		if record.Header().Rrtype != mdns.TypeRRSIG {
			plain.Answer = append(plain.Answer, record)
		}
	}
	return plain.Len()
}
