package endpoint

import "sync"

// maxSending is how many bytes of published calendars are sent at once, each document counted
// once however many read it.
const maxSending = 256 << 20

// sending are the documents that are on their way to readers. Those who are sent the same share
// it: slow readers of a large calendar would otherwise fill the memory with copies of it.
type sending struct {
	most      int // bytes
	mu        sync.Mutex
	documents map[string]*sentDocument // by name
	bytes     int                      // of all that are made
}

type sentDocument struct {
	body    func() []byte // makes it when it is first called for
	readers int
	bytes   int // that are counted; 0 until it is made
}

// take returns the document of the name, and has it made if nobody is sent it now. It is to be
// released, also when false is returned: too much is on its way already.
func (s *sending) take(name string, made func() []byte) ([]byte, bool) {
	s.mu.Lock()
	d, ok := s.documents[name]
	if !ok {
		if s.documents == nil {
			s.documents = map[string]*sentDocument{}
		}
		d = &sentDocument{body: sync.OnceValue(made)}
		s.documents[name] = d
	}
	d.readers++
	s.mu.Unlock()

	body := d.body() // without the lock: others need not wait for it
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.bytes == 0 {
		d.bytes = len(body)
		s.bytes += d.bytes
	}
	return body, s.bytes <= s.most
}

func (s *sending) release(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.documents[name]
	if d.readers--; d.readers == 0 {
		s.bytes -= d.bytes
		delete(s.documents, name)
	}
}
