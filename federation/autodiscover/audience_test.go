package autodiscover_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
)

// TestApplicationURIOfOthers has an organization claim the application URI of another one:
// tokens asked for with it would be good there.
func TestApplicationURIOfOthers(t *testing.T) {
	t.Parallel()
	const victim = "victim.example"
	cases := []struct {
		name, uri string
		domains   []string
		leadsBack bool // whether the victim's own service names the domain asked about
		bypass    bool
		id        string // of the error, "" for none
		unproven  bool
	}{
		{"its own", "FYDIBOHF25SPDLT.fabrikam.example", nil, false, false, "", false},
		{"its own as a URL", "http://fydibohf25spdlt.FABRIKAM.example/", nil, false, true, "", false},
		{"another's that is not named", "FYDIBOHF25SPDLT.victim.example", nil, false, false, "ApplicationUriOfAnotherOrganization", false},
		{"another's in other letters, as a URL", "HTTPS://fydibohf25spdlt.VICTIM.example/", nil, false, false, "ApplicationUriOfAnotherOrganization", false},
		{"another's behind a name", "http://a@FYDIBOHF25SPDLT.victim.example", nil, false, false, "ApplicationUriOfAnotherOrganization", false},
		{"another's with a path", "FYDIBOHF25SPDLT.victim.example/x", nil, false, false, "ApplicationUriOfAnotherOrganization", false},
		{"another's that is named", "FYDIBOHF25SPDLT.victim.example", []string{victim}, false, false, "ApplicationUriOfAnotherOrganization", false},
		{"another's that is believed", "FYDIBOHF25SPDLT.victim.example", []string{victim}, false, true, "ApplicationUriOfAnotherOrganization", false},
		{"another's that is not named, believed", "FYDIBOHF25SPDLT.victim.example", nil, true, true, "ApplicationUriOfAnotherOrganization", false},
		{"of a further domain", "FYDIBOHF25SPDLT.victim.example", []string{victim}, true, false, "", false},
		{"of a further domain, others believed", "FYDIBOHF25SPDLT.victim.example", []string{"gone.example", victim}, true, true, "", false},
		{"of many", "outlook.com", nil, false, false, "", true},
		{"of many, believed", "urn:x.fabrikam.example", nil, false, true, "", true},
		{"a host that only ends so", "evilfabrikam.example", nil, false, false, "", true},
		{"a host of the domain", "http://mail.Fabrikam.example/", nil, false, false, "", false},
		{"the domain", "fabrikam.example", nil, false, false, "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.host("https", subdomain, organization(t, c.uri, append([]string{apex}, c.domains...)...))
			theirs := []string{victim}
			if c.leadsBack {
				theirs = append(theirs, apex)
			}
			w.host("https", "autodiscover.victim.example", organization(t, "FYDIBOHF25SPDLT.victim.example", theirs...))
			client := w.client()
			client.BypassAdditionalDomainValidation = c.bypass
			got, err := client.Discover(t.Context(), apex)
			var e *federation.Error
			switch errors.As(err, &e); {
			case c.id == "" && err != nil, c.id != "" && (e == nil || e.ID != c.id):
				t.Fatalf("the error is %v, want %q", err, c.id)
			case c.id == "":
				if diff := cmp.Diff([]any{c.uri, c.unproven}, []any{got.TargetApplicationURI, got.AudienceUnproven}); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return
			}
			if diff := cmp.Diff(autodiscover.FederationInformation{Attempts: got.Attempts}, got); diff != "" || len(got.Attempts) == 0 {
				t.Errorf("what is refused is not told (-want +got):\n%s", diff)
			}
			if e.Kind != federation.Untrusted || e.Object != `domain "fabrikam.example"` || !strings.Contains(e.Reason, c.uri) || !strings.Contains(e.Reason, victim) && !strings.Contains(e.Reason, "VICTIM") || e.Remedy == "" {
				t.Errorf("%+v", e)
			}
		})
	}
	if len(cases) < 16 {
		t.Errorf("%d cases", len(cases))
	}
}
