package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	mdns "github.com/miekg/dns"
)

const (
	// payload is the size of UDP answer we ask for: it passes every usual network in one piece.
	payload = 1232
	// maxStray is how many datagrams that answer something else are read past.
	maxStray = 16
)

// exchange puts questions to one server.
type exchange struct {
	server  string
	timeout time.Duration
}

// ask returns the server's answer, of RCODE NOERROR or NXDOMAIN; any other, and none at
// all, is an error that reads on after the server's name. It asks over UDP with EDNS,
// without EDNS a server that does not know it, and over TCP for an answer cut off.
func (e *exchange) ask(ctx context.Context, name string, kind uint16) (*mdns.Msg, error) {
	answer, err := e.datagram(ctx, question(name, kind, true))
	if err == nil && (answer.Rcode == mdns.RcodeFormatError || answer.Rcode == mdns.RcodeNotImplemented) {
		answer, err = e.datagram(ctx, question(name, kind, false))
	}
	if err != nil {
		return nil, err
	}
	if answer.Truncated {
		answer, err = e.once(ctx, "tcp", e.timeout, question(name, kind, answer.IsEdns0() != nil))
		if err != nil {
			return nil, fmt.Errorf("cut its answer off and over TCP %w", err)
		}
	}
	return answer, judge(answer)
}

// errLate says that the time was up.
var errLate = errors.New("did not answer in time")

// datagram asks over UDP, a second time when nothing came in half the time: networks lose
// datagrams (RFC 1035 section 4.2.1).
func (e *exchange) datagram(ctx context.Context, query *mdns.Msg) (*mdns.Msg, error) {
	answer, err := e.once(ctx, "udp", e.timeout/2, query)
	if errors.Is(err, errLate) && ctx.Err() == nil {
		answer, err = e.once(ctx, "udp", e.timeout/2, query)
	}
	return answer, err
}

// question makes a query with a random id.
func question(name string, kind uint16, edns bool) *mdns.Msg {
	query := new(mdns.Msg).SetQuestion(name, kind) // draws the id from crypto/rand
	if edns {
		query.SetEdns0(payload, false)
	}
	return query
}

// judge refuses answers that say nothing about the name.
func judge(answer *mdns.Msg) error {
	switch {
	case answer.Rcode != mdns.RcodeSuccess && answer.Rcode != mdns.RcodeNameError:
		return errors.New("said " + rcode(answer.Rcode))
	case answer.Truncated:
		return errors.New("cut its answer off even over TCP")
	case len(answer.Answer) > maxRecords:
		return fmt.Errorf("answered %d records, more than %d", len(answer.Answer), maxRecords)
	case len(answer.Answer) == 0 && !answer.Authoritative && hasType(answer.Ns, mdns.TypeNS) && !hasType(answer.Ns, mdns.TypeSOA):
		return errors.New("did not answer but referred to other name servers")
	}
	return nil
}

func rcode(code int) string {
	if name, ok := mdns.RcodeToString[code]; ok {
		return name
	}
	return fmt.Sprintf("RCODE %d", code)
}

// once sends one query and waits for its answer. The connection is the server's alone, so
// nobody else's datagrams are read.
func (e *exchange) once(ctx context.Context, network string, timeout time.Duration, query *mdns.Msg) (*mdns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, network, e.server)
	if err != nil {
		return nil, inWords(err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	wire := &mdns.Conn{Conn: conn, UDPSize: payload}
	if err := wire.WriteMsg(query); err != nil {
		return nil, inWords(err)
	}
	return read(wire, query, network == "udp")
}

// read reads until the answer to the query comes. Over UDP what is something else is
// skipped: the true answer may be behind it.
func read(wire *mdns.Conn, query *mdns.Msg, datagrams bool) (*mdns.Msg, error) {
	var stray error
	for range maxStray {
		raw, err := wire.ReadMsgHeader(nil)
		if err != nil && !errors.Is(err, mdns.ErrShortRead) {
			if stray != nil {
				return nil, stray
			}
			return nil, inWords(err)
		}
		answer := new(mdns.Msg)
		if err == nil {
			err = answer.Unpack(raw)
		}
		if err == nil {
			err = belongs(answer, query)
		} else {
			err = errors.New("answered something that is not DNS")
		}
		if err == nil || !datagrams {
			return answer, err
		}
		stray = err
	}
	return nil, stray
}

// belongs refuses a message that is not an answer to the query.
func belongs(answer, query *mdns.Msg) error {
	switch {
	case answer.Id != query.Id:
		return errors.New("answered with another query's id")
	case !answer.Response:
		return errors.New("sent a question for an answer")
	// A server that cannot read the query may leave the question out.
	case len(answer.Question) == 0 && (answer.Rcode == mdns.RcodeFormatError || answer.Rcode == mdns.RcodeNotImplemented):
		return nil
	case len(answer.Question) != 1,
		!sameName(answer.Question[0].Name, query.Question[0].Name),
		answer.Question[0].Qtype != query.Question[0].Qtype,
		answer.Question[0].Qclass != query.Question[0].Qclass:
		return errors.New("answered another question")
	}
	return nil
}

// inWords says why there is no answer without the addresses the standard library repeats.
func inWords(err error) error {
	var timeout net.Error
	var name *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("was not waited for")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errLate
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("refused the connection")
	case errors.As(err, &name):
		return errors.New("is not a known host")
	case errors.As(err, &op):
		return fmt.Errorf("was not reached: %w", op.Err)
	}
	return fmt.Errorf("broke off: %s", strings.TrimSpace(err.Error()))
}
