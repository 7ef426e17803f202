package state

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exfed/federation"
)

// childVariable makes the test binary act as another process: its value names a
// function of children.
const childVariable = "EXFED_STATE_TEST_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		if err := children()[name](os.Args[len(os.Args)-1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// children are what other processes do, by name. The argument is a path.
func children() map[string]func(string) error {
	all := map[string]func(string) error{"edit": childEdits, "kill": childDiesAt}
	maps.Copy(all, linuxChildren())
	return all
}

func statePath(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "state.yaml")
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func update(f federation.Store, fn func(federation.Tx) error) error {
	return f.Update(context.Background(), fn)
}

func testGUID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func testTime() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) }

func testMeta(n int) federation.Meta {
	return federation.Meta{GUID: testGUID(n), WhenCreated: testTime(), WhenChanged: testTime()}
}

func testDomain(n int) federation.AcceptedDomain {
	name := fmt.Sprintf("d%04d.example", n)
	return federation.AcceptedDomain{Name: name, DomainName: name, DomainType: federation.Authoritative, Default: n == 0, Meta: testMeta(n)}
}

func testThumbprint(n int) string { return fmt.Sprintf("%040X", n) }

func testCertificate(n int) federation.Certificate {
	der := append([]byte{0x30, 0x82}, []byte(strings.Repeat("certificate ", 60))...)
	return federation.Certificate{Thumbprint: testThumbprint(n), Services: []string{"Federation"}, WhenCreated: testTime(),
		Raw: base64.StdEncoding.EncodeToString(der)}
}

func testTrust(n int) federation.FederationTrust {
	return federation.FederationTrust{Name: fmt.Sprintf("Trust %04d", n), SecurityProfile: federation.Modern, Current: testThumbprint(1), Meta: testMeta(n)}
}

// putDomains puts domains into the file.
func putDomains(t testing.TB, f federation.Store, numbers ...int) {
	t.Helper()
	err := update(f, func(tx federation.Tx) error {
		for _, n := range numbers {
			if err := tx.AcceptedDomains.Put(testDomain(n)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func allDomains(f federation.Store) ([]federation.AcceptedDomain, error) {
	var all []federation.AcceptedDomain
	err := f.View(context.Background(), func(tx federation.Tx) error {
		var err error
		all, err = tx.AcceptedDomains.All()
		return err
	})
	return all, err
}
