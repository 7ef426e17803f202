package cmd

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// partnerCommand starts the server of a partner that is not of this project's making, with
// the certificate that certify made: partner HOST. A request to /autodiscover/... or /EWS/...
// is left in autodiscover.asked or ews.asked, and answered with what the file autodiscover
// or ews holds: a fault with status 500, and 503 with that status alone.
func partnerCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: partner HOST")
	}
	identity, err := tls.LoadX509KeyPair(ts.MkAbs("tls.pem"), ts.MkAbs("tls.key"))
	ts.Check(err)
	server := httptest.NewUnstartedServer(partnerHandler(ts.Getenv("WORK")))
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
