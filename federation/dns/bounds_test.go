package dns_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	mdns "github.com/miekg/dns"

	"exfed/federation/dns"
)

// TestQuestionsAtATime: a server never has more of them than it is said to have, and everybody
// who waits gets his turn, with all of his time.
func TestQuestionsAtATime(t *testing.T) {
	t.Parallel()
	for transport, bound := range map[dns.Transport]int{dns.EDNS: 128, dns.TCP: 64} {
		synctest.Test(t, func(t *testing.T) {
			var questions peak
			n := &wires{serve: func(w wire) {
				for query := range w.queries() {
					questions.add(1)
					go func() {
						time.Sleep(time.Second)
						questions.add(-1)
						w.send(saying(t, query, "x"))
					}()
				}
			}}
			c := &dns.Client{Dial: n.Dial}
			begin := time.Now()
			var group sync.WaitGroup
			for i := range 10 * bound {
				group.Go(func() {
					if got := said(c.Ask(t.Context(), "ns:53", textOf(fmt.Sprintf("d%d.example", i), transport))); got != "x" {
						t.Errorf("question %d: %s", i, got)
					}
				})
			}
			group.Wait()
			if questions.most != bound || time.Since(begin) != 10*time.Second {
				t.Errorf("%d questions at a time, %v", questions.most, time.Since(begin))
			}
			c.Close()
			n.served.Wait()
			n.checkClosed(t)
		})
	}
}

// TestSocketsAtATime asks more servers than there may be sockets, some of which never answer.
func TestSocketsAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				if w.server != "ns3:53" {
					w.send(saying(t, query, w.server))
				}
			}
		}}
		c := &dns.Client{Dial: n.Dial, MaxSockets: 5}
		begin := time.Now()
		var group sync.WaitGroup
		for i := range 600 {
			group.Go(func() {
				server := fmt.Sprintf("ns%d:53", i%30)
				want := server
				if server == "ns3:53" {
					want = "error: did not answer in time"
				}
				transport := []dns.Transport{dns.EDNS, dns.TCP}[i/30%2]
				if got := said(c.Ask(t.Context(), server, textOf("a.example", transport))); got != want {
					t.Errorf("%s: %s", server, got)
				}
			})
		}
		group.Wait()
		if n.most != 5 || time.Since(begin) > 6*time.Second { // two sockets wait for ns3
			t.Errorf("%d sockets at a time, %v", n.most, time.Since(begin))
		}
		c.Close()
		n.served.Wait()
		n.checkClosed(t)
	})
}

// TestTimeBeginsWithTheTurn: who waits for a socket because another server is slow still gives
// his server its time.
func TestTimeBeginsWithTheTurn(t *testing.T) {
	t.Parallel()
	for _, transport := range []dns.Transport{dns.EDNS, dns.TCP} {
		synctest.Test(t, func(t *testing.T) {
			n := &wires{serve: func(w wire) {
				for query := range w.queries() {
					time.AfterFunc(3*time.Second, func() { w.send(saying(t, query, "x")) })
				}
			}}
			c := &dns.Client{Dial: n.Dial, Timeout: 4 * time.Second, MaxSockets: 1}
			var group sync.WaitGroup
			begin := time.Now()
			for i := range 3 {
				group.Go(func() {
					if got := said(c.Ask(t.Context(), fmt.Sprintf("ns%d:53", i), textOf("a.example", transport))); got != "x" {
						t.Errorf("question %d: %s", i, got)
					}
				})
			}
			group.Wait()
			if time.Since(begin) != 9*time.Second {
				t.Errorf("after %v", time.Since(begin))
			}
			c.Close()
		})
	}
}

// TestSpareSockets: a socket that nobody uses at the moment is given up for another server at
// once.
func TestSpareSockets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				w.send(saying(t, query, "x"))
			}
		}}
		c := &dns.Client{Dial: n.Dial, MaxSockets: 1}
		begin := time.Now()
		for i := range 10 {
			got := said(c.Ask(t.Context(), fmt.Sprintf("ns%d:53", i), textOf("a.example", dns.EDNS)))
			if got != "x" || time.Since(begin) != 0 {
				t.Errorf("server %d, after %v: %s", i, time.Since(begin), got)
			}
		}
		c.Close()
	})
}

// TestUnusedSocketsClose by themselves, so that nothing is left of a client that nobody closes.
func TestUnusedSocketsClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				w.send(saying(t, query, "x"))
			}
		}}
		c := &dns.Client{Dial: n.Dial}
		ask := func() {
			for _, transport := range []dns.Transport{dns.EDNS, dns.TCP} {
				if got := said(c.Ask(t.Context(), "ns:53", textOf("a.example", transport))); got != "x" {
					t.Error(got)
				}
			}
		}
		for range 5 { // in use, with pauses
			ask()
			time.Sleep(1500 * time.Millisecond)
		}
		if n.count("udp") != 1 || n.count("tcp") != 1 {
			t.Errorf("sockets: %v", n.dialled)
		}
		time.Sleep(501 * time.Millisecond)
		synctest.Wait()
		n.checkClosed(t)
		n.served.Wait()
		ask()
		c.Close()
	})
}

