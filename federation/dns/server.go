package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	mdns "github.com/miekg/dns"
)

// Server is a small authoritative name server, for labs and tests: zones held in memory,
// over UDP and TCP on one port. It may be changed while it answers.
type Server struct {
	udp, tcp *mdns.Server
	address  string
	stopped  sync.WaitGroup

	mu    sync.RWMutex
	zones zones
}

// startTries is how often a port that is free for TCP and taken for UDP is passed over.
const startTries = 8

// StartServer starts a name server on addr, "127.0.0.1:0" for any free port, with the zones
// of which it is the authority.
func StartServer(addr string, apexes ...string) (*Server, error) {
	s := &Server{zones: zones{}}
	for _, apex := range apexes {
		if err := s.zones.add(apex); err != nil {
			return nil, err
		}
	}
	listener, packets, err := listenBoth(addr)
	if err != nil {
		return nil, fmt.Errorf("name server on %s: %w", addr, err)
	}
	s.address = listener.Addr().String()
	handler := mdns.HandlerFunc(s.reply)
	s.tcp = &mdns.Server{Listener: listener, Handler: handler, ReadTimeout: 5 * time.Second, MaxTCPQueries: 128}
	s.udp = &mdns.Server{PacketConn: packets, Handler: handler}
	s.serve(s.tcp)
	s.serve(s.udp)
	return s, nil
}

// listenBoth listens on one port for TCP and UDP.
func listenBoth(addr string) (net.Listener, net.PacketConn, error) {
	var failure error
	for range startTries {
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, nil, err
		}
		packets, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return listener, packets, nil
		}
		failure = errors.Join(err, listener.Close())
	}
	return nil, nil, failure
}

// serve starts one of the two servers and waits until it can be shut down.
func (s *Server) serve(server *mdns.Server) {
	started := make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	s.stopped.Go(func() { _ = server.ActivateAndServe() }) // returns when Close says so
	<-started
}

// Addr returns host:port, for UDP and for TCP.
func (s *Server) Addr() string { return s.address }

// Set gives the name records of the type ("TXT", "A", "CNAME"...), one for each value, in
// place of those of that type it has. A TXT value is raw bytes and is cut into strings as
// needed; all others are as in a zone file. The name must lie in a zone of the server.
func (s *Server) Set(name, recordType string, values ...string) error {
	records, err := makeRecords(name, recordType, values)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.zones.set(name, mdns.StringToType[strings.ToUpper(recordType)], records)
}

// Remove takes the records of the type away from the name. If there are none, it does
// nothing.
func (s *Server) Remove(name, recordType string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones.remove(name, mdns.StringToType[strings.ToUpper(recordType)])
}

// Close stops the server and waits until its last answer is sent.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := errors.Join(s.udp.ShutdownContext(ctx), s.tcp.ShutdownContext(ctx))
	s.stopped.Wait()
	return err
}

// reply answers a query. To one who does not listen there is nothing more to say, so
// failures to write are passed over.
func (s *Server) reply(w mdns.ResponseWriter, query *mdns.Msg) {
	answer := new(mdns.Msg).SetReply(query)
	size := mdns.MinMsgSize
	opt := query.IsEdns0()
	if opt != nil {
		answer.SetEdns0(payload, false)
		size = max(size, min(int(opt.UDPSize()), payload))
	}
	if w.RemoteAddr().Network() == "tcp" {
		size = mdns.MaxMsgSize
	}
	switch {
	case opt != nil && opt.Version() != 0:
		answer.Rcode = mdns.RcodeBadVers
	case query.Opcode != mdns.OpcodeQuery:
		answer.Rcode = mdns.RcodeNotImplemented
	default:
		s.mu.RLock()
		s.zones.answer(answer)
		s.mu.RUnlock()
	}
	answer.Truncate(size)
	_ = w.WriteMsg(answer)
}
