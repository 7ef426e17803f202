package dns_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/dns"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// fake is a server that answers with whatever it is told to: over UDP the datagrams that
// datagrams returns, over TCP what stream writes. Without a function it says nothing.
type fake struct{ address string }

func newFake(t *testing.T, datagrams func(query []byte) [][]byte, stream func(query []byte, w io.Writer)) fake {
	t.Helper()
	address := "127.0.0.1:" + freePort(t)
	packets, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	t.Cleanup(func() { packets.Close(); listener.Close(); group.Wait() })
	group.Go(func() { serveDatagrams(packets, datagrams) })
	group.Go(func() { serveStreams(listener, stream) })
	return fake{address}
}

func serveDatagrams(packets net.PacketConn, datagrams func([]byte) [][]byte) {
	buffer := make([]byte, 4096)
	for {
		n, from, err := packets.ReadFrom(buffer)
		if err != nil {
			return
		}
		if datagrams == nil {
			continue
		}
		for _, answer := range datagrams(buffer[:n]) {
			_, _ = packets.WriteTo(answer, from)
		}
	}
}

func serveStreams(listener net.Listener, stream func([]byte, io.Writer)) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		var length uint16
		if binary.Read(conn, binary.BigEndian, &length) == nil && stream != nil {
			query := make([]byte, length)
			_, _ = io.ReadFull(conn, query)
			stream(query, conn)
		}
		conn.Close()
	}
}

// lie unpacks a query, and packs the answer to it after change had its way with it. The
// answer holds the proof.
func lie(t *testing.T, query []byte, change func(answer *mdns.Msg)) []byte {
	q := new(mdns.Msg)
	if err := q.Unpack(query); err != nil {
		t.Errorf("query: %v", err)
		return nil
	}
	answer := new(mdns.Msg).SetReply(q)
	answer.Authoritative = true
	answer.Answer = []mdns.RR{&mdns.TXT{Hdr: mdns.RR_Header{Name: q.Question[0].Name, Rrtype: mdns.TypeTXT, Class: mdns.ClassINET}, Txt: []string{proof}}}
	if change != nil {
		change(answer)
	}
	packed, err := answer.Pack()
	if err != nil {
		t.Errorf("answer: %v", err)
	}
	return packed
}

func truncated(a *mdns.Msg) { a.Truncated, a.Answer = true, nil }

// onWire puts the length before a message, as TCP wants it.
func onWire(message []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
}

