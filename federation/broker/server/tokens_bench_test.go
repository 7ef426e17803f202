package server_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"exfed/federation/broker/server"
)

// BenchmarkToken measures requests for tokens against making RSA-2048 signatures and
// nothing else, as many at a time, in turns: once from the bytes of the request to those of
// the answer, recorded on disk, and once over connections that are kept alive, the client's
// work included. ratio is tokens per signature, 1 being that nothing else takes time.
func BenchmarkToken(b *testing.B) {
	for _, profile := range profiles() {
		b.Run(string(profile), func(b *testing.B) {
			p := newPartners(b, func(o *server.Options) { o.Profile, o.MaxConcurrent = profile, 4096 })
			compare(b, p, p.postToken)
		})
		b.Run(string(profile)+"/https", func(b *testing.B) {
			p := newPartners(b, func(o *server.Options) { o.Profile, o.MaxConcurrent = profile, 4096 })
			compare(b, p, p.postHTTPS(b))
		})
	}
}

// clients is how many ask for tokens at a time, which is fewer than an address may have
// connections.
const clients = 30

// compare takes turns, so that whatever else the machine does slows both down.
func compare(b *testing.B, p *partners, post func([]byte) (int, string)) {
	const turns = 10
	messages := make(chan []byte, b.N+turns)
	for range cap(messages) {
		messages <- p.ask().message(b)
	}
	var signing, issuing time.Duration
	b.ResetTimer()
	for range turns {
		n := b.N/turns + 1
		signing += timeOf(b, n, func() error {
			digest := sha256.Sum256([]byte("x"))
			_, err := p.contoso.pair.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
			return err
		})
		issuing += timeOf(b, n, func() error {
			if status, body := post(<-messages); !issuedBody(status, body) {
				return fmt.Errorf("status %d, answer %s", status, body)
			}
			return nil
		})
	}
	b.ReportMetric(float64(signing)/float64(issuing), "ratio")
}

// timeOf does something n times, many at once, and returns how long all of it took.
func timeOf(b *testing.B, n int, do func() error) time.Duration {
	b.Helper()
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	start := time.Now()
	for range clients {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// postHTTPS serves the broker, and returns what sends it a request for a token.
func (p *partners) postHTTPS(b *testing.B) func([]byte) (int, string) {
	address, roots := p.serve()
	transport := &http.Transport{TLSClientConfig: roots, MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}
	b.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	return func(message []byte) (int, string) {
		response, err := client.Post("https://"+address+server.TokenPath, "application/soap+xml; charset=utf-8", bytes.NewReader(message))
		if err != nil {
			return 0, err.Error()
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return 0, err.Error()
		}
		return response.StatusCode, string(body)
	}
}
