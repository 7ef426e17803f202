// Package calendar says what a calendar tells about somebody's time. It reads iCalendar
// files (RFC 5545), expands their recurrences, and gets them from a file, a folder of
// files, a web server or a CalDAV server (RFC 4791):
//
//	source, err := calendar.NewHTTPS(calendar.Server{URL: "https://calendar.contoso.com/ann.ics"})
//	c, err := source.Load(ctx)
//	events, err := c.Events(ctx, from, to, location)
//
// # What a calendar means
//
// Times are read as RFC 5545 section 3.3.5 has it: in the zone that TZID names, in UTC, or
// where the reader is. A zone is what the calendar itself defines in a VTIMEZONE, from 1970
// to 2100; else the zone of that name in the IANA database, a path in front of it left
// out; else the zone Windows has by that name (Unicode CLDR, windowsZones). A time that a
// change of clocks leaves out is read by the offset before it; of a time that comes twice
// it is the first.
//
// DTEND gives every instance of a series the same length by the stopwatch, DURATION days
// by the calendar and hours by the stopwatch. DTSTART is the first instance, also where
// the rule does not have it. BYWEEKNO without a weekday means that of DTSTART. What
// section 3.3.10 forbids together is not understood, nor are rules with parts it does not
// know. EXRULE, which RFC 5545 dropped, is passed over.
//
// A component with a RECURRENCE-ID takes the place of that instance, and with
// RANGE=THISANDFUTURE of all that follow. Of several versions of an event the one with the
// highest SEQUENCE counts, then the last changed. X-MICROSOFT-CDO-BUSYSTATUS says how
// somebody's time is taken; without it TRANSP and STATUS do.
//
// Programs write what the RFC does not allow, and what can only be meant in one way is
// read so: EXDATE and UNTIL given as days for events that have times, a day that ends on
// the day it begins, text that was not folded.
//
// # What a calendar may cost
//
// A calendar is hostile until shown otherwise. Limits bounds its bytes, components and
// dates, and counts the steps of expansions. A component that cannot be understood, or
// whose COUNT takes too many steps to find the end of, is skipped and reported; a calendar
// that goes beyond the other limits is an error, because what is missing looks free.
//
// Servers are reached by https, those on this machine also by http. Redirects lead to https, or
// within this machine, and five times at most; the password goes to the host of the URL and to no other. Errors name the host and neither
// path nor password: the path of a published calendar is its password.
//
// Errors are of type *federation.Error; their identifiers begin with Calendar, or are
// InvalidCalendarUrl and InvalidCalendarWindow.
package calendar
