package verify_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// peer returns the path of a program that is not of this project.
func peer(t *testing.T, name string) string {
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

// zoneFiles writes zone files and returns their folder. The text of no zone is checked: a
// broken one is what some are for.
func zoneFiles(t *testing.T, zones map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for apex, text := range zones {
		write(t, filepath.Join(dir, apex+".zone"), text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// startBIND and startKnot return the address of a name server that serves the zones.
func startBIND(t *testing.T, zones map[string]string) string {
	t.Helper()
	named, dir, port := peer(t, "named"), zoneFiles(t, zones), freePort(t)
	config := fmt.Sprintf(`options { directory "%[1]s"; listen-on port %[2]s { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; pid-file none; session-keyfile "%[1]s/session.key"; dnssec-validation no; };
controls {};
`, dir, port)
	for apex := range zones {
		config += fmt.Sprintf("zone %q { type primary; check-names ignore; file \"%[1]s.zone\"; };\n", apex)
	}
	write(t, filepath.Join(dir, "named.conf"), config)
	startDaemon(t, " running\n", exec.Command(named, "-g", "-n", "1", "-c", filepath.Join(dir, "named.conf")))
	return "127.0.0.1:" + port
}

func startKnot(t *testing.T, zones map[string]string) string {
	t.Helper()
	knotd, dir, port := peer(t, "knotd"), zoneFiles(t, zones), freePort(t)
	config := fmt.Sprintf(`server:
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
    semantic-checks: off
zone:
`, dir, port)
	for apex := range zones {
		config += "  - domain: " + apex + "\n"
	}
	write(t, filepath.Join(dir, "knot.conf"), config)
	startDaemon(t, "server started", exec.Command(knotd, "-c", filepath.Join(dir, "knot.conf")))
	return "127.0.0.1:" + port
}

// startDaemon starts a program, waits for it to say that it is ready, and stops it when
// the test ends.
func startDaemon(t *testing.T, ready string, cmd *exec.Cmd) {
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
			if strings.Contains(lines.Text()+"\n", ready) {
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
func freePort(t *testing.T) string {
	t.Helper()
	listener, packets := listenBoth(t)
	defer packets.Close()
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// signZone signs a zone's text with a new key and returns the signed text and the DS record
// for the parent. Signatures hold from the first time to the second, YYYYMMDDHHMMSS.
func signZone(t *testing.T, apex, text, from, to string) (signed, ds string) {
	t.Helper()
	keygen, signzone, dir := peer(t, "dnssec-keygen"), peer(t, "dnssec-signzone"), t.TempDir()
	run := func(program string, args ...string) string {
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %v: %v", program, args, err)
		}
		return strings.TrimSpace(string(out))
	}
	key := run(keygen, "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", apex)
	write(t, filepath.Join(dir, "zone"), text)
	run(signzone, "-q", "-S", "-z", "-P", "-O", "full", "-s", from, "-e", to, "-o", apex, "-f", "signed", "zone")
	if content, err := os.ReadFile(filepath.Join(dir, "signed")); err != nil {
		t.Fatal(err)
	} else {
		signed = string(content)
	}
	return signed, run(peer(t, "dnssec-dsfromkey"), "-2", key)
}
