package server_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
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
// work included. ratio is tokens per signature, 1 being that nothing else takes time. most is
// the same for the RSA operations that no token can do without, by the standard library
// alone: two signatures verified, a key encrypted, one signature made.
func BenchmarkToken(b *testing.B) {
	for _, profile := range profiles() {
		b.Run("direct/"+string(profile), func(b *testing.B) {
			p := newPartners(b, func(o *server.Options) { o.Profile, o.MaxConcurrent = profile, 4096 })
			compare(b, p, 200, p.postToken)
		})
		b.Run("https/"+string(profile), func(b *testing.B) {
			p := newPartners(b, func(o *server.Options) { o.Profile, o.MaxConcurrent = profile, 4096 })
			compare(b, p, connections, p.postHTTPS(b))
		})
	}
}

// connections is how many clients ask over HTTPS at a time: an address may have 32. Directly
// more can ask, so that more share each wait for the disk.
const connections = 30

// compare takes turns, so that whatever else the machine does slows all down.
func compare(b *testing.B, p *partners, clients int, post func([]byte) (int, string)) {
	const turns = 10
	messages := make(chan []byte, b.N+turns)
	for range cap(messages) {
		messages <- p.ask().message(b)
	}
	digest := sha256.Sum256([]byte("x"))
	key := p.contoso.pair.Key
	public := p.contoso.pair.Certificate.PublicKey.(*rsa.PublicKey)
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	sign := func() error {
		_, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		return err
	}
	least := func() error {
		_, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, public, digest[:], nil)
		for range 2 {
			err = errors.Join(err, rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature))
		}
		return errors.Join(err, sign())
	}
	ask := func() error {
		if status, body := post(<-messages); !issuedBody(status, body) {
			return fmt.Errorf("status %d, answer %s", status, body)
		}
		return nil
	}
	var signing, necessary, issuing time.Duration
	b.ResetTimer()
	for range turns {
		n := b.N/turns + 1
		signing += timeOf(b, clients, n, sign)
		necessary += timeOf(b, clients, n, least)
		issuing += timeOf(b, clients, n, ask)
	}
	b.ReportMetric(float64(signing)/float64(issuing), "ratio")
	b.ReportMetric(float64(signing)/float64(necessary), "most")
}

// timeOf does something n times, as many at once as there are clients, and returns how long all
// of it took.
func timeOf(b *testing.B, clients, n int, do func() error) time.Duration {
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
	transport := &http.Transport{TLSClientConfig: roots, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}
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
