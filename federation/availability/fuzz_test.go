package availability_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/availability"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
	"exfed/policy"
)

// FuzzMergedDigits compares the digits with those that a model finds by going through every
// minute. Each event is three bytes: start, length and type.
func FuzzMergedDigits(f *testing.F) {
	f.Add(uint16(240), uint16(60), true, []byte{70, 30, 2, 80, 9, 1})
	f.Add(uint16(241), uint16(7), false, []byte{0, 255, 4, 200, 200, 5, 100, 0, 3})
	f.Fuzz(func(t *testing.T, window, interval uint16, since2013 bool, data []byte) {
		asked := morning(availability.ViewFreeBusyMerged)
		asked.Interval = 5 + int(interval)%1436
		asked.End = asked.Start.Add(time.Duration(1+int(window)%4000) * time.Minute)
		version, digits := availability.DefaultVersion, map[availability.BusyType]byte{"Free": '0', "Tentative": '1', "Busy": '2', "OOF": '3', "WorkingElsewhere": '0', "NoData": '4'}
		if since2013 {
			version, digits = "Exchange2013", map[availability.BusyType]byte{"Free": '0', "Tentative": '1', "Busy": '2', "OOF": '3', "WorkingElsewhere": '4', "NoData": '5'}
		}
		types := []availability.BusyType{"Free", "Tentative", "Busy", "OOF", "WorkingElsewhere", "NoData"}
		var events []availability.Event
		for ; len(data) >= 3 && len(events) < 100; data = data[3:] {
			start := asked.Start.Add(time.Duration(int(data[0])*20-600) * time.Minute)
			events = append(events, availability.Event{Start: start, End: start.Add(time.Duration(data[1]) * time.Minute), BusyType: types[data[2]%6]})
		}
		var want []byte
		step := time.Duration(asked.Interval) * time.Minute
		for slot := asked.Start; slot.Before(asked.End); slot = slot.Add(step) {
			digit := byte('0')
			for minute := slot; minute.Before(slot.Add(step)) && minute.Before(asked.End); minute = minute.Add(time.Minute) {
				for _, e := range events {
					if !minute.Before(e.Start) && minute.Before(e.End) {
						digit = max(digit, digits[e.BusyType])
					}
				}
			}
			want = append(want, digit)
		}
		got := availability.Respond(availability.Calendar{Events: events}, policy.AvailabilityOnly, asked, version).View.MergedFreeBusy
		if got != string(want) {
			t.Fatalf("%+v\n%+v\n%s, want\n%s", asked, events, got, want)
		}
	})
}

// FuzzParseRequest: what is read can be written, and is read the same again.
func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(wrap("", requestWire)))
	f.Add([]byte(wrap(`<t:RequestServerVersion Version="Exchange2013"/><t:TimeZoneContext><t:TimeZoneDefinition Id="UTC"/></t:TimeZoneContext>`, requestWire)))
	f.Add(bytes.ReplaceAll([]byte(wrap("", requestWire)), []byte(easternWire), nil))
	f.Add(bytes.ReplaceAll([]byte(wrap("", requestWire)), []byte("DetailedMerged"), []byte("FreeBusy MergedOnly")))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := soap.ParseMessage(soap.SOAP11, data, xmlsec.Limits{})
		if err != nil {
			return
		}
		got, err := availability.ParseRequest(m, nil)
		if err != nil {
			if codeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if n := len(got.Mailboxes); n < 1 || n > 100 || got.FreeBusy.Check(got.TimeZone) != nil {
			t.Fatalf("%+v", got)
		}
		envelope, err := soap.Envelope{Headers: []soap.Block{availability.VersionBlock(got.Version)}, Body: got.Marshal()}.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := availability.ParseRequest(message(t, string(envelope)), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, envelope)
		}
		if diff := cmp.Diff(got.Mailboxes, again.Mailboxes); diff != "" || again.TimeZone != got.TimeZone {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// FuzzParseResponse: what is read can be written and read again.
func FuzzParseResponse(f *testing.F) {
	f.Add([]byte(responseWire))
	f.Add(bytes.ReplaceAll([]byte(responseWire), []byte("T09:00:00<"), []byte("T09:00:00.5Z<")))
	f.Add(bytes.ReplaceAll([]byte(responseWire), []byte("Monday Friday"), []byte("WeekendDay")))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := xmlsec.Parse(data, xmlsec.Limits{})
		if err != nil {
			return
		}
		got, err := availability.ParseResponse(root, eastern())
		if err != nil {
			return
		}
		again, err := availability.ParseResponse(element(t, string(got.Marshal(availability.TimeZone{}))), availability.TimeZone{})
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// FuzzParseFault: whatever the detail of a fault is, there is a code in what was read.
func FuzzParseFault(f *testing.F) {
	f.Add([]byte(wrap("", string(availability.Fault{Code: availability.ErrorServerBusy, Message: "Busy."}.Marshal()))))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := soap.ParseMessage(soap.SOAP11, data, xmlsec.Limits{})
		if err != nil || m.Fault() == nil {
			return
		}
		got, ok := availability.ParseFault(m.Fault())
		if !ok {
			return
		}
		again, ok := availability.ParseFault(message(t, wrap("", string(got.Marshal()))).Fault())
		if !ok || again != got {
			t.Fatalf("%+v, %v, want %+v", again, ok, got)
		}
	})
}
