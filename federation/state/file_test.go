package state

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

func TestReadingCreatesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "no", "such", "state.yaml")
	f := Open(path, Options{})
	err := f.View(context.Background(), func(tx federation.Tx) error {
		all, err := tx.Trusts.All()
		if len(all) != 0 || err != nil {
			t.Errorf("got %v, %v", all, err)
		}
		_, ok, err := tx.Identifier.Get()
		if ok || err != nil {
			t.Errorf("got %v, %v", ok, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder exists: %v", err)
	}
	putDomains(t, f, 0)
	for name, want := range map[string]os.FileMode{path: 0o600, path + ".lock": 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, not %v", name, info.Mode(), want)
		}
	}
}

func TestViewRefusesChanges(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	changes := map[string]func(federation.Tx) error{
		"put":               func(tx federation.Tx) error { return tx.AcceptedDomains.Put(testDomain(0)) },
		"rename":            func(tx federation.Tx) error { return tx.AcceptedDomains.Rename("x", testDomain(0)) },
		"delete":            func(tx federation.Tx) error { return tx.Trusts.Delete("x") },
		"put identifier":    func(tx federation.Tx) error { return tx.Identifier.Put(federation.OrganizationIdentifier{}) },
		"delete identifier": func(tx federation.Tx) error { return tx.Identifier.Delete() },
	}
	for name, change := range changes {
		if err := f.View(context.Background(), change); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestUpdateThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	if err := update(Open(path, Options{}), func(federation.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"state.yaml.lock"}, names(t, filepath.Dir(path))); diff != "" {
		t.Error(diff)
	}
	putDomains(t, Open(path, Options{}), 0)
	f := Open(path, Options{Checkpoint: func(step string) error {
		if step != "lock" {
			t.Errorf("step %s", step)
		}
		return nil
	}})
	putDomains(t, f, 0)
}

func TestFailedUpdateWritesNothing(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	f := Open(path, Options{})
	putDomains(t, f, 0)
	before := read(t, path)
	stop := errors.New("stop")
	err := update(f, func(tx federation.Tx) error {
		if err := tx.AcceptedDomains.Delete(testDomain(0).Name); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	err = update(f, func(tx federation.Tx) error { return tx.Trusts.Put(testTrust(1)) })
	if federation.KindOf(err) != federation.Conflict || !strings.Contains(err.Error(), "federationTrusts[0] (Trust 0001).orgPrivCertificate: no certificate") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, read(t, path)); diff != "" {
		t.Error(diff)
	}
}

func TestModeAndLinkAreKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	target, link := filepath.Join(folder, "real", "s.yaml"), filepath.Join(folder, "state.yaml")
	if err := os.Mkdir(filepath.Dir(target), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("real", "s.yaml"), link); err != nil {
		t.Skip(err)
	}
	putDomains(t, Open(link, Options{}), 0) // the link leads nowhere yet
	if err := os.Chmod(target, 0o640); err != nil {
		t.Fatal(err)
	}
	putDomains(t, Open(link, Options{}), 1)
	info, err := os.Lstat(target)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o640 {
		t.Errorf("mode %v", info.Mode())
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", info, err)
	}
	if diff := cmp.Diff([]string{"s.yaml", "s.yaml.lock"}, names(t, filepath.Dir(target))); diff != "" {
		t.Error(diff)
	}
	if all, err := allDomains(Open(target, Options{})); len(all) != 2 || err != nil {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestObjectsWithinOneUpdate(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	putDomains(t, f, 0, 1, 2)
	renamed, swapped := testDomain(1), testDomain(2)
	renamed.Name, swapped.Name = "other", testDomain(1).Name
	err := update(f, func(tx federation.Tx) error {
		d := tx.AcceptedDomains
		return errors.Join(
			d.Rename(strings.ToUpper(testDomain(1).Name), renamed),
			d.Rename(testDomain(2).Name, swapped),
			d.Put(testDomain(3)), d.Delete(testDomain(3).Name), d.Delete("nobody"),
			d.Put(testDomain(4)),
			expect(t, d, testDomain(1).Name, swapped), expect(t, d, "OTHER", renamed), expectNone(t, d, testDomain(2).Name),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := allDomains(f)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]federation.AcceptedDomain{testDomain(0), renamed, swapped, testDomain(4)}, got); diff != "" {
		t.Error(diff)
	}
	err = update(f, func(tx federation.Tx) error { return tx.AcceptedDomains.Rename("nobody", renamed) })
	if federation.KindOf(err) != federation.NotFound {
		t.Errorf("got %v", err)
	}
	err = update(f, func(tx federation.Tx) error { return tx.AcceptedDomains.Rename(testDomain(0).Name, renamed) })
	if federation.KindOf(err) != federation.Exists {
		t.Errorf("got %v", err)
	}
}

func expect(t *testing.T, d federation.Objects[federation.AcceptedDomain], key string, want federation.AcceptedDomain) error {
	t.Helper()
	got, ok, err := d.Get(key)
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("%s: %v %s", key, ok, diff)
	}
	return err
}

func expectNone(t *testing.T, d federation.Objects[federation.AcceptedDomain], key string) error {
	t.Helper()
	_, ok, err := d.Get(key)
	if ok {
		t.Errorf("%s is there", key)
	}
	return err
}

// identity fills every field of the identifier.
func identity() federation.OrganizationIdentifier {
	return federation.OrganizationIdentifier{AccountNamespace: "FYDIBOHF25SPDLT.d0000.example", Domains: []federation.FederatedDomain{
		{Domain: "d0000.example"}, {Domain: "d0001.example", Pending: "add"}}, DefaultDomain: "d0001.example", Enabled: true,
		OrganizationContact: "a@d0000.example", DelegationTrust: "trust 0001", Meta: testMeta(9)}
}

func TestEverythingComesBack(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	trust := testTrust(1)
	trust.Issuer = federation.TokenIssuer{URI: "urn:federation:Broker", Certificate: testCertificate(1).Raw, MetadataRefreshed: testTime()}
	trust.MetadataURL, trust.ApplicationIdentifier, trust.Next, trust.Pending = "https://broker.example/m?x=1&y=2", "0000000000000E12", testThumbprint(2), "CreateAppId"
	putDomains(t, f, 0, 1)
	err := update(f, func(tx federation.Tx) error {
		return errors.Join(tx.Certificates.Put(testCertificate(1)), tx.Certificates.Put(testCertificate(2)), tx.Trusts.Put(trust), tx.Identifier.Put(identity()))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = f.View(context.Background(), func(tx federation.Tx) error {
		got, ok, err := tx.Trusts.Get("TRUST 0001")
		if diff := cmp.Diff(trust, got); !ok || diff != "" {
			t.Error(ok, diff)
		}
		id, ok, err2 := tx.Identifier.Get()
		if diff := cmp.Diff(identity(), id); !ok || diff != "" {
			t.Error(ok, diff)
		}
		certificates, err3 := tx.Certificates.All()
		if diff := cmp.Diff([]federation.Certificate{testCertificate(1), testCertificate(2)}, certificates); diff != "" {
			t.Error(diff)
		}
		return errors.Join(err, err2, err3)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = update(f, func(tx federation.Tx) error { return tx.Identifier.Delete() })
	if text := read(t, f.Path()); err != nil || strings.Contains(text, "organization:") {
		t.Errorf("%v:\n%s", err, text)
	}
}

func TestRehearsal(t *testing.T) {
	t.Parallel()
	path := statePath(t)
	write(t, path, "version: 1\nacceptedDomains:\n- {name: d0000.example, domainName: d0000.example, domainType: Authoritative, default: true, addressBookEnabled: false, guid: "+testGUID(0)+"} # first\n")
	before := read(t, path)
	r := Open(path, Options{Checkpoint: func(step string) error { t.Error(step); return nil }}).Rehearse()
	if diff := cmp.Diff([]string(nil), r.Diff()); diff != "" {
		t.Error(diff)
	}
	putDomains(t, r, 1)
	putDomains(t, r, 2)
	if all, err := allDomains(r); len(all) != 3 || err != nil {
		t.Errorf("got %v, %v", all, err)
	}
	if err := update(r, func(tx federation.Tx) error { return tx.AcceptedDomains.Delete(testDomain(1).Name) }); err != nil {
		t.Error(err)
	}
	err := update(r, func(tx federation.Tx) error { return tx.AcceptedDomains.Delete(testDomain(0).Name) })
	if federation.KindOf(err) != federation.Conflict {
		t.Errorf("got %v", err)
	}
	want := []string{"@@ -1,3 +1,10 @@", " version: 1", " acceptedDomains:", " " + strings.Split(before, "\n")[2],
		"+- name: d0002.example", "+  domainName: d0002.example", "+  domainType: Authoritative", "+  addressBookEnabled: false",
		"+  guid: " + testGUID(2), "+  whenCreated: 2026-01-31T12:00:00Z", "+  whenChanged: 2026-01-31T12:00:00Z"}
	if diff := cmp.Diff(want, r.Diff()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"state.yaml"}, names(t, filepath.Dir(path))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, read(t, path)); diff != "" {
		t.Error(diff)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	cases := []struct{ before, after, want string }{
		{"", "", ""},
		{"a\n", "a\n", ""},
		{"", "a\n", "@@ -0,0 +1,1 @@|+a"},
		{"a\nb\n", "b\n", "@@ -1,2 +1,1 @@|-a| b"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n", "@@ -2,7 +2,7 @@| 2| 3| 4|-5|+x| 6| 7| 8"},
		{"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "x\n1\n2\n3\n4\n5\n6\n7\ny\n", "@@ -1,4 +1,4 @@|-a|+x| 1| 2| 3|@@ -6,4 +6,4 @@| 5| 6| 7|-b|+y"},
		{"a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@| a|-b|+c"},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, strings.Join(diff([]byte(c.before), []byte(c.after)), "|")); diff != "" {
			t.Errorf("%q to %q: %s", c.before, c.after, diff)
		}
	}
	if len(cases) < 7 {
		t.Errorf("only %d cases", len(cases))
	}
}
