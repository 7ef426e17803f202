package dns

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"exfed/federation"

	"github.com/google/go-cmp/cmp"
)

func TestSystemServers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no resolv.conf")
	}
	path := filepath.Join(t.TempDir(), "resolv.conf")
	text := "# made by hand\nsearch example.com\nnameserver 192.0.2.1\nnameserver 2001:db8::1\noptions ndots:2\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{path: {"192.0.2.1:53", "[2001:db8::1]:53"}, path + "x": nil} {
		if diff := cmp.Diff(want, (&Resolver{resolvConf: path}).servers()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestSystemErrors(t *testing.T) {
	t.Parallel()
	if !notFound(&net.DNSError{Err: "no such host", IsNotFound: true}) || notFound(&net.DNSError{Err: "server misbehaving"}) || notFound(nil) {
		t.Error("notFound is wrong")
	}
	got := systemError("DNS name x", &net.DNSError{Err: "server misbehaving", Name: "x", Server: "192.0.2.1:53"})
	want := &federation.Error{Kind: federation.Unavailable, ID: "DnsUnavailable", Object: "DNS name x", Reason: "the system's resolver did not answer: server misbehaving"}
	if diff := cmp.Diff(error(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
