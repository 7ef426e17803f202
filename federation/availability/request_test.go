package availability_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/availability"
)

const requestWire = `<m:GetUserAvailabilityRequest ` + messagesNS + ` ` + typesNS + `>` + easternWire +
	`<m:MailboxDataArray>` +
	`<t:MailboxData><t:Email><t:Name>Sales &lt;&amp;&gt;</t:Name><t:Address>sales@fabrikam.com</t:Address><t:RoutingType>SMTP</t:RoutingType></t:Email>` +
	`<t:AttendeeType>Required</t:AttendeeType><t:ExcludeConflicts>true</t:ExcludeConflicts></t:MailboxData>` +
	`<t:MailboxData><t:Email><t:Address>room1@fabrikam.com</t:Address></t:Email>` +
	`<t:AttendeeType>Room</t:AttendeeType><t:ExcludeConflicts>false</t:ExcludeConflicts></t:MailboxData>` +
	`</m:MailboxDataArray>` +
	`<t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>2030-03-09T00:00:00</t:StartTime><t:EndTime>2030-03-11T00:00:00</t:EndTime></t:TimeWindow>` +
	`<t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>DetailedMerged</t:RequestedView></t:FreeBusyViewOptions>` +
	`</m:GetUserAvailabilityRequest>`

// request asks about the two days around the night in which New York loses an hour.
func request() availability.Request {
	return availability.Request{
		TimeZone: eastern(),
		Mailboxes: []availability.MailboxData{
			{Name: "Sales <&>", Address: "sales@fabrikam.com", RoutingType: "SMTP", AttendeeType: availability.Required, ExcludeConflicts: true},
			{Address: "room1@fabrikam.com", AttendeeType: availability.Room},
		},
		FreeBusy: availability.FreeBusyViewOptions{
			Start: at("2030-03-09 05:00"), End: at("2030-03-11 04:00"), Interval: 60, RequestedView: availability.ViewDetailedMerged,
		},
	}
}

