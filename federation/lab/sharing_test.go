package lab_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/dns"
	"exfed/federation/lab"
)

// TestClosingScenes plays the whole scene and reads what it says from the first relationship on.
func TestClosingScenes(t *testing.T) {
	t.Parallel()
	s, dir := &shell{}, filepath.Join(t.TempDir(), "lab")
	l, err := startLab(t.Context(), t, func(o *lab.Options) { o.Dir, o.Run, o.Endpoint, o.Fetch = dir, s.run, s.endpoint, s.fetch })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	steps, err := l.Play(t.Context())
	if err != nil || len(steps) != whole {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	find := func(domain, name, level string) string {
		return "exfed get-federationinformation -DomainName " + domain + " -Output jsonl | exfed new-organizationrelationship -Name " + name +
			" -FreeBusyAccessEnabled true -FreeBusyAccessLevel " + level
	}
	ask := func(domain string) string {
		return "exfed get-useravailability -Identity sales@fabrikam.com -Requestor sales@" + domain + " -TimeZone UTC"
	}
	judge := func(user string) string {
		return "exfed test-sharingpolicy -Identity " + user + "@contoso.com -Recipient sales@fabrikam.com -Action CalendarSharingFreeBusyDetail"
	}
	want := []lab.Step{
		{68, "Contoso", find("fabrikam.com", "Fabrikam", "LimitedDetails"), lab.Success, "LimitedDetails for Fabrikam"},
		{69, "Fabrikam", find("contoso.com", "Contoso", "AvailabilityOnly"), lab.Success, "AvailabilityOnly for Contoso"},
		{70, "Contoso", "exfed test-organizationrelationship -UserIdentity sales@contoso.com", lab.Success, "both sides of contoso"},
		{71, "Fabrikam", "exfed test-organizationrelationship -UserIdentity sales@fabrikam.com", lab.Success, "both sides of fabrikam"},
		{72, "Contoso", ask("contoso.com"), lab.Success, "FreeBusyMerged: 7 entries, times only"},
		{73, "Fabrikam", "exfed set-organizationrelationship Contoso -FreeBusyAccessLevel LimitedDetails", lab.Success, ""},
		{74, "Contoso", ask("contoso.com"), lab.Success, "DetailedMerged: 7 entries, Quarterly review, Room 1"},
		{75, "Fabrikam", "exfed set-organizationrelationship Contoso -Enabled false", lab.Success, ""},
		{76, "Contoso", ask("contoso.com"), lab.Success, `ErrorNoFreeBusyAccess; the log of Fabrikam: The organization relationship for "contoso.com" is disabled.`},
		{77, "Fabrikam", "exfed set-organizationrelationship Contoso -Enabled true", lab.Success, ""},
		{78, "Adatum", find("fabrikam.com", "Fabrikam", "AvailabilityOnly"), lab.Success, "AvailabilityOnly for Fabrikam"},
		{79, "Adatum", ask("adatum.com"), lab.Success, `ErrorNoFreeBusyAccess; the log of Fabrikam: No organization relationship has the domain "adatum.com".`},
		{80, "Contoso", `exfed new-sharingpolicy -Name Fabrikam -Domains "fabrikam.com: CalendarSharingFreeBusyDetail,Anonymous: CalendarSharingFreeBusyDetail"`, lab.Success, "Fabrikam"},
		{81, "Contoso", `exfed new-sharingpolicy -Name Reserved -Domains "fabrikam.com: CalendarSharingFreeBusySimple"`, lab.Success, "Reserved"},
		{82, "Contoso", "exfed set-mailbox support -SharingPolicy Reserved", lab.Success, ""},
		{83, "Contoso", judge("sales"), lab.Success, "allowed"},
		{84, "Contoso", judge("support"), lab.Success, "ErrorPermissionNotAllowedByPolicy; less"},
		{85, "Contoso", `exfed set-mailboxcalendarfolder -Identity "sales@contoso.com:\\Calendar" -PublishEnabled true -DetailLevel LimitedDetails`, lab.Success, ""},
		{86, "Contoso", `exfed get-mailboxcalendarfolder -Identity "sales@contoso.com:\\Calendar" -Property PublishedCalendarUrl`, lab.Success, "https://mail.contoso.com/page"},
		{87, "Contoso", `exfed get-mailboxcalendarfolder -Identity "sales@contoso.com:\\Calendar" -Property PublishedICalUrl`, lab.Success, "https://mail.contoso.com/feed"},
		{88, "Contoso", "(browser) open https://mail.contoso.com/page", lab.Success, "a page that shows Quarterly review"},
		{89, "Contoso", "(calendar program) subscribe to https://mail.contoso.com/feed", lab.Success, "7 days, Quarterly review from 9:00 to 10:30 on each"},
	}
	if diff := cmp.Diff(want, steps[67:89]); diff != "" {
		t.Errorf("the closing scenes (-want +got):\n%s", diff)
	}
	inputs := map[int]string{58: `[{"DomainNames":["fabrikam.com"]}]`, 60: `[{"DomainNames":["contoso.com"]}]`, 70: `[{"DomainNames":["fabrikam.com"]}]`}
	for i, input := range s.inputs {
		if input != inputs[i] {
			t.Errorf("the input of %s is %q, want %q", s.commands[i], input, inputs[i])
		}
	}
	resolver := &dns.Resolver{Servers: []string{l.Environment()["EXFED_DNS_SERVER"]}}
	for domain, host := range map[string]string{"contoso.com": "contoso.com", "contoso.co.uk": "contoso.com", "contoso.ca": "contoso.com",
		"fabrikam.com": "fabrikam.com", "fabrikam.org": "fabrikam.com", "fabrikam.net": "fabrikam.com"} {
		aliases, _, err := resolver.LookupAliases(t.Context(), "autodiscover."+domain)
		if err != nil || len(aliases) != 1 || strings.TrimSuffix(aliases[0], ".") != "mail."+host {
			t.Errorf("autodiscover.%s is %s, %v", domain, aliases, err)
		}
	}
}

// TestUnexpectedSharing has partners show something else than the closing scenes expect.
func TestUnexpectedSharing(t *testing.T) {
	t.Parallel()
	const details, times = "DetailedMerged", "FreeBusyMerged"
	entry := map[string]any{"Subject": "Quarterly review", "Location": "Room 1"}
	entries := func(n int, e map[string]any) []map[string]any { return slices.Repeat([]map[string]any{e}, n) }
	refusal := func(code string, events ...map[string]any) lab.Result {
		return lab.Result{ExitCode: 4, Stderr: []byte("denied"), Stdout: records(map[string]any{"ResponseCode": code, "Events": events})}
	}
	two := shown(times, entries(7, nil)...)
	two.Stdout = []byte(strings.TrimSuffix(string(two.Stdout), "]") + "," + strings.TrimPrefix(string(two.Stdout), "["))
	cases := []struct {
		name   string
		number int // of the cmdlet
		result lab.Result
		reason string
	}{
		{"another level", 59, lab.Result{Stdout: records(map[string]any{"FreeBusyAccessLevel": "None"})}, `the relationship has the level "None", not LimitedDetails`},
		{"no level", 59, lab.Result{Stdout: records(map[string]any{})}, "new-organizationrelationship printed no FreeBusyAccessLevel"},
		{"no relationship", 61, lab.Result{}, "new-organizationrelationship printed no record"},
		{"no comparison", 62, lab.Result{Stdout: records(map[string]any{})}, "test-organizationrelationship printed no Description"},
		{"details too early", 64, shown(details, entries(7, entry)...), `the view is "DetailedMerged", not FreeBusyMerged`},
		{"no JSON", 64, lab.Result{Stdout: []byte("sales@fabrikam.com, times in UTC")}, `the view is "", not FreeBusyMerged`},
		{"two mailboxes", 64, two, `the view is "", not FreeBusyMerged`},
		{"nothing", 64, shown(times), "0 entries, not one for each of 7 days"},
		{"a day less", 64, shown(times, entries(6, nil)...), "6 entries, not one for each of 7 days"},
		{"a day more", 66, shown(details, entries(8, entry)...), "8 entries, not one for each of 7 days"},
		{"a subject among times", 64, shown(times, append(entries(6, nil), map[string]any{"Subject": "Doctor"})...), `an entry shows "Doctor", not ""`},
		{"a location among times", 64, shown(times, append(entries(6, nil), map[string]any{"Location": "Room 1"})...), `an entry shows "Room 1", not ""`},
		{"times only still", 66, shown(times, entries(7, nil)...), `the view is "FreeBusyMerged", not DetailedMerged`},
		{"another subject", 66, shown(details, append(entries(6, entry), map[string]any{"Subject": "Doctor", "Location": "Room 1"})...), `an entry shows "Doctor, Room 1", not "Quarterly review, Room 1"`},
		{"no location", 66, shown(details, append(entries(6, entry), map[string]any{"Subject": "Quarterly review"})...), `an entry shows "Quarterly review", not "Quarterly review, Room 1"`},
		{"shown while disabled", 68, shown(details, entries(7, entry)...), "the partner showed something"},
		{"an empty calendar", 68, shown(details), "the partner showed something"},
		{"a refusal that is a success", 68, lab.Result{Stdout: refusal("ErrorNoFreeBusyAccess").Stdout}, "the partner showed something"},
		{"shown with a refusal", 68, refusal("ErrorNoFreeBusyAccess", entry), "the partner showed something"},
		{"another refusal", 68, refusal("ErrorMailRecipientNotFound"), "exit code 4: denied"},
		{"no answer", 72, lab.Result{ExitCode: 7, Stderr: []byte("no answer in time")}, "exit code 7: no answer in time"},
		// The endpoint was not asked: its log ends with what was asked before.
		{"refused elsewhere", 68, refusal("ErrorNoFreeBusyAccess"), `the log of Fabrikam says "shown"`},
		{"another reason", 72, refusal("ErrorNoFreeBusyAccess"), `the log of Fabrikam says "The organization relationship for \"contoso.com\" is disabled."`},
	}
	if len(cases) < 23 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &shell{instead: func(_ context.Context, number int) *lab.Result {
				if number != c.number {
					return nil
				}
				return &c.result
			}}
			steps, err := play(t, s)
			wantFailed(t, steps, err, c.reason)
			if len(s.commands) != c.number {
				t.Errorf("%d cmdlets were run", len(s.commands))
			}
		})
	}
}