// TestLiarsAreNotBelieved asks servers that answer something else. Each must be named with
// what it did, and the honest server behind it asked.
func TestLiarsAreNotBelieved(t *testing.T) {
	t.Parallel()
	packet := func(change func(*mdns.Msg)) func([]byte) [][]byte {
		return func(q []byte) [][]byte { return [][]byte{lie(t, q, change)} }
	}
	cut := packet(truncated)
	wrong := func(name string, kind, class uint16) func(*mdns.Msg) {
		return func(a *mdns.Msg) { a.Question[0] = mdns.Question{Name: name, Qtype: kind, Qclass: class} }
	}
	cases := []struct {
		name      string
		datagrams func([]byte) [][]byte
		stream    func([]byte, io.Writer)
		complaint string
	}{
		{"wrong id", packet(func(a *mdns.Msg) { a.Id++ }), nil, "answered with another query's id"},
		{"wrong name", packet(wrong("evil.example.", mdns.TypeTXT, mdns.ClassINET)), nil, "answered another question"},
		{"wrong type", packet(wrong("contoso.com.", mdns.TypeA, mdns.ClassINET)), nil, "answered another question"},
		{"wrong class", packet(wrong("contoso.com.", mdns.TypeTXT, mdns.ClassCHAOS)), nil, "answered another question"},
		{"no question", packet(func(a *mdns.Msg) { a.Question = nil }), nil, "answered another question"},
		{"echo", func(q []byte) [][]byte { return [][]byte{q} }, nil, "sent a question for an answer"},
		{"garbage", func([]byte) [][]byte { return [][]byte{[]byte("HTTP/1.1 400 Bad Request\r\n\r\n")} }, nil, "is not DNS"},
		{"short", func([]byte) [][]byte { return [][]byte{{1}} }, nil, "is not DNS"},
		{"flood", func(q []byte) [][]byte { return make([][]byte, 100) }, nil, "is not DNS"},
		{"cut short", func(q []byte) [][]byte { a := lie(t, q, nil); return [][]byte{a[:len(a)-5]} }, nil, "is not DNS"},
		{"NOTAUTH", packet(func(a *mdns.Msg) { a.Rcode = mdns.RcodeNotAuth }), nil, "said NOTAUTH"},
		{"NOTIMP to everything", packet(func(a *mdns.Msg) { a.Rcode = mdns.RcodeNotImplemented }), nil, "said NOTIMP"},
		{"referral", packet(func(a *mdns.Msg) {
			a.Authoritative, a.Answer = false, nil
			a.Ns = []mdns.RR{&mdns.NS{Hdr: mdns.RR_Header{Name: "com.", Rrtype: mdns.TypeNS, Class: mdns.ClassINET}, Ns: "a.example."}}
		}), nil, "referred to other name servers"},
		{"no TCP answer", cut, func([]byte, io.Writer) {}, "cut its answer off and over TCP broke off"},
		{"cut over TCP", cut, func(q []byte, w io.Writer) { w.Write(onWire(lie(t, q, truncated))) }, "cut its answer off even over TCP"},
		{"wrong id over TCP", cut, func(q []byte, w io.Writer) { w.Write(onWire(lie(t, q, func(a *mdns.Msg) { a.Id++ }))) }, "another query's id"},
		{"endless TCP", cut, endless, "over TCP answered something that is not DNS"},
		{"half an answer", cut, func(q []byte, w io.Writer) { w.Write(onWire(lie(t, q, nil))[:20]) }, "over TCP broke off"},
		{"too many records", cut, func(q []byte, w io.Writer) { w.Write(onWire(lie(t, q, tooMany))) }, "answered 513 records"},
	}
	if len(cases) < 19 {
		t.Errorf("%d cases only", len(cases))
	}
	good := contoso(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			liar := newFake(t, c.datagrams, c.stream)
			alone := &dns.Resolver{Servers: []string{liar.address}, Timeout: 500 * time.Millisecond}
			got, err := alone.LookupTXT(t.Context(), "contoso.com")
			if got != nil {
				t.Errorf("believed: %q", got)
			}
			checkError(t, "contoso.com", err, federation.Unavailable, "DnsUnavailable", liar.address+" ")
			checkError(t, "contoso.com", err, federation.Unavailable, "DnsUnavailable", c.complaint)
			both := &dns.Resolver{Servers: []string{liar.address, good.Addr()}, Timeout: time.Second}
			got, err = both.LookupTXT(t.Context(), "contoso.com")
			if diff := cmp.Diff([]string{proof}, got); diff != "" || err != nil {
				t.Errorf("with an honest server behind: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// endless announces the longest message there is and goes on for ever.
func endless(_ []byte, w io.Writer) {
	chunk := make([]byte, 8192)
	for i := range chunk {
		chunk[i] = 0xff
	}
	for {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func tooMany(a *mdns.Msg) {
	for len(a.Answer) < 513 {
		a.Answer = append(a.Answer, a.Answer[0])
	}
	a.Compress = true
}

// TestTruthBehindLies: what else arrives before the answer does not keep it out.
func TestTruthBehindLies(t *testing.T) {
	t.Parallel()
	server := newFake(t, func(q []byte) [][]byte {
		return [][]byte{{1, 2, 3}, lie(t, q, func(a *mdns.Msg) { a.Id++; a.Answer = nil }), lie(t, q, nil)}
	}, nil)
	r := &dns.Resolver{Servers: []string{server.address}, Timeout: 5 * time.Second}
	got, err := r.LookupTXT(t.Context(), "contoso.com")
	if diff := cmp.Diff([]string{proof}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestRecordsOfOthersAreIgnored: an answer may hold records nobody asked for.
func TestRecordsOfOthersAreIgnored(t *testing.T) {
	t.Parallel()
	server := newFake(t, func(q []byte) [][]byte {
		return [][]byte{lie(t, q, func(a *mdns.Msg) { a.Answer[0].Header().Name = "evil.example." })}
	}, nil)
	r := &dns.Resolver{Servers: []string{server.address}, Timeout: 5 * time.Second}
	if got, err := r.LookupTXT(t.Context(), "contoso.com"); got != nil || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestServersWithoutEDNS refuse a query with an OPT record, some without repeating it.
func TestServersWithoutEDNS(t *testing.T) {
	t.Parallel()
	for _, code := range []int{mdns.RcodeFormatError, mdns.RcodeNotImplemented} {
		sizes := make(chan bool, 8)
		server := newFake(t, func(q []byte) [][]byte {
			query := new(mdns.Msg)
			if err := query.Unpack(q); err != nil {
				t.Error(err)
			}
			sizes <- query.IsEdns0() != nil
			if query.IsEdns0() == nil {
				return [][]byte{lie(t, q, nil)}
			}
			return [][]byte{lie(t, q, func(a *mdns.Msg) { a.Rcode, a.Question, a.Answer = code, nil, nil })}
		}, nil)
		r := &dns.Resolver{Servers: []string{server.address}, Timeout: 5 * time.Second}
		got, err := r.LookupTXT(t.Context(), "contoso.com")
		if diff := cmp.Diff([]string{proof}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", mdns.RcodeToString[code], err, diff)
		}
		if len(sizes) != 2 || !<-sizes || <-sizes {
			t.Error("want one query with EDNS and one without")
		}
	}
}
