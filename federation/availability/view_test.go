package availability_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/availability"
	"exfed/policy"
)

// event is busy with everything there is to say about it.
func event(start, end string, busy availability.BusyType) availability.Event {
	return availability.Event{
		Start: at("2030-01-07 " + start), End: at("2030-01-07 " + end), BusyType: busy, Subject: "Tea", Location: "Room 1", ID: "00AF",
		IsMeeting: true, IsRecurring: true, IsException: true, IsReminderSet: true,
	}
}

// morning is what is asked: from 8 to 12, by the hour.
func morning(view availability.ViewType) availability.FreeBusyViewOptions {
	return availability.FreeBusyViewOptions{Start: at("2030-01-07 08:00"), End: at("2030-01-07 12:00"), Interval: 60, RequestedView: view}
}

// TestEveryViewAtEveryLevel compares whole answers.
func TestEveryViewAtEveryLevel(t *testing.T) {
	t.Parallel()
	hours := &availability.WorkingHours{Periods: []availability.WorkingPeriod{{Days: []time.Weekday{1}, Start: 480, End: 1020}}}
	private := event("10:00", "11:00", availability.OOF)
	private.IsPrivate = true
	calendar := availability.Calendar{Events: []availability.Event{private, event("08:30", "09:00", availability.Busy)}, WorkingHours: hours}
	plain := []availability.CalendarEvent{
		{Start: at("2030-01-07 08:30"), End: at("2030-01-07 09:00"), BusyType: availability.Busy},
		{Start: at("2030-01-07 10:00"), End: at("2030-01-07 11:00"), BusyType: availability.OOF},
	}
	with := func(open, hidden availability.EventDetails) []availability.CalendarEvent {
		events := []availability.CalendarEvent{plain[0], plain[1]}
		events[0].Details, events[1].Details = &open, &hidden
		return events
	}
	limited := with(availability.EventDetails{Subject: "Tea", Location: "Room 1"}, availability.EventDetails{IsPrivate: true})
	full := with(
		availability.EventDetails{ID: "00AF", Subject: "Tea", Location: "Room 1", IsMeeting: true, IsRecurring: true, IsException: true, IsReminderSet: true},
		availability.EventDetails{IsMeeting: true, IsRecurring: true, IsException: true, IsReminderSet: true, IsPrivate: true},
	)
	refused := availability.FreeBusyResponse{
		Class: "Error", Code: "ErrorNoFreeBusyAccess", MessageText: "The caller does not have access to free/busy data.",
		Exception: &availability.Exception{Type: "Microsoft.Exchange.InfoWorker.Common.Availability.NoFreeBusyAccessException", Code: 5037},
		View:      availability.FreeBusyView{Type: "None"},
	}
	view := func(name availability.ViewType, digits string, events []availability.CalendarEvent) availability.FreeBusyResponse {
		v := availability.FreeBusyView{Type: name, MergedFreeBusy: digits, Events: events}
		if events != nil {
			v.WorkingHours = hours
		}
		return availability.FreeBusyResponse{Class: "Success", Code: "NoError", View: v}
	}
	type levels map[policy.Level]availability.FreeBusyResponse
	merged := view("MergedOnly", "2030", nil)
	freeBusy, freeBusyMerged := view("FreeBusy", "", plain), view("FreeBusyMerged", "2030", plain)
	cases := map[availability.ViewType]levels{
		"MergedOnly":     {"AvailabilityOnly": merged, "LimitedDetails": merged, "Reviewer": merged},
		"FreeBusy":       {"AvailabilityOnly": freeBusy, "LimitedDetails": freeBusy, "Reviewer": freeBusy},
		"FreeBusyMerged": {"AvailabilityOnly": freeBusyMerged, "LimitedDetails": freeBusyMerged, "Reviewer": freeBusyMerged},
		"Detailed":       {"AvailabilityOnly": freeBusy, "LimitedDetails": view("Detailed", "", limited), "Reviewer": view("Detailed", "", full)},
		"DetailedMerged": {"AvailabilityOnly": freeBusyMerged, "LimitedDetails": view("DetailedMerged", "2030", limited), "Reviewer": view("DetailedMerged", "2030", full)},
	}
	checked := 0
	for asked, wanted := range cases {
		for _, level := range []policy.Level{"None", "", "Bogus"} {
			wanted[level] = refused
		}
		for level, want := range wanted {
			if diff := cmp.Diff(want, availability.Respond(calendar, level, morning(asked), "")); diff != "" {
				t.Errorf("%s asked, %s granted (-want +got):\n%s", asked, level, diff)
			}
			checked++
		}
	}
	if checked < 30 {
		t.Fatalf("%d cases", checked)
	}
}

