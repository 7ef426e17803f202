package verify_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"exfed/federation/dns"
	"exfed/federation/dns/verify"

	mdns "github.com/miekg/dns"
)

// handler answers a question, or does not: nil.
type handler func(query *mdns.Msg) *mdns.Msg

// listen answers questions over UDP, and over TCP unless it is nil. It returns host:port.
func listen(t *testing.T, udp, tcp handler) string {
	t.Helper()
	return listenRaw(t, packing(t, udp), packing(t, tcp))
}

func packing(t *testing.T, h handler) func([]byte) []byte {
	if h == nil {
		return nil
	}
	return func(raw []byte) []byte {
		query := new(mdns.Msg)
		if err := query.Unpack(raw); err != nil {
			t.Errorf("query: %v", err)
			return nil
		}
		answer := h(query)
		if answer == nil {
			return nil
		}
		packed, err := answer.Pack()
		if err != nil {
			t.Errorf("answer: %v", err)
		}
		return packed
	}
}

// listenRaw is listen for bytes. Without a function for TCP nothing listens there.
func listenRaw(t *testing.T, udp, tcp func([]byte) []byte) string {
	t.Helper()
	listener, packets := listenBoth(t)
	address := packets.LocalAddr().String()
	var group sync.WaitGroup
	t.Cleanup(func() { packets.Close(); group.Wait() })
	group.Go(func() {
		buffer := make([]byte, 4096)
		for {
			n, from, err := packets.ReadFrom(buffer)
			if err != nil {
				return
			}
			query := slices.Clone(buffer[:n])
			group.Go(func() {
				if answer := udp(query); answer != nil {
					_, _ = packets.WriteTo(answer, from)
				}
			})
		}
	})
	if tcp == nil {
		listener.Close()
		return address
	}
	t.Cleanup(func() { listener.Close() })
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			var length uint16
			if binary.Read(conn, binary.BigEndian, &length) == nil {
				query := make([]byte, length)
				_, _ = io.ReadFull(conn, query)
				if answer := tcp(query); answer != nil {
					_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
				}
			}
			conn.Close()
		}
	})
	return address
}

// listenBoth listens on one port for TCP and UDP.
func listenBoth(t *testing.T) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 20 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		packets, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return listener, packets
		}
		listener.Close()
	}
	t.Fatal("no port is free for both")
	return nil, nil
}

// forward asks a server what it was asked itself.
func forward(t *testing.T, network, server string) handler {
	return func(query *mdns.Msg) *mdns.Msg {
		client := &mdns.Client{Net: network, Timeout: 10 * time.Second, UDPSize: 4096}
		answer, _, err := client.Exchange(query, server)
		if err != nil {
			t.Logf("forwarding to %s: %v", server, err)
			return nil
		}
		answer.Compress = true // as it came
		return answer
	}
}

// unless drops the questions that the function says.
func (h handler) unless(drop func(*mdns.Msg) bool) handler {
	return func(query *mdns.Msg) *mdns.Msg {
		if drop(query) {
			return nil
		}
		return h(query)
	}
}

// tree is a small DNS on loopback: addresses of name servers, and where they really are.
type tree struct {
	mu    sync.Mutex
	where map[string]string
	asked []string // where questions really went
	quick bool     // servers have little time
}

func (w *tree) put(address, at string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.where == nil {
		w.where = map[string]string{}
	}
	w.where[address] = at
}

// Where is that of a Checker. An address nobody has put there is one of nobody's: a closed
// port, so that a test never asks the Internet.
func (w *tree) Where(address string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at, ok := w.where[address]; ok {
		return at
	}
	if host, _, _ := net.SplitHostPort(address); strings.Trim(host, "0123456789.") == "" || strings.Contains(host, ":") {
		if ip := net.ParseIP(host); ip != nil && !ip.IsLoopback() {
			return "127.0.0.1:2"
		}
	}
	return address
}

// Ask notes who is asked, and asks.
func (w *tree) Ask(ctx context.Context, server string, q dns.Question) (*mdns.Msg, error) {
	w.mu.Lock()
	w.asked = append(w.asked, server)
	w.mu.Unlock()
	timeout := patience
	if w.quick {
		timeout = time.Second
	}
	return (&dns.Client{Timeout: timeout}).Ask(ctx, server, q)
}

// patience is how long a server may take: long enough for a busy machine, and what every
// silent server costs the test.
const patience = 3 * time.Second

var _ verify.Asker = (*tree)(nil)
