package soap_test

import (
	"strings"
	"testing"
	"time"

	"exfed/federation/soap"
)

func TestTimestamps(t *testing.T) {
	t.Parallel()
	sender := newParty(t)
	const good = "2030-01-01T12:00:00Z"
	cases := map[string]struct {
		created, expires string
		now              time.Duration // after noon
		code             soap.MessageCode
	}{
		"now":                            {good, "2030-01-01T12:05:00Z", 0, ""},
		"just less than the skew behind": {good, "2030-01-01T12:05:00Z", 5*time.Minute - 1, ""},
		"the skew behind":                {good, "2030-01-01T12:05:00Z", 5 * time.Minute, soap.Stale},
		"just less than the skew ahead":  {good, "2030-01-01T12:05:00Z", 1 - 5*time.Minute, ""},
		"the skew ahead":                 {good, "2030-01-01T12:05:00Z", -5 * time.Minute, soap.Stale},
		"a day behind, good for long":    {good, "2031-01-01T12:05:00Z", 24 * time.Hour, soap.Stale},
		"expired for less than the skew": {good, "2030-01-01T12:00:01Z", 4 * time.Minute, ""},
		"expired before it was created":  {good, "2030-01-01T11:59:59Z", 0, soap.Stale},
		"fractions":                      {"2030-01-01T12:00:00.1234567Z", "2030-01-01T12:05:00.12Z", 0, ""},
		"another zone":                   {"2030-01-01T13:00:00+01:00", "2030-01-01T13:05:00+01:00", 0, ""},
		"white space":                    {"\n" + good + " ", "2030-01-01T12:05:00Z", 0, ""},
		"no zone":                        {"2030-01-01T12:00:00", "2030-01-01T12:05:00Z", 0, soap.Unsigned},
		"no time":                        {"today", "2030-01-01T12:05:00Z", 0, soap.Unsigned},
		"nothing":                        {"", "2030-01-01T12:05:00Z", 0, soap.Unsigned},
		"an element in it":               {"<a/>" + good, "2030-01-01T12:05:00Z", 0, soap.Unsigned},
		"endless digits":                 {"2030-01-01T12:00:00." + strings.Repeat("0", 100) + "Z", "2030-01-01T12:05:00Z", 0, soap.Unsigned},
		"no end":                         {good, "", 0, soap.Unsigned},
		"the thirtieth of February":      {"2030-02-30T12:00:00Z", "2030-01-01T12:05:00Z", 0, soap.Unsigned},
		"ages ago":                       {"0001-01-01T00:00:00Z", "9999-01-01T12:05:00Z", 0, soap.Stale},
		"in ages":                        {"9999-01-01T00:00:00Z", "9999-01-01T12:05:00Z", 0, soap.Stale},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			message := mustRead(t, sender.signedBy(t, c.created, c.expires))
			v := sender.verification()
			v.Now = func() time.Time { return noon().Add(c.now) }
			if _, err := v.Verify(message); codeOf(err) != c.code || err != nil && c.code == "" {
				t.Errorf("Verify = %v, want code %q", err, c.code)
			}
		})
	}
	if len(cases) < 20 {
		t.Fatalf("%d cases, want at least 20", len(cases))
	}
}
