package dns

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"
)

// TestInquiriesAreUsedAgain, and carry nothing of the question before: an answer that came
// when its asker had just left must not wait for the next.
func TestInquiriesAreUsedAgain(t *testing.T) {
	t.Parallel()
	var c Client
	again := 0
	for range 1000 {
		q, err := c.inquire(question("a.example.", mdns.TypeTXT, true))
		if err != nil {
			t.Fatal(err)
		}
		q.reply <- reply{answer: new(mdns.Msg)}
		q.timer.Reset(0)
		c.dismiss(q)
		next, err := c.inquire(question("b.example.", mdns.TypeA, false))
		if err != nil {
			t.Fatal(err)
		}
		if next == q {
			again++
		}
		select {
		case <-next.reply:
			t.Fatal("the answer to another question is there")
		case <-next.timer.C:
			t.Fatal("the time of another question is up")
		default:
		}
		c.dismiss(next)
	}
	if again < 100 {
		t.Errorf("%d inquiries were used again", again)
	}
}

// FuzzDeliver has hostile datagrams come while questions are in flight. Whatever is taken for
// an answer must be one in the eyes of another implementation, each question gets one at the
// most, and the true ones still reach those who wait.
func FuzzDeliver(f *testing.F) {
	f.Add([]byte{1}, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	f.Add([]byte{1}, []byte("HT\x84\x04\x7f\xff\xff\xff\x00\"\x00\x00")) // NOTIMP, with questions that are not there
	for i := range 3 {
		_, questions := newDesk(f)
		other := *questions[i]
		other.id++
		for _, message := range [][]byte{answerTo(f, questions[i]), answerTo(f, &other), questions[i].packet[lengthSize:]} {
			f.Add([]byte{byte(i)}, message)
			f.Add([]byte{byte(i), 2, 3, 12}, message)
		}
	}
	f.Fuzz(func(t *testing.T, changes, message []byte) {
		d, questions := newDesk(t)
		message = bytes.Clone(message) // which stays as it was for others
		broken := false
		for _, id := range append([]byte{0}, changes...) { // the message as it is, and under each id
			if id > 0 && len(message) > 1 {
				binary.BigEndian.PutUint16(message, questions[int(id)%len(questions)].id)
			}
			before := waitingAt(d)
			if err := d.deliver(message); err != nil {
				broken = true
			}
			for _, q := range questions {
				checkReply(t, q, message)
			}
			if now := waitingAt(d); now < before-1 {
				t.Fatalf("one message answered %d questions", before-now)
			}
		}
		for _, q := range questions {
			waits := d.asked[q.id] == q
			err := d.deliver(answerTo(t, q))
			if len(q.reply) == 0 != !waits && !broken {
				t.Fatalf("%s waits: %v, got its answer: %v, %v", q.name, waits, len(q.reply) > 0, err)
			}
			if len(q.reply) > 0 {
				<-q.reply
			}
		}
	})
}

// newDesk has three questions in flight, under the ids 0x4854 ("HT"), 0x0102 and 0x0203, and
// one that was given up.
func newDesk(t testing.TB) (*desk, []*inquiry) {
	d := &desk{asked: map[uint16]*inquiry{0x0304: nil}}
	var c Client
	var questions []*inquiry
	for i, id := range []uint16{0x4854, 0x0102, 0x0203} {
		q, err := c.inquire(question(fmt.Sprintf("d%d.example.", i), []uint16{mdns.TypeTXT, mdns.TypeCNAME, mdns.TypeTXT}[i], true))
		if err != nil {
			t.Fatal(err)
		}
		q.id = id
		binary.BigEndian.PutUint16(q.packet[lengthSize:], id)
		d.asked[id] = q
		questions = append(questions, q)
	}
	return d, questions
}

func waitingAt(d *desk) (n int) {
	for _, q := range d.asked {
		if q != nil {
			n++
		}
	}
	return n
}

// answerTo makes a true answer, with the other implementation.
func answerTo(t testing.TB, q *inquiry) []byte {
	name, err := dnsmessage.NewName(q.name)
	if err != nil {
		t.Fatal(err)
	}
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: q.id, Response: true, Authoritative: true})
	if err := b.StartQuestions(); err != nil {
		t.Fatal(err)
	}
	if err := b.Question(dnsmessage.Question{Name: name, Type: dnsmessage.Type(q.kind), Class: dnsmessage.ClassINET}); err != nil {
		t.Fatal(err)
	}
	message, err := b.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// checkReply takes the reply to a question, if the message was taken for one, and judges it.
func checkReply(t *testing.T, q *inquiry, message []byte) {
	var r reply
	select {
	case r = <-q.reply:
	default:
		return
	}
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil || r.answer == nil || r.err != nil || !header.Response || header.ID != q.id {
		t.Fatalf("%s: %x is no answer to it: %+v, %v", q.name, message, header, err)
	}
	questions, err := p.AllQuestions()
	code := header.RCode
	if err == nil && len(questions) == 0 && (code == dnsmessage.RCodeFormatError || code == dnsmessage.RCodeNotImplemented) {
		return
	}
	if err != nil || len(questions) != 1 || !strings.EqualFold(questions[0].Name.String(), q.name) ||
		uint16(questions[0].Type) != q.kind || questions[0].Class != dnsmessage.ClassINET {
		t.Fatalf("%s: %x answers %+v, %v", q.name, message, questions, err)
	}
}
