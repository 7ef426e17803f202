package server_test

import (
	"database/sql"
	"strconv"
	"testing"
	"time"

	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// TestStaleInTheEnd has a request become stale while a name server is waited for: by then
// the mark of a copy of it could be forgotten.
func TestStaleInTheEnd(t *testing.T) {
	t.Parallel()
	for passes, want := range map[time.Duration]string{5*time.Minute - time.Microsecond: "ProofOfDomainOwnershipFailed", 5 * time.Minute: "1007"} {
		resolver := &stuck{asked: make(chan struct{}), answer: make(chan struct{})}
		r := newRig(t, func(o *server.Options) { o.Resolver = resolver })
		o := r.register(1)
		message := signed{
			request: broker.Request{Operation: broker.AddURI, AppID: o.appID, URI: "contoso.com"},
			proof:   newProof(t, o.pair, "contoso.com", r.profile), key: o.pair, at: r.clock.Now(),
		}.message(t)
		ended := make(chan string)
		go func() { ended <- faultOf(t, r, broker.AddURI, message) }()
		<-resolver.asked
		r.clock.advance(passes)
		close(resolver.answer)
		if got := <-ended; got != want {
			t.Errorf("after %s the fault is %q, want %q", passes, got, want)
		}
	}
}

// TestMarkOutlivesSlowCopies reads until when the mark against replay is kept: five minutes,
// and the time that a copy which came in time may be worked on.
func TestMarkOutlivesSlowCopies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.register(1)
	db, err := sql.Open("sqlite", "file:"+r.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	want := r.clock.Now().Add(5*time.Minute + 25*time.Second + 30*time.Second).UnixMicro()
	if got := column(t, db, `SELECT expires FROM replay`); len(got) != 1 || got[0] != strconv.FormatInt(want, 10) {
		t.Errorf("the marks are kept until %v, want %d", got, want)
	}
}
