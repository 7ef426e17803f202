package lab_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/dns"
	"exfed/federation/lab"
)

// startLab starts a lab whose cmdlets are played by a shell. The options may be changed first.
func startLab(ctx context.Context, t *testing.T, change ...func(*lab.Options)) (*lab.Lab, error) {
	t.Helper()
	var s shell
	options := lab.Options{
		Dir: filepath.Join(t.TempDir(), "lab"), Run: s.run, Endpoint: s.endpoint, Report: func(lab.Step) {}, Now: time.Now, Rand: rand.Reader,
	}
	for _, f := range change {
		f(&options)
	}
	return lab.Start(ctx, options)
}

// traced calls do and checks that every goroutine it started, and every one these started,
// has ended afterwards.
func traced(t *testing.T, do func(context.Context)) {
	t.Helper()
	pprof.Do(t.Context(), pprof.Labels("lab", t.Name()), do)
	var left string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); <-time.After(time.Millisecond) {
		if left = goroutinesOf(t, t.Name()); left == "" {
			return
		}
	}
	t.Fatalf("goroutines are left:\n%s", left)
}

// goroutinesOf returns the stacks of the goroutines with that label.
func goroutinesOf(t *testing.T, label string) string {
	t.Helper()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, stack := range strings.Split(profile.String(), "\n\n") {
		if strings.Contains(stack, fmt.Sprintf("%q:%q", "lab", label)) {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}

// addresses returns where broker, endpoints and name server listen.
func addresses(t *testing.T, l *lab.Lab) []string {
	t.Helper()
	environ := l.Environment()
	found := []string{environ["EXFED_DNS_SERVER"]}
	for _, rule := range strings.Split(environ["EXFED_CONNECT_TO"], ",") {
		if _, address, is := strings.Cut(rule, ":443:"); is && !slices.Contains(found, address) {
			found = append(found, address)
		}
	}
	if len(found) != 4 {
		t.Fatalf("name server, broker and two endpoints are not all in %q", environ)
	}
	return found
}

// wantListening checks that all of the addresses can be connected to, or none.
func wantListening(t *testing.T, addresses []string, want bool) {
	t.Helper()
	for _, a := range addresses {
		if listens(a) != want {
			t.Errorf("something listens on %s: %t", a, !want)
		}
	}
}

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

func TestNothingIsLeftAfterClose(t *testing.T) {
	t.Parallel()
	traced(t, func(ctx context.Context) {
		l, err := startLab(ctx, t)
		if err != nil {
			t.Fatal(err)
		}
		where := addresses(t, l)
		wantListening(t, where, true)
		if goroutinesOf(t, t.Name()) == "" {
			t.Error("the goroutines of the lab cannot be told from others")
		}
		for range 2 { // closed again, it is closed
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
		wantListening(t, where, false)
		udp := &dns.Resolver{Servers: where[:1], Timeout: 200 * time.Millisecond}
		if texts, err := udp.LookupTXT(t.Context(), "contoso.com"); err == nil {
			t.Errorf("after Close the name server answers %q", texts)
		}
	})
}

// TestStartFails breaks each part of the start: nothing keeps running, and the next attempt
// in the same folder succeeds.
func TestStartFails(t *testing.T) {
	t.Parallel()
	folder := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := []struct {
		name    string
		prepare func(t *testing.T, dir string)
		rand    io.Reader
		mend    string // what to take away before the next attempt
		says    string
	}{
		{"the registry", folder("broker/registry.db"), rand.Reader, "broker/registry.db", "registry.db"},
		{"the key folder", func(t *testing.T, dir string) {
			folder("broker")(t, dir)
			if err := os.WriteFile(filepath.Join(dir, "broker", "registry.db.keys"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, rand.Reader, "broker/registry.db.keys", "registry.db.keys"},
		{"the certificate", folder("ca.pem"), rand.Reader, "ca.pem", "ca.pem"},
		{"the environment", folder("lab.env"), rand.Reader, "lab.env", "lab.env"},
		{"randomness", folder("."), exhausted{}, "", "no randomness"},
	}
	if len(cases) < 5 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "lab")
			c.prepare(t, dir)
			traced(t, func(ctx context.Context) {
				l, err := startLab(ctx, t, func(o *lab.Options) { o.Dir, o.Rand = dir, c.rand })
				if err == nil || l != nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("lab %v, error %v, want one about %s", l, err, c.says)
				}
			})
			if c.mend != "" {
				if err := os.Remove(filepath.Join(dir, c.mend)); err != nil {
					t.Fatal(err)
				}
			}
			l, err := startLab(t.Context(), t, func(o *lab.Options) { o.Dir = dir })
			if err != nil {
				t.Fatalf("the next attempt: %v", err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// exhausted is randomness that has run out.
type exhausted struct{}

func (exhausted) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

// TestLabExists starts a lab where one has been played: the folder stays as it is.
func TestLabExists(t *testing.T) {
	t.Parallel()
	for _, organization := range []string{"contoso", "fabrikam", "adatum"} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, organization), 0o700); err != nil {
			t.Fatal(err)
		}
		traced(t, func(ctx context.Context) {
			_, err := startLab(ctx, t, func(o *lab.Options) { o.Dir = dir })
			var e *federation.Error
			if !errors.As(err, &e) || e.ID != "LabExists" || e.Kind != federation.Conflict {
				t.Errorf("the error is %v", err)
			}
		})
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 || entries[0].Name() != organization {
			t.Errorf("the folder holds %v, %v", entries, err)
		}
	}
}

// TestAuthorityIsForgotten looks for the key of the lab's authority in all the lab leaves.
func TestAuthorityIsForgotten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "lab")
	l, err := startLab(t.Context(), t, func(o *lab.Options) { o.Dir = dir })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	block, rest := pem.Decode(contents(t, filepath.Join(dir, "ca.pem")))
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		t.Fatal("ca.pem is not one certificate")
	}
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !authority.IsCA || !authority.MaxPathLenZero {
		t.Fatalf("ca.pem holds no authority for servers alone: %v", err)
	}
	keys := 0
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		for block, rest := pem.Decode(contents(t, path)); block != nil; block, rest = pem.Decode(rest) {
			if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
				continue
			}
			keys++
			if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil || authority.PublicKey.(*ecdsa.PublicKey).Equal(publicOf(key)) {
				t.Errorf("%s holds a key: the authority's, or unreadable: %v", path, err)
			}
		}
		return nil
	})
	if err != nil || keys != 1 { // the broker's
		t.Errorf("%d keys are there, %v", keys, err)
	}
}

func publicOf(key any) crypto.PublicKey {
	if signer, is := key.(crypto.Signer); is {
		return signer.Public()
	}
	return nil
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestEnvironmentFile has a shell read lab.env of a folder that is hard to write in one.
func TestEnvironmentFile(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir := filepath.Join(t.TempDir(), `it's "a" $HOME lab`+"\n`x`")
	l, err := startLab(t.Context(), t, func(o *lab.Options) { o.Dir = dir })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	var names, want []string
	for name, value := range l.Environment() {
		names = append(names, name)
		want = append(want, name+"="+value)
	}
	slices.Sort(names)
	slices.Sort(want)
	script := `. "$1"; shift; for name; do eval "printf '%s=%s\0' \$name \"\$$name\""; done`
	out, err := exec.CommandContext(t.Context(), sh, append([]string{"-c", script, "sh", l.EnvironmentPath()}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")); diff != "" || len(want) != 4 {
		t.Errorf("what the shell has (-want +got):\n%s", diff)
	}
	info, err := os.Stat(l.EnvironmentPath())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
}
