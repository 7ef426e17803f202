package format_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"exfed/federation/dns/format"
)

// python returns the system's Python with the module, which the system's packages are
// installed for.
func python(t *testing.T, module string) string {
	t.Helper()
	const path = "/usr/bin/python3"
	if err := exec.Command(path, "-c", "import "+module).Run(); err != nil {
		missing(t, "Python's "+module)
	}
	return path
}

// node runs a script of testdata by Node.js, with packages from the folder that
// EXFED_NODE_MODULES names and from those of NODE_PATH.
func node(t *testing.T, text, script string, packages ...string) string {
	t.Helper()
	path := peer(t, "node")
	environment := os.Environ()
	if folder := os.Getenv("EXFED_NODE_MODULES"); folder != "" {
		environment = append(environment, "NODE_PATH="+folder)
	}
	for _, name := range packages {
		probe := exec.Command(path, "-e", "require.resolve('"+name+"')")
		if probe.Env = environment; probe.Run() != nil {
			missing(t, "the npm package "+name)
		}
	}
	command := exec.Command(path, script)
	var stderr strings.Builder
	command.Env, command.Stdin, command.Stderr = environment, strings.NewReader(text), &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%.2000s", script, err, stderr.String())
	}
	return string(out)
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is missing and EXFED_REQUIRE_PEERS=1", what)
	}
	t.Skipf("%s is missing", what)
}

func decode[T any](t *testing.T, text string) (value T) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	return value
}

