package dns_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"exfed/federation/dns"
)

// proof and otherProof are 88 Base64 characters that decode to 64 bytes.
const (
	proof      = "x9VgOT6tNkG0bXQmfyRzV7dT0pLq1W4sYhJcE2uKaF8iM3nBrPvZlDwSgHj5tUeXoCqA6IkRyN+/mQbLfVdGzA=="
	otherProof = "Qk3pTz8nLxW5vYc1Rj7sHd2gBf9mKa4eUi6oPy0tXwZqNVbMCrESlGhDFkJuAQIOTLPvWnRz/+s8c5x2y1d7gA=="
)

// peer returns the path of a program that judges what we made, or serves what we read.
func peer(t testing.TB, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(path); err == nil {
			return path
		}
	}
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is missing and EXFED_REQUIRE_PEERS=1", name)
	}
	t.Skipf("%s is missing", name)
	return ""
}

// contosoZone is the zone both name servers serve.
func contosoZone() string {
	var zone strings.Builder
	zone.WriteString(`$ORIGIN contoso.com.
$TTL 60
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN NS ns
ns IN A 127.0.0.1
@ IN TXT "v=spf1 -all"
@ IN TXT "` + proof + `"
split IN TXT "` + proof[:40] + `" "` + proof[40:] + `"
other IN TXT "` + otherProof + `"
strange IN TXT "a\"b\\c;d" " e\009\000\255"
host IN A 192.0.2.1
host IN AAAA 2001:db8::1
v4 IN A 192.0.2.4
alias IN CNAME host
proofalias IN CNAME contoso.com.
across IN CNAME fabrikam.com.
away IN CNAME elsewhere.example.
nowhere IN CNAME missing
deep.below IN TXT "x"
_autodiscover._tcp IN SRV 10 5 443 Second
_autodiscover._tcp IN SRV 10 50 443 first
_autodiscover._tcp IN SRV 0 0 8443 zeroth
_none._tcp IN SRV 0 0 0 .
srvalias IN CNAME _autodiscover._tcp
`)
	for i := range 9 {
		fmt.Fprintf(&zone, "hop%d IN CNAME hop%d\n", i, i+1)
	}
	zone.WriteString("hop9 IN TXT \"end\"\n")
	for i := range 30 {
		fmt.Fprintf(&zone, "big IN TXT \"%03d%s\"\n", i, strings.Repeat("x", 90))
	}
	zone.WriteString("big IN TXT \"" + proof + "\"\n")
	zone.WriteString(dns.ProofRecord("bytes.contoso.com", allBytes(), 0) + "\n")
	return zone.String()
}

func allBytes() string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return string(all)
}

const fabrikamZone = `$ORIGIN fabrikam.com.
$TTL 60
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN NS ns
ns IN A 127.0.0.1
@ IN TXT "` + otherProof + `"
`

// zoneFolder holds the zones; broken.example has a file no server can load.
func zoneFolder(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"contoso.com": contosoZone(), "fabrikam.com": fabrikamZone, "broken.example": "not a zone\n",
	} {
		writeFile(t, filepath.Join(dir, name+".zone"), text)
	}
	return dir
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// startBIND and startKnot return the address of a name server that serves the zones.
func startBIND(t *testing.T) string {
	named, dir, port := peer(t, "named"), zoneFolder(t), freePort(t)
	config := fmt.Sprintf(`options { directory "%[1]s"; listen-on port %[2]s { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; pid-file none; session-keyfile "%[1]s/session.key"; dnssec-validation no; };
controls {};
`, dir, port)
	for _, zone := range []string{"contoso.com", "fabrikam.com", "broken.example"} {
		config += fmt.Sprintf("zone %q { type primary; file \"%[1]s.zone\"; };\n", zone)
	}
	writeFile(t, filepath.Join(dir, "named.conf"), config)
	startDaemon(t, "all zones loaded", exec.Command(named, "-g", "-n", "1", "-c", filepath.Join(dir, "named.conf")))
	return "127.0.0.1:" + port
}

func startKnot(t *testing.T) string {
	knotd, dir, port := peer(t, "knotd"), zoneFolder(t), freePort(t)
	writeFile(t, filepath.Join(dir, "knot.conf"), fmt.Sprintf(`server:
  rundir: %[1]s
  listen: 127.0.0.1@%[2]s
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
log:
  - target: stderr
    any: info
database:
  storage: %[1]s/db
template:
  - id: default
    storage: %[1]s
    file: "%%s.zone"
    zonefile-sync: -1
zone:
  - domain: contoso.com
  - domain: fabrikam.com
  - domain: broken.example
`, dir, port))
	startDaemon(t, "server started", exec.Command(knotd, "-c", filepath.Join(dir, "knot.conf")))
	return "127.0.0.1:" + port
}

// startDaemon starts a program, waits for it to say that it is ready, and stops it when
// the test ends.
func startDaemon(t testing.TB, ready string, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
		var log strings.Builder
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Fprintln(&log, lines.Text())
			if strings.Contains(lines.Text(), ready) {
				select {
				case said <- "":
				default:
				}
			}
		}
		select {
		case said <- log.String():
		default:
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-drained
		_ = cmd.Wait()
	})
	if log := <-said; log != "" {
		t.Fatalf("%s ended:\n%s", cmd.Path, log)
	}
}

// freePort returns a port that is free for UDP and TCP at the moment.
func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	packets, err := net.ListenPacket("udp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