// TestClose ends the questions that are on their way, and those that wait.
func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const closed = "error: is not asked any more: the client is closed"
		n := &wires{serve: func(w wire) {
			for range w.queries() {
				continue
			}
		}}
		c := &dns.Client{Dial: n.Dial, Timeout: time.Hour, MaxSockets: 3}
		var group sync.WaitGroup
		begin := time.Now()
		for i := range 600 {
			group.Go(func() {
				got := said(c.Ask(t.Context(), fmt.Sprintf("ns%d:53", i%5), textOf("a.example", []dns.Transport{dns.EDNS, dns.TCP}[i%2])))
				if got != closed || time.Since(begin) != time.Minute {
					t.Errorf("question %d, after %v: %s", i, time.Since(begin), got)
				}
			})
		}
		time.Sleep(time.Minute)
		for range 2 {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
		n.checkClosed(t)
		group.Wait()
		n.served.Wait()
		if got := said(c.Ask(t.Context(), "ns0:53", textOf("a.example", dns.EDNS))); got != closed {
			t.Error(got)
		}
	})
	if err := new(dns.Client).Close(); err != nil {
		t.Error(err)
	}
}

// TestFloodsHitNoNeighbour: the questions that share the socket with one that is answered by a
// flood get their answers.
func TestFloodsHitNoNeighbour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				if !bytes.Contains(query, []byte("flood")) {
					go func() {
						time.Sleep(100 * time.Millisecond)
						w.send(saying(t, query, "x"))
					}()
					continue
				}
				for range 1000 {
					w.send([]byte("HTTP/1.1 400 Bad Request"))
				}
			}
		}}
		c := &dns.Client{Dial: n.Dial}
		defer c.Close()
		var group sync.WaitGroup
		for _, name := range []string{"a.example", "b.example", "c.example", "flood.example"} {
			want := "x"
			if name == "flood.example" {
				want = "error: answered something that is not DNS"
			}
			group.Go(func() {
				if got := said(c.Ask(t.Context(), "ns:53", textOf(name, dns.EDNS))); got != want {
					t.Errorf("%s: %s", name, got)
				}
			})
		}
		group.Wait()
	})
}

// TestWithoutEnd: who repeats an answer for ever is hung up on, and so is who sends garbage.
func TestWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		transport dns.Transport
		garbage   bool
		most      int // messages that are read, on two sockets
	}{
		{"answers", dns.EDNS, false, 20}, {"answers over TCP", dns.TCP, false, 20}, {"garbage", dns.EDNS, true, 40},
	} {
		synctest.Test(t, func(t *testing.T) {
			var sent peak
			n := &wires{serve: func(w wire) {
				for query := range w.queries() {
					message := saying(t, query, "x")
					if c.garbage {
						message = []byte{1, 2, 3}
					}
					if w.network == "tcp" {
						message = onWire(message)
					}
					for {
						if _, err := w.Write(message); err != nil {
							return
						}
						sent.add(1)
					}
				}
			}}
			client := &dns.Client{Dial: n.Dial}
			want := "x"
			if c.garbage {
				want = "error: answered something that is not DNS"
			}
			if got := said(client.Ask(t.Context(), "ns:53", textOf("a.example", c.transport))); got != want {
				t.Errorf("%s: %s", c.name, got)
			}
			n.served.Wait()
			if sent.now > c.most {
				t.Errorf("%s: %d were read", c.name, sent.now)
			}
			client.Close()
		})
	}
}

// TestManyAtOnce asks a real server about thousands of domains, with real sockets, and counts
// these.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	var sockets peak
	c := &dns.Client{Timeout: 20 * time.Second, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		sockets.add(1)
		return &counted{Conn: conn, closed: sync.OnceFunc(func() { sockets.add(-1) })}, nil
	}}
	var questions []dns.Question
	for i := range bulkDomains {
		domain := fmt.Sprintf("d%04d.%s", i, bulkZone)
		questions = append(questions, dns.Question{Name: domain, Type: mdns.TypeTXT}, dns.Question{Name: "autodiscover." + domain, Type: mdns.TypeCNAME})
	}
	askMany(t, c, startBulkOwn(t), questions, 300)
	c.Close()
	// 16 sockets for 4,000 questions by UDP, 2 for 200 by TCP, and what is opened while
	// others get their last answers.
	if sockets.now != 0 || sockets.most > 12 || sockets.ever > 24 || sockets.ever < 18 {
		t.Errorf("%d sockets at a time, %d in all, %d left open", sockets.most, sockets.ever, sockets.now)
	}
}

// peak counts what comes and goes.
type peak struct {
	mu              sync.Mutex
	now, most, ever int
}

func (p *peak) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now += n
	p.most = max(p.most, p.now)
	p.ever += max(n, 0)
}
