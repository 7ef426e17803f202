package publish_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/calendar"
	"exfed/federation/publish"
	"exfed/policy"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// feed is a calendar with one entry of each kind, every text there at every level.
func feed(t testing.TB, level policy.Level) publish.Calendar {
	zone := berlin(t)
	at := func(day, hour int) time.Time { return time.Date(2030, 3, day, hour, 0, 0, 0, zone) }
	return publish.Calendar{
		Owner: "Sales; the team, north\\south\r\nBEGIN:VEVENT", Level: level, From: at(1, 0), To: at(31, 0), Made: time.Date(2030, 3, 5, 12, 0, 1, 0, time.UTC),
		Entries: []publish.Entry{
			{ID: "aa", Start: at(5, 9), End: at(5, 10), Status: publish.Busy, Subject: "Tea, \"hot\"; or\\not", Location: "Room: 1\n2", Body: "first\nsecond; third"},
			{ID: "bb", Start: at(30, 0), End: at(32, 0), AllDay: true, Status: publish.OOF, Subject: "Fair"}, // clocks change on the 31st
			{ID: "bb", Start: at(30, 0), End: at(30, 0), AllDay: true, Status: publish.WorkingElsewhere},
			{ID: "cc", Start: at(31, 1), End: at(31, 4), Status: publish.Tentative},
			{ID: "cc", Start: at(31, 5), End: at(31, 5), Status: publish.Status(77)},
		},
	}
}

