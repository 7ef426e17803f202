package server_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"exfed/federation/broker/server"
)

// BenchmarkToken measures requests for tokens, from the bytes of the request to those of
// the answer, recorded on disk, against making RSA-2048 signatures and nothing else, as
// many at a time. ratio is tokens per signature, 1 being that nothing else takes time.
func BenchmarkToken(b *testing.B) {
	for _, profile := range profiles() {
		b.Run(string(profile), func(b *testing.B) {
			p := newPartners(b, func(o *server.Options) { o.Profile, o.MaxConcurrent = profile, 4096 })
			messages := make(chan []byte, b.N)
			for range b.N {
				messages <- p.ask().message(b)
			}
			perSignature := timeOf(b, b.N, func() error {
				digest := sha256.Sum256([]byte("x"))
				_, err := p.contoso.pair.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
				return err
			})
			b.ResetTimer()
			perToken := timeOf(b, b.N, func() error {
				if status, body := p.postToken(<-messages); !issuedBody(status, body) {
					b.Errorf("status %d, answer %s", status, body)
				}
				return nil
			})
			b.ReportMetric(float64(perSignature)/float64(perToken), "ratio")
			b.ReportMetric(float64(b.N)/perToken.Seconds(), "tokens/s")
			b.ReportMetric(float64(b.N)/perSignature.Seconds(), "signatures/s")
		})
	}
}

// timeOf does something n times, many at once, and returns how long all of it took.
func timeOf(b *testing.B, n int, do func() error) time.Duration {
	b.Helper()
	const waiting = 64
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	start := time.Now()
	for range waiting {
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
