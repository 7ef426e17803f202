package state

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

const testOther = "BD00F35CBA8359953F4126E0984B5CCAFA2F4F17"

// withRollover is valid with a rollover that is staged.
func withRollover() string {
	return strings.Replace(valid(), "acceptedDomains:", `  certificateRollover: # change 4711
    trust: `+testGUID(4)+`
    oldThumbprint: AC00F35CBA8359953F4126E0984B5CCAFA2F4F17
    newThumbprint: `+testOther+`
    whenBegun: 2026-01-31T12:00:00Z
    whenStaged: 2026-01-31T12:00:01Z # before lunch
acceptedDomains:`, 1)
}

// TestRolloverIsKept reads a rollover, writes two steps down and takes it away again, and wants
// every other byte to stay.
func TestRolloverIsKept(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	write(t, f.Path(), withRollover())
	begun := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	want := federation.CertificateRollover{
		Trust: testGUID(4), Old: "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17", New: testOther, WhenBegun: begun, WhenStaged: begun.Add(time.Second),
	}
	if err := update(f, func(tx federation.Tx) error {
		got, found, err := tx.Rollover.Get()
		if diff := cmp.Diff(want, got); diff != "" || !found {
			t.Errorf("found %v (-want +got):\n%s", found, diff)
		}
		if err != nil {
			return err
		}
		got.WhenProven, got.WhenPublished = begun.Add(time.Hour), begun.Add(2*time.Hour)
		return tx.Rollover.Put(got)
	}); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(withRollover(), "# before lunch\n", `# before lunch
    whenProven: 2026-01-31T13:00:00Z
    whenPublished: 2026-01-31T14:00:00Z
`, 1)
	if diff := cmp.Diff(text, read(t, f.Path())); diff != "" {
		t.Errorf("two steps more (-want +got):\n%s", diff)
	}
	if err := update(f, func(tx federation.Tx) error { return tx.Rollover.Delete() }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(valid(), read(t, f.Path())); diff != "" {
		t.Errorf("taken away (-want +got):\n%s", diff)
	}
}

// TestRolloverAlone: the section is there for the rollover alone, and goes with it.
func TestRolloverAlone(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	write(t, f.Path(), "version: 1\n")
	r := federation.CertificateRollover{Trust: testGUID(4), Old: testOther, New: "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17", WhenBegun: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	if err := update(f, func(tx federation.Tx) error { return tx.Rollover.Put(r) }); err != nil {
		t.Fatal(err)
	}
	want := "version: 1\norganization:\n  certificateRollover:\n    trust: " + testGUID(4) + "\n    oldThumbprint: " + testOther +
		"\n    newThumbprint: AC00F35CBA8359953F4126E0984B5CCAFA2F4F17\n    whenBegun: 2026-01-31T12:00:00Z\n"
	if diff := cmp.Diff(want, read(t, f.Path())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := update(f, func(tx federation.Tx) error { return tx.Rollover.Delete() }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("version: 1\n", read(t, f.Path())); diff != "" {
		t.Errorf("taken away (-want +got):\n%s", diff)
	}
}

func TestEveryRuleOfRolloverIsChecked(t *testing.T) {
	t.Parallel()
	const path = "organization.certificateRollover."
	later := func(step string) string { return "# before lunch\n    " + step + ": 2026-01-31T13:00:00Z" }
	staged := "    whenStaged: 2026-01-31T12:00:01Z # before lunch\n"
	cases := []struct{ name, old, new, want string }{
		{"trust", "    trust: " + testGUID(4), "    trust: Contoso", `line 14, column 12: ` + path + `trust: "Contoso" is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e`},
		{"old", "oldThumbprint: AC00", "oldThumbprint: ac00", `line 15, column 20: ` + path + `oldThumbprint: "ac00F35CBA8359953F4126E0984B5CCAFA2F4F17" is not a thumbprint, 40 upper-case hexadecimal digits`},
		{"new", "newThumbprint: " + testOther, "newThumbprint: none", `line 16, column 20: ` + path + `newThumbprint: "none" is not a thumbprint, 40 upper-case hexadecimal digits`},
		{"the same", "newThumbprint: BD", "newThumbprint: AC", `line 16, column 20: ` + path + `newThumbprint: is that of the certificate it replaces`},
		{"not begun", "    whenBegun: 2026-01-31T12:00:00Z\n", "", `line 14, column 5: ` + path + `whenBegun: is missing`},
		{"proven and not staged", staged, "    whenProven: 2026-01-31T13:00:00Z\n", `line 14, column 5: ` + path + `whenStaged: is missing`},
		{"published and not staged", staged, "    whenPublished: 2026-01-31T13:00:00Z\n", `line 14, column 5: ` + path + `whenStaged: is missing`},
		{"tested and not published", "# before lunch", later("whenTested"), `line 14, column 5: ` + path + `whenPublished: is missing`},
		{"unknown", "# before lunch", later("whenDone"), `line 19, column 5: ` + strings.TrimSuffix(path, ".") + `: unknown key "whenDone"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(withRollover(), c.old, c.new, 1)
			if text == withRollover() {
				t.Fatalf("%q is not in the document", c.old)
			}
			f := Open(statePath(t), Options{})
			write(t, f.Path(), text)
			checkCorrupt(t, f, c.want)
		})
	}
	if len(cases) < 9 {
		t.Errorf("only %d cases", len(cases))
	}
	f := Open(statePath(t), Options{})
	write(t, f.Path(), withRollover())
	if err := f.Check(); err != nil {
		t.Error(err)
	}
}

// TestClaim: an operation is one process's until it is released; others, and the state file, are
// free meanwhile.
func TestClaim(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	first, second := Open(path, Options{Holder: "process 7, the\x1b one"}), Open(path, Options{})
	release, err := first.Claim("rollover")
	if err != nil {
		t.Fatal(err)
	}
	_, err = second.Claim("rollover")
	want := path + ": the rollover is under way in process 7, the one (" + path + ".rollover.lock)"
	if federation.KindOf(err) != federation.Locked || err.Error() != want {
		t.Errorf("claimed twice: %v, want %s", err, want)
	}
	other, err := second.Claim("repair")
	if err != nil {
		t.Fatal(err)
	}
	if err := update(second, func(tx federation.Tx) error { return tx.EndpointURL.Put("https://mail.a.example") }); err != nil {
		t.Error(err)
	}
	for _, end := range []func() error{other, release} {
		if err := end(); err != nil {
			t.Error(err)
		}
	}
	release, err = second.Claim("rollover")
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}
