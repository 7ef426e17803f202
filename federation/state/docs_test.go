package state

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"exfed/federation"
)

// TestSchemaIsDocumented checks that every key of the file is described on the page.
func TestSchemaIsDocumented(t *testing.T) {
	t.Parallel()
	page := read(t, filepath.Join("..", "..", "docs", "state-file.md"))
	keys := map[string]bool{"version": true, organizationSection: true, acceptedDomainsSection: true, certificatesSection: true, trustsSection: true,
		relationshipsSection: true, policiesSection: true, mailboxesSection: true}
	for _, object := range []reflect.Type{reflect.TypeFor[organization](), reflect.TypeFor[federation.AcceptedDomain](),
		reflect.TypeFor[federation.Certificate](), reflect.TypeFor[federation.FederationTrust](),
		reflect.TypeFor[federation.OrganizationRelationship](), reflect.TypeFor[federation.SharingPolicy](), reflect.TypeFor[federation.Mailbox]()} {
		collectKeys(keys, object)
	}
	for key := range keys {
		if !strings.Contains(page, "`"+key+"`") && !strings.Contains(page, "[]."+key+"`") {
			t.Errorf("%s is not described", key)
		}
	}
	if len(keys) < 70 {
		t.Errorf("only %d keys", len(keys))
	}
}

func collectKeys(keys map[string]bool, t reflect.Type) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.PkgPath() == "time" {
		return
	}
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" {
			keys[name] = true
		}
		collectKeys(keys, f.Type)
	}
}

// TestDocumentedExample checks that the example on the page is a valid state file.
func TestDocumentedExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "state-file.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("there is no example")
	}
	f := Open(statePath(t), Options{})
	write(t, f.Path(), example)
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	if all, err := allDomains(f); len(all) != 1 || err != nil {
		t.Errorf("got %v, %v", all, err)
	}
}
