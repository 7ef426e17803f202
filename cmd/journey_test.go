package cmd

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// minimumJourneys is how many procedures there are, each on both name servers.
const minimumJourneys = 8

// brokenZone is a zone no name server can load, so that it answers SERVFAIL.
const brokenZone = "broken.example"

// TestJourneys runs whole procedures, one process a cmdlet, against a broker that is a
// process of its own, with the domains in the zones of an independent name server: BIND
// in the modern profile, and Knot in the one of Exchange.
func TestJourneys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ program, profile string }{{"named", "modern"}, {"knotd", "exchange"}} {
		t.Run(c.program, func(t *testing.T) {
			t.Parallel()
			zones := &zoneServer{program: peer(t, c.program), update: peer(t, "nsupdate"), knot: c.program == "knotd"}
			params := scriptParams(t, filepath.Join("testdata", "journeys"), minimumJourneys)
			setUp := params.Setup
			params.Setup = func(env *testscript.Env) error {
				env.Setenv("PROFILE", c.profile)
				return setUp(env)
			}
			params.Cmds["zones"] = zones.startCommand
			params.Cmds["txt"] = zones.txtCommand
			params.Cmds["alias"] = zones.aliasCommand
			params.Cmds["federate"] = zones.federateCommand
			params.Cmds["identify"] = identifyCommand
			params.Cmds["mailboxes"] = mailboxesCommand
			params.Cmds["views"] = viewsCommand
			params.Cmds["answers"] = answersCommand
			params.Condition = func(name string) (bool, error) {
				if name == "modern" {
					return c.profile == name, nil
				}
				return scriptCondition(name)
			}
			testscript.Run(t, params)
		})
	}
}

// zoneServer is an authoritative name server that is not of this project.
type zoneServer struct {
	program, update string
	knot            bool
}

// startCommand serves zones: zones DOMAIN... It leaves the address in EXFED_DNS_SERVER.
func (z *zoneServer) startCommand(ts *testscript.TestScript, _ bool, zones []string) {
	folder := filepath.Join(ts.Getenv("WORK"), "zones")
	ts.Check(os.MkdirAll(filepath.Join(folder, "db"), 0o700))
	for _, zone := range zones {
		ts.Check(os.WriteFile(filepath.Join(folder, zone+".zone"), []byte(emptyZone(zone)), 0o600))
	}
	ts.Check(os.WriteFile(filepath.Join(folder, brokenZone+".zone"), []byte("not a zone\n"), 0o600))
	port, err := freePort()
	ts.Check(err)
	name, text, args, ready := "named.conf", bindConfiguration, []string{"-g", "-n", "1", "-c"}, "all zones loaded|running$"
	if z.knot {
		name, text, args, ready = "knot.conf", knotConfiguration, []string{"-c"}, "server started"
	}
	path := filepath.Join(folder, name)
	ts.Check(os.WriteFile(path, []byte(text(folder, port, append(zones, brokenZone))), 0o600))
	start(ts, "NAMES", ready, z.program, append(args, path)...)
	ts.Setenv("EXFED_DNS_SERVER", "127.0.0.1:"+port)
}

func emptyZone(zone string) string {
	return "$ORIGIN " + zone + ".\n$TTL 1\n@ IN SOA ns hostmaster 1 3600 600 86400 1\n@ IN NS ns\nns IN A 127.0.0.1\n"
}

func bindConfiguration(folder, port string, zones []string) string {
	text := fmt.Sprintf(`options { directory %[1]q; listen-on port %[2]s { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; pid-file none; session-keyfile "%[1]s/session.key"; dnssec-validation no; };
controls {};
`, folder, port)
	for _, zone := range zones {
		text += fmt.Sprintf("zone %[1]q { type primary; file \"%[1]s.zone\"; allow-update { 127.0.0.1; }; };\n", zone)
	}
	return text
}

func knotConfiguration(folder, port string, zones []string) string {
	text := fmt.Sprintf(`server:
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
    action: update
template:
  - id: default
    storage: %[1]s
    file: "%%s.zone"
    zonefile-sync: -1
    acl: loopback
zone:
`, folder, port)
	for _, zone := range zones {
		text += "  - domain: " + zone + "\n"
	}
	return text
}

// freePort returns a port of loopback that is free for UDP and TCP.
func freePort() (string, error) {
	var err error
	for range 20 {
		var stream net.Listener
		if stream, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return "", err
		}
		_, port, _ := net.SplitHostPort(stream.Addr().String())
		var packets net.PacketConn
		packets, err = net.ListenPacket("udp", "127.0.0.1:"+port)
		_ = stream.Close()
		if err == nil {
			return port, packets.Close()
		}
	}
	return "", err
}

// txtCommand replaces the TXT records of a zone's apex: txt DOMAIN VALUE... A value with
// a | in it is one record of several strings; @N stands for N records of no meaning.
func (z *zoneServer) txtCommand(ts *testscript.TestScript, _ bool, args []string) {
	var input strings.Builder
	fmt.Fprintf(&input, "update delete %s TXT\n", args[0])
	for _, value := range args[1:] {
		var count int
		if _, err := fmt.Sscanf(value, "@%d", &count); err == nil {
			for i := range count {
				fmt.Fprintf(&input, "update add %s 1 TXT \"%03d%s\"\n", args[0], i, strings.Repeat("x", 120))
			}
			continue
		}
		fmt.Fprintf(&input, "update add %s 1 TXT \"%s\"\n", args[0], strings.ReplaceAll(value, "|", `" "`))
	}
	z.change(ts, args[0], input.String())
}

// aliasCommand publishes where a domain's Autodiscover is: alias DOMAIN HOST
func (z *zoneServer) aliasCommand(ts *testscript.TestScript, _ bool, args []string) {
	z.change(ts, args[0], fmt.Sprintf("update add autodiscover.%[1]s 1 CNAME %[2]s\nupdate add %[2]s 1 A 127.0.0.1\n", args[0], args[1]))
}

// change sends a dynamic update (RFC 2136) of a zone, written for nsupdate.
func (z *zoneServer) change(ts *testscript.TestScript, zone, lines string) {
	_, port, err := net.SplitHostPort(ts.Getenv("EXFED_DNS_SERVER"))
	ts.Check(err)
	command := exec.Command(z.update, "-v")
	command.Stdin = strings.NewReader(fmt.Sprintf("server 127.0.0.1 %s\nzone %s\n%ssend\n", port, zone, lines))
	if out, err := command.CombinedOutput(); err != nil {
		ts.Fatalf("nsupdate: %v\n%s", err, out)
	}
}
