package endpoint

import (
	"context"
	"sync"
	"time"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/calendar"
	"exfed/federation/serve"
	"exfed/federation/soap"
	"exfed/federation/token"
	"exfed/policy"
)

// calendarTimeout is how long the calendars of one request are waited for, together. It is
// less than requestTimeout, so that what came in is still answered.
const calendarTimeout = 25 * time.Second

// maxEvents is how many events an answer has of all mailboxes together: as many as there can
// be of ten. Each may take some kilobytes, and be asked for a hundred times in one request.
const maxEvents = 10 * availability.MaxEvents

// Calendars reads calendars.
type Calendars interface {
	// Events returns what the calendar of a mailbox, which has a source, has between the two
	// times, or an error when the context ends at the latest. It is called for many at once.
	Events(ctx context.Context, mailbox federation.Mailbox, from, to time.Time) ([]availability.Event, error)
	// Occurrences is Events with all that a calendar says.
	Occurrences(ctx context.Context, mailbox federation.Mailbox, from, to time.Time) ([]calendar.Event, error)
	// Location returns the location that a Windows or IANA name of a time zone stands for,
	// nil for none.
	Location(name string) *time.Location
}

func (s *Server) webServiceOperations() map[string]operation {
	return map[string]operation{availability.Action: {
		offers: []token.Offer{token.SharingCalendarFreeBusy}, response: availability.Action + "Response", do: s.userAvailability,
	}}
}

// userAvailability says when the owners of mailboxes are busy, one answer for each in the
// order of the request. Calendars are read at the same time: one that is slow keeps nobody
// else's answer back.
func (s *Server) userAvailability(ctx context.Context, c *call) ([]byte, error) {
	request, err := availability.ParseRequest(c.message, s.calendars.Location)
	if err != nil {
		return nil, err
	}
	deadline, cancel := context.WithTimeout(ctx, calendarTimeout)
	defer cancel()
	answer := availability.Response{Mailboxes: make([]availability.FreeBusyResponse, len(request.Mailboxes))}
	show := s.onceEach(deadline, request)
	var wg sync.WaitGroup
	for i, mailbox := range request.Mailboxes {
		wg.Go(func() { answer.Mailboxes[i] = s.freeBusy(deadline, c, mailbox.Address, show) })
	}
	wg.Wait()
	s.bound(ctx, answer.Mailboxes)
	return answer.Marshal(request.TimeZone), nil
}

// bound refuses what there is no room for in one answer.
func (s *Server) bound(ctx context.Context, answers []availability.FreeBusyResponse) {
	left := maxEvents
	for i := range answers {
		n := len(answers[i].View.Events)
		if n <= left {
			left -= n
			continue
		}
		answers[i] = availability.Refused(availability.ErrorFreeBusyGenerationFailed,
			"The answer would have too many calendar entries. Ask about fewer mailboxes at once.")
		s.log.WarnContext(ctx, "free/busy left out", "request", serve.RequestID(ctx), "place", i, "events", n, "left", left)
	}
}

// shower shows what is granted of a mailbox's calendar.
type shower func(mailbox federation.Mailbox, granted policy.Level) (availability.FreeBusyResponse, error)

// onceEach returns what shows the calendars of one request. Each is read once, however often
// its mailbox is named; what is granted of it is the same each time.
func (s *Server) onceEach(ctx context.Context, request availability.Request) shower {
	var read sync.Map // by address, which no other mailbox has
	return func(mailbox federation.Mailbox, granted policy.Level) (availability.FreeBusyResponse, error) {
		one, _ := read.LoadOrStore(mailbox.PrimarySMTPAddress, sync.OnceValues(func() (availability.FreeBusyResponse, error) {
			return unpanicked(func() (availability.FreeBusyResponse, error) { return s.calendarOf(ctx, mailbox, granted, request) })
		}))
		return one.(func() (availability.FreeBusyResponse, error))()
	}
}

// freeBusy answers about one mailbox, and leaves a line in the log.
func (s *Server) freeBusy(ctx context.Context, c *call, address string, show shower) availability.FreeBusyResponse {
	mailbox, found := c.organization.Directory.Mailbox(address)
	decision := decide(c.organization.Directory, c.requester.domain, mailbox, found)
	answer := availability.NoFreeBusyAccess()
	var failed error
	switch {
	case decision.Level == policy.None:
	case !found:
		answer = availability.Refused(availability.ErrorMailRecipientNotFound, "There is no such mailbox here.")
	default:
		answer, failed = show(mailbox, decision.Level)
	}
	if failed != nil {
		answer = availability.Refused(availability.ErrorFreeBusyGenerationFailed, "The calendar cannot be read at the moment.")
	}
	if answer.Exception != nil {
		own := *answer.Exception // which others may be given too
		own.ServerName, own.ResponseSource = s.host, s.base+EWSWSSecurityPath
		answer.Exception = &own
	}
	attributes := []any{"request", serve.RequestID(ctx), "requester", c.requester.address, "mailbox", soap.Printable(address, maxLogged),
		"relationship", decision.Relationship, "granted", decision.Level, "reason", decision.Reason, "explanation", decision.Explanation,
		"view", answer.View.Type, "outcome", answer.Code}
	if failed != nil {
		s.log.ErrorContext(ctx, "free/busy failed", append(attributes, "error", printable(failed))...)
	} else {
		s.log.InfoContext(ctx, "free/busy", attributes...)
	}
	return answer
}

// decide asks the policy. About a mailbox that there is not, it decides as about one that
// shows everything: who would be shown nothing of it does not learn that it is not there.
func decide(directory *federation.Directory, domain federation.Domain, mailbox federation.Mailbox, found bool) policy.FreeBusyDecision {
	var relationships []policy.Relationship
	if r, ok := directory.Relationship(domain); ok {
		judged := policy.Relationship{
			Name: r.Name, Enabled: r.Enabled, FreeBusyAccessEnabled: r.FreeBusyAccessEnabled,
			FreeBusyAccessLevel: policy.Level(r.FreeBusyAccessLevel), FreeBusyAccessScope: r.FreeBusyAccessScope,
		}
		for _, d := range r.DomainNames {
			judged.DomainNames = append(judged.DomainNames, string(d))
		}
		relationships = append(relationships, judged)
	}
	asked := policy.Mailbox{DefaultCalendarPermission: policy.Level(mailbox.DefaultCalendarPermission), MemberOf: mailbox.MemberOf}
	if !found {
		asked = policy.Mailbox{DefaultCalendarPermission: policy.Reviewer}
	}
	return policy.FreeBusy(relationships, asked, string(domain))
}

// calendarOf shows what is granted of a mailbox's calendar. The error is for the log: the
// requester learns only that there is no answer.
func (s *Server) calendarOf(ctx context.Context, mailbox federation.Mailbox, granted policy.Level, request availability.Request) (availability.FreeBusyResponse, error) {
	if mailbox.CalendarSource == nil {
		return availability.FreeBusyResponse{}, federation.Errorf(federation.NotFound, "NoCalendarSource", "mailbox "+mailbox.Name, "no calendar source is set")
	}
	events, err := s.calendars.Events(ctx, mailbox, request.FreeBusy.Start, request.FreeBusy.End)
	if err != nil {
		return availability.FreeBusyResponse{}, err
	}
	return availability.Respond(availability.Calendar{Events: events}, granted, request.FreeBusy, request.Version), nil
}