func TestRequestOnTheWire(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(requestWire, string(request().Marshal())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err := availability.ParseRequest(message(t, wrap("", requestWire)), nil)
	if diff := cmp.Diff(request(), got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	block := `<t:RequestServerVersion xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" Version="Exchange2013_SP1"/>`
	if diff := cmp.Diff(block, string(availability.VersionBlock("Exchange2013_SP1").XML)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRequestsOfOthers reads what other programs send, and what the schema leaves open.
func TestRequestsOfOthers(t *testing.T) {
	t.Parallel()
	plain := request()
	change := func(f func(*availability.Request)) availability.Request {
		r := request()
		f(&r)
		return r
	}
	utc := func(r *availability.Request) {
		r.TimeZone = availability.TimeZone{}
		r.FreeBusy.Start, r.FreeBusy.End = at("2030-03-09 00:00"), at("2030-03-11 00:00")
	}
	context := func(id string) string {
		return `<t:TimeZoneContext><t:TimeZoneDefinition Name="(UTC-05:00) Eastern" Id="` + id + `"/></t:TimeZoneContext>`
	}
	const interval, view = `<t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes>`, `<t:RequestedView>DetailedMerged</t:RequestedView>`
	cases := []struct {
		name, header, old, with string
		want                    availability.Request
	}{
		{"as it is", "", "", "", plain},
		{"a version", `<t:RequestServerVersion Version="Exchange2013"/>`, "", "", change(func(r *availability.Request) { r.Version = "Exchange2013" })},
		{"a context besides", context("Tokyo Standard Time"), "", "", plain},
		{"no zone", "", easternWire, "", change(utc)},
		{"a context of UTC", context("UTC"), easternWire, "", change(utc)},
		{"a context of UTC in Exchange's words", context("tzone://Microsoft/Utc"), easternWire, "", change(utc)},
		{"a context", context("Eastern Standard Time"), easternWire, "", plain},
		{"offsets", "", "2030-03-09T00:00:00<", "2030-03-09T07:00:00.000+02:00<", plain},
		{"in UTC", "", "2030-03-11T00:00:00<", "2030-03-11T04:00:00Z<", plain},
		{"a fraction", "", "2030-03-11T00:00:00<", "2030-03-11T00:00:00.5<", change(func(r *availability.Request) { r.FreeBusy.End = r.FreeBusy.End.Add(time.Second / 2) })},
		{"suggestions wanted", "", "</t:FreeBusyViewOptions>", "</t:FreeBusyViewOptions><t:SuggestionsViewOptions><t:What/></t:SuggestionsViewOptions>", plain},
		{"a later part", "", "</t:FreeBusyViewOptions>", "</t:FreeBusyViewOptions><t:Later/>", plain},
		{"no interval", "", interval, "", change(func(r *availability.Request) { r.FreeBusy.Interval = 30 })},
		{"no view", "", view, "", change(func(r *availability.Request) { r.FreeBusy.RequestedView = availability.ViewMergedOnly })},
		{"a list of views", "", ">DetailedMerged<", "> FreeBusy  MergedOnly <", change(func(r *availability.Request) { r.FreeBusy.RequestedView = availability.ViewFreeBusyMerged })},
		{"a list with the richest first", "", ">DetailedMerged<", ">Detailed FreeBusyMerged<", plain},
		{"booleans in digits", "", ">true<", ">1<", plain},
		{"no conflicts", "", "<t:ExcludeConflicts>false</t:ExcludeConflicts>", "", plain},
		{"white space", "", "<t:Bias>300<", "\n <t:Bias> 300 <", plain},
		{"a change once", "", "<t:Month>11</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek>", "<t:Month>11</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Year>2030</t:Year>",
			change(func(r *availability.Request) {
				r.TimeZone.Standard.Year = 2030
				r.FreeBusy.Start = at("2030-03-09 04:00")
			})},
		{"a change once, late in its month", "", "<t:DayOrder>1</t:DayOrder><t:Month>11</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek>",
			"<t:DayOrder>31</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek><t:Year>2029</t:Year>", change(func(r *availability.Request) {
				r.TimeZone.Standard.Year, r.TimeZone.Standard.DayOrder, r.TimeZone.Standard.Month = 2029, 31, 10
			})},
		{"a change at the end of a day", "", ">02:00:00<", ">23:59:59.999<", change(func(r *availability.Request) { r.TimeZone.Standard.Time = 24*time.Hour - time.Millisecond })},
	}
	locations := func(name string) *time.Location {
		if name != "Eastern Standard Time" {
			return nil
		}
		location, err := time.LoadLocation("America/New_York")
		if err != nil {
			t.Error(err)
		}
		return location
	}
	for _, c := range cases {
		body := requestWire
		if c.old != "" {
			body = replaced(t, body, c.old, c.with)
		}
		got, err := availability.ParseRequest(message(t, wrap(c.header, body)), locations)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
	if len(cases) < 22 {
		t.Fatalf("%d cases", len(cases))
	}
}

func TestRequestsNotRead(t *testing.T) {
	t.Parallel()
	const (
		schema  = availability.ErrorSchemaValidation
		mailbox = `<t:MailboxData><t:Email><t:Address>a</t:Address></t:Email><t:AttendeeType>Room</t:AttendeeType></t:MailboxData>`
	)
	wholeArray := requestWire[strings.Index(requestWire, "<m:MailboxDataArray>"):strings.Index(requestWire, "<t:FreeBusyViewOptions>")]
	options := requestWire[strings.Index(requestWire, "<t:FreeBusyViewOptions>"):strings.Index(requestWire, "</m:GetUserAvailabilityRequest>")]
	cases := []struct {
		old, with string
		code      availability.ResponseCode
		reason    string
	}{
		{requestWire, `<m:GetRoomLists/>`, schema, "no operation"},
		{requestWire, `<t:GetUserAvailabilityRequest/>`, schema, "no operation"},
		{wholeArray, "", schema, "holds no m:MailboxDataArray"},
		{wholeArray, wholeArray + wholeArray, schema, "holds MailboxDataArray twice"},
		{wholeArray, "<m:MailboxDataArray/>", availability.ErrorMissingArgument, "no mailbox"},
		{wholeArray, "<m:MailboxDataArray>" + strings.Repeat(mailbox, 101) + "</m:MailboxDataArray>", availability.ErrorIndividualMailboxLimitReached, "101 mailboxes, at most 100"},
		{wholeArray, "<m:MailboxDataArray><t:Mailbox/></m:MailboxDataArray>", schema, "holds the element Mailbox"},
		{options, "", availability.ErrorMissingArgument, "no FreeBusyViewOptions"},
		{easternWire, easternWire + easternWire, schema, "TimeZone twice"},
		{"<t:Bias>300</t:Bias>", "", schema, "holds no Bias"}, {"<t:Bias>300", "<t:Bias>1441", schema, "Bias is"}, {"<t:Bias>300", "<t:Bias>x", schema, "Bias is"},
		{"<t:Bias>300", "<t:Bias>1e2", schema, "Bias is"}, {"<t:Bias>300", "<t:Bias><t:x/>", schema, "where text belongs"},
		{"<t:Time>02:00:00", "<t:Time>2:00:00", schema, "time of day"}, {"<t:Time>02:00:00", "<t:Time>24:00:00", schema, "time of day"},
		{"<t:Time>02:00:00", "<t:Time>02:00", schema, "time of day"}, {"<t:Time>02:00:00", "<t:Time>02:00:00,5", schema, "time of day"},
		{"<t:DayOrder>1<", "<t:DayOrder>6<", schema, "DayOrder"}, {"<t:DayOrder>1<", "<t:DayOrder>0<", schema, "DayOrder"},
		{"<t:Month>11<", "<t:Month>13<", schema, "Month"}, {"<t:Month>11<", "<t:Month>-1<", schema, "Month"},
		{">Sunday<", ">Weekday<", schema, "DayOfWeek"}, {"<t:Month>11</t:Month>", "", schema, "holds no Month"},
		{"<t:Address>sales@fabrikam.com</t:Address>", "", schema, "holds no Address"}, {"sales@fabrikam.com", strings.Repeat("x", 4097), schema, "longer than"},
		{"<t:AttendeeType>Room</t:AttendeeType>", "", schema, "holds no AttendeeType"}, {">Room<", ">Rooms<", schema, "AttendeeType is"},
		{">true<", ">yes<", schema, "neither true nor false"}, {"<t:Email>", "<t:Email>x", schema, "holds text"}, {"<t:Email>", "<t:Email><t:x/>", schema, "no place there"},
		{"<t:Name>Sales &lt;&amp;&gt;</t:Name><t:Address>sales@fabrikam.com</t:Address>", "<t:Address>a</t:Address><t:Name/>", schema, "in the wrong place"},
		{"<t:StartTime>2030-03-09T00:00:00</t:StartTime>", "", schema, "holds no StartTime"}, {"2030-03-09T", "2030-02-30T", schema, "not a time"},
		{"2030-03-09T", "2030-03-09 ", schema, "not a time"}, {"2030-03-09T00:00:00<", "2030-03-09T00:00:00+2:00<", schema, "not a time"},
		{"2030-03-09T00:00:00<", "2030-03-09T00:00:00+99:99<", schema, "not a time"}, {"2030-03-09T00:00:00", "2030-03-09", schema, "not a time"},
		{"2030-03-09T", "12030-03-09T", schema, "not a time"}, {"2030-03-09T00:00:00<", "2030-03-09T00:00:00,5<", schema, "not a time"},
		{"2030-03-09T00:", "2030-03-09T0:", schema, "not a time"},
		{"2030-03-11T", "2030-03-09T", availability.ErrorInvalidTimeInterval, "does not end"}, {"2030-03-11T", "2030-03-08T", availability.ErrorInvalidTimeInterval, "does not end"},
		{"2030-03-11T00:00:00", "2030-04-20T00:00:01", availability.ErrorTimeIntervalTooBig, "42 days"}, {"2030-03-11T", "9999-03-11T", availability.ErrorTimeIntervalTooBig, "42 days"},
		{">60<", ">4<", availability.ErrorInvalidMergedFreeBusyInterval, "4 minutes"}, {">60<", ">1441<", availability.ErrorInvalidMergedFreeBusyInterval, "1441 minutes"},
		{">60<", ">0<", availability.ErrorInvalidMergedFreeBusyInterval, "0 minutes"}, {">60<", ">-30<", availability.ErrorInvalidMergedFreeBusyInterval, "-30 minutes"},
		{">60<", ">2147483648<", schema, "Interval"},
		{">DetailedMerged<", ">None<", availability.ErrorInvalidFreeBusyViewType, "None"}, {">DetailedMerged<", "><", availability.ErrorInvalidFreeBusyViewType, "None"},
		{">DetailedMerged<", ">Everything<", schema, "not one of"}, {">DetailedMerged<", ">Detailed,Merged<", schema, "not one of"},
	}
	for _, c := range cases {
		got, err := availability.ParseRequest(message(t, wrap("", replaced(t, requestWire, c.old, c.with))), nil)
		if codeOf(err) != c.code || !strings.Contains(err.Error(), c.reason) || len(err.Error()) > 500 {
			t.Errorf("with %.60q for %.60q: %v, %+v", c.with, c.old, err, got)
		}
	}
	if len(cases) < 53 {
		t.Fatalf("%d cases", len(cases))
	}
}

func TestHeadersNotRead(t *testing.T) {
	t.Parallel()
	cases := []struct {
		header string
		code   availability.ResponseCode
	}{
		{`<t:RequestServerVersion Version="a"/><t:RequestServerVersion Version="b"/>`, availability.ErrorSchemaValidation},
		{`<t:TimeZoneContext/>`, availability.ErrorSchemaValidation},
		{`<t:TimeZoneContext><t:TimeZoneDefinition Id="UTC"/><t:TimeZoneDefinition Id="utc"/></t:TimeZoneContext>`, availability.ErrorSchemaValidation},
		{`<t:TimeZoneContext><t:TimeZoneDefinition Id="UTC"/></t:TimeZoneContext><t:TimeZoneContext/>`, availability.ErrorSchemaValidation},
		{`<t:TimeZoneContext><t:TimeZoneDefinition/></t:TimeZoneContext>`, availability.ErrorTimeZone},
		{`<t:TimeZoneContext><t:TimeZoneDefinition Id="Mars"/></t:TimeZoneContext>`, availability.ErrorTimeZone},
	}
	nowhere := func(string) *time.Location { return nil }
	for _, c := range cases {
		for _, locations := range []availability.Locations{nil, nowhere} {
			got, err := availability.ParseRequest(message(t, wrap(c.header, replaced(t, requestWire, easternWire, ""))), locations)
			if codeOf(err) != c.code {
				t.Errorf("%s: %v, %+v", c.header, err, got)
			}
		}
	}
	if len(cases) < 6 {
		t.Fatalf("%d cases", len(cases))
	}
}

// TestWindowsAtTheirBounds: 42 days of a calendar, whether the clock is changed in them.
func TestWindowsAtTheirBounds(t *testing.T) {
	t.Parallel()
	for i, end := range []string{"2030-04-20T00:00:00", "2030-12-03T00:00:00", "2030-08-12T00:00:00"} {
		start := []string{"2030-03-09T00:00:00", "2030-10-22T00:00:00", "2030-07-01T00:00:00"}[i]
		hours := []float64{1007, 1009, 1008}[i]
		body := replaced(t, replaced(t, requestWire, "2030-03-09T00:00:00", start), "2030-03-11T00:00:00", end)
		got, err := availability.ParseRequest(message(t, wrap("", body)), nil)
		if err != nil || got.FreeBusy.End.Sub(got.FreeBusy.Start).Hours() != hours {
			t.Errorf("%s to %s: %v, %v", start, end, err, got.FreeBusy.End.Sub(got.FreeBusy.Start))
		}
		if _, err := availability.ParseRequest(message(t, wrap("", replaced(t, body, "00:00:00</t:EndTime>", "00:00:01</t:EndTime>"))), nil); codeOf(err) != availability.ErrorTimeIntervalTooBig {
			t.Errorf("a second more: %v", err)
		}
	}
	for _, interval := range []int{5, 1440} {
		body := replaced(t, requestWire, ">60<", fmt.Sprintf(">%d<", interval))
		if got, err := availability.ParseRequest(message(t, wrap("", body)), nil); err != nil || got.FreeBusy.Interval != interval {
			t.Errorf("%d minutes: %v, %d", interval, err, got.FreeBusy.Interval)
		}
	}
}

func TestFaultOnTheWire(t *testing.T) {
	t.Parallel()
	want := `<s:Fault ` + soapNS + `><faultcode ` + typesNS + `>t:ErrorTimeIntervalTooBig</faultcode><faultstring xml:lang="en-US">Too &lt;long&gt;.</faultstring>` +
		`<detail xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors"><e:ResponseCode>ErrorTimeIntervalTooBig</e:ResponseCode><e:Message>Too &lt;long&gt;.</e:Message></detail></s:Fault>`
	refused := &availability.RequestError{Code: availability.ErrorTimeIntervalTooBig, Reason: "Too <long>."}
	if diff := cmp.Diff(want, string(refused.Fault().Marshal())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, ok := availability.ParseFault(message(t, wrap("", want)).Fault())
	if diff := cmp.Diff(refused.Fault(), got); !ok || diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, c := range [][2]string{
		{"<e:ResponseCode>ErrorTimeIntervalTooBig</e:ResponseCode>", ""}, {">ErrorTimeIntervalTooBig</e", "></e"}, {">ErrorTimeIntervalTooBig</e", ">No such thing</e"},
		{"<e:Message>", "<e:Message/><e:Message>"}, {"detail", "details"}, {":e=\"http://schemas.microsoft.com", ":e=\"https://schemas.microsoft.com"},
	} {
		text := strings.ReplaceAll(want, c[0], c[1])
		if got, ok := availability.ParseFault(message(t, wrap("", text)).Fault()); ok {
			t.Errorf("with %q for %q it was read as %+v", c[1], c[0], got)
		}
	}
	short := replaced(t, want, "<e:Message>Too &lt;long&gt;.</e:Message>", "")
	if got, ok := availability.ParseFault(message(t, wrap("", short)).Fault()); !ok || got.Message != "Too <long>." {
		t.Errorf("without a message: %v, %+v", ok, got)
	}
}
