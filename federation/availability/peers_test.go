package availability_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/availability"
	"exfed/federation/soap"
	"exfed/policy"
)

// schema returns what asks the schema of Exchange Web Services about the child of a body.
// The schema belongs to Microsoft: EXFED_EWS_SCHEMAS names a folder that has messages.xsd
// and types.xsd, and without it there is nothing to ask.
func schema(t *testing.T) func(document string) (string, error) {
	t.Helper()
	folder := os.Getenv("EXFED_EWS_SCHEMAS")
	if folder == "" {
		t.Skip("EXFED_EWS_SCHEMAS names no folder with messages.xsd and types.xsd")
	}
	program := peer(t, "xmllint")
	copied := t.TempDir()
	for _, name := range []string{"messages.xsd", "types.xsd"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		// The import of xml:lang says not where it is, and nothing is fetched.
		text := strings.ReplaceAll(string(content), `<xs:import namespace="http://www.w3.org/XML/1998/namespace"/>`,
			`<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>`)
		writeFile(t, filepath.Join(copied, name), text)
	}
	writeFile(t, filepath.Join(copied, "xml.xsd"), `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace">`+
		`<xs:attribute name="lang" type="xs:language"/></xs:schema>`)
	return func(document string) (string, error) {
		file := filepath.Join(t.TempDir(), "message.xml")
		writeFile(t, file, document)
		output, err := exec.Command(program, "--nonet", "--noout", "--schema", filepath.Join(copied, "messages.xsd"), file).CombinedOutput()
		return string(output), err
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSchemaValidatesOurMessages asks the schema about everything that goes out, and about
// the same with something wrong in it.
func TestSchemaValidatesOurMessages(t *testing.T) {
	t.Parallel()
	validate := schema(t)
	utc := request()
	utc.TimeZone = availability.TimeZoneFor(time.UTC, utc.FreeBusy.Start, utc.FreeBusy.End)
	once := request()
	once.TimeZone.Standard.Year, once.TimeZone.Standard.Time = 2030, 24*time.Hour-time.Millisecond
	documents := map[string]string{
		"request": requestWire, "request in UTC": string(utc.Marshal()), "request with a change once": string(once.Marshal()),
		"response": responseWire, "refusal": string(availability.Response{Mailboxes: []availability.FreeBusyResponse{availability.NoFreeBusyAccess()}}.Marshal(utc.TimeZone)),
		"nobody": string(availability.Response{}.Marshal(utc.TimeZone)),
	}
	private := event("09:00", "10:00", availability.WorkingElsewhere)
	private.IsPrivate = true
	calendar := availability.Calendar{Events: []availability.Event{event("08:30", "09:30", availability.NoData), private}, WorkingHours: response().Mailboxes[0].View.WorkingHours}
	for _, view := range []availability.ViewType{"MergedOnly", "FreeBusy", "FreeBusyMerged", "Detailed", "DetailedMerged"} {
		for _, level := range []policy.Level{policy.AvailabilityOnly, policy.LimitedDetails, policy.Reviewer} {
			answer := availability.Respond(calendar, level, morning(view), "Exchange2013")
			documents["answer "+string(view)+" "+string(level)] = string(availability.Response{Mailboxes: []availability.FreeBusyResponse{answer}}.Marshal(eastern()))
		}
	}
	if len(documents) < 21 {
		t.Fatalf("%d documents", len(documents))
	}
	for name, document := range documents {
		if text, err := validate(document); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, text, document)
		}
	}
	for old, with := range map[string]string{
		"<t:BusyType>Busy<": "<t:BusyType>Away<", "<t:IsPrivate>true</t:IsPrivate>": "", `ResponseClass="Success"`: "", ">ErrorNoFreeBusyAccess<": ">ErrorNo<",
	} {
		if text, err := validate(replaced(t, responseWire, old, with)); err == nil {
			t.Errorf("the schema accepts %q for %q\n%s", with, old, text)
		}
	}
	if text, err := validate(replaced(t, requestWire, ">Required<", ">Wanted<")); err == nil {
		t.Errorf("the schema accepts an attendee of no type\n%s", text)
	}
}

// TestSchemaKnowsOurCodes has the schema say which response codes there are.
func TestSchemaKnowsOurCodes(t *testing.T) {
	t.Parallel()
	validate := schema(t)
	for code, known := range map[availability.ResponseCode]bool{
		availability.ErrorMailRecipientNotFound: true, availability.ErrorNoFreeBusyAccess: true, availability.ErrorFreeBusyGenerationFailed: true,
		availability.ErrorFreeBusyDLLimitReached: true, availability.ErrorIndividualMailboxLimitReached: true, availability.ErrorInvalidFreeBusyViewType: true,
		availability.ErrorInvalidTimeInterval: true, availability.ErrorTimeIntervalTooBig: true, availability.ErrorInvalidMergedFreeBusyInterval: true,
		availability.ErrorMissingArgument: true, availability.ErrorProxyRequestProcessingFailed: true, availability.ErrorProxyRequestNotAllowed: true,
		availability.ErrorProxyServiceDiscoveryFailed: true, availability.ErrorPublicFolderProcessingFailed: true, availability.ErrorInvalidOrganizationRelation: true,
		availability.ErrorInvalidFederatedOrganizationID: true, availability.ErrorOrganizationNotFederated: true, availability.ErrorUserWithoutFederatedAddress: true,
		availability.ErrorSchemaValidation: true, availability.ErrorServerBusy: true, availability.ErrorTimeZone: true, "ErrorOfNobody": false,
	} {
		document := string(availability.Response{Mailboxes: []availability.FreeBusyResponse{availability.Refused(code, "x")}}.Marshal(availability.TimeZone{}))
		if text, err := validate(document); (err == nil) != known {
			t.Errorf("%s: %v\n%s", code, err, text)
		}
	}
}

