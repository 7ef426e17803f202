//go:build unix

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
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"exfed/federation/broker/server"
)

// BenchmarkToken compares requests for tokens with RSA-2048 signatures alone, as many at a
// time, in turns: from the bytes of the request to those of the answer, recorded on disk, and
// over connections that are kept alive. What is compared is the time of processors that each
// takes of this process, its garbage collection included: what else the machine does, and the
// clients, which have a process of their own over HTTPS and sign their requests beforehand,
// have no part in it.
//
// ratio is tokens per signature, the median of the turns, 1 being that nothing else takes
// time. most is the same for the RSA operations that no token can do without, by the standard
// library alone: two signatures verified, a key encrypted, one signature made. wall is the
// ratio of the times by the clock, which the machine must be quiet for.
func BenchmarkToken(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(server.GCPercent)) // as start-federationbroker does
	for _, profile := range profiles() {
		start := func(b *testing.B) *partners {
			return newPartners(b, func(o *server.Options) { o.Profile, o.Log = profile, logNowhere(b) })
		}
		b.Run("direct/"+string(profile), func(b *testing.B) {
			p := start(b)
			compare(b, p, func(messages [][]byte) func() { return p.postAll(b, messages) })
		})
		b.Run("https/"+string(profile), func(b *testing.B) {
			p := start(b)
			compare(b, p, p.startAsker(b).handOver)
		})
	}
}

// atOnce is how many ask directly at a time, and how many make signatures: as many as a broker
// works for, which share the waits for the disk.
const atOnce = server.DefaultMaxConcurrent

// logNowhere returns a log that is formatted and written as that of a broker is.
func logNowhere(b *testing.B) *slog.Logger {
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = nowhere.Close() })
	return slog.New(slog.NewJSONHandler(nowhere, nil))
}

// compare takes turns, so that whatever slows the processors down slows all down: short ones,
// because a neighbour's work comes and goes within seconds. ready takes requests, and returns
// what asks them all.
func compare(b *testing.B, p *partners, ready func(messages [][]byte) (ask func())) {
	const turns = 30
	signature, necessary := rsaAlone(b, p)
	var ratio, most, wall []float64
	b.ResetTimer()
	for range turns {
		b.StopTimer()
		messages := make([][]byte, b.N/turns+1)
		var signed atomic.Int64
		repeat(b, len(messages), func() error {
			messages[signed.Add(1)-1] = p.ask().message(b)
			return nil
		})
		ask := ready(messages)
		b.StartTimer()
		n := len(messages)
		signing := costOf(b, func() { repeat(b, n, signature) })
		least := costOf(b, func() { repeat(b, n, necessary) })
		issuing := costOf(b, ask)
		ratio = append(ratio, float64(signing.processor)/float64(issuing.processor))
		most = append(most, float64(signing.processor)/float64(least.processor))
		wall = append(wall, float64(signing.clock)/float64(issuing.clock))
	}
	b.ReportMetric(median(ratio), "ratio")
	b.ReportMetric(median(most), "most")
	b.ReportMetric(median(wall), "wall")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// rsaAlone returns what makes a signature, and what does all the RSA operations of a token.
func rsaAlone(b *testing.B, p *partners) (sign, all func() error) {
	digest := sha256.Sum256([]byte("x"))
	key := p.contoso.pair.Key
	public := p.contoso.pair.Certificate.PublicKey.(*rsa.PublicKey)
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	sign = func() error {
		_, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		return err
	}
	all = func() error {
		_, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, public, digest[:], nil)
		for range 2 {
			err = errors.Join(err, rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature))
		}
		return errors.Join(err, sign())
	}
	return sign, all
}

// postAll returns what asks for the tokens without HTTP.
func (p *partners) postAll(b *testing.B, messages [][]byte) (ask func()) {
	handler := p.server.Handler()
	requests := make([]*http.Request, len(messages))
	answers := make([]answer, len(messages))
	for i, message := range messages {
		requests[i] = httptest.NewRequest(http.MethodPost, server.TokenPath, bytes.NewReader(message))
		requests[i].Header.Set("Content-Type", "application/soap+xml; charset=utf-8")
		answers[i].header = http.Header{}
	}
	var next atomic.Int64
	return func() {
		repeat(b, len(messages), func() error {
			i := next.Add(1) - 1
			handler.ServeHTTP(&answers[i], requests[i])
			if a := &answers[i]; a.status != http.StatusOK || a.tokens != 1 {
				return fmt.Errorf("status %d, %d tokens", a.status, a.tokens)
			}
			return nil
		})
	}
}

// answer is one to a request that came without HTTP.
type answer struct {
	header http.Header
	status int
	tokens int
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(body []byte) (int, error) {
	a.tokens += bytes.Count(body, []byte("<EncryptedData"))
	return len(body), nil
}

// repeat does something n times, atOnce at a time.
func repeat(b *testing.B, n int, do func() error) {
	b.Helper()
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	for range atOnce {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// cost is the time something takes: of processors in this process, and by the clock.
type cost struct{ processor, clock time.Duration }

func costOf(b *testing.B, f func()) cost {
	used := func() time.Duration {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			b.Fatal(err)
		}
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	before, start := used(), time.Now()
	f()
	return cost{used() - before, time.Since(start)}
}
