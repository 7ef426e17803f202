package publish_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"

	"exfed/federation/publish"
)

// question is one of those that testdata/browser.js answers.
type question struct {
	URL      string `json:"url"`
	Ask      string `json:"ask"`
	Width    int    `json:"width,omitempty"`
	Dark     bool   `json:"dark,omitempty"`
	NoScript bool   `json:"noScript,omitempty"`
	Settles  bool   `json:"settles,omitempty"` // the script leads to another page
	Link     string `json:"link,omitempty"`
	Zone     string `json:"zone,omitempty"`
	File     string `json:"file,omitempty"`
}

// answer has what was asked for, and what every page must be without.
type answer struct {
	Failed   string   `json:"failed"`
	Dialogs  []string `json:"dialogs"`
	Errors   []string `json:"errors"`   // of the console; a refused script is one
	Requests []string `json:"requests"` // of the page itself, too

	URL, Text              string
	Scroll, Window         int
	Wide                   []string
	Violations, Incomplete []string
	Passes, Elements       int
	All, Stops             []string
	Unseen                 []json.RawMessage
	Global                 string
}

// browser is Chromium in Tokyo, driven by puppeteer. It answers one question at a time.
type browser struct {
	lock   sync.Mutex
	in     io.Writer
	out    *bufio.Reader
	server string
}

// startBrowser starts it, and a server of the calendars by name. Both end with the test.
func startBrowser(t *testing.T, calendars map[string]publish.Calendar) *browser {
	t.Helper()
	node, chromium := peer(t, "node"), peer(t, "chromium")
	environment := os.Environ()
	if folder := os.Getenv("EXFED_NODE_MODULES"); folder != "" {
		environment = append(environment, "NODE_PATH="+folder)
	}
	find := exec.Command(node, "-e", "require('puppeteer-core'); require('axe-core')")
	find.Env = environment
	if output, err := find.CombinedOutput(); err != nil {
		missing(t, "npm packages puppeteer-core and axe-core (EXFED_NODE_MODULES): "+string(output))
	}
	server := httptest.NewServer(serve(t, calendars))
	t.Cleanup(server.Close)

	command := exec.Command(node, "testdata/browser.js", chromium, t.TempDir())
	command.Env = append(environment, "TZ=Asia/Tokyo")
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // it closes the browser, and ends
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &browser{in: in, out: bufio.NewReader(out), server: server.URL}
}

// serve answers as an endpoint does: /NAME?view=... with the page's own policy.
func serve(t *testing.T, calendars map[string]publish.Calendar) http.Handler {
	berlin := zone(t, "Europe/Berlin")
	now := at(t, berlin, "2026-12-02 08:00")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := calendars[r.URL.Path[1:]]
		if !ok {
			w.Header().Set("Content-Type", "image/x-icon") // the browser asks for one by itself
			return
		}
		v := publish.ParseView(r.URL.Query(), now, berlin)
		v.Base, v.ICal = r.URL.Path, r.URL.Path+".ics"
		document, err := publish.Page(c, v)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", publish.ContentSecurityPolicy())
		w.Write(document)
	})
}

// ask opens a page. What no page may do fails the test: dialogs, scripts that are refused
// or fail, and requests of anything but pages.
func (b *browser) ask(t *testing.T, q question) answer {
	t.Helper()
	b.lock.Lock()
	defer b.lock.Unlock()
	q.URL = b.server + q.URL
	line, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	read, err := b.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(read, &a); err != nil {
		t.Fatal(err)
	}
	if a.Failed != "" || len(a.Dialogs)+len(a.Errors) > 0 {
		t.Errorf("%+v: failed %q, dialogs %q, console %q", q, a.Failed, a.Dialogs, a.Errors)
	}
	return a
}

// peer finds another program.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name)
	}
	return path
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s: missing and EXFED_REQUIRE_PEERS=1", what)
	}
	t.Skipf("%s: not installed", what)
}
