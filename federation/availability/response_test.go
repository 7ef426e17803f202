package availability_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/availability"
)

// detailsWire is the details of an event of which nothing is to be told.
const plainDetails = `<t:IsMeeting>false</t:IsMeeting><t:IsRecurring>false</t:IsRecurring><t:IsException>false</t:IsException><t:IsReminderSet>false</t:IsReminderSet>`

const refusalWire = `<m:FreeBusyResponse><m:ResponseMessage ResponseClass="Error">` +
	`<m:MessageText>The caller does not have access to free/busy data.</m:MessageText><m:ResponseCode>ErrorNoFreeBusyAccess</m:ResponseCode>` +
	`<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:MessageXml xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">` +
	`<e:ExceptionType>Microsoft.Exchange.InfoWorker.Common.Availability.NoFreeBusyAccessException</e:ExceptionType><e:ExceptionCode>5037</e:ExceptionCode>` +
	`<e:ExceptionServerName>EX1</e:ExceptionServerName><e:ResponseSource>https://ex1.fabrikam.com/EWS/Exchange.asmx/WSSecurity</e:ResponseSource>` +
	`</m:MessageXml></m:ResponseMessage><m:FreeBusyView><t:FreeBusyViewType>None</t:FreeBusyViewType></m:FreeBusyView></m:FreeBusyResponse>`

const responseWire = `<m:GetUserAvailabilityResponse ` + messagesNS + ` ` + typesNS + `><m:FreeBusyResponseArray>` +
	`<m:FreeBusyResponse><m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>` +
	`<m:FreeBusyView><t:FreeBusyViewType>DetailedMerged</t:FreeBusyViewType><t:MergedFreeBusy>0230</t:MergedFreeBusy><t:CalendarEventArray>` +
	`<t:CalendarEvent><t:StartTime>2030-03-09T09:00:00</t:StartTime><t:EndTime>2030-03-09T10:30:00</t:EndTime><t:BusyType>Busy</t:BusyType>` +
	`<t:CalendarEventDetails><t:Subject>Tea &amp; talk</t:Subject><t:Location>Room 1</t:Location>` + plainDetails + `<t:IsPrivate>false</t:IsPrivate></t:CalendarEventDetails></t:CalendarEvent>` +
	`<t:CalendarEvent><t:StartTime>2030-03-10T09:00:00</t:StartTime><t:EndTime>2030-03-10T10:00:00</t:EndTime><t:BusyType>OOF</t:BusyType>` +
	`<t:CalendarEventDetails><t:ID>00AF</t:ID>` + plainDetails + `<t:IsPrivate>true</t:IsPrivate></t:CalendarEventDetails></t:CalendarEvent>` +
	`</t:CalendarEventArray><t:WorkingHours>` + utcWire + `<t:WorkingPeriodArray><t:WorkingPeriod><t:DayOfWeek>Monday Friday</t:DayOfWeek>` +
	`<t:StartTimeInMinutes>480</t:StartTimeInMinutes><t:EndTimeInMinutes>1020</t:EndTimeInMinutes></t:WorkingPeriod></t:WorkingPeriodArray></t:WorkingHours>` +
	`</m:FreeBusyView></m:FreeBusyResponse>` + refusalWire +
	`<m:FreeBusyResponse><m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>` +
	`<m:FreeBusyView><t:FreeBusyViewType>MergedOnly</t:FreeBusyViewType><t:MergedFreeBusy>45</t:MergedFreeBusy></m:FreeBusyView></m:FreeBusyResponse>` +
	`<m:FreeBusyResponse><m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>` +
	`<m:FreeBusyView><t:FreeBusyViewType>FreeBusy</t:FreeBusyViewType><t:CalendarEventArray>` +
	`<t:CalendarEvent><t:StartTime>2030-03-08T23:00:00</t:StartTime><t:EndTime>2030-03-10T03:00:00</t:EndTime><t:BusyType>Tentative</t:BusyType></t:CalendarEvent>` +
	`</t:CalendarEventArray></m:FreeBusyView></m:FreeBusyResponse>` +
	`</m:FreeBusyResponseArray></m:GetUserAvailabilityResponse>`

