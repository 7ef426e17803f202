package availability_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones that are compared with

	"exfed/federation/availability"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

const (
	messagesNS = `xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"`
	typesNS    = `xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"`
	soapNS     = `xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"`
)

// eastern is the time of New York.
func eastern() availability.TimeZone {
	return availability.TimeZone{
		Bias:     300,
		Standard: availability.TimeZoneTime{Time: 2 * time.Hour, DayOrder: 1, Month: 11},
		Daylight: availability.TimeZoneTime{Bias: -60, Time: 2 * time.Hour, DayOrder: 2, Month: 3},
	}
}

const easternWire = `<t:TimeZone><t:Bias>300</t:Bias>` +
	`<t:StandardTime><t:Bias>0</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>1</t:DayOrder><t:Month>11</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>` +
	`<t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>2</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime>` +
	`</t:TimeZone>`

const utcWire = `<t:TimeZone><t:Bias>0</t:Bias>` +
	`<t:StandardTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>` +
	`<t:DaylightTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime>` +
	`</t:TimeZone>`

// at returns an instant written as "2030-01-07 14:00" in UTC.
func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// wrap returns a message of that header and body content.
func wrap(header, body string) string {
	return `<s:Envelope ` + soapNS + ` ` + messagesNS + ` ` + typesNS + `><s:Header>` + header + `</s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
}

func message(t testing.TB, text string) *soap.Message {
	t.Helper()
	m, err := soap.ParseMessage(soap.SOAP11, []byte(text), xmlsec.Limits{}, soap.AddressingNames()...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

func element(t testing.TB, text string) *xmlsec.Element {
	t.Helper()
	root, err := xmlsec.Parse([]byte(text), xmlsec.Limits{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return root
}

// replaced is strings.Replace of something that must be there.
func replaced(t testing.TB, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in %s", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

// codeOf returns the code of a request that was refused, "" for another error.
func codeOf(err error) availability.ResponseCode {
	var refused *availability.RequestError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// peer returns the path of a program that judges what this package makes.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("%s is required here: %v", name, err)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}
