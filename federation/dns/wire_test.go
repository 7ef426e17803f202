package dns_test

import (
	"context"
	"encoding/binary"
	"io"
	"iter"
	"net"
	"sync"
	"testing"

	mdns "github.com/miekg/dns"
)

// wires stands in for the network of a client: each socket is a pipe, at the other end of
// which serve answers. There is no clock but the test's, and everything is counted.
type wires struct {
	serve func(w wire)

	mu         sync.Mutex
	dialled    map[string]int // sockets ever, by network
	open, most int            // sockets at the moment, and the most there were
	served     sync.WaitGroup
	hang       bool // dialling leads nowhere
	hanging    peak
}

// wire is the server's end of a socket.
type wire struct {
	net.Conn
	network, server string
	number          int // of those of the network, from 1 on
}

func (n *wires) Dial(ctx context.Context, network, server string) (net.Conn, error) {
	if n.hang {
		n.hanging.add(1)
		defer n.hanging.add(-1)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	near, far := net.Pipe()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dialled == nil {
		n.dialled = map[string]int{}
	}
	n.dialled[network]++
	n.open++
	n.most = max(n.most, n.open)
	w := wire{far, network, server, n.dialled[network]}
	n.served.Go(func() { defer far.Close(); n.serve(w) })
	return &counted{Conn: near, closed: sync.OnceFunc(func() { n.mu.Lock(); n.open--; n.mu.Unlock() })}, nil
}

func (n *wires) count(network string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dialled[network]
}

// checkClosed wants every socket closed.
func (n *wires) checkClosed(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open != 0 || n.most == 0 {
		t.Errorf("%d sockets are open, there were %d", n.open, n.most)
	}
}

type counted struct {
	net.Conn
	closed func()
}

func (c *counted) Close() error { c.closed(); return c.Conn.Close() }

// queries yields what is asked until the client closes. Who serves may take his time: they are
// read meanwhile.
func (w wire) queries() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		read := make(chan []byte, 4096) // more than any test asks
		go func() {
			defer close(read)
			for query := w.query(); query != nil; query = w.query() {
				read <- query
			}
		}()
		for query := range read {
			if !yield(query) {
				return
			}
		}
	}
}

// query reads a query, nil when there are no more.
func (w wire) query() []byte {
	query := make([]byte, 512)
	if w.network == "udp" {
		n, err := w.Read(query)
		if err != nil {
			return nil
		}
		return query[:n]
	}
	if _, err := io.ReadFull(w, query[:2]); err != nil {
		return nil
	}
	query = query[:binary.BigEndian.Uint16(query)]
	if _, err := io.ReadFull(w, query); err != nil {
		return nil
	}
	return query
}

// send writes a message as the network wants it.
func (w wire) send(message []byte) {
	if w.network == "tcp" {
		message = onWire(message)
	}
	_, _ = w.Write(message)
}

// saying returns the answer to a query: one TXT record with the text.
func saying(t *testing.T, query []byte, text string) []byte {
	return lie(t, query, func(a *mdns.Msg) { a.Answer[0].(*mdns.TXT).Txt = []string{text} })
}

// asked is the name of a query, without its final dot.
func asked(t *testing.T, query []byte) string {
	q := new(mdns.Msg)
	if err := q.Unpack(query); err != nil {
		t.Errorf("query: %v", err)
		return ""
	}
	return q.Question[0].Name[:len(q.Question[0].Name)-1]
}

// said is what the TXT record of an answer says, or the error.
func said(answer *mdns.Msg, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	for _, record := range answer.Answer {
		if txt, ok := record.(*mdns.TXT); ok {
			return txt.Txt[0]
		}
	}
	return "nothing"
}
