package certificate_test

import (
	"crypto/rand"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"exfed/certificate"
)

// TestMain lets the test binary be started again as a process that saves a key and is
// killed at a point the parent names.
func TestMain(m *testing.M) {
	if os.Getenv(saverDir) != "" {
		os.Exit(saveAndDie())
	}
	os.Exit(m.Run())
}

// peer returns the path of a program that judges what we made.
func peer(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is missing and EXFED_REQUIRE_PEERS=1", name)
	}
	t.Skipf("%s is missing", name)
	return ""
}

// run runs a program and returns what it wrote.
func run(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8") // NSS reads passwords by it
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// moment is the time certificates are made at.
func moment() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC) }

func newPair(t *testing.T, request certificate.Request) certificate.Pair {
	t.Helper()
	pair, err := certificate.NewSelfSigned(request, rand.Reader, moment())
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// aPair returns one pair for all tests that only need any.
func aPair(t *testing.T) certificate.Pair {
	t.Helper()
	pair, err := onePair()
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

var onePair = sync.OnceValues(func() (certificate.Pair, error) {
	return certificate.NewSelfSigned(certificate.Request{Subject: "CN=Federation"}, rand.Reader, moment())
})