// forOctoDNS is what octoDNS can hold.
func forOctoDNS(text string) bool {
	return plain(text) && text != "" && text[0] != '"' && !strings.Contains(text, `" "`) && !strings.Contains(text, `\`)
}

// TestOctoDNSFiles has PyYAML read the zone files, and compares the records by octoDNS's rules.
func TestOctoDNSFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(30, true, forOctoDNS)
	zones := w.zones(50)
	w.enough(t, 8)
	text, _ := write(t, format.OctoDNS, zones)
	type entry struct {
		Type, Value string
		TTL         uint32
		Values      []json.RawMessage
	}
	var got []record
	for i, file := range decode[[][][2]json.RawMessage](t, run(t, text, python(t, "yaml"), "testdata/octodns.py")) {
		for _, pair := range file {
			host, e := decode[string](t, string(pair[0])), decode[entry](t, string(pair[1]))
			r := record{Name: strings.TrimPrefix(host+"."+zones[i].Apex, "."), Type: e.Type, TTL: e.TTL, Value: e.Value}
			if e.Type == "CNAME" {
				got = append(got, r)
			}
			for _, value := range e.Values {
				if e.Type == "TXT" {
					r.Value = textValue([]string{decode[string](t, string(value))}, true)
				} else {
					v := decode[struct {
						Priority, Weight, Port uint16
						Target                 string
					}](t, string(value))
					r.Value = srvValue(v.Priority, v.Weight, v.Port, strings.TrimSuffix(v.Target, "."))
				}
				got = append(got, r)
			}
		}
	}
	same(t, "octodns", expectation{joined: true}.expect(zones).wholes, got)
}

// TestDNSControlScripts has Node.js run the configuration, and compares what it declares.
func TestDNSControlScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(31, true, plain)
	zones := w.zones(50)
	w.enough(t, 8)
	text, _ := write(t, format.DNSControl, zones)
	var got []record
	for _, pair := range decode[[][2]json.RawMessage](t, node(t, text, "testdata/dnscontrol.js")) {
		declared := decode[struct {
			Type, Name string
			Values     []any
			TTL        uint32
		}](t, string(pair[1]))
		r := record{Name: absolute(declared.Name, decode[string](t, string(pair[0]))), Type: declared.Type, TTL: declared.TTL}
		words := strings.Fields(fmt.Sprintln(declared.Values...))
		switch r.Value = strings.Join(words, " "); r.Type {
		case "TXT":
			r.Value = textValue([]string{declared.Values[0].(string)}, true)
		}
		got = append(got, r)
	}
	same(t, "dnscontrol", expectation{joined: true}.expect(zones).additions, got)
}

// parameters reads the words of a command of PowerShell: its name, and its parameters with
// their values, "" for a switch.
func parameters(t *testing.T, words []any) (string, map[string]string) {
	t.Helper()
	found, last := map[string]string{}, ""
	for _, word := range words[1:] {
		if name, ok := word.(string); ok && strings.HasPrefix(name, "-") {
			last = name
			found[last] = ""
			continue
		}
		found[last] = powerShellText(word)
	}
	return words[0].(string), found
}

// powerShellText is a word, whether a text or not.
func powerShellText(word any) string {
	if text, ok := word.([]any); ok {
		return text[0].(string)
	}
	return word.(string)
}

// TestPowerShellScripts has the PowerShell grammar of tree-sitter parse the script, and compares
// what the commands are told.
func TestPowerShellScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(32, true, plain)
	zones := w.zones(50)
	w.enough(t, 8)
	text, _ := write(t, format.PowerShell, zones)
	var added, removed []record
	pipelines := decode[[][]any](t, node(t, text, "testdata/powershell.js", "web-tree-sitter", "tree-sitter-powershell"))
	if pipelines[0][0] != "$ErrorActionPreference" {
		t.Errorf("%v", pipelines[0])
	}
	for _, words := range pipelines[1:] {
		stages := splitWords(words, "|")
		name, p := parameters(t, stages[0])
		r := record{Name: absolute(p["-Name"], p["-ZoneName"])}
		switch name {
		case "Add-DnsServerResourceRecord":
			var days, hours, minutes, seconds uint32
			if _, err := fmt.Sscanf(p["-TimeToLive"], "%d.%d:%d:%d", &days, &hours, &minutes, &seconds); err != nil || hours > 23 || minutes > 59 || seconds > 59 {
				t.Errorf("%v", p)
			}
			r.TTL = ((days*24+hours)*60+minutes)*60 + seconds
			added = append(added, powerShellRecord(r, p))
		case "Get-DnsServerResourceRecord":
			_, last := parameters(t, stages[2])
			if len(stages) != 3 || stages[2][0] != "Remove-DnsServerResourceRecord" || last["-ZoneName"] != p["-ZoneName"] {
				t.Errorf("%v", stages)
			}
			q := map[string]string{"-" + p["-RRType"]: ""}
			for _, condition := range splitWords(stages[1][2:len(stages[1])-1], "-and") {
				// $_ . RecordData . NAME OPERATOR VALUE
				q["-"+condition[4].(string)] = powerShellText(condition[6])
				if text := condition[4] == "DescriptiveText"; text != (condition[5] == "-ceq") {
					t.Errorf("%v", condition)
				}
			}
			removed = append(removed, powerShellRecord(r, q))
		default:
			t.Errorf("%v", words)
		}
	}
	e := expectation{joined: true, onlyNew: true}.expect(zones)
	same(t, "added", e.additions, added)
	same(t, "removed", e.removals, removed)
}

func powerShellRecord(r record, p map[string]string) record {
	if _, ok := p["-Txt"]; ok {
		r.Type, r.Value = "TXT", textValue([]string{p["-DescriptiveText"]}, true)
	} else if _, ok := p["-CName"]; ok {
		r.Type, r.Value = "CNAME", p["-HostNameAlias"]
	} else if _, ok := p["-Srv"]; ok {
		r.Type, r.Value = "SRV", p["-Priority"]+" "+p["-Weight"]+" "+p["-Port"]+" "+p["-DomainName"]
	}
	return r
}

func splitWords(words []any, at string) [][]any {
	parts := [][]any{nil}
	for _, word := range words {
		if word == at {
			parts = append(parts, nil)
			continue
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], word)
	}
	return parts
}

// TestTables has Python's csv read the table. No cell begins with what makes a spreadsheet
// calculate.
func TestTables(t *testing.T) {
	t.Parallel()
	w := newWorld(33, true, nil)
	zones := w.zones(50)
	w.enough(t, 8)
	text, _ := write(t, format.CSV, zones)
	out := run(t, text, python(t, "csv"), "-c", "import csv, json, sys; json.dump(list(csv.DictReader(sys.stdin)), sys.stdout)")
	var added, removed []record
	for _, row := range decode[[]map[string]string](t, out) {
		for name, cell := range row {
			if cell == "" || strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%s is %q", name, cell)
			}
		}
		r := record{strings.TrimSuffix(row["Name"], "."), row["Type"], parseValue(t, row["Type"], row["Value"], false), number(t, row["TTL"])}
		if zoneOf(zones, r.Name) != row["Zone"] || row["Purpose"] == "" {
			t.Errorf("%v", row)
		}
		if row["Action"] == "Add" {
			added = append(added, r)
		} else {
			r.TTL = 0
			removed = append(removed, r)
		}
	}
	e := expectation{}.expect(zones)
	same(t, "added", e.additions, added)
	same(t, "removed", e.removals, removed)
}

// TestForms reads what is written for people.
func TestForms(t *testing.T) {
	t.Parallel()
	w := newWorld(34, true, func(text string) bool { return plain(text) && strings.TrimSpace(text) == text && text != "" })
	zones := w.zones(50)
	w.enough(t, 8)
	text, _ := write(t, format.Human, zones)
	var added, removed []record
	for block := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n\n") {
		lines := strings.Split(block, "\n")
		zone, title, _ := strings.Cut(strings.TrimPrefix(lines[0], "zone "), ": ")
		field := map[string]string{}
		for _, line := range lines[1:] {
			name, value, _ := strings.Cut(strings.TrimPrefix(line, "  "), " ")
			field[name] = strings.TrimLeft(value, " ")
		}
		r := record{Name: absolute(field["Host"], zone), Type: field["Type"], Value: field["Value"] + "."}
		switch r.Type {
		case "TXT":
			r.Value = textValue([]string{field["Value"]}, true)
		case "SRV":
			r.Value = field["Priority"] + " " + field["Weight"] + " " + field["Port"] + " " + field["Target"] + "."
		}
		if strings.HasPrefix(title, "to be removed: ") {
			removed = append(removed, r)
		} else {
			r.TTL = number(t, field["TTL"])
			added = append(added, r)
		}
	}
	e := expectation{joined: true}.expect(zones)
	same(t, "added", e.additions, added)
	same(t, "removed", e.removals, removed)
}
