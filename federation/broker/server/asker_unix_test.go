//go:build unix

package server_test

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"exfed/federation/broker/server"
)

// askerEnv, when set, makes the test binary a process that asks the broker at that address.
const askerEnv = "EXFED_TEST_ASK"

// connections is how many clients ask over HTTPS at a time: an address may have 32.
const connections = 30

// asker is another process, in which clients ask the broker of this one. It answers each
// number of messages it is given with a number: how many it has got, then how many tokens.
type asker struct {
	b    *testing.B
	to   *gob.Encoder
	from *gob.Decoder
}

// startAsker serves the broker and starts the process that asks.
func (p *partners) startAsker(b *testing.B) *asker {
	address, _ := p.serve()
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestAsker$")
	cmd.Env = append(os.Environ(), askerEnv+"=https://"+address+server.TokenPath)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // the end of its input ends it
	})
	return &asker{b: b, to: gob.NewEncoder(in), from: gob.NewDecoder(out)}
}

func (a *asker) tell(what any) {
	if err := a.to.Encode(what); err != nil {
		a.b.Fatal(err)
	}
}

// hear waits for a number.
func (a *asker) hear(want int) {
	var got int
	if err := a.from.Decode(&got); err != nil || got != want {
		a.b.Fatalf("%d, %v; want %d", got, err, want)
	}
}

// handOver gives the process messages, and returns what has it ask them.
func (a *asker) handOver(messages [][]byte) func() {
	a.tell(messages)
	a.hear(len(messages))
	return func() {
		a.tell(true)
		a.hear(len(messages))
	}
}

// TestAsker is no test of its own: BenchmarkToken starts it as a process.
func TestAsker(t *testing.T) {
	t.Parallel()
	url := os.Getenv(askerEnv)
	if url == "" {
		t.Skip("only as a process of BenchmarkToken")
	}
	identity := httptest.NewUnstartedServer(nil)
	identity.StartTLS() // for what a client needs to trust it: all of them have one certificate
	trust := identity.Client().Transport.(*http.Transport).TLSClientConfig
	identity.Close()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	from, to := gob.NewDecoder(os.Stdin), gob.NewEncoder(os.Stdout)
	for {
		var messages [][]byte
		var ask bool
		if from.Decode(&messages) != nil || to.Encode(len(messages)) != nil || from.Decode(&ask) != nil {
			return
		}
		if to.Encode(askAll(client, url, messages)) != nil {
			return
		}
	}
}

// askAll asks for the tokens, and returns how many it got.
func askAll(client *http.Client, url string, messages [][]byte) int {
	var next, tokens atomic.Int64
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(len(messages)); i = next.Add(1) {
				if status, body, err := askOne(client, url, messages[i-1]); err != nil || !issuedBody(status, body) {
					fmt.Fprintln(os.Stderr, status, body, err)
					continue
				}
				tokens.Add(1)
			}
		})
	}
	wg.Wait()
	return int(tokens.Load())
}

func askOne(client *http.Client, url string, message []byte) (status int, body string, err error) {
	response, err := client.Post(url, "application/soap+xml; charset=utf-8", bytes.NewReader(message))
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}
