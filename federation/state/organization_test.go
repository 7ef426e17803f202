package state

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// TestEndpointURLStandsBesideTheIdentifier puts and deletes one of the two after the other.
func TestEndpointURLStandsBesideTheIdentifier(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	head := "# Federation state, see docs/state-file.md. Edit with care; private keys are in keys/.\nversion: 1\n"
	url := "  endpointUrl: https://mail.a.example:8443\n"
	id := "  federatedOrganizationIdentifier:\n    enabled: true\n    guid: " + testGUID(1) + "\n    whenCreated: 0001-01-01T00:00:00Z\n    whenChanged: 0001-01-01T00:00:00Z\n"
	steps := []struct {
		name string
		do   func(federation.Tx) error
		want string
	}{
		{"URL alone", func(tx federation.Tx) error { return tx.EndpointURL.Put("https://mail.a.example:8443") }, head + "organization:\n" + url},
		{"identifier beside it", func(tx federation.Tx) error {
			return tx.Identifier.Put(federation.OrganizationIdentifier{Enabled: true, Meta: federation.Meta{GUID: testGUID(1)}})
		}, head + "organization:\n" + url + id},
		{"URL gone", func(tx federation.Tx) error { return tx.EndpointURL.Delete() }, head + "organization:\n" + id},
		{"URL back", func(tx federation.Tx) error { return tx.EndpointURL.Put("https://mail.a.example:8443") }, head + "organization:\n" + url + id},
		{"identifier gone", func(tx federation.Tx) error { return tx.Identifier.Delete() }, head + "organization:\n" + url},
		{"both gone", func(tx federation.Tx) error { return tx.EndpointURL.Delete() }, head},
	}
	for _, step := range steps {
		if err := update(f, step.do); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, read(t, f.Path())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	if len(steps) < 6 {
		t.Errorf("only %d steps", len(steps))
	}
}

// TestEndpointURLIsRead reads it beside an identifier, and wants what is no such URL refused.
func TestEndpointURLIsRead(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	write(t, f.Path(), "version: 1\norganization:\n  endpointUrl: https://mail.a.example/\n")
	err := f.View(context.Background(), func(tx federation.Tx) error {
		text, ok, err := tx.EndpointURL.Get()
		if text != "https://mail.a.example/" || !ok {
			t.Errorf("%q, %t", text, ok)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for value, want := range map[string]string{
		"http://mail.a.example":      `line 3, column 16: organization.endpointUrl: federation endpoint: the external URL "http://mail.a.example" is not of the form https://HOST[:PORT]`,
		"https://mail.a.example/ews": `line 3, column 16: organization.endpointUrl: federation endpoint: the external URL "https://mail.a.example/ews" is not of the form https://HOST[:PORT]`,
		"https://":                   `line 3, column 16: organization.endpointUrl: federation endpoint: the external URL "https://" is not of the form https://HOST[:PORT]`,
	} {
		write(t, f.Path(), "version: 1\norganization:\n  endpointUrl: "+value+"\n")
		if err := f.Check(); err == nil || err.Error() != f.Path()+": is not a state file: "+want {
			t.Errorf("%s: got %v, want %s", value, err, want)
		}
	}
}
