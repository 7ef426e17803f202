package dns_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	mdns "github.com/miekg/dns"

	"exfed/federation/dns"
)

func textOf(name string, transport dns.Transport) dns.Question {
	return dns.Question{Name: name, Type: mdns.TypeTXT, Transport: transport}
}

// TestEachGetsItsOwnAnswer asks many questions at a time, of a server that answers them in
// groups and out of order.
func TestEachGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	for _, transport := range []dns.Transport{dns.Adaptive, dns.EDNS, dns.PlainUDP, dns.TCP} {
		synctest.Test(t, func(t *testing.T) {
			n := &wires{serve: func(w wire) {
				var held [][]byte
				for query := range w.queries() {
					if held = append(held, query); len(held) < 6 {
						continue
					}
					rand.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
					for _, query := range held {
						go w.send(saying(t, query, "this is "+asked(t, query)))
					}
					held = nil
				}
			}}
			c := &dns.Client{Dial: n.Dial}
			var group sync.WaitGroup
			var answered atomic.Int64
			for i := range 300 {
				group.Go(func() {
					name := fmt.Sprintf("d%d.example", i)
					got := said(c.Ask(t.Context(), "ns:53", textOf(name, transport)))
					if got == "this is "+name {
						answered.Add(1)
					} else if got != "error: did not answer in time" { // of a group that never filled
						t.Errorf("%s: %s", name, got)
					}
				})
			}
			group.Wait()
			if answered.Load() < 250 {
				t.Errorf("%d answers only", answered.Load())
			}
			c.Close()
			n.served.Wait()
			n.checkClosed(t)
		})
	}
}

// TestAnswersWithAnothersID: two questions on one socket, and the server puts the id of one
// to the answer of the other.
func TestAnswersWithAnothersID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			var first []byte
			for query := range w.queries() {
				if first == nil {
					first = query
					continue
				}
				one, other := saying(t, first, "swapped"), saying(t, query, "swapped")
				one[0], one[1], other[0], other[1] = other[0], other[1], one[0], one[1]
				w.send(one)
				w.send(other)
				first = nil
			}
		}}
		c := &dns.Client{Dial: n.Dial}
		defer c.Close()
		var group sync.WaitGroup
		for _, name := range []string{"a.example", "b.example"} {
			group.Go(func() {
				if got := said(c.Ask(t.Context(), "ns:53", textOf(name, dns.EDNS))); got != "error: answered another question" {
					t.Errorf("%s: %s", name, got)
				}
			})
		}
		group.Wait()
		if n.count("udp") != 1 {
			t.Errorf("%d sockets, the questions were to share one", n.count("udp"))
		}
	})
}

// TestRepeatedAnswers: the first counts, and the others, which say something else, disturb
// neither it nor the questions that follow, not even when these ask the same.
func TestRepeatedAnswers(t *testing.T) {
	t.Parallel()
	for _, transport := range []dns.Transport{dns.EDNS, dns.TCP} {
		synctest.Test(t, func(t *testing.T) {
			n := &wires{serve: func(w wire) {
				for query := range w.queries() {
					w.send(saying(t, query, "first"))
					w.send(saying(t, query, "second"))
					w.send(saying(t, query, "third"))
				}
			}}
			c := &dns.Client{Dial: n.Dial}
			defer c.Close()
			for range 50 {
				if got := said(c.Ask(t.Context(), "ns:53", textOf("a.example", transport))); got != "first" {
					t.Fatal(got)
				}
			}
			if sockets := n.count("udp") + n.count("tcp"); sockets != 1 {
				t.Errorf("%d sockets, the questions were to share one", sockets)
			}
		})
	}
}

// TestLateAnswers come when their question was given up, and find nobody, though the next
// question on the socket asks the same.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				go func() {
					time.Sleep(4 * time.Second)
					w.send(saying(t, query, "too late"))
				}()
			}
		}}
		c := &dns.Client{Dial: n.Dial, Timeout: 3 * time.Second}
		defer func() { c.Close(); n.served.Wait(); time.Sleep(time.Minute) }()
		for i := range 20 {
			if got := said(c.Ask(t.Context(), "ns:53", textOf("a.example", dns.EDNS))); got != "error: did not answer in time" {
				t.Fatalf("question %d: %s", i, got)
			}
		}
		if n.count("udp") != 1 {
			t.Errorf("%d sockets, the questions were to share one", n.count("udp"))
		}
	})
}

