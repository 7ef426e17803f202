package calendar_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/calendar"
)

func write(t *testing.T, path, subject string, at time.Time) {
	t.Helper()
	writeBytes(t, path, ics(vevent("UID:"+filepath.Base(path), "DTSTART:20260105T090000Z", "SUMMARY:"+subject)), at)
}

func writeBytes(t *testing.T, path string, data []byte, at time.Time) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// TestFileIsReadAgain changes a file in each way that shows, and in one that does not.
func TestFileIsReadAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ann.ics")
	now := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	source := calendar.NewFile(path, calendar.FileOptions{Now: func() time.Time { return now }})
	long := now.Add(-time.Hour)
	steps := []struct {
		name   string
		change func()
		want   string
	}{
		{"not there", func() {}, "CalendarFileUnreadable"},
		{"written", func() { write(t, path, "one", long) }, "one"},
		{"same time and size", func() { write(t, path, "two", long) }, "one"},
		{"later", func() { write(t, path, "two", long.Add(time.Minute)) }, "two"},
		{"longer", func() { write(t, path, "three", long.Add(time.Minute)) }, "three"},
		{"another file", func() {
			write(t, path+".new", "seven", long.Add(time.Minute))
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		}, "seven"},
		{"just now", func() { write(t, path, "eight", now) }, "eight"},
		{"in the same tick", func() { write(t, path, "later", now) }, "later"},
		{"no calendar", func() { writeBytes(t, path, []byte("x"), now) }, "CalendarMalformed"},
		{"mended", func() { write(t, path, "mended", now) }, "mended"},
	}
	for _, step := range steps {
		step.change()
		if have := loaded(t, source); have != step.want {
			t.Errorf("%s: %s, %s is expected", step.name, have, step.want)
		}
	}
	if have := loaded(t, calendar.NewFile(t.TempDir(), calendar.FileOptions{})); have != "CalendarFileUnreadable" {
		t.Errorf("a folder: %s, CalendarFileUnreadable is expected", have)
	}
	if have := loaded(t, calendar.NewFile(path, calendar.FileOptions{Limits: calendar.Limits{Bytes: 10}})); have != "CalendarTooLarge" {
		t.Errorf("a large file: %s, CalendarTooLarge is expected", have)
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	long := time.Now().Add(-time.Hour)
	source := calendar.NewFolder(folder, calendar.FileOptions{})
	judge := func(when string, want []string, skipped ...calendar.Skipped) {
		t.Helper()
		c, err := source.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, spans(t, c, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", nil)); diff != "" {
			t.Errorf("%s -want +have\n%s", when, diff)
		}
		if diff := cmp.Diff(skipped, c.Skipped()); diff != "" {
			t.Errorf("%s -want +skipped\n%s", when, diff)
		}
	}
	const nine = "2026-01-05T09:00:00/2026-01-05T09:00:00 "
	judge("empty", []string{})
	write(t, filepath.Join(folder, "a.ics"), "a", long)
	write(t, filepath.Join(folder, "b.ICS"), "b", long)
	write(t, filepath.Join(folder, "c.txt"), "c", long)
	judge("two", []string{nine + "a", nine + "b"})
	writeBytes(t, filepath.Join(folder, "d.ics"), []byte("x"), long)
	if err := os.Remove(filepath.Join(folder, "a.ics")); err != nil {
		t.Fatal(err)
	}
	broken := calendar.Skipped{Reason: `file "d.ics": calendar: does not begin with BEGIN:VCALENDAR; it must be an iCalendar file (RFC 5545)`}
	judge("one replaced by a broken one", []string{nine + "b"}, broken)
	few := calendar.NewFolder(folder, calendar.FileOptions{Limits: calendar.Limits{Files: 1}})
	if _, err := few.Load(t.Context()); idOf(err) != "CalendarTooLarge" {
		t.Errorf("%v, CalendarTooLarge is expected", err)
	}
	if _, err := calendar.NewFolder(filepath.Join(folder, "x"), calendar.FileOptions{}).Load(t.Context()); idOf(err) != "CalendarFileUnreadable" {
		t.Errorf("%v, CalendarFileUnreadable is expected", err)
	}
}