// response is an answer in the time of New York.
func response() availability.Response {
	success := func(view availability.FreeBusyView) availability.FreeBusyResponse {
		return availability.FreeBusyResponse{Class: availability.ClassSuccess, Code: availability.NoError, View: view}
	}
	return availability.Response{Mailboxes: []availability.FreeBusyResponse{
		success(availability.FreeBusyView{
			Type: availability.ViewDetailedMerged, MergedFreeBusy: "0230",
			Events: []availability.CalendarEvent{
				{Start: at("2030-03-09 14:00"), End: at("2030-03-09 15:30"), BusyType: availability.Busy,
					Details: &availability.EventDetails{Subject: "Tea & talk", Location: "Room 1"}},
				{Start: at("2030-03-10 13:00"), End: at("2030-03-10 14:00"), BusyType: availability.OOF,
					Details: &availability.EventDetails{ID: "00AF", IsPrivate: true}},
			},
			WorkingHours: &availability.WorkingHours{Periods: []availability.WorkingPeriod{{Days: []time.Weekday{time.Monday, time.Friday}, Start: 480, End: 1020}}},
		}),
		{
			Class: availability.ClassError, Code: availability.ErrorNoFreeBusyAccess, MessageText: "The caller does not have access to free/busy data.",
			Exception: &availability.Exception{
				Type: "Microsoft.Exchange.InfoWorker.Common.Availability.NoFreeBusyAccessException", Code: 5037,
				ServerName: "EX1", ResponseSource: "https://ex1.fabrikam.com/EWS/Exchange.asmx/WSSecurity",
			},
			View: availability.FreeBusyView{Type: availability.ViewNone},
		},
		success(availability.FreeBusyView{Type: availability.ViewMergedOnly, MergedFreeBusy: "45"}),
		success(availability.FreeBusyView{Type: availability.ViewFreeBusy, Events: []availability.CalendarEvent{
			{Start: at("2030-03-09 04:00"), End: at("2030-03-10 07:00"), BusyType: availability.Tentative},
		}}),
	}}
}

