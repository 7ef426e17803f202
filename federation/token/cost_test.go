package token_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"exfed/federation"
)

// TestAllocations bounds what issuing a token allocates, which a broker does all day. What
// else runs at the same time would be counted, so it runs alone.
func TestAllocations(t *testing.T) {
	for _, profile := range profiles() {
		s := newScene(t, profile)
		issuer, r, at := s.issuer(), request(), noon()
		count := testing.AllocsPerRun(50, func() {
			if _, err := issuer.Issue(r, s.target.Certificate, at); err != nil {
				t.Error(err)
			}
		})
		if count >= 100 {
			t.Errorf("%s: %.0f allocations for a token, under 100 are wanted", profile, count)
		}
		t.Logf("%s: %.0f allocations", profile, count)
	}
}

// BenchmarkIssue measures a token signed and encrypted against the RSA signature in it.
// raw-ns is the time of that signature alone, in the same run, %-of-raw how many tokens
// are issued in the time of a hundred such signatures.
func BenchmarkIssue(b *testing.B) {
	for _, profile := range profiles() {
		b.Run(string(profile), func(b *testing.B) { benchmarkIssue(b, profile) })
	}
}

func benchmarkIssue(b *testing.B, profile federation.SecurityProfile) {
	s := newScene(b, profile)
	issuer, r, at := s.issuer(), request(), noon()
	key, digest := rsaKey(b, s.broker), sha256.Sum256([]byte("anything"))
	sign := func() {
		if _, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]); err != nil {
			b.Fatal(err)
		}
	}
	issue := func() {
		if _, err := issuer.Issue(r, s.target.Certificate, at); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	compare(b, sign, issue)
}

// BenchmarkAccept measures decryption and verification with every check.
func BenchmarkAccept(b *testing.B) {
	for _, profile := range profiles() {
		s := newScene(b, profile)
		document := string(issue(b, s).EncryptedData)
		b.Run(string(profile), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.verifier().Accept(parse(b, document), expectation()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// compare runs both by turns and takes the medians, so that what else the machine does
// falls on both, and on neither.
func compare(b *testing.B, sign, issue func()) {
	b.Helper()
	const most = 1 << 12
	signing, issuing := make([]time.Duration, 0, most), make([]time.Duration, 0, most)
	for b.Loop() {
		start := time.Now()
		sign()
		middle := time.Now()
		issue()
		if end := time.Now(); len(signing) < most {
			signing, issuing = append(signing, middle.Sub(start)), append(issuing, end.Sub(middle))
		}
	}
	slices.Sort(signing)
	slices.Sort(issuing)
	raw, whole := signing[len(signing)/2], issuing[len(issuing)/2]
	b.ReportMetric(float64(raw.Nanoseconds()), "raw-ns")
	b.ReportMetric(float64(whole.Nanoseconds()), "token-ns")
	b.ReportMetric(100*float64(raw)/float64(whole), "%-of-raw")
}