const feedHead = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//exfed//published calendar//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:Sales\; the team\, north\\south BEGIN:VEVENT
X-WR-CALNAME:Sales\; the team\, north\\south BEGIN:VEVENT
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
`

// event is what the file says of one entry.
func event(uid, times, texts, status, busy string) string {
	return "BEGIN:VEVENT\nUID:" + uid + "\nDTSTAMP:20300305T120001Z\n" + times + texts +
		"CLASS:PUBLIC\nTRANSP:OPAQUE\nSTATUS:" + status + "\nX-MICROSOFT-CDO-BUSYSTATUS:" + busy + "\nEND:VEVENT\n"
}

// TestICS compares the whole file at each level.
func TestICS(t *testing.T) {
	t.Parallel()
	texts := map[policy.Level][2]string{
		policy.AvailabilityOnly: {"SUMMARY:Busy\n", "SUMMARY:Out of office\n"},
		policy.LimitedDetails:   {"SUMMARY:Tea\\, \"hot\"\\; or\\\\not\nLOCATION:Room: 1 2\n", "SUMMARY:Fair\n"},
		policy.Reviewer:         {"SUMMARY:Tea\\, \"hot\"\\; or\\\\not\nLOCATION:Room: 1 2\nDESCRIPTION:first\\nsecond\\; third\n", "SUMMARY:Fair\n"},
	}
	for level, of := range texts {
		want := feedHead +
			event("aa", "DTSTART:20300305T080000Z\nDTEND:20300305T090000Z\n", of[0], "CONFIRMED", "BUSY") +
			event("bb", "DTSTART;VALUE=DATE:20300330\nDTEND;VALUE=DATE:20300401\n", of[1], "CONFIRMED", "OOF") +
			event("bb-2", "DTSTART;VALUE=DATE:20300330\n", "SUMMARY:Working elsewhere\n", "CONFIRMED", "WORKINGELSEWHERE") +
			event("cc", "DTSTART:20300331T000000Z\nDTEND:20300331T020000Z\n", "SUMMARY:Tentative\n", "TENTATIVE", "TENTATIVE") +
			event("cc-2", "DTSTART:20300331T030000Z\n", "SUMMARY:Busy\n", "CONFIRMED", "BUSY") +
			"END:VCALENDAR\n"
		if diff := cmp.Diff(strings.ReplaceAll(want, "\n", "\r\n"), string(publish.ICS(feed(t, level)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", level, diff)
		}
	}
	if len(texts) != 3 {
		t.Errorf("%d levels", len(texts))
	}
}

// TestEntryIDs: the same occurrence has the same ID, any other another one, and under another
// key so has it.
func TestEntryIDs(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 3, 5, 9, 0, 0, 0, time.UTC)
	first := publish.EntryID("key", "anna@contoso.com", at)
	if again := publish.EntryID("key", "anna@contoso.com", at.In(berlin(t))); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	if len(first) != 32 || strings.Trim(first, "0123456789abcdef") != "" {
		t.Errorf("got %q", first)
	}
	seen := map[string]bool{first: true}
	for _, other := range []string{
		publish.EntryID("other", "anna@contoso.com", at), publish.EntryID("key", "anna@contoso.con", at), publish.EntryID("key", "", at),
		publish.EntryID("key", "anna@contoso.com", at.Add(time.Second)), publish.EntryID("", "anna@contoso.com", at),
	} {
		if seen[other] {
			t.Errorf("%s is there twice", other)
		}
		seen[other] = true
	}
}

// TestICSLines: lines are folded at 75 octets, between characters.
func TestICSLines(t *testing.T) {
	t.Parallel()
	cases := []struct{ subject, want string }{
		{strings.Repeat("x", 67), "SUMMARY:" + strings.Repeat("x", 67) + "\r\n"},
		{strings.Repeat("x", 68), "SUMMARY:" + strings.Repeat("x", 67) + "\r\n x\r\n"},
		{strings.Repeat("x", 67+74+1), "SUMMARY:" + strings.Repeat("x", 67) + "\r\n " + strings.Repeat("x", 74) + "\r\n x\r\n"},
		{strings.Repeat("x", 66) + "é", "SUMMARY:" + strings.Repeat("x", 66) + "\r\n é\r\n"},
		{strings.Repeat("x", 64) + "😀😀", "SUMMARY:" + strings.Repeat("x", 64) + "\r\n 😀😀\r\n"},
		{strings.Repeat("x", 63) + "😀😀", "SUMMARY:" + strings.Repeat("x", 63) + "😀\r\n 😀\r\n"},
		{strings.Repeat("x", 66) + ",", "SUMMARY:" + strings.Repeat("x", 66) + "\\\r\n ,\r\n"},
	}
	for _, c := range cases {
		one := feed(t, policy.LimitedDetails)
		one.Entries = one.Entries[:1]
		one.Entries[0].Subject, one.Entries[0].Location = c.subject, ""
		_, rest, _ := strings.Cut(string(publish.ICS(one)), "DTEND:20300305T090000Z\r\n")
		got, _, _ := strings.Cut(rest, "CLASS:")
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.subject, got, c.want)
		}
	}
	if len(cases) < 7 {
		t.Errorf("%d cases", len(cases))
	}
}

// TestICSIsBounded: beyond eight mebibytes of texts entries show their times only.
func TestICSIsBounded(t *testing.T) {
	t.Parallel()
	c := feed(t, policy.Reviewer)
	long := strings.Repeat("0123456789abcdef", 1<<10)
	e := c.Entries[0]
	e.Subject, e.Location, e.Body = long, long, long
	c.Owner, c.Entries = "Sales", nil
	for range 4000 {
		c.Entries = append(c.Entries, e)
	}
	text := publish.ICS(c)
	if n := strings.Count(string(text), "\r\nSUMMARY:0123"); n != 1364 { // of 6,153 bytes each
		t.Errorf("%d entries with texts", n)
	}
	if n := strings.Count(string(text), "BEGIN:VEVENT\r\n"); n != 4000 || len(text) > 12<<20 {
		t.Errorf("%d entries, %d bytes", n, len(text))
	}
}

// FuzzICS: whatever is in the texts, the file is one calendar with the entries that were
// given, and reads back as what can be seen in them.
func FuzzICS(f *testing.F) {
	f.Add("Tea", "Room 1", "Bring\nbiscuits", uint32(1900000000), uint16(60), false)
	f.Add("END:VEVENT\r\nEND:VCALENDAR", "a\\nb;c,d:\"e\"", strings.Repeat("é", 80), uint32(0), uint16(0), false)
	f.Add("\x00\x1b[31m\u202e\ufeff", "\xff\xfe", "\\", uint32(1<<31), uint16(1440), true)
	f.Add(strings.Repeat("😀", 40), strings.Repeat("x", 66)+",", "tab\there", uint32(5), uint16(9), true)
	f.Fuzz(func(t *testing.T, subject, location, body string, start uint32, minutes uint16, allDay bool) {
		e := publish.Entry{ID: "aa", Start: time.Unix(int64(start), 0).UTC(), Status: publish.OOF, Subject: subject, Location: location, Body: body, AllDay: allDay}
		e.End = e.Start.Add(time.Duration(minutes) * time.Minute)
		if allDay {
			e.Start = e.Start.Truncate(24 * time.Hour)
			e.End = e.Start.AddDate(0, 0, 1+int(minutes%9))
		}
		text := string(publish.ICS(publish.Calendar{Owner: subject, Level: policy.Reviewer, Made: e.Start, Entries: []publish.Entry{e, e}}))
		checkLines(t, text)
		read, err := calendar.Parse([]byte(text), calendar.Limits{Text: 1 << 20, Body: 1 << 20})
		if err != nil {
			t.Fatalf("%v\n%q", err, text)
		}
		found, err := read.Events(t.Context(), e.Start, e.Start.AddDate(1, 0, 0), time.UTC)
		if err != nil || len(found) != 2 {
			t.Fatalf("%v: %d events\n%q", err, len(found), text)
		}
		got := found[0]
		want := calendar.Event{UID: "aa", Subject: "Out of office", Location: location, Body: body, Start: e.Start, End: e.End, AllDay: allDay, BusyType: calendar.OOF}
		if subject != "" {
			want.Subject = subject
		}
		for _, text := range []struct{ given, got, want *string }{
			{&subject, &got.Subject, &want.Subject}, {&location, &got.Location, &want.Location}, {&body, &got.Body, &want.Body},
		} {
			if !isPlain(*text.given) { // made fit to be shown in ways that are tested where they are made
				*text.got, *text.want = "", ""
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// isPlain reports whether there is nothing in a text but letters, digits and punctuation, with
// single blanks between words.
func isPlain(text string) bool {
	return len(text) < 1000 && strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }), " ") == text &&
		strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' && (r < 'À' || r > 'ÿ') && r != '😀' }) < 0
}

func checkLines(t *testing.T, text string) {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") {
		t.Errorf("the last line has no end: %q", text)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %q of %d octets", line, len(line))
		}
		for _, r := range line {
			if r < ' ' || r >= 0x7f && r < 0xa0 {
				t.Errorf("%q in line %q", r, line)
			}
		}
	}
}