func TestMergedDigits(t *testing.T) {
	t.Parallel()
	const old, since2013 availability.ServerVersion = "Exchange2010_SP2", "Exchange2013"
	busy, oof, tentative, free := availability.Busy, availability.OOF, availability.Tentative, availability.Free
	cases := []struct {
		name    string
		version availability.ServerVersion
		events  []availability.Event
		want    string
	}{
		{"nothing", old, nil, "0000"},
		{"the example of the specification", old, []availability.Event{event("08:00", "09:00", oof), event("09:00", "10:30", busy)}, "3220"},
		{"the highest wins", old, []availability.Event{event("08:00", "12:00", tentative), event("09:30", "09:31", oof), event("09:00", "11:00", busy)}, "1321"},
		{"a minute is enough", old, []availability.Event{event("08:59", "09:01", busy)}, "2200"},
		{"up to the start and from the end", old, []availability.Event{event("07:00", "08:00", busy), event("12:00", "13:00", busy)}, "0000"},
		{"over both edges", old, []availability.Event{event("07:00", "13:00", busy)}, "2222"},
		{"a moment", old, []availability.Event{event("09:00", "09:00", busy)}, "0000"},
		{"a moment within an interval", old, []availability.Event{event("09:30", "09:30", busy)}, "0000"},
		{"one that ends before it starts", old, []availability.Event{event("10:00", "09:00", busy)}, "0000"},
		{"free", old, []availability.Event{event("08:00", "12:00", free)}, "0000"},
		{"elsewhere, before 2013", old, []availability.Event{event("08:00", "10:00", availability.WorkingElsewhere)}, "0000"},
		{"elsewhere, before 2013, and busy", old, []availability.Event{event("08:00", "10:00", availability.WorkingElsewhere), event("09:00", "10:00", busy)}, "0200"},
		{"elsewhere", since2013, []availability.Event{event("08:00", "10:00", availability.WorkingElsewhere), event("09:00", "11:00", oof)}, "4430"},
		{"no data, before 2013", old, []availability.Event{event("08:00", "10:00", availability.NoData)}, "4400"},
		{"no data", since2013, []availability.Event{event("08:00", "10:00", availability.NoData)}, "5500"},
		{"no version", "", []availability.Event{event("08:00", "10:00", availability.WorkingElsewhere)}, "0000"},
		{"a later version", "Exchange2016", []availability.Event{event("08:00", "10:00", availability.WorkingElsewhere)}, "4400"},
		{"a version by date", "V2017_10_09", []availability.Event{event("08:00", "10:00", availability.WorkingElsewhere)}, "4400"},
		{"no version at all", "Exchange", []availability.Event{event("08:00", "10:00", availability.WorkingElsewhere)}, "0000"},
	}
	for _, c := range cases {
		got := availability.Respond(availability.Calendar{Events: c.events}, policy.AvailabilityOnly, morning(availability.ViewMergedOnly), c.version)
		if got.View.MergedFreeBusy != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.View.MergedFreeBusy, c.want)
		}
	}
	if len(cases) < 19 {
		t.Fatalf("%d cases", len(cases))
	}
	ages := availability.Event{Start: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), End: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), BusyType: busy}
	odd := morning(availability.ViewMergedOnly)
	odd.End = odd.End.Add(time.Second)
	got := availability.Respond(availability.Calendar{Events: []availability.Event{ages}}, policy.AvailabilityOnly, odd, old)
	if got.View.MergedFreeBusy != "22222" {
		t.Errorf("of all ages, with a second more: %s", got.View.MergedFreeBusy)
	}
	for digit, want := range map[byte][2]availability.BusyType{
		'0': {free, free}, '1': {tentative, tentative}, '2': {busy, busy}, '3': {oof, oof}, '4': {availability.NoData, availability.WorkingElsewhere},
		'5': {availability.NoData, availability.NoData}, '6': {availability.NoData, availability.NoData}, '/': {availability.NoData, availability.NoData},
	} {
		if pair := [2]availability.BusyType{availability.BusyTypeOf(digit, old), availability.BusyTypeOf(digit, since2013)}; pair != want {
			t.Errorf("%c is %v, want %v", digit, pair, want)
		}
	}
}

