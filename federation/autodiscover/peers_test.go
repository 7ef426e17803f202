package autodiscover_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/autodiscover"
	"exfed/federation/soap"
)

// TestExchangelibReadsOurSettings has another program ask for the settings of users, and
// compares all it has read. No code is how it says that there is no error.
func TestExchangelibReadsOurSettings(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // the one that the packages of the system are installed for
	if output, err := exec.Command(python, "-c", "import exchangelib").CombinedOutput(); err != nil && os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("exchangelib is required here: %v\n%s", err, output)
	} else if err != nil {
		t.Skip("exchangelib is not installed")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answerSettings(t, w, r) }))
	defer server.Close()
	command := exec.Command(python, "testdata/ask.py", server.URL+"/autodiscover/autodiscover.svc", "anna@fabrikam.com", "nobody@fabrikam.com")
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
	want := []any{
		map[string]any{
			"code": nil, "settings": map[string]any{"external_ews_url": "https://mail.fabrikam.com/EWS/Exchange.asmx?a=1&b=2", "ews_supported_schemas": "Exchange2010, Exchange2013"},
			"errors": map[string]any{"user_dn": []any{"SettingIsNotAvailable", "the setting has no value here"}},
		},
		map[string]any{"code": "InvalidUser", "settings": nil, "errors": map[string]any{}},
	}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func answerSettings(t *testing.T, w http.ResponseWriter, r *http.Request) {
	r.Header.Set("SOAPAction", autodiscover.GetUserSettings.Action()) // exchangelib sends none
	m, _, err := soap.ReadRequest(soap.SOAP11, r, soap.DefaultMaxBytes)
	if err != nil {
		t.Error(err)
		return
	}
	asked, err := autodiscover.ParseSettingsRequest(autodiscover.GetUserSettings, m.Payload)
	wanted := autodiscover.SettingsRequest{
		Operation: autodiscover.GetUserSettings, Of: []string{"anna@fabrikam.com", "nobody@fabrikam.com"}, Settings: []string{"ExternalEwsUrl", "EwsSupportedSchemas", "UserDN"},
	}
	if diff := cmp.Diff(wanted, asked); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	answer := autodiscover.SettingsResponse{Operation: autodiscover.GetUserSettings, ErrorCode: autodiscover.NoError, Each: []autodiscover.SettingsOf{
		{ErrorCode: autodiscover.NoError, Settings: []autodiscover.Setting{
			{Name: "ExternalEwsUrl", Value: "https://mail.fabrikam.com/EWS/Exchange.asmx?a=1&b=2"}, {Name: "EwsSupportedSchemas", Value: "Exchange2010, Exchange2013"},
		}, Errors: []autodiscover.SettingError{{ErrorCode: autodiscover.SettingIsNotAvailable, ErrorMessage: "the setting has no value here", SettingName: "UserDN"}}},
		{ErrorCode: autodiscover.InvalidUser, ErrorMessage: "there is no such user"},
	}}
	if err := soap.Write(w, soap.Envelope{Body: answer.Marshal()}); err != nil {
		t.Error(err)
	}
}
