package dns

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"time"

	mdns "github.com/miekg/dns"
)

const (
	lengthSize = 2  // of the length before a message on a stream (RFC 1035 section 4.2.2)
	headerSize = 12 // of a message (RFC 1035 section 4.1.1)
	// maxStray is how many messages that answer something else are read past, and one more
	// for each question.
	maxStray = 16
)

// inquiry is a question on its way. Client.inquire makes them, and uses them again: thousands
// of questions leave little behind.
type inquiry struct {
	name     string // absolute
	kind     uint16
	id       uint16
	buffer   [lengthSize + mdns.MinMsgSize]byte
	packet   []byte // the message behind its length, in the buffer
	timeout  time.Duration
	deadline time.Time // known when there is a line
	timer    *time.Timer
	reply    chan reply // holds one
	strays   int        // those of the line when it was asked
}

// reply is what becomes of an inquiry.
type reply struct {
	answer *mdns.Msg
	err    error
	again  bool // the line broke, perhaps for another question's sake
}

// inquire makes an inquiry of a message; dismiss takes it back.
func (c *Client) inquire(query *mdns.Msg) (*inquiry, error) {
	q, ok := c.inquiries.Get().(*inquiry)
	if !ok {
		q = &inquiry{reply: make(chan reply, 1), timer: time.NewTimer(time.Hour)}
		q.timer.Stop()
	}
	packed, err := query.PackBuffer(q.buffer[lengthSize:]) // into it: no query of one question is longer
	if err != nil {
		return nil, err
	}
	q.packet = append(binary.BigEndian.AppendUint16(q.buffer[:0], uint16(len(packed))), packed...)
	q.name, q.kind = mdns.CanonicalName(query.Question[0].Name), query.Question[0].Qtype
	q.timeout = orDefault(c.Timeout)
	return q, nil
}

// dismiss takes back an inquiry that no line has any more.
func (c *Client) dismiss(q *inquiry) {
	q.timer.Stop()
	select {
	case <-q.reply: // it came when nobody waited for it any more
	default:
	}
	c.inquiries.Put(q)
}

// desk matches the messages that come on a line with the questions that went.
type desk struct {
	stream bool
	// asked has every id that was ever used, so that none is used twice; nil when the
	// question was answered or given up. Hence what comes late or twice finds nobody.
	asked  map[uint16]*inquiry
	strays int   // messages that answer nothing that was asked
	stray  error // what is wrong with the last of them
	late   int   // answers to what nobody waits for any more
}

// enter gives the question an id that the line has never used.
func (d *desk) enter(q *inquiry) {
	var id [2]byte
	for used := true; used; {
		_, _ = rand.Read(id[:]) // never fails
		q.id = binary.BigEndian.Uint16(id[:])
		_, used = d.asked[q.id]
	}
	copy(q.packet[lengthSize:], id[:])
	q.strays = d.strays
	d.asked[q.id] = q
}

// deliver gives a message to who asked for it. An error says that the line is of no use any
// more.
func (d *desk) deliver(message []byte) error {
	var q *inquiry
	if len(message) >= headerSize {
		var known bool
		if q, known = d.asked[binary.BigEndian.Uint16(message)]; known && q == nil {
			return d.tooLate()
		}
	}
	answer := new(mdns.Msg)
	if len(message) < headerSize || answer.Unpack(message) != nil || !complete(message, answer) {
		return d.reject(complaint("answered something that is not DNS"))
	}
	if q == nil {
		return d.reject(complaint("answered with another query's id"))
	}
	if err := belongs(answer, q); err != nil {
		return d.reject(err)
	}
	d.asked[answer.Id] = nil
	q.reply <- reply{answer: answer}
	return nil
}

// complete reports whether a message has as many records as it says. The DNS library takes one
// that ends early for whole; who asks again over TCP needs no more than the header.
func complete(message []byte, answer *mdns.Msg) bool {
	counts := []int{len(answer.Question), len(answer.Answer), len(answer.Ns), len(answer.Extra)}
	if answer.Truncated {
		counts = counts[:1]
	}
	for i, n := range counts {
		if int(binary.BigEndian.Uint16(message[4+2*i:])) != n {
			return false
		}
	}
	return true
}

// tooLate counts an answer to a question that was answered or given up. It can do no harm,
// but whoever sends them without end is not listened to without end.
func (d *desk) tooLate() error {
	if d.late++; d.late > maxStray*len(d.asked) {
		return complaint("sent more than it was asked for")
	}
	return nil
}

// reject counts a message that answers nothing. It may come from somebody who guesses (RFC
// 5452 section 9.2), with the true answer behind it, or from a server that answers this one
// question wrongly. On a stream nobody can guess.
func (d *desk) reject(stray error) error {
	d.strays, d.stray = d.strays+1, stray
	if d.stream || d.strays > maxStray+len(d.asked) {
		return stray
	}
	return nil
}

// withdraw gives up a question, and says what is known about why.
func (d *desk) withdraw(q *inquiry) error {
	if d.asked[q.id] == q {
		d.asked[q.id] = nil
	}
	if d.strays > q.strays {
		return d.stray
	}
	return errLate
}

// giveUp ends all questions that are in flight.
func (d *desk) giveUp(r reply) {
	for id, q := range d.asked {
		if q != nil {
			d.asked[id] = nil
			q.reply <- r
		}
	}
}

// inbox takes messages apart as they come.
type inbox struct {
	stream bool
	buffer []byte
	filled int // of the buffer, by a message on a stream that is not whole yet
}

// receive hands out messages until there is an error; it may be called again after one of time.
func (b *inbox) receive(conn net.Conn, deliver func(message []byte) error) error {
	if b.buffer == nil {
		b.buffer = make([]byte, payload)
	}
	for {
		n, err := conn.Read(b.buffer[b.filled:])
		b.filled += n
		switch {
		case err != nil && n == 0:
			return err
		case b.stream:
			err = b.split(deliver)
		default:
			err = deliver(b.buffer[:b.filled])
			b.filled = 0
		}
		if err != nil {
			return err
		}
	}
}

// split hands out the whole messages of a stream, and makes room for the rest of the next.
func (b *inbox) split(deliver func(message []byte) error) error {
	rest := b.buffer[:b.filled]
	need := lengthSize
	for len(rest) >= lengthSize {
		need = lengthSize + int(binary.BigEndian.Uint16(rest))
		if len(rest) < need {
			break
		}
		if err := deliver(rest[lengthSize:need]); err != nil {
			return err
		}
		rest, need = rest[need:], lengthSize
	}
	if need > len(b.buffer) {
		larger := make([]byte, need)
		b.filled = copy(larger, rest)
		b.buffer = larger
		return nil
	}
	b.filled = copy(b.buffer, rest)
	return nil
}
