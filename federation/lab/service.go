package lab

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
)

// service is a port of the lab, under the names that lead to it.
type service struct {
	names    []string
	identity tls.Certificate
	listener net.Listener
	stop     context.CancelFunc // nil until it serves
	served   chan error
}

func newService(a *authority, names ...string) (*service, error) {
	identity, err := a.issue(names)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &service{names: names, identity: identity, listener: listener, served: make(chan error, 1)}, nil
}

// serve has the server answer until close. It outlives the interruption of the caller until
// then: requests in work end well.
func (s *service) serve(ctx context.Context, server Endpoint) {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go func() { s.served <- server.Serve(serving, s.listener, s.identity) }()
}

// close ends the service; a nil one is none.
func (s *service) close() error {
	switch {
	case s == nil:
		return nil
	case s.stop == nil:
		return s.listener.Close()
	}
	s.stop()
	return <-s.served
}

// rules says for EXFED_CONNECT_TO where the names lead.
func (s *service) rules() []string {
	_, port, _ := net.SplitHostPort(s.listener.Addr().String()) // a listener's address is one
	var rules []string
	for _, name := range s.names {
		rules = append(rules, fmt.Sprintf("%s:443:127.0.0.1:%s", name, port))
	}
	return rules
}