// TestExchangelibReadsOurAnswers has another program ask, and compares all it has read.
func TestExchangelibReadsOurAnswers(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // the one that the packages of the system are installed for
	peer(t, python)
	if output, err := exec.Command(python, "-c", "import exchangelib").CombinedOutput(); err != nil && os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("exchangelib is required here: %v\n%s", err, output)
	} else if err != nil {
		t.Skip("exchangelib is not installed")
	}
	fault := availability.Fault{Code: availability.ErrorServerBusy, Message: "Later, please."}
	if diff := cmp.Diff([]any{map[string]any{"error": "ErrorServerBusy", "text": "Later, please."}}, askExchangelib(t, python, &fault, "MergedOnly", "a@fabrikam.com")); diff != "" {
		t.Errorf("fault (-want +got):\n%s", diff)
	}
	busy := func(details map[string]any) map[string]any {
		e := map[string]any{"busy_type": "Busy", "start": "2030-03-09T09:00:00", "end": "2030-03-09T10:30:00"}
		if details != nil {
			e["details"] = details
		}
		return e
	}
	details := func(private bool) map[string]any {
		return map[string]any{"is_meeting": false, "is_recurring": false, "is_exception": false, "is_reminder_set": false, "is_private": private}
	}
	open := details(false)
	open["subject"], open["location"] = "Tea & talk", "Room 1"
	secret := map[string]any{"busy_type": "OOF", "start": "2030-03-10T09:00:00", "end": "2030-03-10T10:00:00", "details": details(true)}
	hours := []any{map[string]any{"weekdays": []any{1.0, 5.0}, "start": "08:00:00", "end": "17:00:00"}}
	zone := map[string]any{"bias": 0.0}
	for _, kind := range []string{"standard_time", "daylight_time"} {
		zone[kind] = map[string]any{"bias": 0.0, "time": "00:00:00", "occurrence": 0.0, "iso_month": 0.0, "weekday": 7.0}
	}
	const digits = "00000000022000000000000000000000300000000000000"
	want := []any{
		map[string]any{"view_type": "DetailedMerged", "merged": digits, "calendar_events": []any{busy(open), secret}, "working_hours": hours, "working_hours_timezone": zone},
		map[string]any{"view_type": "FreeBusyMerged", "merged": digits, "calendar_events": []any{busy(nil), map[string]any{
			"busy_type": "OOF", "start": "2030-03-10T09:00:00", "end": "2030-03-10T10:00:00",
		}}, "working_hours": hours, "working_hours_timezone": zone},
		map[string]any{"error": "ErrorNoFreeBusyAccess", "text": "The caller does not have access to free/busy data."},
	}
	if diff := cmp.Diff(want, askExchangelib(t, python, nil, "DetailedMerged", "limiteddetails@fabrikam.com", "availabilityonly@fabrikam.com", "none@fabrikam.com")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	merged := []any{map[string]any{"view_type": "MergedOnly", "merged": digits}}
	if diff := cmp.Diff(merged, askExchangelib(t, python, nil, "MergedOnly", "limiteddetails@fabrikam.com")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// askExchangelib serves mailboxes that are named after what they show, and returns what was read.
func askExchangelib(t *testing.T, python string, fault *availability.Fault, view string, addresses ...string) any {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		body, status := serve(t, r), http.StatusOK
		if fault != nil {
			body, status = fault.Marshal(), http.StatusInternalServerError
		}
		envelope, err := soap.Envelope{Body: body}.Bytes()
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
		_, _ = w.Write(envelope)
	}))
	defer server.Close()
	command := exec.Command(python, append([]string{"testdata/ask.py", server.URL + "/EWS/Exchange.asmx", view}, addresses...)...)
	var failure strings.Builder
	command.Stderr = &failure
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, failure.String())
	}
	var read any
	if err := json.Unmarshal(output, &read); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return read
}

func serve(t *testing.T, r *http.Request) []byte {
	r.Header.Set("SOAPAction", availability.Action) // exchangelib sends none
	m, _, err := soap.ReadRequest(soap.SOAP11, r, soap.DefaultMaxBytes)
	if err != nil {
		t.Error(err)
		return nil
	}
	asked, err := availability.ParseRequest(m, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	if asked.Version != "Exchange2013_SP1" || asked.TimeZone != eastern() {
		t.Errorf("%+v", asked)
	}
	calendar := availability.Calendar{Events: []availability.Event{
		{Start: at("2030-03-09 14:00"), End: at("2030-03-09 15:30"), BusyType: availability.Busy, Subject: "Tea & talk", Location: "Room 1", ID: "00AF", IsMeeting: true},
		{Start: at("2030-03-10 13:00"), End: at("2030-03-10 14:00"), BusyType: availability.OOF, Subject: "Doctor", Location: "Clinic", ID: "00B0", IsPrivate: true},
	}, WorkingHours: response().Mailboxes[0].View.WorkingHours}
	levels := map[string]policy.Level{"none": policy.None, "availabilityonly": policy.AvailabilityOnly, "limiteddetails": policy.LimitedDetails}
	var answer availability.Response
	for _, m := range asked.Mailboxes {
		name, _, _ := strings.Cut(m.Address, "@")
		answer.Mailboxes = append(answer.Mailboxes, availability.Respond(calendar, levels[name], asked.FreeBusy, asked.Version))
	}
	return answer.Marshal(asked.TimeZone)
}
