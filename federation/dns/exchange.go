package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	mdns "github.com/miekg/dns"
)

// payload is the size of UDP answer we ask for: it passes every usual network in one piece.
const payload = 1232

// exchange puts questions to one server.
type exchange struct {
	client *Client
	server string
}

// ask returns the server's answer, of RCODE NOERROR or NXDOMAIN; any other, and none at
// all, is an error that reads on after the server's name. It asks over UDP with EDNS,
// without EDNS a server that does not know it, and over TCP for an answer cut off.
func (e exchange) ask(ctx context.Context, name string, kind uint16) (*mdns.Msg, error) {
	answer, err := e.once(ctx, "udp", question(name, kind, true))
	if err == nil && (answer.Rcode == mdns.RcodeFormatError || answer.Rcode == mdns.RcodeNotImplemented) {
		answer, err = e.once(ctx, "udp", question(name, kind, false))
	}
	if err != nil {
		return nil, err
	}
	if answer.Truncated {
		answer, err = e.once(ctx, "tcp", question(name, kind, answer.IsEdns0() != nil))
		if err != nil {
			return nil, fmt.Errorf("cut its answer off and over TCP %w", err)
		}
	}
	return answer, judge(answer)
}

// complaint is what is wrong with a server; it reads on after the server's name.
type complaint string

func (c complaint) Error() string { return string(c) }

// errLate says that the time was up.
const errLate = complaint("did not answer in time")

// question makes a query; it gets its id where it is sent.
func question(name string, kind uint16, edns bool) *mdns.Msg {
	query := &mdns.Msg{Question: []mdns.Question{{Name: name, Qtype: kind, Qclass: mdns.ClassINET}}}
	query.RecursionDesired = true
	if edns {
		query.SetEdns0(payload, false)
	}
	return query
}

// judge refuses answers that say nothing about the name.
func judge(answer *mdns.Msg) error {
	switch {
	case answer.Rcode != mdns.RcodeSuccess && answer.Rcode != mdns.RcodeNameError:
		return errors.New("said " + Rcode(answer.Rcode))
	case answer.Truncated:
		return errors.New("cut its answer off even over TCP")
	case len(answer.Answer) > maxRecords:
		return fmt.Errorf("answered %d records, more than %d", len(answer.Answer), maxRecords)
	case len(answer.Answer) == 0 && !answer.Authoritative && HasType(answer.Ns, mdns.TypeNS) && !HasType(answer.Ns, mdns.TypeSOA):
		return errors.New("did not answer but referred to other name servers")
	}
	return nil
}

// Rcode names an RCODE by its mnemonic, or by its number where it has none.
func Rcode(code int) string {
	if name, ok := mdns.RcodeToString[code]; ok {
		return name
	}
	return fmt.Sprintf("RCODE %d", code)
}

// once puts one query to the server. When the line breaks that it shares with other questions,
// it asks again on one of its own: one that was idle may have been closed by the server just
// then (RFC 7766 section 6.2.4), and some servers answer one question for each connection.
func (e exchange) once(ctx context.Context, network string, query *mdns.Msg) (*mdns.Msg, error) {
	q, err := e.client.inquire(query)
	if err != nil {
		return nil, inWords(err)
	}
	defer e.client.dismiss(q)
	r := e.try(ctx, network, q, false)
	if r.again {
		ctx, cancel := context.WithDeadline(ctx, q.deadline)
		defer cancel()
		r = e.try(ctx, network, q, true)
	}
	if r.err != nil {
		return nil, inWords(r.err)
	}
	return r.answer, nil
}

// try puts the query to the server on one line.
func (e exchange) try(ctx context.Context, network string, q *inquiry, alone bool) reply {
	l, err := e.client.join(ctx, address{network, e.server}, alone)
	if err != nil {
		return reply{err: err}
	}
	defer e.client.leave(l)
	return l.ask(ctx, q)
}

// belongs refuses a message that is not an answer to the question.
func belongs(answer *mdns.Msg, q *inquiry) error {
	switch {
	case answer.Id != q.id:
		return complaint("answered with another query's id")
	case !answer.Response:
		return complaint("sent a question for an answer")
	// A server that cannot read the query may leave the question out.
	case len(answer.Question) == 0 && (answer.Rcode == mdns.RcodeFormatError || answer.Rcode == mdns.RcodeNotImplemented):
		return nil
	case len(answer.Question) != 1,
		mdns.CanonicalName(answer.Question[0].Name) != q.name,
		answer.Question[0].Qtype != q.kind,
		answer.Question[0].Qclass != mdns.ClassINET:
		return complaint("answered another question")
	}
	return nil
}

// inWords says why there is no answer without the addresses the standard library repeats.
func inWords(err error) error {
	var worded complaint
	var timeout net.Error
	var name *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &worded):
		return worded
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
