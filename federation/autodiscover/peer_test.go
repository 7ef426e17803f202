package autodiscover_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/autodiscover"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// exchangelib runs the script that has exchangelib, a client of Exchange, write a request or
// read an answer.
func exchangelib(t *testing.T, input []byte, arguments ...string) []byte {
	t.Helper()
	for _, python := range []string{"/usr/bin/python3", "python3"} { // packages are installed for the system's
		if exec.Command(python, "-c", "import exchangelib").Run() != nil {
			continue
		}
		command := exec.Command(python, append([]string{"testdata/exchangelib_peer.py"}, arguments...)...)
		var said bytes.Buffer
		command.Stdin, command.Stderr = bytes.NewReader(input), &said
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, said.String())
		}
		return output
	}
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatal("python3 with exchangelib is missing and EXFED_REQUIRE_PEERS=1")
	}
	t.Skip("python3 with exchangelib is missing")
	return nil
}

// TestRequestOfExchangelib reads a request that exchangelib wrote.
func TestRequestOfExchangelib(t *testing.T) {
	t.Parallel()
	message, err := soap.ParseMessage(soap.SOAP11, exchangelib(t, nil, "request"), xmlsec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := autodiscover.ParseSettingsRequest(autodiscover.GetUserSettings, message.Payload)
	want := autodiscover.SettingsRequest{Operation: autodiscover.GetUserSettings, Of: []string{"a@fabrikam.example"}, Settings: []string{"ExternalEwsUrl", "ExternalEwsVersion"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if version, err := autodiscover.ReadRequestedServerVersion(message); version != "Exchange2010" || err != nil {
		t.Errorf("%q, %v", version, err)
	}
}

// TestAnswerToExchangelib has exchangelib read an answer.
func TestAnswerToExchangelib(t *testing.T) {
	t.Parallel()
	answer := autodiscover.SettingsResponse{Operation: autodiscover.GetUserSettings, Each: []autodiscover.SettingsOf{
		{Settings: []autodiscover.Setting{{Name: autodiscover.ExternalEwsURL, Value: ews}},
			Errors: []autodiscover.SettingError{{ErrorCode: autodiscover.SettingIsNotAvailable, ErrorMessage: "no <value>", SettingName: autodiscover.ExternalEwsVersion}}},
		{ErrorCode: autodiscover.RedirectAddress, RedirectTarget: "b@fabrikam.example"},
		{ErrorCode: autodiscover.RedirectURL, RedirectTarget: "https://mail.fabrikam.example/"},
		{ErrorCode: autodiscover.InvalidUser},
	}}
	message, err := soap.Envelope{Headers: []soap.Block{autodiscover.ServerVersionInfo{MajorVersion: 15, Version: "Exchange2016"}.Block()}, Body: answer.Marshal()}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(exchangelib(t, message), &got); err != nil {
		t.Fatal(err)
	}
	none := map[string]any{}
	want := any([]any{
		[]any{nil, nil, nil, map[string]any{"external_ews_url": ews}, map[string]any{"external_ews_version": []any{"SettingIsNotAvailable", "no <value>"}}},
		[]any{nil, "b@fabrikam.example", nil, none, none},
		[]any{nil, nil, "https://mail.fabrikam.example/", none, none},
		[]any{"InvalidUser", nil, nil, nil, nil},
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
