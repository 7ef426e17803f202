package dns

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// line is a socket that is connected to one server, and carries many questions at a time.
type line struct {
	client *Client
	pool   *pool
	alone  bool // takes one question only
	stop   context.Context
	cancel context.CancelFunc
	ready  chan struct{} // closed when it is connected, or never will be
	opened time.Time     // when its socket was asked for; read it after ready

	// Of the client's mu.
	inFlight, taken int // questions: at the moment, ever
	opening         bool
	retired         bool // takes no more
	used            time.Time

	mu   sync.Mutex // of all that follows
	conn net.Conn   // nil until it is connected
	err  error      // why it ended
	desk
}

// errUnused is why a line ends that nobody needs.
var errUnused = errors.New("was not used")

func newLine(c *Client, p *pool, alone bool) *line {
	l := &line{client: c, pool: p, alone: alone, ready: make(chan struct{}), opening: true, used: time.Now()}
	l.desk = desk{stream: p.to.network == "tcp", asked: map[uint16]*inquiry{}}
	l.stop, l.cancel = context.WithCancel(context.Background())
	return l
}

// run connects the line and reads what comes until it ends.
func (l *line) run() {
	defer l.client.forget(l)
	err := l.client.socket(l.stop)
	if err == nil {
		defer func() { <-l.client.sockets }()
		l.opened = time.Now()
		err = l.connect()
	}
	if err != nil {
		l.end(err)
	}
	close(l.ready)
	if err == nil {
		l.end(l.read())
	}
}

func (l *line) connect() error {
	conn, err := l.client.dial(l.stop, l.pool.to)
	if err != nil {
		return err
	}
	l.client.mu.Lock()
	l.opening = false
	l.client.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		_ = conn.Close()
		return l.err
	}
	l.conn = conn
	return nil
}

// read hands out what comes until the line breaks or nobody has used it for a while.
func (l *line) read() error {
	buffer := inbox{stream: l.stream}
	for wait := idle; ; {
		if err := l.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return err
		}
		err := buffer.receive(l.conn, l.deliver)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		over := false
		if over, wait = l.client.unused(l); over {
			return errUnused
		}
	}
}

// deliver gives a message to who asked for it.
func (l *line) deliver(message []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.desk.deliver(message)
}

// end gives up the line and all of its questions, unless it has ended.
func (l *line) end(err error) {
	l.mu.Lock()
	if l.err != nil {
		l.mu.Unlock()
		return
	}
	l.err = err
	conn := l.conn
	l.giveUp(reply{err: err, again: conn != nil && len(l.asked) > 1})
	l.mu.Unlock()
	l.cancel()
	if conn != nil {
		_ = conn.Close()
	}
	l.client.mu.Lock()
	defer l.client.mu.Unlock()
	l.client.retire(l)
}

// ask puts the question, and waits for the answer until its time is up. Over UDP it asks a
// second time when half of the time has passed: networks lose datagrams (RFC 1035 section
// 4.2.1). It is the same message from the same port, so that nothing more can be forged.
func (l *line) ask(ctx context.Context, q *inquiry) reply {
	began := time.Now()
	select {
	case <-l.ready:
	case <-ctx.Done():
		return reply{err: ctx.Err()}
	}
	if l.opened.After(began) { // it had to wait for a socket, which is not the server's fault
		began = l.opened
	}
	q.deadline = began.Add(q.timeout)
	if err := l.send(q); err != nil {
		return reply{err: err, again: l.conn != nil}
	}
	again := time.Until(q.deadline) / 2
	if l.stream {
		again = 0
	}
	q.timer.Reset(time.Until(q.deadline) - again)
	for {
		select {
		case r := <-q.reply:
			return r
		case <-ctx.Done():
			_ = l.withdraw(q)
			return reply{err: ctx.Err()}
		case <-q.timer.C:
		}
		if again <= 0 {
			return l.give(q)
		}
		l.write(q)
		q.timer.Reset(again)
		again = 0
	}
}

// give returns what there is when the time of a question is up: an answer that came just now,
// or why there is none.
func (l *line) give(q *inquiry) reply {
	err := l.withdraw(q)
	select {
	case r := <-q.reply:
		return r
	default:
		return reply{err: err}
	}
}

// send registers the question and writes it. The error is that of a line that has ended.
func (l *line) send(q *inquiry) error {
	l.mu.Lock()
	if l.err != nil {
		defer l.mu.Unlock()
		return l.err
	}
	l.enter(q)
	l.mu.Unlock()
	l.write(q)
	return nil
}

// write writes the question; a line that cannot has ended. The few questions a line has at a
// time fit into the buffers on the way, so that none is kept waiting by a server that does not
// read; but if they do not, the time of this one bounds it.
func (l *line) write(q *inquiry) {
	packet := q.packet[lengthSize:]
	if l.stream {
		packet = q.packet
		_ = l.conn.SetWriteDeadline(q.deadline)
	}
	if _, err := l.conn.Write(packet); err != nil {
		l.end(err)
	}
}

// withdraw gives up a question, and says what is known about why. A stream on which an answer
// is late may be held up by it, and gets no more questions.
func (l *line) withdraw(q *inquiry) error {
	l.mu.Lock()
	err := l.desk.withdraw(q)
	l.mu.Unlock()
	if l.stream {
		l.client.mu.Lock()
		l.client.retire(l)
		l.client.mu.Unlock()
	}
	return err
}
