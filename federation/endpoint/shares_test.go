package endpoint_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"exfed/federation"
	"exfed/federation/availability"
)

// partners relates Fabrikam to partner0.example, partner1.example and so on, each of them
// with another domain branch0.example, branch1.example and so on.
func partners(w *world, count int) {
	var all []federation.OrganizationRelationship
	for i := range count {
		r := relationships()[0]
		r.Name = fmt.Sprint("To partner", i)
		r.DomainNames = []federation.Domain{federation.Domain(fmt.Sprintf("partner%d.example", i)), federation.Domain(fmt.Sprintf("branch%d.example", i))}
		all = append(all, r)
	}
	w.change(func() { w.published, w.stamp = publishedBy(w.t, all, mailboxes()), "partners" })
}

// isBusy reports whether a sender was told to come again later.
func isBusy(got answer) bool {
	return got.status == http.StatusServiceUnavailable && got.header.Get("Retry-After") == "5"
}

// TestSlots: one request more than are worked on at once is told to come again later, while
// health is answered; afterwards there is room again.
func TestSlots(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	partners(w, 4)
	inside, release := make(chan struct{}), make(chan struct{})
	w.calendars.by["anna"] = waiting(inside, release)
	var wg sync.WaitGroup
	for i := range 4 {
		pass := issue(t, from(fmt.Sprintf("carol@partner%d.example", i)))
		for range 16 {
			wg.Go(func() {
				if got := w.freeBusy(pass, asking("anna@fabrikam.com")); got.status != http.StatusOK {
					t.Errorf("%d %s", got.status, got.body)
				}
			})
		}
	}
	for range 64 {
		<-inside
	}
	stranger := issue(t)
	if got := w.freeBusy(stranger, asking("bob@fabrikam.com")); !isBusy(got) {
		t.Errorf("one more: %d %s", got.status, got.body)
	}
	if got := w.get("/healthz"); got.status != http.StatusOK {
		t.Errorf("health: %d", got.status)
	}
	close(release)
	wg.Wait()
	if got := w.freeBusy(stranger, asking("bob@fabrikam.com")); got.status != http.StatusOK {
		t.Errorf("afterwards: %d", got.status)
	}
}

// slow is a reader that takes the answer when it is let.
type slow struct {
	*httptest.ResponseRecorder
	once            sync.Once
	inside, release chan struct{}
}

func (s *slow) Write(p []byte) (int, error) {
	s.once.Do(func() {
		s.inside <- struct{}{}
		<-s.release
	})
	return s.ResponseRecorder.Write(p)
}

// TestShares: a partner whose requests take a quarter of what is worked on at once, because
// calendars are slow or he is, is told to come again later, under each of his domains.
// Others are answered meanwhile. All strangers together are one such partner.
func TestShares(t *testing.T) {
	t.Parallel()
	cases := []struct{ holds, more, other string }{
		{"partner0.example", "branch0.example", "partner1.example"},
		{"stranger.example", "another.example", "partner0.example"},
	}
	for _, tc := range cases {
		w := newWorld(t)
		partners(w, 2)
		inside, release := make(chan struct{}), make(chan struct{})
		if w.calendars.by["anna"] = waiting(inside, release); tc.holds == "stranger.example" {
			w.calendars.has("anna")
		}
		holds, more, other := issue(t, from("carol@"+tc.holds)), issue(t, from("dan@"+tc.more)), issue(t, from("erin@"+tc.other))
		var wg sync.WaitGroup
		for i := range 16 {
			mailbox := "anna@fabrikam.com"
			recorder := http.ResponseWriter(httptest.NewRecorder())
			if i%2 == 0 || tc.holds == "stranger.example" {
				mailbox = "bob@fabrikam.com"
				recorder = &slow{ResponseRecorder: httptest.NewRecorder(), inside: inside, release: release}
			}
			request := message(t, "/EWS/Exchange.asmx/WSSecurity", availability.Action, holds, asking(mailbox).Marshal())
			wg.Go(func() { w.server.Handler().ServeHTTP(recorder, request) })
		}
		for range 16 {
			<-inside
		}
		_ = w.log.take()
		if got := w.freeBusy(more, asking("bob@fabrikam.com")); !isBusy(got) {
			t.Errorf("%s: one more: %d %s", tc.holds, got.status, got.body)
		}
		if line := w.log.take(); !strings.Contains(line, `"level":"WARN","msg":"too many requests of a partner at once","request":"unnumbered","requester":"dan@`+tc.more+`","relationship":"`) {
			t.Errorf("%s: the log says %s", tc.holds, line)
		}
		if got := w.freeBusy(other, asking("bob@fabrikam.com")); got.status != http.StatusOK {
			t.Errorf("%s: another: %d %s", tc.holds, got.status, got.body)
		}
		close(release)
		wg.Wait()
		if got := w.freeBusy(more, asking("bob@fabrikam.com")); got.status != http.StatusOK {
			t.Errorf("%s: afterwards: %d %s", tc.holds, got.status, got.body)
		}
	}
	if len(cases) < 2 {
		t.Fatal("cases are missing")
	}
}
