package token_test

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
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
// are issued in the time of a hundred such signatures. most-% is how many there were if
// nothing was done but what no token can do without: the signature, the encryption of the
// key and that of as many bytes, by the standard library alone.
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
	whole := func() {
		if _, err := issuer.Issue(r, s.target.Certificate, at); err != nil {
			b.Fatal(err)
		}
	}
	signed, err := issuer.Sign(issue(b, s).Token)
	if err != nil {
		b.Fatal(err)
	}
	compare(b, sign, whole, func() { encrypt(b, s, signed) })
}

// encrypt encrypts the content, and a key for it.
func encrypt(b *testing.B, s scene, content []byte) {
	key := make([]byte, 32)
	public := s.target.Certificate.PublicKey.(*rsa.PublicKey)
	if s.profile == federation.Exchange {
		key = key[:24]
	}
	if _, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, public, key, nil); err != nil {
		b.Fatal(err)
	}
	if s.profile == federation.Exchange {
		block, err := des.NewTripleDESCipher(key)
		if err != nil {
			b.Fatal(err)
		}
		content = content[:len(content)/block.BlockSize()*block.BlockSize()]
		cipher.NewCBCEncrypter(block, key[:block.BlockSize()]).CryptBlocks(content, content)
		return
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		b.Fatal(err)
	}
	mode, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	mode.Seal(nil, key[:mode.NonceSize()], content, nil)
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

// compare runs them by turns and takes the medians, so that what else the machine does
// falls on all of them, and on none.
func compare(b *testing.B, sign, whole, encrypt func()) {
	b.Helper()
	steps := []func(){sign, whole, encrypt}
	took := make([][]time.Duration, len(steps))
	for b.Loop() {
		for i, step := range steps {
			start := time.Now()
			step()
			took[i] = append(took[i], time.Since(start))
		}
	}
	median := func(durations []time.Duration) float64 {
		slices.Sort(durations)
		return float64(durations[len(durations)/2].Nanoseconds())
	}
	raw, token, encryption := median(took[0]), median(took[1]), median(took[2])
	b.ReportMetric(raw, "raw-ns")
	b.ReportMetric(token, "token-ns")
	b.ReportMetric(100*raw/token, "%-of-raw")
	b.ReportMetric(100*raw/(raw+encryption), "most-%")
}