// TestNoEndpoint has the endpoint of each partner fail to be made.
func TestNoEndpoint(t *testing.T) {
	t.Parallel()
	for _, organization := range []string{"contoso", "fabrikam"} {
		s := &shell{}
		steps, err := play(t, s, func(o *lab.Options) {
			o.Endpoint = func(ctx context.Context, statePath, externalURL string, log *slog.Logger) (lab.Endpoint, error) {
				if filepath.Base(filepath.Dir(statePath)) == organization {
					return nil, errors.New("no endpoint today")
				}
				return s.endpoint(ctx, statePath, externalURL, log)
			}
		})
		wantFailed(t, steps, err, "no endpoint today")
		if last := steps[len(steps)-1].Command; last != "(endpoint) answer partners at https://mail."+organization+".com" {
			t.Errorf("the last step is %s", last)
		}
	}
}

// TestEndpointEnds has an endpoint end with an error: Close says so, however often.
func TestEndpointEnds(t *testing.T) {
	t.Parallel()
	traced(t, func(ctx context.Context) {
		s, ended := &shell{}, errors.New("ended in disorder")
		l, err := startLab(ctx, t, func(o *lab.Options) {
			o.Run, o.Fetch, o.Endpoint = s.run, s.fetch, func(ctx context.Context, statePath, externalURL string, log *slog.Logger) (lab.Endpoint, error) {
				_, err := s.endpoint(ctx, statePath, externalURL, log)
				return silent{ended}, err
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		where := addresses(t, l)
		if _, err := l.Play(ctx); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := l.Close(); !errors.Is(err, ended) || strings.Count(err.Error(), ended.Error()) != 2 {
				t.Errorf("Close says %v, want what both endpoints ended with", err)
			}
		}
		wantListening(t, where, false)
	})
}

// TestNoCalendars has a file stand where the calendars of each partner should.
func TestNoCalendars(t *testing.T) {
	t.Parallel()
	for organization, calls := range map[string]int{"contoso": 45, "fabrikam": 51} {
		dir := filepath.Join(t.TempDir(), "lab")
		s := &shell{instead: func(_ context.Context, number int) *lab.Result {
			if number == 1 {
				writeFile(t, filepath.Join(dir, organization, "calendars"), "")
			}
			return nil
		}}
		steps, err := play(t, s, func(o *lab.Options) { o.Dir = dir })
		wantFailed(t, steps, err, filepath.Join(dir, organization, "calendars"))
		if len(s.commands) != calls {
			t.Errorf("%s: %d cmdlets were run", organization, len(s.commands))
		}
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Error(err)
	}
}

// TestWhatPartnersLeave reads the calendars and the log of an organization, as of a day.
func TestWhatPartnersLeave(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "lab")
	berlin := time.FixedZone("Europe/Berlin", 3600)
	_, err := play(t, &shell{}, func(o *lab.Options) {
		o.Dir, o.Now = dir, func() time.Time { return time.Date(2027, 3, 2, 0, 30, 0, 0, berlin) } // the 1st in UTC
	})
	if err != nil {
		t.Fatal(err)
	}
	begin := "BEGIN:VCALENDAR|VERSION:2.0|PRODID:-//exfed//lab//EN|BEGIN:VEVENT|"
	want := map[string]string{
		"sales.ics": begin + "UID:review|DTSTAMP:20270130T000000Z|DTSTART:20270130T090000Z|DTEND:20270130T103000Z|RRULE:FREQ=DAILY|" +
			"SUMMARY:Quarterly review|LOCATION:Room 1|END:VEVENT|END:VCALENDAR|",
		"support.ics": begin + "UID:doctor|DTSTAMP:20270130T000000Z|DTSTART:20270130T130000Z|DTEND:20270130T140000Z|RRULE:FREQ=DAILY|" +
			"SUMMARY:Doctor|CLASS:PRIVATE|END:VEVENT|END:VCALENDAR|",
		"room1.ics": begin + "UID:standup|DTSTAMP:20270130T000000Z|DTSTART:20270130T080000Z|DTEND:20270130T081500Z|RRULE:FREQ=DAILY|" +
			"SUMMARY:Standup|END:VEVENT|BEGIN:VEVENT|UID:stocktaking|DTSTAMP:20270130T000000Z|DTSTART;VALUE=DATE:20270303|RRULE:FREQ=WEEKLY|" +
			"SUMMARY:Stocktaking|END:VEVENT|END:VCALENDAR|",
	}
	for _, organization := range []string{"contoso", "fabrikam"} {
		got := map[string]string{}
		for name := range want {
			got[name] = strings.ReplaceAll(string(contents(t, filepath.Join(dir, organization, "calendars", name))), "\r\n", "|")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the calendars of %s (-want +got):\n%s", organization, diff)
		}
	}
	path := filepath.Join(dir, "fabrikam", "endpoint.log")
	if lines := strings.Split(string(contents(t, path)), "\n"); len(lines) != 7 || !strings.Contains(lines[3], "No organization relationship") {
		t.Errorf("the log is %q", lines)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log: %v, %v", info, err)
	}
}
