package format_test

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"exfed/federation/dns/format"
)

// rootZone is a zone at the root that holds the lines, so that one reading judges the names of
// every zone.
func rootZone(lines string) string {
	return ". 60 IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n. 60 IN NS ns.invalid.\nns.invalid. 60 IN A 127.0.0.1\n" + lines
}

// parseZone reads the lines of a zone file that are NAME TTL IN TYPE CONTENT, and $ORIGIN.
// Records of the zone itself are left out.
func parseZone(t *testing.T, text string) []record {
	t.Helper()
	var records []record
	origin, owner := ".", ""
	for line := range strings.Lines(text) {
		if strings.TrimLeft(line, " \t") != line {
			line = owner + line // of the same name as the one before
		}
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[0] == "$ORIGIN" {
			origin = "." + strings.TrimPrefix(fields[1], ".")
		}
		if len(fields) < 5 || strings.HasPrefix(fields[0], ";") {
			continue
		}
		var r record
		if _, err := fmt.Sscan(fields[1], &r.TTL); err != nil || fields[2] != "IN" {
			continue // a further line of a SOA record
		}
		owner = fields[0]
		if !strings.HasSuffix(fields[0], ".") {
			fields[0] += origin
		}
		if r.Name, r.Type = strings.TrimSuffix(fields[0], "."), fields[3]; r.Type != "TXT" && r.Type != "CNAME" && r.Type != "SRV" {
			continue
		}
		content := line
		for range 4 { // what the content begins behind
			content = strings.TrimLeft(content, " \t")
			content = content[strings.IndexAny(content, " \t"):]
		}
		content = strings.TrimSpace(content)
		r.Value = parseValue(t, r.Type, content, false)
		records = append(records, r)
	}
	return records
}

// TestZoneTextIsReadByNameServers has the zone readers of BIND, NSD, Knot and ldns read what
// bind writes, and compares what they make of it.
func TestZoneTextIsReadByNameServers(t *testing.T) {
	t.Parallel()
	w := newWorld(1, false, nil)
	zones := w.zones(120)
	w.enough(t, 20)
	text, _ := write(t, format.BIND, zones)
	want := expectation{}.expect(zones).additions
	path := filepath.Join(t.TempDir(), "root.zone")
	writeFile(t, path, rootZone(text))
	read := map[string]func(t *testing.T) string{
		"BIND": func(t *testing.T) string {
			return run(t, "", peer(t, "named-compilezone"), "-i", "none", "-k", "fail", "-s", "full", "-o", "-", ".", path)
		},
		"NSD":  func(t *testing.T) string { return run(t, "", peer(t, "nsd-checkzone"), "-p", ".", path) },
		"ldns": func(t *testing.T) string { return run(t, "", peer(t, "ldns-read-zone"), "-c", "-n", path) },
		"Knot": func(t *testing.T) string {
			run(t, "", peer(t, "kzonecheck"), "-o", ".", path)
			return serveKnot(t, path)
		},
	}
	for name, read := range read {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, name, want, parseZone(t, read(t)))
		})
	}
	if len(want) < 500 || len(read) < 4 {
		t.Errorf("%d records and %d readers, at least 500 and 4 are expected", len(want), len(read))
	}
}

// serveKnot has Knot DNS serve the root zone in the file, and returns all of it.
func serveKnot(t *testing.T, zone string) string {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
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
acl:
  - id: loopback
    address: 127.0.0.1
    action: transfer
zone:
  - domain: .
    file: %[3]s
    zonefile-sync: -1
    acl: loopback
`, dir, port, zone))
	startDaemon(t, "server started", exec.Command(peer(t, "knotd"), "-c", filepath.Join(dir, "knot.conf")))
	return run(t, "", peer(t, "dig"), "@127.0.0.1", "-p", port, ".", "AXFR", "+noall", "+answer")
}

// freePort returns a port that is free for UDP and TCP at the moment.
func freePort(t *testing.T) string {
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
