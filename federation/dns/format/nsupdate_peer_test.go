package format_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"exfed/federation/dns/format"
)

// TestUpdatesChangeALiveServer sends what nsupdate is written to BIND, whose zones hold what is
// live, and compares what BIND has then: what was there and is nobody's stays.
func TestUpdatesChangeALiveServer(t *testing.T) {
	t.Parallel()
	w := newWorld(2, true, nil)
	zones := w.zones(40)
	w.enough(t, 5)
	port, transfer := serveBIND(t, zones)
	text, _ := write(t, format.NSUpdate, zones)
	run(t, fmt.Sprintf("server 127.0.0.1 %s\n%s", port, text), peer(t, "nsupdate"), "-v")
	var got []record
	for _, zone := range zones {
		got = append(got, parseZone(t, transfer(zone.Apex))...)
	}
	want := expectation{anyTTL: true, onlyNew: true}.expect(zones).wholes
	for i := range got {
		got[i].TTL = 0
	}
	same(t, "zones after the update", want, got)
}

// TestUpdatesFitIntoMessages adds more records to one zone than a message can carry.
func TestUpdatesFitIntoMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(3, false, nil)
	zone := format.Zone{Apex: "big.example"}
	for i := range 700 {
		zone.Sets = append(zone.Sets, w.sets(fmt.Sprintf("d%d.big.example", i))...)
	}
	zones := []format.Zone{zone}
	port, transfer := serveBIND(t, zones)
	text, _ := write(t, format.NSUpdate, zones)
	if sends := strings.Count(text, "\nsend\n"); sends < 5 || !strings.HasSuffix(text, "\nsend\n") {
		t.Errorf("%d messages for %d bytes", sends, len(text))
	}
	run(t, fmt.Sprintf("server 127.0.0.1 %s\n%s", port, text), peer(t, "nsupdate"), "-v")
	e := expectation{}.expect(zones)
	for _, removal := range e.removals {
		e.additions = slices.DeleteFunc(e.additions, func(r record) bool {
			return r.Name == removal.Name && r.Type == removal.Type && r.Value == removal.Value
		})
	}
	same(t, "the zone after the updates", e.additions, parseZone(t, transfer("big.example")))
}

// serveBIND serves the zones with what is live in them. transfer returns all of a zone.
func serveBIND(t *testing.T, zones []format.Zone) (port string, transfer func(apex string) string) {
	t.Helper()
	named, dir := peer(t, "named"), t.TempDir()
	port = freePort(t)
	config := fmt.Sprintf(`options { directory %[1]q; listen-on port %[2]s { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; pid-file none; session-keyfile "%[1]s/session.key"; dnssec-validation no; notify no; };
controls {};
`, dir, port)
	for i, zone := range zones {
		config += fmt.Sprintf("zone %q { type primary; file \"%d.zone\"; allow-update { 127.0.0.1; }; check-names ignore; };\n", zone.Apex, i)
		lines := fmt.Sprintf("%[1]s. 60 IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n%[1]s. 60 IN NS ns.invalid.\n", zone.Apex)
		for _, set := range zone.Sets {
			if set.Live == nil {
				continue
			}
			for _, r := range set.Live.Records {
				value := r.Value()
				if set.Type == "TXT" {
					value = escapeAll(r.Strings)
				}
				lines += fmt.Sprintf("%s. 60 IN %s %s\n", set.Name, set.Type, value)
			}
		}
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%d.zone", i)), lines)
	}
	writeFile(t, filepath.Join(dir, "named.conf"), config)
	startDaemon(t, "all zones loaded", exec.Command(named, "-g", "-n", "1", "-c", filepath.Join(dir, "named.conf")))
	dig := peer(t, "dig")
	return port, func(apex string) string {
		return run(t, "", dig, "@127.0.0.1", "-p", port, apex, "AXFR", "+noall", "+answer")
	}
}

// escapeAll writes strings for a zone file with every byte as its number.
func escapeAll(strs []string) string {
	var out strings.Builder
	for _, text := range strs {
		out.WriteByte('"')
		for _, b := range []byte(text) {
			fmt.Fprintf(&out, `\%03d`, b)
		}
		out.WriteString(`" `)
	}
	return out.String()
}

// startDaemon starts a program, waits for it to say that it is ready, and stops it when the
// test ends.
func startDaemon(t *testing.T, ready string, command *exec.Cmd) {
	t.Helper()
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	said, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
		var log strings.Builder
		tell := func(text string) {
			select {
			case said <- text:
			default:
			}
		}
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintln(&log, lines.Text())
			if strings.Contains(lines.Text(), ready) {
				tell("")
			}
		}
		tell(log.String())
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-drained
		_ = command.Wait()
	})
	if log := <-said; log != "" {
		t.Fatalf("%s ended:\n%s", command.Path, log)
	}
}
