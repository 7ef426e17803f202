package cmd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAnsweredDomains(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string][]string{
		"contoso.com":               {"contoso.com"},
		"contoso.com,contoso.co.uk": {"contoso.com", "contoso.co.uk"},
		"contoso.com, contoso.co.uk; contoso.ca eu.contoso.com,": {"contoso.com", "contoso.co.uk", "contoso.ca", "eu.contoso.com"},
		" , ": nil,
	} {
		if diff := cmp.Diff(want, answeredDomains(answer), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: %s", answer, diff)
		}
	}
}
