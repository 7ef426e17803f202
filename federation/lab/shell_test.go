package lab_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"exfed/federation/lab"
)

// shell plays the cmdlets: it answers as they do when all goes well, and keeps what it was
// asked to run. Of what the cmdlets change it remembers the organization relationships.
type shell struct {
	commands []string
	configs  []string
	inputs   []string
	instead  func(ctx context.Context, number int) *lab.Result // nil, or an answer that is nil: what is right

	relationships map[string]*relationship // by the organization that has it, and its name
	endpoints     map[string]*slog.Logger  // of the organizations that have one
	staged        bool                     // a certificate is
	published     map[string]string        // what is at page and feed; "" is what is right
}

type relationship struct {
	level   string
	enabled bool
}

func (s *shell) run(ctx context.Context, args []string, stdin []byte, environ map[string]string) lab.Result {
	s.commands = append(s.commands, strings.Join(args, " "))
	s.configs = append(s.configs, environ["EXFED_CONFIG"])
	s.inputs = append(s.inputs, string(stdin))
	if s.instead != nil {
		if result := s.instead(ctx, len(s.commands)); result != nil {
			return *result
		}
	}
	organization := filepath.Base(filepath.Dir(environ["EXFED_CONFIG"]))
	switch args[0] {
	case "new-organizationrelationship", "set-organizationrelationship":
		return s.relate(organization, args)
	case "update-federationcertificate":
		return s.rollOver(organization)
	case "get-useravailability":
		return s.freeBusy(organization, valueOf(args, "-Identity"))
	case "test-sharingpolicy":
		return judged(valueOf(args, "-Identity"))
	}
	return lab.Result{Stdout: records(recordOf(args, organization))}
}

// judged is what a sharing policy says: support may share less.
func judged(user string) lab.Result {
	if user == "support@contoso.com" {
		return lab.Result{ExitCode: 3, Stdout: records(map[string]any{"ResponseCode": "ErrorPermissionNotAllowedByPolicy", "Message": "less"})}
	}
	return lab.Result{Stdout: records(map[string]any{"ResponseCode": nil, "Message": "allowed"})}
}

// fetch is what is published: s.published, or what is right.
func (s *shell) fetch(_ context.Context, url string, environ map[string]string) ([]byte, error) {
	switch name := url[strings.LastIndexByte(url, '/')+1:]; {
	case environ["EXFED_CA_FILE"] == "" || !strings.HasPrefix(url, "https://mail.contoso.com/"):
		return nil, fmt.Errorf("%s cannot be reached with %v", url, environ)
	case s.published[name] != "":
		return []byte(s.published[name]), nil
	case name == "page":
		return []byte("<html>Quarterly review</html>"), nil
	}
	return []byte(feed("Quarterly review")), nil
}

