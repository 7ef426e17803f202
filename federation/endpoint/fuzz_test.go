package endpoint_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"exfed/federation/autodiscover"
	"exfed/federation/availability"
)

// FuzzHandler: whatever is sent, the handler does not panic, answers with one of the statuses
// there are, and shows nothing of a calendar to whom it does not know.
func FuzzHandler(f *testing.F) {
	w := newWorld(f)
	w.calendars.has("anna", tea(), doctor())
	pass := issue(f)
	seed := func(path, action string, token, body []byte) {
		r := message(f, path, action, token, body)
		content, err := io.ReadAll(r.Body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(r.Method, path, action, content)
	}
	ews, svc := "/EWS/Exchange.asmx/WSSecurity", "/autodiscover/autodiscover.svc"
	seed(ews, availability.Action, pass, asking("anna@fabrikam.com").Marshal())
	seed(ews, availability.Action, nil, asking("anna@fabrikam.com").Marshal())
	seed(svc, autodiscover.GetFederationInformation.Action(), nil, autodiscover.FederationInformationRequest{Domain: "fabrikam.com"}.Marshal())
	settings := autodiscover.SettingsRequest{Operation: autodiscover.GetUserSettings, Of: []string{"anna@fabrikam.com"}, Settings: []string{"ExternalEwsUrl"}}
	seed(svc+"/WSSecurity", autodiscover.GetUserSettings.Action(), pass, settings.Marshal())
	seed(svc+"/WSSecurity", autodiscover.GetOrganizationRelationshipSettings.Action(), pass, autodiscover.RelationshipSettingsRequest{}.Marshal())
	f.Add(http.MethodGet, "/autodiscover/autodiscover.xml", "", []byte(nil))
	f.Add(http.MethodGet, "/healthz", "", []byte(nil))
	f.Fuzz(func(t *testing.T, method, path, action string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Method, r.URL.Path = method, path
		r.Header.Set("Content-Type", "text/xml")
		r.Header.Set("SOAPAction", action)
		got := w.send(r)
		if !slices.Contains([]int{200, 400, 401, 404, 405, 413, 415, 500, 503}, got.status) {
			t.Errorf("%s %q: status %d", method, path, got.status)
		}
		if logged := w.log.take(); strings.Contains(logged, `"msg":"panic"`) {
			t.Errorf("%s", logged)
		}
		if strings.Contains(got.body, "Room 1") && !bytes.Contains(body, pass) {
			t.Errorf("shown without the token: %s", got.body)
		}
	})
}
