package dns

import (
	"context"
	"slices"
	"time"
)

// address is where a line leads.
type address struct{ network, server string }

// bounds are those of a pool.
type bounds struct {
	lines     int // that take questions at a time
	inFlight  int // questions on a line at a time
	spread    int // questions on every line from which on another line is opened
	questions int // on a line in its life
}

const (
	// maxAlone is how many lines a pool has at a time that take one question only.
	maxAlone = 8
	// idle is how long a line is kept that nobody uses. Servers may close theirs earlier
	// (RFC 7766 section 6.2.3).
	idle = 2 * time.Second
)

// boundsOf returns the bounds for a network. The answers to all questions in flight on a UDP
// socket fit into its buffer, of some 200 kB by default. Over TCP many servers end a
// connection after 128 questions.
func boundsOf(network string) bounds {
	if network == "tcp" {
		return bounds{lines: 2, inFlight: 32, spread: 16, questions: 100}
	}
	return bounds{lines: 4, inFlight: 32, spread: 8, questions: 256}
}

// pool holds the lines to one address.
type pool struct {
	bounds bounds
	to     address
	slots  chan struct{} // holds a token for each question in flight
	alone  chan struct{} // holds a token for each line that takes one question only

	// Of the client's mu.
	users int     // questions that are in flight or wait
	lines []*line // that take questions
}

// join returns a line to the address that has room, one of its own if alone is wanted. The
// caller gives it back with leave.
func (c *Client) join(ctx context.Context, to address, alone bool) (*line, error) {
	p, err := c.enter(to)
	if err != nil {
		return nil, err
	}
	if err := take(ctx, p.slots); err != nil {
		c.exit(p)
		return nil, err
	}
	if alone {
		if err := take(ctx, p.alone); err != nil {
			<-p.slots
			c.exit(p)
			return nil, err
		}
	}
	l, err := c.pick(p, alone)
	if err != nil {
		c.free(p, alone)
	}
	return l, err
}

// take puts a token into the channel when there is room.
func take(ctx context.Context, tokens chan struct{}) error {
	select {
	case tokens <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter returns the pool of an address, and counts the caller in.
func (c *Client) enter(to address) (*pool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	if c.pools == nil {
		c.prepare()
	}
	p := c.pools[to]
	if p == nil {
		b := boundsOf(to.network)
		p = &pool{bounds: b, to: to, slots: make(chan struct{}, b.lines*b.inFlight), alone: make(chan struct{}, maxAlone)}
		c.pools[to] = p
	}
	p.users++
	return p, nil
}

func (c *Client) prepare() {
	sockets := c.MaxSockets
	if sockets <= 0 {
		sockets = defaultSockets
	}
	c.sockets = make(chan struct{}, sockets)
	c.pools, c.lines = map[address]*pool{}, map[*line]bool{}
}

// exit counts the caller out. A pool that nobody uses is forgotten.
func (c *Client) exit(p *pool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.users--
	c.tidy(p)
}

func (c *Client) tidy(p *pool) {
	if p.users == 0 && len(p.lines) == 0 && c.pools[p.to] == p {
		delete(c.pools, p.to)
	}
}

func (c *Client) free(p *pool, alone bool) {
	if alone {
		<-p.alone
	}
	<-p.slots
	c.exit(p)
}

// pick returns a line with room. Who holds a slot of the pool needs no more lines than its
// bound: if all of them were full, no slot would be left.
func (c *Client) pick(p *pool, alone bool) (*line, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	var l *line
	if !alone {
		l = p.leastBusy(c.starving > 0)
	}
	if l == nil {
		l = newLine(c, p, alone)
		c.lines[l] = true
		p.lines = append(p.lines, l)
		c.running.Go(l.run)
	}
	l.inFlight++
	l.taken++
	if alone || l.taken >= p.bounds.questions {
		c.retire(l)
	}
	return l, nil
}

// leastBusy returns the line with the fewest questions, nil if another is to be opened; when
// sockets are scarce, only because there must be one.
func (p *pool) leastBusy(scarce bool) *line {
	var l *line
	for _, other := range p.lines {
		if l == nil || other.inFlight < l.inFlight {
			l = other
		}
	}
	enough := p.bounds.spread
	if scarce || len(p.lines) >= p.bounds.lines {
		enough = p.bounds.inFlight
	}
	if l == nil || l.inFlight >= enough {
		return nil
	}
	return l
}

// retire has a line take no more questions; c.mu is held. It ends when it has none.
func (c *Client) retire(l *line) {
	l.retired = true
	if i := slices.Index(l.pool.lines, l); i >= 0 {
		l.pool.lines = slices.Delete(l.pool.lines, i, i+1)
	}
}

// leave gives back a line that join returned.
func (c *Client) leave(l *line) {
	c.mu.Lock()
	l.inFlight--
	l.used = time.Now()
	over := l.inFlight == 0 && (l.retired || c.starving > 0 || l.opening)
	if over {
		c.retire(l)
	}
	c.mu.Unlock()
	if over {
		l.end(errUnused)
	}
	c.free(l.pool, l.alone)
}

// unused reports whether nobody has used the line for so long that it is to be closed, which
// it then is, or how long to wait before asking again.
func (c *Client) unused(l *line) (over bool, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.inFlight > 0 {
		return false, idle
	}
	if wait := idle - time.Since(l.used); wait > 0 {
		return false, wait
	}
	c.retire(l)
	return true, 0
}

// forget takes a line out that has ended.
func (c *Client) forget(l *line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retire(l)
	delete(c.lines, l)
	c.tidy(l.pool)
}

// socket waits for the permission to open a socket. Meanwhile lines that nobody uses are
// closed, and those that become so.
func (c *Client) socket(ctx context.Context) error {
	select {
	case c.sockets <- struct{}{}:
		return nil
	default:
	}
	c.mu.Lock()
	c.starving++
	var spare *line
	for l := range c.lines {
		if l.inFlight == 0 && !l.retired {
			c.retire(l)
			spare = l
			break
		}
	}
	c.mu.Unlock()
	if spare != nil {
		spare.end(errUnused)
	}
	err := take(ctx, c.sockets)
	c.mu.Lock()
	c.starving--
	c.mu.Unlock()
	return err
}
