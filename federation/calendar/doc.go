// Package calendar reads what calendars say about when somebody is busy: iCalendar data
// (RFC 5545) from files, folders, web servers and CalDAV servers (RFC 4791), with recurrences
// expanded and time zones worked out, all of it within bounds. It knows nothing of who asks.
package calendar