func TestResponseOnTheWire(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(responseWire, string(response().Marshal(eastern()))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err := availability.ParseResponse(element(t, responseWire), eastern())
	if diff := cmp.Diff(response(), got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestResponsesOfOthers reads what servers send that this program does not.
func TestResponsesOfOthers(t *testing.T) {
	t.Parallel()
	view := func(i int, f func(*availability.FreeBusyView)) availability.Response {
		r := response()
		f(&r.Mailboxes[i].View)
		return r
	}
	same := response()
	const refusedView = `<m:FreeBusyView><t:FreeBusyViewType>None</t:FreeBusyViewType></m:FreeBusyView>`
	cases := []struct {
		name, old, with string
		want            availability.Response
	}{
		{"an offset", "2030-03-09T09:00:00", "2030-03-09T14:00:00Z", same},
		{"another offset", "2030-03-09T09:00:00", "2030-03-09T15:00:00.000+01:00", same},
		{"types of their own prefix", `<m:FreeBusyView><t:FreeBusyViewType>None</t:FreeBusyViewType>`,
			`<m:FreeBusyView><FreeBusyViewType xmlns="http://schemas.microsoft.com/exchange/services/2006/types">None</FreeBusyViewType>`, same},
		{"something new", "<t:BusyType>Busy", "<t:New>1</t:New><t:BusyType>Busy", same},
		{"suggestions", "</m:FreeBusyResponseArray>", "</m:FreeBusyResponseArray><m:SuggestionsResponse><m:x/></m:SuggestionsResponse>", same},
		{"no view of what was refused", refusedView, "", same},
		{"no message", `<m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>`, "", same},
		{"no code", "<m:ResponseCode>NoError</m:ResponseCode>", "", same},
		{"more than the view has", "</t:FreeBusyViewType><t:CalendarEventArray>", "</t:FreeBusyViewType><t:MergedFreeBusy>000</t:MergedFreeBusy><t:CalendarEventArray>", same},
		{"details that are not in the view", "<t:BusyType>Tentative</t:BusyType>",
			"<t:BusyType>Tentative</t:BusyType><t:CalendarEventDetails><t:Subject>x</t:Subject>" + plainDetails + "<t:IsPrivate>false</t:IsPrivate></t:CalendarEventDetails>", same},
		{"digits for no view", "<t:FreeBusyViewType>None</t:FreeBusyViewType>", "<t:FreeBusyViewType>None</t:FreeBusyViewType><t:MergedFreeBusy>000</t:MergedFreeBusy>", same},
		{"events of which the view has none", "<t:MergedFreeBusy>45</t:MergedFreeBusy>", "<t:MergedFreeBusy>45</t:MergedFreeBusy><t:CalendarEventArray><t:CalendarEvent>" +
			"<t:StartTime>2030-03-09T09:00:00</t:StartTime><t:EndTime>2030-03-09T10:00:00</t:EndTime><t:BusyType>Busy</t:BusyType></t:CalendarEvent></t:CalendarEventArray>", same},
		{"words for days", ">Monday Friday<", ">WeekendDay Monday Sunday<", view(0, func(v *availability.FreeBusyView) {
			v.WorkingHours.Periods[0].Days = []time.Weekday{time.Sunday, time.Saturday, time.Monday}
		})},
		{"weekdays", ">Monday Friday<", ">Weekday<", view(0, func(v *availability.FreeBusyView) {
			v.WorkingHours.Periods[0].Days = []time.Weekday{1, 2, 3, 4, 5}
		})},
		{"every day", ">Monday Friday<", ">Day<", view(0, func(v *availability.FreeBusyView) {
			v.WorkingHours.Periods[0].Days = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
		})},
		{"no details", "<t:IsMeeting>false</t:IsMeeting>", "", same},
		{"hostile text for people", "The caller does", "&#x202e;The &#x9b;1m &#10; caller does", func() availability.Response {
			r := response()
			r.Mailboxes[1].MessageText = "?The ?1m caller does not have access to free/busy data."
			return r
		}()},
		{"another MessageXml", `<e:ExceptionType>Microsoft.Exchange.InfoWorker.Common.Availability.NoFreeBusyAccessException</e:ExceptionType>`, "", func() availability.Response {
			r := response()
			r.Mailboxes[1].Exception = nil
			return r
		}()},
	}
	for _, c := range cases {
		got, err := availability.ParseResponse(element(t, replaced(t, responseWire, c.old, c.with)), eastern())
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
	if len(cases) < 18 {
		t.Fatalf("%d cases", len(cases))
	}
}

// TestEventInTheHourThatComesTwice: what begins in the first of them and ends in the second
// would end before it begins, were its end the first as well.
func TestEventInTheHourThatComesTwice(t *testing.T) {
	t.Parallel()
	want := availability.Response{Mailboxes: []availability.FreeBusyResponse{{
		Class: availability.ClassSuccess, Code: availability.NoError, View: availability.FreeBusyView{
			Type: availability.ViewFreeBusy,
			Events: []availability.CalendarEvent{
				{Start: at("2030-11-03 05:30"), End: at("2030-11-03 06:15"), BusyType: availability.Busy},
				{Start: at("2030-11-03 05:00"), End: at("2030-11-03 05:15"), BusyType: availability.Busy},
			},
		},
	}}}
	wire := string(want.Marshal(eastern()))
	if !strings.Contains(wire, `<t:StartTime>2030-11-03T01:30:00</t:StartTime><t:EndTime>2030-11-03T01:15:00</t:EndTime>`) {
		t.Error(wire)
	}
	got, err := availability.ParseResponse(element(t, wire), eastern())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestResponsesNotRead(t *testing.T) {
	t.Parallel()
	cases := []struct{ old, with, reason string }{
		{responseWire, `<m:GetUserAvailabilityRequest ` + messagesNS + `/>`, "no answer about free/busy"},
		{responseWire, `<m:GetUserAvailabilityResponse ` + messagesNS + `/>`, "holds no m:FreeBusyResponseArray"},
		{"</m:FreeBusyResponseArray>", "</m:FreeBusyResponseArray><m:FreeBusyResponseArray/>", "twice"},
		{"<m:FreeBusyResponseArray>", "<m:FreeBusyResponseArray><m:x/>", "holds the element x"},
		{`ResponseClass="Success"`, `ResponseClass="Fine"`, "ResponseClass"}, {` ResponseClass="Success"`, ``, "ResponseClass"},
		{">NoError<", ">ErrorServerBusy<", "class Success"}, {">ErrorNoFreeBusyAccess<", ">NoError<", "class Error"},
		{">ErrorNoFreeBusyAccess<", "><", "class Error"}, {">ErrorNoFreeBusyAccess<", ">Error No<", "class Error"}, {">5037<", ">many<", "ExceptionCode"},
		{">ErrorNoFreeBusyAccess<", ">" + strings.Repeat("E", 101) + "<", "class Error"},
		{"<t:FreeBusyViewType>DetailedMerged</t:FreeBusyViewType>", "", "holds no FreeBusyViewType"}, {">DetailedMerged<", ">Detailled<", "not one of"},
		{">0230<", ">0236<", "MergedFreeBusy"}, {">0230<", ">02-30<", "MergedFreeBusy"}, {">0230<", "><t:x/><", "MergedFreeBusy"},
		{">0230<", ">" + strings.Repeat("0", 12109) + "<", "up to 12108 digits"},
		{"<t:BusyType>Busy<", "<t:BusyType>busy<", "BusyType"}, {"<t:BusyType>Busy</t:BusyType>", "", "holds no BusyType"},
		{"<t:StartTime>2030-03-09T09:00:00</t:StartTime>", "", "holds no StartTime"}, {"2030-03-09T09:00:00", "yesterday", "not a time"},
		{"2030-03-09T09:00:00", "2030-03-09T10:30:01", "ends before it starts"}, {"<t:EndTime>2030-03-09", "<t:EndTime>2030-03-09x", "not a time"},
		{"<t:CalendarEventArray>", "<t:CalendarEventArray><t:x/>", "holds the element x"}, {"<t:IsMeeting>false<", "<t:IsMeeting>no<", "neither"},
		{"<t:Subject>", "<t:Subject/><t:Subject>", "twice"}, {"Tea &amp; talk", strings.Repeat("x", 4097), "longer than"},
		{">Monday Friday<", ">Monday Someday<", "Someday"}, {">480<", ">-1<", "StartTimeInMinutes"}, {">1020<", ">1441<", "EndTimeInMinutes"},
		{"<t:Month>0<", "<t:Month>x<", "Month is"}, {utcWire, "", "holds no TimeZone"},
	}
	for _, c := range cases {
		got, err := availability.ParseResponse(element(t, replaced(t, responseWire, c.old, c.with)), eastern())
		if err == nil || !strings.Contains(err.Error(), c.reason) || len(err.Error()) > 500 {
			t.Errorf("with %.60q for %.60q: %v, %+v", c.with, c.old, err, got)
		}
	}
	if len(cases) < 33 {
		t.Fatalf("%d cases", len(cases))
	}
}

// TestYearsOfFourDigits: an event that lasts for ever, and a zone that puts one in the first
// year into the year before, leave an answer that can be read.
func TestYearsOfFourDigits(t *testing.T) {
	t.Parallel()
	first, last := time.Date(1, 1, 1, 2, 0, 0, 0, time.UTC), time.Date(11338, 12, 26, 9, 0, 0, 0, time.UTC)
	answer := availability.Response{Mailboxes: []availability.FreeBusyResponse{{Class: availability.ClassSuccess, Code: availability.NoError,
		View: availability.FreeBusyView{Type: availability.ViewFreeBusy, Events: []availability.CalendarEvent{{Start: first, End: last, BusyType: availability.Busy}}}}}}
	want := "<t:StartTime>0001-01-01T00:00:00</t:StartTime><t:EndTime>9999-12-31T23:59:59</t:EndTime>"
	if got := string(answer.Marshal(availability.TimeZone{Bias: 300})); !strings.Contains(got, want) {
		t.Errorf("%s\nhas no %s", got, want)
	}
}
