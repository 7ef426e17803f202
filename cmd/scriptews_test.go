package cmd

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/calendar"
	"exfed/federation/endpoint"
	"exfed/federation/state"
)

// partnerCommand starts the server of a partner, with the certificate that certify made:
// partner HOST STATE has the endpoint answer for the organization in that file, and partner
// HOST is one that is not of this project's making. There a request to /autodiscover/... or /EWS/...
// is left in autodiscover.asked or ews.asked, and answered with what the file autodiscover
// or ews holds: a fault with status 500, and 503 with that status alone.
func partnerCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: partner HOST [STATE]")
	}
	identity, err := tls.LoadX509KeyPair(ts.MkAbs("tls.pem"), ts.MkAbs("tls.key"))
	ts.Check(err)
	handler := partnerHandler(ts.Getenv("WORK"))
	if len(args) == 2 {
		handler = endpointHandler(ts, args[0], ts.MkAbs(args[1]))
	}
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{identity}}
	server.StartTLS()
	ts.Defer(server.Close)
	ts.Setenv("EXFED_CA_FILE", ts.MkAbs("ca.pem"))
	ts.Setenv("EXFED_CONNECT_TO", args[0]+":443:"+server.Listener.Addr().String())
}

func partnerHandler(folder string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		service := strings.ToLower(strings.Split(r.URL.Path, "/")[1])
		asked, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err == nil {
			err = os.WriteFile(path.Join(folder, service+".asked"), asked, 0o600)
		}
		answer, failed := os.ReadFile(path.Join(folder, service))
		text := strings.TrimSpace(string(answer))
		switch {
		case err != nil || failed != nil:
			http.Error(w, "the double has no answer", http.StatusNotFound)
		case text == "503":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.Header().Set("Content-Type", "text/xml; charset=utf-8")
			if strings.Contains(text, "<s:Fault>") {
				w.WriteHeader(http.StatusInternalServerError)
			}
			_, _ = io.WriteString(w, text)
		}
	}
}

// endpointHandler is the real service, as the state file is when it is asked.
func endpointHandler(ts *testscript.TestScript, host, path string) http.HandlerFunc {
	now, err := testClock(ts.Getenv(nowVariable))
	ts.Check(err)
	org := &federation.Organization{
		Store: state.Open(path, state.Options{Now: now}), Keys: &certificate.KeyStore{Dir: keysFolder(path)},
		Now: now, Rand: rand.Reader, Step: func(string, ...any) {}, Warn: func(string, ...any) {},
	}
	return func(w http.ResponseWriter, r *http.Request) {
		service, err := endpoint.New(r.Context(), endpoint.Options{
			Organization: org.Published, Calendars: diary{}, ExternalURL: "https://" + host, Now: now, Rand: rand.Reader,
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		service.Handler().ServeHTTP(w, r)
	}
}

// diary is everybody's calendar: tea on 3 February 2027, and something private that recurs.
type diary struct{}

func (diary) Events(context.Context, federation.Mailbox, time.Time, time.Time) ([]availability.Event, error) {
	tea := time.Date(2027, 2, 3, 9, 0, 0, 0, time.UTC)
	return []availability.Event{
		{Start: tea, End: tea.Add(time.Hour), BusyType: availability.Busy, Subject: "Tea", Location: "Room 1", IsMeeting: true},
		{Start: tea.Add(5 * time.Hour), End: tea.Add(6 * time.Hour), BusyType: availability.OOF, Subject: "Doctor", Location: "Hospital", IsPrivate: true, IsRecurring: true},
	}, nil
}

func (diary) Occurrences(context.Context, federation.Mailbox, time.Time, time.Time) ([]calendar.Event, error) {
	return nil, errors.New("this diary is not published")
}

func (diary) Location(string) *time.Location { return nil }
