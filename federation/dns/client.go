package dns

import (
	"context"
	"time"

	mdns "github.com/miekg/dns"
)

// Transport is how a question is put to a name server.
type Transport int

// The transports.
const (
	// Adaptive asks over UDP with EDNS, without EDNS a server that does not know it, and
	// over TCP for an answer cut off.
	Adaptive Transport = iota
	PlainUDP           // UDP without EDNS: answers of 512 bytes at most (RFC 1035 section 2.3.4)
	EDNS               // UDP with EDNS (RFC 6891)
	TCP
)

// Question is what is asked.
type Question struct {
	Name             string // absolute; the final dot may be left out
	Type             uint16 // mdns.TypeTXT and so on
	Transport        Transport
	DNSSEC           bool // asks for signatures (RFC 3225); needs EDNS
	CheckingDisabled bool // asks a validating resolver for what it would refuse (RFC 4035 section 3.2.2)
}

// Client puts questions to name servers, one server and one transport at a time. Any number
// of goroutines may use one.
type Client struct {
	// Timeout is how long one server may take for one answer; 0: 3 seconds.
	Timeout time.Duration
}

// Ask returns what the server, host:port, answers, whatever its RCODE is and also when it was
// cut off, unless the transport is Adaptive, which ends in a whole answer of RCODE NOERROR or
// NXDOMAIN or an error. The text of an error reads on after the server's name: "did not answer
// in time".
func (c *Client) Ask(ctx context.Context, server string, q Question) (*mdns.Msg, error) {
	e := &exchange{server: server, timeout: c.timeout()}
	if q.Transport == Adaptive && !q.DNSSEC && !q.CheckingDisabled {
		return e.ask(ctx, mdns.Fqdn(q.Name), q.Type)
	}
	query := question(mdns.Fqdn(q.Name), q.Type, q.Transport != PlainUDP)
	query.CheckingDisabled = q.CheckingDisabled
	if opt := query.IsEdns0(); opt != nil && q.DNSSEC {
		opt.SetDo()
	}
	if q.Transport == TCP {
		return e.once(ctx, "tcp", e.timeout, query)
	}
	answer, err := e.datagram(ctx, query)
	if err == nil && q.Transport == Adaptive && answer.Truncated {
		answer, err = e.once(ctx, "tcp", e.timeout, query)
	}
	return answer, err
}

func (c *Client) timeout() time.Duration {
	if c.Timeout <= 0 {
		return defaultTimeout
	}
	return c.Timeout
}