// TestSocketsAreGivenUp: no socket uses an id twice, and none is used for more than 256
// questions.
func TestSocketsAreGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var questions [64]int // by socket
		n := &wires{serve: func(w wire) {
			ids := map[uint16]bool{}
			for query := range w.queries() {
				id := binary.BigEndian.Uint16(query)
				if ids[id] {
					t.Errorf("socket %d used id %d twice", w.number, id)
				}
				ids[id] = true
				questions[w.number]++
				w.send(saying(t, query, "x"))
			}
		}}
		c := &dns.Client{Dial: n.Dial}
		for range 8000 {
			if got := said(c.Ask(t.Context(), "ns:53", textOf("a.example", dns.EDNS))); got != "x" {
				t.Fatal(got)
			}
		}
		c.Close()
		n.served.Wait()
		n.checkClosed(t)
		for i, count := range questions[1:32] {
			if count != 256 {
				t.Errorf("socket %d had %d questions", i+1, count)
			}
		}
		if n.most > 2 {
			t.Errorf("%d sockets at a time for one question", n.most)
		}
	})
}

// TestAskedAgainAtHalfTime: the network loses the first datagram. The second is the same and
// comes when half of the time has passed. An answer to either is taken, also when it is late.
func TestAskedAgainAtHalfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var first []byte
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				if first == nil {
					first = query
					continue
				}
				if time.Since(begin) != 2*time.Second || string(query) != string(first) {
					t.Errorf("after %v: %x, before %x", time.Since(begin), query, first)
				}
				w.send(saying(t, query, "x"))
			}
		}}
		c := &dns.Client{Dial: n.Dial, Timeout: 4 * time.Second}
		defer c.Close()
		if got := said(c.Ask(t.Context(), "ns:53", textOf("a.example", dns.Adaptive))); got != "x" || first == nil {
			t.Error(got)
		}
	})
}

// TestTimeIsUp wants questions that nobody answers given up to the second, over both
// transports, and when the server cannot even be reached.
func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	for _, hang := range []bool{false, true} {
		for _, transport := range []dns.Transport{dns.Adaptive, dns.TCP} {
			synctest.Test(t, func(t *testing.T) {
				n := &wires{hang: hang, serve: func(w wire) {
					for range w.queries() {
						continue
					}
				}}
				c := &dns.Client{Dial: n.Dial, Timeout: 4 * time.Second}
				begin := time.Now()
				var group sync.WaitGroup
				for i := range 64 { // as many as have room at a time over TCP
					group.Go(func() {
						got := said(c.Ask(t.Context(), "ns:53", textOf(fmt.Sprintf("d%d.example", i), transport)))
						if got != "error: did not answer in time" || time.Since(begin) != 4*time.Second {
							t.Errorf("after %v: %s", time.Since(begin), got)
						}
					})
				}
				group.Wait()
				c.Close()
			})
		}
	}
}

// TestAskersMayLeave: a question ends when its context does, wherever it waits: for the
// answer, for its turn, for a socket, for a connection. Nothing goes on for those who left.
func TestAskersMayLeave(t *testing.T) {
	t.Parallel()
	for _, hang := range []bool{false, true} {
		for _, transport := range []dns.Transport{dns.Adaptive, dns.TCP} {
			synctest.Test(t, func(t *testing.T) {
				n := &wires{hang: hang, serve: func(w wire) {
					for range w.queries() {
						continue
					}
				}}
				c := &dns.Client{Dial: n.Dial, Timeout: time.Hour, MaxSockets: 3}
				askAndLeave(t, c, transport)
				synctest.Wait()
				if n.hanging.now != 0 || hang != (n.hanging.ever > 0) {
					t.Errorf("%d of %d still dial", n.hanging.now, n.hanging.ever)
				}
				c.Close()
				n.served.Wait()
				if n.open != 0 || n.most > 3 || n.hanging.most > 3 {
					t.Errorf("%d sockets, at a time %d and %d", n.open, n.most, n.hanging.most)
				}
			})
		}
	}
}

// askAndLeave asks much, and lets half of it wait for a second, the other half for two.
func askAndLeave(t *testing.T, c *dns.Client, transport dns.Transport) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	stopped, stop := context.WithCancel(t.Context())
	time.AfterFunc(2*time.Second, stop)
	var group sync.WaitGroup
	for i := range 400 {
		group.Go(func() {
			with, want, after := ctx, "error: did not answer in time", time.Second
			if i%2 == 0 {
				with, want, after = stopped, "error: was not waited for", 2*time.Second
			}
			begin := time.Now()
			got := said(c.Ask(with, fmt.Sprintf("ns%d:53", i%4), textOf("a.example", transport)))
			if got != want || time.Since(begin) != after {
				t.Errorf("question %d, after %v: %s", i, time.Since(begin), got)
			}
		})
	}
	group.Wait()
}