// feed is a calendar file with a review each day.
func feed(subject string) string {
	return strings.ReplaceAll(`BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART:20200101T090000Z
DTEND:20200101T103000Z
RRULE:FREQ=DAILY
SUMMARY:`+subject+`
LOCATION:Room 1
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
}

// endpoint makes an endpoint that listens and answers nothing; the shell answers for it.
func (s *shell) endpoint(_ context.Context, statePath, externalURL string, log *slog.Logger) (lab.Endpoint, error) {
	organization := filepath.Base(filepath.Dir(statePath))
	if want := "https://mail." + organization + ".com"; externalURL != want {
		return nil, fmt.Errorf("the endpoint of %s is at %s, not %s", organization, externalURL, want)
	}
	if s.endpoints == nil {
		s.endpoints = map[string]*slog.Logger{}
	}
	s.endpoints[organization] = log
	return silent{}, nil
}

// silent is an endpoint that answers nothing, and ends with that error.
type silent struct{ failure error }

func (e silent) Serve(ctx context.Context, listener net.Listener, _ tls.Certificate) error {
	<-ctx.Done()
	if err := listener.Close(); err != nil {
		return err
	}
	return e.failure
}

func (s *shell) relate(organization string, args []string) lab.Result {
	if s.relationships == nil {
		s.relationships = map[string]*relationship{}
	}
	name := args[1]
	if args[0] == "new-organizationrelationship" {
		name = valueOf(args, "-Name")
		s.relationships[organization+" "+name] = &relationship{enabled: true}
	}
	r := s.relationships[organization+" "+name]
	if level := valueOf(args, "-FreeBusyAccessLevel"); level != "" {
		r.level = level
	}
	if enabled := valueOf(args, "-Enabled"); enabled != "" {
		r.enabled = enabled == "true"
	}
	if args[0] == "set-organizationrelationship" {
		return lab.Result{}
	}
	return lab.Result{Stdout: records(map[string]any{"FreeBusyAccessLevel": r.level})}
}

// rollOver waits for proofs at first, and is done the second time.
func (s *shell) rollOver(organization string) lab.Result {
	var all []map[string]any
	for _, end := range []string{".com", ".org", ".net"} {
		domain := organization + end
		all = append(all, map[string]any{"DomainName": domain, "Value": "proof of " + domain}, map[string]any{"DomainName": domain, "Value": "next proof of " + domain})
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	if !s.staged {
		s.staged = true
		return lab.Result{ExitCode: 3, Stdout: text, Stderr: []byte(`{"error":{"message":"these checks failed"}}`)}
	}
	return lab.Result{Stdout: text}
}

// freeBusy is what the asking organization sees of a calendar, and what the log of the other
// one's endpoint says.
func (s *shell) freeBusy(asking, user string) lab.Result {
	_, domain, _ := strings.Cut(user, "@")
	asked := strings.TrimSuffix(domain, ".com")
	r := s.relationships[asked+" "+strings.ToUpper(asking[:1])+asking[1:]]
	switch {
	case r == nil:
		return s.denied(asked, fmt.Sprintf("No organization relationship has the domain %q.", asking+".com"))
	case !r.enabled:
		return s.denied(asked, fmt.Sprintf("The organization relationship for %q is disabled.", asking+".com"))
	}
	s.endpoints[asked].Info("free/busy", "explanation", "shown")
	if r.level == "LimitedDetails" {
		return shown("DetailedMerged", slices.Repeat([]map[string]any{{"Subject": "Quarterly review", "Location": "Room 1"}}, 7)...)
	}
	return shown("FreeBusyMerged", slices.Repeat([]map[string]any{{}}, 7)...)
}

// shown is an answer with that view.
func shown(view string, events ...map[string]any) lab.Result {
	return lab.Result{Stdout: records(map[string]any{"FreeBusyViewType": view, "Events": events})}
}

func (s *shell) denied(by, explanation string) lab.Result {
	s.endpoints[by].Info("free/busy", "explanation", explanation)
	return lab.Result{
		ExitCode: 4, Stderr: []byte(`{"error":{"message":"denied"}}`),
		Stdout: records(map[string]any{"FreeBusyViewType": "None", "Events": []any{}, "ResponseCode": "ErrorNoFreeBusyAccess"}),
	}
}

// valueOf returns the value of a parameter, "" if it is not there.
func valueOf(args []string, parameter string) string {
	if i := slices.Index(args, parameter); i >= 0 {
		return args[i+1]
	}
	return ""
}

func records(record map[string]any) []byte {
	text, err := json.Marshal([]map[string]any{record})
	if err != nil {
		panic(err)
	}
	return text
}

// recordOf is what the cmdlet returns.
func recordOf(args []string, organization string) map[string]any {
	last := args[2] // the value of the first parameter
	switch args[0] {
	case "new-accepteddomain":
		return map[string]any{"DomainName": last}
	case "new-exchangecertificate":
		return map[string]any{"Thumbprint": "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17"}
	case "new-federationtrust":
		return map[string]any{"ApplicationIdentifier": "A000000000000001"}
	case "get-federateddomainproof":
		return map[string]any{"Proof": "proof of " + last, "DnsRecord": last + " TXT"}
	case "get-federatedorganizationidentifier":
		domains := map[string][]string{
			"contoso":  {"contoso.com (Active)", "contoso.co.uk (Active)", "contoso.ca (Active)"},
			"fabrikam": {"fabrikam.com (Active)", "fabrikam.org (Active)", "fabrikam.net (Active)"},
			"adatum":   {"adatum.com (Active)"},
		}
		return map[string]any{"Domains": domains[organization]}
	case "test-federationtrust":
		return map[string]any{"Message": "fine"}
	case "get-delegationtoken":
		return map[string]any{"Audience": "http://FYDIBOHF25SPDLT.fabrikam.com"}
	case "test-delegationtoken":
		return map[string]any{"EmailAddress": "sales@contoso.com"}
	case "new-sharingpolicy":
		return map[string]any{"Name": last}
	case "get-mailboxcalendarfolder":
		return map[string]any{"PublishedCalendarUrl": "https://mail.contoso.com/page", "PublishedICalUrl": "https://mail.contoso.com/feed"}
	case "new-mailbox":
		return map[string]any{"PrimarySmtpAddress": valueOf(args, "-PrimarySmtpAddress")}
	case "get-federationinformation":
		return map[string]any{"DomainNames": []string{last}}
	case "test-organizationrelationship":
		return map[string]any{"Description": "both sides of " + organization}
	}
	return map[string]any{}
}
