package serve

import (
	"net"
	"sync"
)

// perAddress is a listener that hangs up on an address that has its share of connections:
// otherwise one could take them all by opening them and saying nothing.
type perAddress struct {
	net.Listener
	most int

	mu   sync.Mutex
	open map[string]int // connections by address
}

func newPerAddress(listener net.Listener, most int) *perAddress {
	return &perAddress{Listener: listener, most: most, open: map[string]int{}}
}

// Accept implements net.Listener.
func (l *perAddress) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
		if err != nil {
			host = conn.RemoteAddr().String()
		}
		if l.add(host) {
			return &countedConn{Conn: conn, closed: sync.OnceFunc(func() { l.remove(host) })}, nil
		}
		_ = conn.Close() // whoever it is, it has others
	}
}

func (l *perAddress) add(host string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[host] >= l.most {
		return false
	}
	l.open[host]++
	return true
}

func (l *perAddress) remove(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[host]--; l.open[host] == 0 {
		delete(l.open, host)
	}
}

// countedConn is a connection that is counted until it is closed.
type countedConn struct {
	net.Conn
	closed func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
