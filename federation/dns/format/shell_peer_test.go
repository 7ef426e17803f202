package format_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"exfed/federation/dns/format"
)

// runScript has a shell run a script, with a stub in place of the tool that records its
// arguments, and returns the arguments of each call. The stub says that the resource group or
// the managed zone is called "place of ZONE".
func runScript(t *testing.T, shell, tool, script string) [][]string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, tool), `#!/bin/sh
{ for a in "$@"; do printf '%s\0' "$a"; done; printf '\n\0'; } >>"$CALLS"
case "$*" in *list*) printf 'place of %s\n' "$*" | sed "s/^\(place of\).*\(name==\|dnsName=\)['\"]*\([^'\"]*[^'\".]\)[.]*['\"].*/\1 \3/" ;; esac
`)
	command := exec.Command(peer(t, shell))
	command.Stdin = strings.NewReader(script)
	command.Dir = dir
	command.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "CALLS=" + filepath.Join(dir, "calls")}
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%s: %v\n%.2000s", shell, err, out)
	}
	if _, err := os.Stat("/tmp/pwned"); err == nil {
		t.Error("a record was carried out")
	}
	text, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	var calls [][]string
	for call := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n\x00"), "\n\x00") {
		calls = append(calls, strings.Split(strings.TrimSuffix(call, "\x00"), "\x00"))
	}
	return calls
}

// options reads --name value and --name=value.
func options(t *testing.T, words []string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		if !strings.HasPrefix(name, "--") {
			t.Fatalf("%q is no option", words[i])
		}
		if !joined {
			i++
			value = words[i]
		}
		found[name] = value
	}
	return found
}

func number(t *testing.T, text string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Error(err)
	}
	return uint32(n)
}

func absolute(host, zone string) string {
	if host == "@" {
		return zone
	}
	return host + "." + zone
}

// plain is what formats without a way to write bytes take.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// TestAzureScripts runs what is written for the Azure CLI, and compares what the CLI is told.
func TestAzureScripts(t *testing.T) {
	t.Parallel()
	for seed, live := range []bool{false, true} {
		w := newWorld(uint64(10+seed), live, func(text string) bool {
			return plain(text) && text != "" && text[0] != '@' && text[0] != '-'
		})
		zones := w.zones(24)
		w.enough(t, 5)
		script, _ := write(t, format.Azure, zones)
		var added, removed []record
		for _, words := range runScript(t, "bash", "az", script) {
			if words[2] == "zone" {
				continue
			}
			o := options(t, words[5:])
			if o["--resource-group"] != "place of "+o["--zone-name"] {
				t.Errorf("%v", o)
			}
			r := record{Name: absolute(o["--record-set-name"], o["--zone-name"]), Type: strings.ToUpper(words[3])}
			switch r.Type {
			case "TXT":
				r.Value = textValue([]string{o["--value"]}, true)
			case "CNAME":
				r.Value = o["--cname"] + "."
			default:
				r.Value = srvValue(uint16(number(t, o["--priority"])), uint16(number(t, o["--weight"])), uint16(number(t, o["--port"])), o["--target"])
			}
			switch words[4] {
			case "add-record", "set-record":
				r.TTL = number(t, o["--ttl"])
				added = append(added, r)
			case "remove-record":
				removed = append(removed, r)
			default:
				t.Errorf("%v", words)
			}
		}
		e := expectation{joined: true, onlyNew: true}.expect(zones)
		same(t, "added", e.additions, added)
		// set-record replaces the CNAME record there is.
		same(t, "removed", without(e.removals, "CNAME"), removed)
	}
}

func without(records []record, kind string) []record {
	var out []record
	for _, r := range records {
		if r.Type != kind {
			out = append(out, r)
		}
	}
	return out
}

// TestGoogleCloudScripts runs what is written for the Google Cloud CLI, and compares the sets it
// is told.
func TestGoogleCloudScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(12, true, nil)
	zones := w.zones(30)
	w.enough(t, 5)
	script, _ := write(t, format.GCloud, zones)
	verbs := map[string]string{}
	for _, zone := range zones {
		for _, set := range zone.Sets {
			verbs[set.Name+" "+string(set.Type)] = map[bool]string{true: "create", false: "update"}[len(set.Live.Records) == 0] + " place of " + zone.Apex
		}
	}
	var got []record
	delimited := 0
	for _, words := range runScript(t, "bash", "gcloud", script) {
		if words[1] == "managed-zones" {
			continue
		}
		o := options(t, words[4:])
		name := strings.TrimSuffix(words[3], ".")
		if key := name + " " + o["--type"]; verbs[key] != words[2]+" "+o["--zone"] {
			t.Errorf("%s: %s %s, want %s", key, words[2], o["--zone"], verbs[key])
		}
		values, between := o["--rrdatas"], ","
		if strings.HasPrefix(values, "^") {
			between, values, _ = strings.Cut(values[1:], "^")
			delimited++
		}
		for value := range strings.SplitSeq(values, between) {
			got = append(got, record{name, o["--type"], parseValue(t, o["--type"], value, false), number(t, o["--ttl"])})
		}
	}
	same(t, "sets", expectation{}.expect(zones).wholes, got)
	if delimited < 8 {
		t.Errorf("%d lists with a delimiter of their own", delimited)
	}
}

// TestScriptsStopAtTheFirstFailure has the tool fail, and not know the zone.
func TestScriptsStopAtTheFirstFailure(t *testing.T) {
	t.Parallel()
	zones := goldenZones()
	for f, tool := range map[format.Format]string{format.Azure: "az", format.GCloud: "gcloud"} {
		script, _ := write(t, f, zones)
		for _, stub := range []string{"exit 3", "exit 0"} {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, tool), "#!/bin/sh\necho $* >>"+dir+"/calls\n"+stub+"\n")
			command := exec.Command(peer(t, "sh"))
			command.Stdin, command.Env = strings.NewReader(script), []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
			out, err := command.CombinedOutput()
			calls, _ := os.ReadFile(filepath.Join(dir, "calls"))
			if err == nil || strings.Count(string(calls), "\n") != 1 || stub == "exit 0" && !strings.Contains(string(out), "zone contoso.com in this ") {
				t.Errorf("%s, %s: %v, %d calls\n%s", f, stub, err, strings.Count(string(calls), "\n"), out)
			}
		}
	}
}
