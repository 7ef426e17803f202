package dns_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"exfed/federation/dns"
)

// askAtOnce asks about d0.example and so on over TCP, all at once, and returns what was said.
func askAtOnce(t *testing.T, c *dns.Client, questions int) []string {
	got := make([]string, questions)
	var group sync.WaitGroup
	for i := range questions {
		group.Go(func() {
			got[i] = said(c.Ask(t.Context(), "ns:53", textOf(fmt.Sprintf("d%d.example", i), dns.TCP)))
		})
	}
	group.Wait()
	return got
}

// TestConnectionsAreShared: many questions go over two connections at a time, a hundred over
// each in its life.
func TestConnectionsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			questions := 0
			for query := range w.queries() {
				questions++
				w.send(saying(t, query, "x"))
			}
			if questions > 100 {
				t.Errorf("%d questions over connection %d", questions, w.number)
			}
		}}
		c := &dns.Client{Dial: n.Dial}
		for i, got := range askAtOnce(t, c, 500) {
			if got != "x" {
				t.Errorf("question %d: %s", i, got)
			}
		}
		c.Close()
		n.served.Wait()
		n.checkClosed(t)
		if n.count("tcp") < 5 || n.count("tcp") > 8 {
			t.Errorf("%d connections", n.count("tcp"))
		}
	})
}

// TestServersThatHangUp asks servers that close connections with questions on them. Who
// answers anything at all is heard, however little it answers over one connection.
func TestServersThatHangUp(t *testing.T) {
	t.Parallel()
	for _, perConnection := range []int{1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			n := &wires{serve: func(w wire) {
				answered := 0
				for query := range w.queries() {
					time.Sleep(time.Millisecond)
					w.send(saying(t, query, "x"))
					if answered++; answered == perConnection {
						return
					}
				}
			}}
			c := &dns.Client{Dial: n.Dial}
			defer c.Close()
			for i, got := range askAtOnce(t, c, 60) {
				if got != "x" {
					t.Errorf("%d answers for each connection: question %d: %s", perConnection, i, got)
				}
			}
			for i := range 10 { // one after the other
				if got := askAtOnce(t, c, 1); got[0] != "x" {
					t.Errorf("%d answers for each connection: later question %d: %s", perConnection, i, got)
				}
			}
			if n.most > 2+8+2 || n.count("tcp") > 75 {
				t.Errorf("%d connections at a time, %d in all", n.most, n.count("tcp"))
			}
		})
	}
}

// TestServersThatOnlyHangUp: no question is tried without end.
func TestServersThatOnlyHangUp(t *testing.T) {
	t.Parallel()
	for _, half := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			n := &wires{serve: func(w wire) {
				for query := range w.queries() {
					if half {
						_, _ = w.Write(onWire(saying(t, query, "x"))[:20])
					}
					return
				}
			}}
			c := &dns.Client{Dial: n.Dial}
			defer c.Close()
			for i, got := range askAtOnce(t, c, 40) {
				if !strings.HasPrefix(got, "error: broke off: ") {
					t.Errorf("question %d: %s", i, got)
				}
			}
			if n.count("tcp") > 80 {
				t.Errorf("%d connections for 40 questions", n.count("tcp"))
			}
		})
	}
}

// TestSlowDrip: an answer that comes a byte a second keeps nobody longer than its time, and
// those that ask afterwards do not queue behind it.
func TestSlowDrip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				message := onWire(saying(t, query, "x"))
				for i := range message {
					if _, err := w.Write(message[i : i+1]); err != nil {
						return
					}
					if w.number == 1 {
						time.Sleep(time.Second)
					}
				}
			}
		}}
		c := &dns.Client{Dial: n.Dial, Timeout: 10 * time.Second}
		begin := time.Now()
		if got := askAtOnce(t, c, 1); got[0] != "error: did not answer in time" || time.Since(begin) != 10*time.Second {
			t.Errorf("after %v: %s", time.Since(begin), got)
		}
		begin = time.Now()
		if got := askAtOnce(t, c, 1); got[0] != "x" || time.Since(begin) != 0 {
			t.Errorf("afterwards, after %v: %s", time.Since(begin), got)
		}
		c.Close()
		n.served.Wait()
		n.checkClosed(t)
	})
}

// TestPatience: an answer that comes in pieces within its time is read, also when the pieces
// come further apart than an unused connection is kept.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				message := onWire(saying(t, query, "x"))
				for _, piece := range [][]byte{message[:1], message[1:30], message[30:]} {
					time.Sleep(5 * time.Second)
					_, _ = w.Write(piece)
				}
			}
		}}
		c := &dns.Client{Dial: n.Dial, Timeout: 20 * time.Second}
		defer c.Close()
		if got := askAtOnce(t, c, 1); got[0] != "x" {
			t.Error(got)
		}
	})
}

// TestOneTimeForAll: when the connection breaks that a question shares, what is left of its time
// is left for the second try.
func TestOneTimeForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &wires{serve: func(w wire) {
			for query := range w.queries() {
				if w.number == 1 && strings.HasPrefix(asked(t, query), "d1.") {
					time.Sleep(3 * time.Second)
					return
				}
			}
		}}
		c := &dns.Client{Dial: n.Dial, Timeout: 4 * time.Second}
		defer c.Close()
		begin := time.Now()
		for i, got := range askAtOnce(t, c, 2) {
			if got != "error: did not answer in time" || time.Since(begin) != 4*time.Second {
				t.Errorf("question %d, after %v: %s", i, time.Since(begin), got)
			}
		}
		if n.count("tcp") != 3 {
			t.Errorf("%d connections", n.count("tcp"))
		}
	})
}
