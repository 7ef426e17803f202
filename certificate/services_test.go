package certificate_test

import (
	"strings"
	"testing"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

func TestServices(t *testing.T) {
	t.Parallel()
	cases := []struct {
		given   []string
		names   []string
		letters string
	}{
		{nil, nil, "......."},
		{[]string{"None"}, nil, "......."},
		{[]string{"iis, smtp", "IMAP"}, []string{"IMAP", "IIS", "SMTP"}, "I..WS.."},
		{[]string{"SMTP", "IIS,POP,imap"}, []string{"IMAP", "POP", "IIS", "SMTP"}, "IP.WS.."},
		{[]string{"SMTP", "smtp"}, []string{"SMTP"}, "....S.."},
		{[]string{"federation"}, []string{"Federation"}, ".....F."},
		{[]string{"UM,UMCallRouter"}, []string{"UM", "UMCallRouter"}, "..U...R"},
	}
	for _, c := range cases {
		names, err := certificate.ParseServices(c.given)
		if err != nil {
			t.Errorf("%q: %v", c.given, err)
		}
		if diff := cmp.Diff(c.names, names); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.given, diff)
		}
		if got := certificate.ServicesLetters(names); got != c.letters {
			t.Errorf("%q: letters %s, want %s", c.given, got, c.letters)
		}
	}
	for given, reason := range map[string]string{
		"None,SMTP": "None cannot stand beside SMTP",
		"Web":       `service "Web": is none of None, IMAP, POP, UM, IIS, SMTP, Federation, UMCallRouter`,
		"":          "is none of",
		"SMTP,":     "is none of",
	} {
		_, err := certificate.ParseServices([]string{given})
		if !certificate.IsCode(err, certificate.InvalidService) || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, want an error with %q", given, err, reason)
		}
	}
}