// TestEventsInTheWindow: what touches the window is there whole, in order.
func TestEventsInTheWindow(t *testing.T) {
	t.Parallel()
	events := []availability.Event{
		event("11:59", "13:00", availability.Busy), event("12:00", "12:00", availability.Busy), event("08:00", "08:00", availability.Busy),
		event("07:00", "08:00", availability.Busy), event("09:00", "11:00", availability.Busy), event("09:00", "10:00", availability.WorkingElsewhere),
		event("07:00", "08:01", availability.Free), event("12:00", "13:00", availability.Busy), event("10:00", "07:00", availability.OOF),
	}
	describe := func(version availability.ServerVersion) string {
		var out []string
		got := availability.Respond(availability.Calendar{Events: events}, policy.AvailabilityOnly, morning(availability.ViewFreeBusy), version)
		for _, e := range got.View.Events {
			out = append(out, e.Start.Format("15:04-")+e.End.Format("15:04 ")+string(e.BusyType))
		}
		return strings.Join(out, ", ")
	}
	const want = "07:00-08:01 Free, 08:00-08:00 Busy, 09:00-10:00 %s, 09:00-11:00 Busy, 10:00-10:00 OOF, 11:59-13:00 Busy"
	if diff := cmp.Diff(fmt.Sprintf(want, "WorkingElsewhere"), describe("Exchange2013")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(fmt.Sprintf(want, "Free"), describe("Exchange2010")); diff != "" {
		t.Errorf("before 2013 (-want +got):\n%s", diff)
	}
	if got := events[8]; got != event("10:00", "07:00", availability.OOF) {
		t.Errorf("the calendar was changed: %+v", got)
	}
}

func TestTooManyEvents(t *testing.T) {
	t.Parallel()
	events := make([]availability.Event, 1000)
	for i := range events {
		events[i] = event("09:00", "10:00", availability.Busy)
	}
	outside := event("13:00", "14:00", availability.Busy)
	got := availability.Respond(availability.Calendar{Events: append(events, outside)}, policy.LimitedDetails, morning(availability.ViewDetailed), "")
	if got.Class != availability.ClassSuccess || len(got.View.Events) != 1000 {
		t.Errorf("%s, %d events", got.Code, len(got.View.Events))
	}
	want := availability.FreeBusyResponse{
		Class: "Error", Code: "ErrorFreeBusyGenerationFailed", View: availability.FreeBusyView{Type: "None"},
		MessageText: "The result set contains too many calendar entries. The allowed size = 1000; the actual size = 1001.",
	}
	got = availability.Respond(availability.Calendar{Events: append(events, events[0])}, policy.LimitedDetails, morning(availability.ViewMergedOnly), "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLongDetailsAreCut(t *testing.T) {
	t.Parallel()
	long := event("09:00", "10:00", availability.Busy)
	long.Subject, long.Location = strings.Repeat("ä", 256), strings.Repeat("ö", 255)
	got := availability.Respond(availability.Calendar{Events: []availability.Event{long}}, policy.LimitedDetails, morning(availability.ViewDetailed), "")
	want := &availability.EventDetails{Subject: strings.Repeat("ä", 255), Location: strings.Repeat("ö", 255)}
	if diff := cmp.Diff(want, got.View.Events[0].Details); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
