package server

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCertificatesKeptAreBounded has an organization come with one large certificate after
// another. Counting them bounds nothing: parsed, each takes many times its length.
func TestCertificatesKeptAreBounded(t *testing.T) {
	t.Parallel()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var p parsedCertificates
	const least, most = 8 << 20, 16 << 20 // bytes kept: those of some thousand usual ones fit
	largest := 0
	var last Credential
	for i := range 2 * most / maxCertificate {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i)), NotAfter: time.Now(), DNSNames: []string{strings.Repeat("a", maxCertificate-600)},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
		if err != nil {
			t.Fatal(err)
		}
		last = Credential{DER: der}
		if _, err := p.parse(last, "A1"); err != nil {
			t.Fatal(err)
		}
		size := 0
		for der := range p.parsed {
			size += len(der)
		}
		largest = max(largest, size)
	}
	if largest < least || largest > most {
		t.Errorf("%d bytes of certificates are kept at most, want %d to %d", largest, least, most)
	}
	if parsed := p.parsed[string(last.DER)]; parsed == nil || parsed.SerialNumber.Int64() != 2*most/maxCertificate-1 {
		t.Error("the last one is not kept")
	}
}

// TestCredentialsKeptAreBounded is the same for what the directory remembers.
func TestCredentialsKeptAreBounded(t *testing.T) {
	t.Parallel()
	const most = 16 << 20
	d := &directory{}
	der := make([]byte, maxCertificate)
	for i := range 2 * most / maxCertificate {
		name := string(rune('a' + i))
		d.keep(7, question{"Credentials", name}, credentials{Credential{DER: der}, &Credential{DER: der}})
		if size := len(d.answers) * 2 * maxCertificate; size > most {
			t.Fatalf("%d bytes are kept after %d", size, i+1)
		}
		if _, known := d.recall(7, question{"Credentials", name}); !known {
			t.Fatalf("the one kept last, %d, is not known", i)
		}
	}
}

// panicking is a registry whose driver fails in a way that it should not.
type panicking struct{ Registry }

func (panicking) Generation(context.Context) (int64, error) { panic("no such page") }

// TestDirectorySurvivesPanics: whether the registry was changed is asked in a goroutine that
// is no request's, where a panic would end the broker.
func TestDirectorySurvivesPanics(t *testing.T) {
	t.Parallel()
	d := &directory{registry: panicking{}}
	for range 2 { // the second one finds nobody working
		err := d.view(t.Context(), func(lookups) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "no such page") {
			t.Errorf("the error is %v", err)
		}
	}
}

// TestGenerationLost opens a registry from which the count of changes was lost, as by a copy
// of some of its tables: without one nothing that is remembered may be relied on.
func TestGenerationLost(t *testing.T) {
	t.Parallel()
	registry := openRegistry(t, filepath.Join(t.TempDir(), "registry.db"))
	change(t, registry, func(tx Tx) error { return tx.(*sqliteTx).exec(`DELETE FROM generation`) })
	if err := registry.View(t.Context(), func(tx Tx) error { _, err := tx.Generation(); return err }); !errors.Is(err, errNoGeneration) {
		t.Errorf("in a transaction the error is %v", err)
	}
	d := &directory{registry: registry}
	err := d.view(t.Context(), func(l lookups) error {
		_, err := l.Policy("A1")
		return err
	})
	if !errors.Is(err, errNoGeneration) {
		t.Errorf("the error is %v", err)
	}
}
