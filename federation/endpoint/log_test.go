package endpoint_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/availability"
)

func failing(context.Context, time.Time, time.Time) ([]availability.Event, error) {
	return nil, federation.Errorf(federation.Unavailable, "CalendarUnreachable", "calendar at \"https://dav.example\"", "HTTP status 502\x1b[31m")
}

// TestAuditLog: each mailbox leaves one line that says who, whom, what and why.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.has("anna", tea())
	w.calendars.by["bob"] = failing
	mail := mailboxes()
	mail[0].DefaultCalendarPermission = federation.PermissionAvailabilityOnly
	mail = append(mail, federation.Mailbox{Name: "dora", PrimarySMTPAddress: "dora@fabrikam.com", DefaultCalendarPermission: federation.PermissionReviewer})
	w.change(func() { w.published, w.stamp = publishedBy(t, relationships(), mail), "2" })
	_ = w.freeBusy(issue(t), asking("anna@fabrikam.com", "bob@fabrikam.com", "nobody\x0a@fabrikam.com", "dora@fabrikam.com"))
	_ = w.freeBusy(issue(t, from("carol@adatum.com")), asking("anna@fabrikam.com"))
	const carol, granted = `"request":"unnumbered","requester":"carol@contoso.com",`, `"granted":"LimitedDetails","reason":"Granted","explanation":"The organization relationship \"To Contoso\" grants \"contoso.com\" LimitedDetails.",`
	want := []string{
		`{"level":"ERROR","msg":"free/busy failed",` + carol + `"mailbox":"bob@fabrikam.com","relationship":"To Contoso",` + granted +
			`"view":"None","outcome":"ErrorFreeBusyGenerationFailed","error":"calendar at \"https://dav.example\": HTTP status 502?[31m"}`,
		`{"level":"ERROR","msg":"free/busy failed",` + carol + `"mailbox":"dora@fabrikam.com","relationship":"To Contoso",` + granted +
			`"view":"None","outcome":"ErrorFreeBusyGenerationFailed","error":"mailbox dora: no calendar source is set"}`,
		`{"level":"INFO","msg":"free/busy","request":"unnumbered","requester":"carol@adatum.com","mailbox":"anna@fabrikam.com","relationship":"To Adatum","granted":"None",` +
			`"reason":"OrganizationRelationshipDisabled","explanation":"The organization relationship \"To Adatum\" for \"adatum.com\" is disabled.","view":"None","outcome":"ErrorNoFreeBusyAccess"}`,
		`{"level":"INFO","msg":"free/busy",` + carol + `"mailbox":"anna@fabrikam.com","relationship":"To Contoso","granted":"AvailabilityOnly","reason":"LimitedByDefaultCalendarPermission",` +
			`"explanation":"The organization relationship \"To Contoso\" grants \"contoso.com\" more, but the default permission of the calendar is AvailabilityOnly.","view":"FreeBusyMerged","outcome":"NoError"}`,
		`{"level":"INFO","msg":"free/busy",` + carol + `"mailbox":"nobody @fabrikam.com","relationship":"To Contoso",` + granted + `"view":"None","outcome":"ErrorMailRecipientNotFound"}`,
	}
	got := strings.Split(strings.TrimSuffix(w.log.take(), "\n"), "\n")
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOtherLines: the lines about everything but mailboxes.
func TestOtherLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pass := issue(t)
	line := func(got answer) string { return w.log.take() }
	user := autodiscover.SettingsRequest{Operation: autodiscover.GetUserSettings, Of: []string{"anna@fabrikam.com", "bob@fabrikam.com"}, Settings: []string{autodiscover.ExternalEwsURL}}
	anybody := autodiscover.FederationInformationRequest{Domain: "fabrikam.com"}
	for want, got := range map[string]string{
		`{"level":"INFO","msg":"federation information","request":"unnumbered","domain":"fabrikam.com","outcome":"NoError"}`: line(w.call("/autodiscover/autodiscover.svc", autodiscover.GetFederationInformation.Action(), nil, anybody.Marshal())),
		`{"level":"INFO","msg":"settings","request":"unnumbered","operation":"GetUserSettings","requester":"carol@contoso.com","of":"anna@fabrikam.com bob@fabrikam.com",` +
			`"outcome":"NoError"}`: line(w.discover(autodiscover.GetUserSettings, pass, user.Marshal())),
		`{"level":"INFO","msg":"relationship settings","request":"unnumbered","requester":"carol@contoso.com","relationship":"To Contoso","enabled":true,"outcome":"NoError"}`: line(
			w.discover(autodiscover.GetOrganizationRelationshipSettings, pass, autodiscover.RelationshipSettingsRequest{Domains: []string{"contoso.com"}}.Marshal())),
		`{"level":"WARN","msg":"no such operation","request":"unnumbered","action":"urn:x"}`: line(w.call("/EWS/Exchange.asmx/WSSecurity", "urn:x", pass, []byte("<x/>"))),
		`{"level":"WARN","msg":"request refused","request":"unnumbered","reason":"ErrorMissingArgument: no mailbox is asked about"}`: line(
			w.freeBusy(pass, asking())),
	} {
		if diff := cmp.Diff(want+"\n", got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
