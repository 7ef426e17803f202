package federation_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

type sourceRequest = federation.CalendarSourceRequest

func TestCalendarSourceIsKept(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	p.mailbox("Sales", "sales@contoso.com")
	steps := []struct {
		name    string
		request sourceRequest
		want    federation.CalendarSource
	}{
		{"CalDAV", sourceRequest{CalDAVURL: new("https://dav.contoso.com/s/"), UserName: new("u"), PasswordFile: new("secret"), RefreshInterval: new(90 * time.Second)},
			federation.CalendarSource{CalDAVURL: "https://dav.contoso.com/s/", UserName: "u", PasswordFile: "secret", RefreshInterval: federation.Interval(90 * time.Second)}},
		{"part of it", sourceRequest{PasswordFile: new(""), PasswordVariable: new("DAV_PASSWORD")},
			federation.CalendarSource{CalDAVURL: "https://dav.contoso.com/s/", UserName: "u", PasswordVariable: "DAV_PASSWORD", RefreshInterval: federation.Interval(90 * time.Second)}},
		{"another place forgets the rest", sourceRequest{ICSPath: new("calendars/sales")}, federation.CalendarSource{ICSPath: "calendars/sales"}},
		{"another place again", sourceRequest{ICSURL: new("http://[::1]:8080/s.ics")}, federation.CalendarSource{ICSURL: "http://[::1]:8080/s.ics"}},
	}
	for _, step := range steps {
		p.must(p.SetCalendarSource(t.Context(), "sales@contoso.com", step.request))
		m, err := p.CalendarSource(t.Context(), "Sales")
		p.must(err)
		if diff := cmp.Diff(&step.want, m.CalendarSource); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	p.must(p.SetMailbox(t.Context(), "Sales", federation.MailboxRequest{Name: new("Renamed")}))
	p.must(p.RemoveCalendarSource(t.Context(), "Renamed"))
	_, err := p.CalendarSource(t.Context(), "Renamed")
	fails(t, err, federation.NotFound, "CalendarSourceNotFound")
	fails(t, p.RemoveCalendarSource(t.Context(), "Renamed"), federation.NotFound, "CalendarSourceNotFound")
	fails(t, p.SetCalendarSource(t.Context(), "Renamed", sourceRequest{UserName: new("u")}), federation.NotFound, "CalendarSourceNotFound")
	fails(t, p.SetCalendarSource(t.Context(), "Nobody", sourceRequest{ICSPath: new("s")}), federation.NotFound, "MailboxNotFound")
}

func TestCalendarSourceRefused(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	p.mailbox("Sales", "sales@contoso.com")
	before := p.file()
	url := new("https://contoso.com/s.ics")
	cases := []struct {
		name    string
		request sourceRequest
		id      string
	}{
		{"two places", sourceRequest{ICSPath: new("s"), ICSURL: url}, "CalendarSourcePlace"},
		{"no place", sourceRequest{ICSPath: new("")}, "CalendarSourcePlace"},
		{"http", sourceRequest{ICSURL: new("http://contoso.com/s.ics")}, "InsecureUrl"},
		{"http to a name that looks local", sourceRequest{ICSURL: new("http://localhost.contoso.com/s.ics")}, "InsecureUrl"},
		{"webcal", sourceRequest{CalDAVURL: new("webcal://contoso.com/s.ics")}, "InsecureUrl"},
		{"password in the URL", sourceRequest{ICSURL: new("https://u:p@contoso.com/s.ics")}, "UrlWithUser"},
		{"user of a file", sourceRequest{ICSPath: new("s"), UserName: new("u")}, "CalendarSourceLogin"},
		{"password of a file", sourceRequest{ICSPath: new("s"), PasswordFile: new("p")}, "CalendarSourceLogin"},
		{"two passwords", sourceRequest{ICSURL: url, UserName: new("u"), PasswordFile: new("p"), PasswordVariable: new("P")}, "CalendarSourceLogin"},
		{"no password", sourceRequest{ICSURL: url, UserName: new("u")}, "CalendarSourceLogin"},
		{"no user", sourceRequest{ICSURL: url, PasswordVariable: new("P")}, "CalendarSourceLogin"},
		{"the password itself", sourceRequest{ICSURL: url, UserName: new("u"), PasswordVariable: new("p4ss word")}, "InvalidVariableName"},
		{"too often", sourceRequest{ICSURL: url, RefreshInterval: new(59 * time.Second)}, "InvalidRefreshInterval"},
		{"too seldom", sourceRequest{ICSURL: url, RefreshInterval: new(7*24*time.Hour + time.Second)}, "InvalidRefreshInterval"},
	}
	for _, c := range cases {
		err := p.SetCalendarSource(t.Context(), "Sales", c.request)
		fails(t, err, federation.Invalid, c.id)
		if err != nil && (!strings.HasPrefix(err.Error(), `calendar source of mailbox "Sales": `) || strings.Contains(err.Error(), "p4ss")) {
			t.Errorf("%s: %v", c.name, err)
		}
		p.unchanged(before)
	}
	if len(cases) < 14 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestCalendarSourceIsLocated(t *testing.T) {
	t.Parallel()
	folder, elsewhere := t.TempDir(), t.TempDir()
	source := federation.CalendarSource{ICSPath: "calendars/a.ics", PasswordFile: elsewhere}
	want := federation.CalendarSource{ICSPath: filepath.Join(folder, "calendars", "a.ics"), PasswordFile: elsewhere}
	if diff := cmp.Diff(want, source.Located(folder)); diff != "" || source.ICSPath != "calendars/a.ics" {
		t.Errorf("%q (-want +got):\n%s", source.ICSPath, diff)
	}
	source = federation.CalendarSource{ICSURL: "https://contoso.com/"}
	if diff := cmp.Diff(source, source.Located(folder)); diff != "" {
		t.Error(diff)
	}
	if got := []time.Duration{source.Refresh(), (federation.CalendarSource{RefreshInterval: federation.Interval(time.Hour)}).Refresh()}; got[0] != 15*time.Minute || got[1] != time.Hour {
		t.Errorf("%v", got)
	}
}

// TestDirectory looks partners and mailboxes up.
func TestDirectory(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	p.partner("Fabrikam", "fabrikam.com", "bücher.example")
	p.partner("Asleep", "asleep.example")
	p.must(p.SetOrganizationRelationship(t.Context(), "Asleep", federation.OrganizationRelationshipRequest{Enabled: new(false)}))
	_, err := p.NewAcceptedDomain(t.Context(), "Books", "*.books.example", federation.InternalRelay)
	p.must(err)
	p.mailbox("Sales", "Sales@contoso.com", "orders@contoso.ca")
	p.mailbox("Room", "room@contoso.com")
	p.must(p.SetCalendarSource(t.Context(), "Room", sourceRequest{ICSPath: new("room.ics")}))
	directory, err := p.Directory(t.Context())
	p.must(err)
	p.must(p.RemoveMailbox(t.Context(), "Sales")) // the directory is of the moment it was read

	got := map[string]string{}
	for _, domain := range []federation.Domain{"fabrikam.com", "xn--bcher-kva.example", "asleep.example", "sales.fabrikam.com", "contoso.com", ""} {
		r, ok := directory.Relationship(domain)
		if ok != (r.Name != "") {
			t.Errorf("%s: %t and %q", domain, ok, r.Name)
		}
		got[string(domain)] = r.Name
	}
	for domain, want := range map[federation.Domain]bool{"contoso.com": true, "contoso.ca": true, "sales.contoso.com": false, "fabrikam.com": false, "": false,
		"old.books.example": true, "very.old.books.example": true, "books.example": false, "oldbooks.example": false} {
		if got := directory.Own(domain); got != want {
			t.Errorf("%q is our own: %t", domain, got)
		}
	}
	for _, address := range []string{"sales@CONTOSO.com", "ORDERS@contoso.ca", "smtp:room@contoso.com", "sales@contoso.ca", "Sales", ""} {
		m, ok := directory.Mailbox(address)
		if ok != (m.Name != "") {
			t.Errorf("%s: %t and %q", address, ok, m.Name)
		}
		got["<"+address+">"] = m.Name
		if m.CalendarSource != nil {
			got["<"+address+">"] += " " + m.CalendarSource.ICSPath
		}
	}
	want := map[string]string{
		"fabrikam.com": "Fabrikam", "xn--bcher-kva.example": "Fabrikam", "asleep.example": "Asleep", "sales.fabrikam.com": "", "contoso.com": "", "": "",
		"<sales@CONTOSO.com>": "Sales", "<ORDERS@contoso.ca>": "Sales", "<smtp:room@contoso.com>": "Room room.ics", "<sales@contoso.ca>": "", "<Sales>": "", "<>": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
