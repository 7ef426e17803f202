package cmd

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // not every system has a database of time zones

	"exfed/cmd/psargs"
	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/calendar"
	"exfed/federation/token"
)

// freeBusyViews are the views that can be asked for.
func freeBusyViews() []string {
	return []string{string(availability.ViewMergedOnly), string(availability.ViewFreeBusy), string(availability.ViewFreeBusyMerged),
		string(availability.ViewDetailed), string(availability.ViewDetailedMerged)}
}

func (p *userAvailabilityParams) check() error {
	if n := len(p.identity.value); n == 0 || n > availability.MaxMailboxes {
		return &psargs.UsageError{ID: "InvalidIdentity", Param: "Identity",
			Msg:   fmt.Sprintf("-Identity: %d addresses, 1 to %d are allowed", n, availability.MaxMailboxes),
			Hints: []string{"-Identity sales@fabrikam.com,room1@fabrikam.com; ask about more in several calls"}}
	}
	for _, address := range p.identity.value {
		if err := refuseNoAddress("Identity", address); err != nil {
			return err
		}
	}
	if err := refuseNoAddress("Requestor", p.requestor.value); err != nil {
		return err
	}
	return refuseEmpty(given{"Start", p.start}, given{"End", p.end}, given{"TimeZone", p.zone})
}

func refuseNoAddress(parameter, text string) error {
	if _, err := token.AddressDomain(text); err != nil {
		var fault *federation.Error
		msg := err.Error()
		if errors.As(err, &fault) {
			msg = fault.Object + " " + fault.Reason
		}
		return &psargs.UsageError{ID: "InvalidSmtpAddress", Param: parameter, Msg: "-" + parameter + ": " + msg,
			Hints: []string{"give an address such as sales@fabrikam.com"}}
	}
	return nil
}

// location is the time zone that was named, or the machine's, which is that of its clock.
func (p *userAvailabilityParams) location(now time.Time) (*time.Location, error) {
	if !p.zone.given {
		return now.Location(), nil
	}
	if p.zone.value == time.UTC.String() { // Windows has this name too, for what IANA calls Etc/UTC
		return time.UTC, nil
	}
	zone := calendar.Location(p.zone.value)
	if zone == nil {
		return nil, &psargs.UsageError{ID: "UnknownTimeZone", Param: "TimeZone", Msg: fmt.Sprintf("-TimeZone: there is no time zone %q", p.zone.value),
			Hints: []string{"give a name of IANA or of Windows, such as Europe/Berlin, UTC or 'W. Europe Standard Time'; leave it out for this machine's"}}
	}
	return zone, nil
}

// dateTime reads a date and time that was given.
func dateTime(o opt[string], parameter string, zone *time.Location, to *time.Time) error {
	if !o.given {
		return nil
	}
	t, err := psargs.ParseDateTime(o.value, zone)
	var usage *psargs.UsageError
	if errors.As(err, &usage) {
		usage.Param, usage.Msg = parameter, "-"+parameter+": "+usage.Msg
		return usage
	}
	*to = t
	return err
}

// refusal names the parameter by which a window cannot be asked about.
func (p *userAvailabilityParams) refusal(err error) error {
	var refused *availability.RequestError
	if !errors.As(err, &refused) {
		return err
	}
	parameter := "End"
	switch {
	case refused.Code == availability.ErrorInvalidMergedFreeBusyInterval:
		parameter = "Interval"
	case refused.Code == availability.ErrorInvalidFreeBusyViewType:
		parameter = "View"
	case !p.end.given:
		parameter = "Start"
	}
	return &psargs.UsageError{ID: string(refused.Code), Param: parameter, Msg: "-" + parameter + ": " + refused.Reason, Hints: []string{refused.Code.NextAction()}}
}
