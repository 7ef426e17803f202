package dns

import (
	"context"
	"net"
	"sync"
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
// of goroutines may use one; their questions share a few sockets. The zero value is ready,
// and sockets nobody has used for a while are closed by themselves.
//
// A server has at most 128 questions at a time, on 4 sockets for UDP, and 64 on 2 connections
// for TCP (RFC 7766 section 6.2); more questions wait for their turn, and their time begins
// with it. Sharing makes answers no easier to forge than they must be (RFC 5452): a socket
// is connected to one server and reads no other's datagrams, so that no server learns the
// ports from which another one is asked; the system chooses the port of each, and after 256
// questions, or two seconds without one, it is given up for another; ids are drawn from
// crypto/rand and no socket uses one twice, so that a late or repeated answer finds nobody;
// id, name, type and class must all be right; and a socket to which more than a few
// datagrams come that were not asked for is given up.
type Client struct {
	// Timeout is how long one server may take for one answer; 0: 3 seconds.
	Timeout time.Duration
	// MaxSockets is how many sockets are open at a time, for all servers together; 0: 128.
	MaxSockets int
	// Dial opens a socket that is connected to the address, over "udp" or "tcp"; nil: the
	// system's way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	running   sync.WaitGroup // the lines
	inquiries sync.Pool      // those that can be used again

	mu       sync.Mutex // of all that follows, and of what pools and lines say it is of
	closed   bool
	pools    map[address]*pool
	lines    map[*line]bool
	sockets  chan struct{} // holds a token for each socket that is open
	starving int           // how many lines wait for a token
}

const defaultSockets = 128

// Ask returns what the server, host:port, answers, whatever its RCODE is and also when it was
// cut off, unless the transport is Adaptive, which ends in a whole answer of RCODE NOERROR or
// NXDOMAIN or an error. The text of an error reads on after the server's name: "did not answer
// in time".
func (c *Client) Ask(ctx context.Context, server string, q Question) (*mdns.Msg, error) {
	e := exchange{client: c, server: server}
	if q.Transport == Adaptive && !q.DNSSEC && !q.CheckingDisabled {
		return e.ask(ctx, mdns.Fqdn(q.Name), q.Type)
	}
	query := question(mdns.Fqdn(q.Name), q.Type, q.Transport != PlainUDP)
	query.CheckingDisabled = q.CheckingDisabled
	if opt := query.IsEdns0(); opt != nil && q.DNSSEC {
		opt.SetDo()
	}
	if q.Transport == TCP {
		return e.once(ctx, "tcp", query)
	}
	answer, err := e.once(ctx, "udp", query)
	if err == nil && q.Transport == Adaptive && answer.Truncated {
		answer, err = e.once(ctx, "tcp", query)
	}
	return answer, err
}

// errClosed is what questions get that are asked too late.
const errClosed = complaint("is not asked any more: the client is closed")

// Close gives up every question and closes every socket. It returns when all of them are
// closed; who asks afterwards gets an error.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	var lines []*line
	for l := range c.lines {
		lines = append(lines, l)
	}
	c.mu.Unlock()
	for _, l := range lines {
		l.end(errClosed)
	}
	c.running.Wait()
	return nil
}

func orDefault(timeout time.Duration) time.Duration {
	if timeout <= 0 {
		return defaultTimeout
	}
	return timeout
}

// dial opens a socket.
func (c *Client) dial(ctx context.Context, to address) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, orDefault(c.Timeout))
	defer cancel()
	if c.Dial != nil {
		return c.Dial(ctx, to.network, to.server)
	}
	return new(net.Dialer).DialContext(ctx, to.network, to.server)
}
