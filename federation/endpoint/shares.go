package endpoint

import "sync"

// maxOfPartner is how many requests of one partner are worked on at once. A slot is held while
// calendars are read and the answer is sent: who asks about slow ones, or reads slowly, would
// otherwise soon have all of them.
const maxOfPartner = maxConcurrent / 4

// shares counts the requests of each partner that are being worked on, or those for published
// calendars of each address.
type shares struct {
	most  int // of one
	mu    sync.Mutex
	taken map[string]int // by the name of the relationship, "" of all who have none; or by address
}

// take reports whether the partner may have one more, which he has until it is released.
func (s *shares) take(partner string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[partner] >= s.most {
		return false
	}
	if s.taken == nil {
		s.taken = map[string]int{}
	}
	s.taken[partner]++
	return true
}

func (s *shares) release(partner string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[partner]--; s.taken[partner] == 0 {
		delete(s.taken, partner)
	}
}
