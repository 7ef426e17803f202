package cmd

import (
	"bytes"
	"net"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// publishCommand serves the files of a folder over HTTP, as certificate authorities publish their
// lists: publish VARIABLE FOLDER. The variable gets the port. Besides the files there are an answer
// without an end, at /endless, and a redirection to any of them, at /redirect/FILE.
func publishCommand(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServer(http.Dir(ts.MkAbs(args[1]))))
	mux.HandleFunc("GET /endless", func(w http.ResponseWriter, _ *http.Request) {
		for block := bytes.Repeat([]byte{'x'}, 1<<20); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("GET /redirect/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.TrimPrefix(r.URL.Path, "/redirect"), http.StatusFound)
	})
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(listener) }()
	ts.Defer(func() { _ = server.Close() })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0], port)
}
