package broker_test

import (
	"net/http"
	"testing"
	"time"

	"exfed/federation"
)

// TestClockTold: a refusal that a clock explains is told from one that looks the same, from
// five minutes on, in both directions, of both services.
func TestClockTold(t *testing.T) {
	t.Parallel()
	there := time.Date(2027, 2, 3, 10, 0, 0, 0, time.UTC)
	const manage = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring>` +
		`<detail><ErrorCode>1007</ErrorCode><ErrorDescription>AccessDenied: Access Denied.</ErrorDescription></detail></s:Fault></s:Body></s:Envelope>`
	const other = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>` +
		`<faultstring>UriNotFound: no</faultstring></s:Fault></s:Body></s:Envelope>`
	const token = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>` +
		`<s:Value xmlns:w="http://schemas.xmlsoap.org/ws/2005/02/trust">w:FailedAuthentication</s:Value></s:Subcode></s:Code>` +
		`<s:Reason><s:Text xml:lang="en">Authentication Failure</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`
	date := there.Format(http.TimeFormat)
	cases := []struct {
		body, date string
		off        time.Duration
		id, text   string // of the error, its text to its end
	}{
		{manage, date, 0, "AccessDenied", ": 1007 AccessDenied: Access Denied."},
		{manage, date, 4*time.Minute + 59*time.Second, "AccessDenied", ": 1007 AccessDenied: Access Denied."},
		{manage, date, 5*time.Minute - time.Nanosecond, "AccessDenied", ": 1007 AccessDenied: Access Denied."},
		{manage, date, 5 * time.Minute, "ClockOff", ": 1007 AccessDenied: Access Denied.; this machine's clock is 5m0s ahead of the broker's"},
		{manage, date, -4*time.Minute - 59*time.Second, "AccessDenied", ": 1007 AccessDenied: Access Denied."},
		{manage, date, -5 * time.Minute, "ClockOff", ": 1007 AccessDenied: Access Denied.; this machine's clock is 5m0s behind the broker's"},
		{manage, date, -49 * time.Hour, "ClockOff", ": 1007 AccessDenied: Access Denied.; this machine's clock is 49h0m0s behind the broker's"},
		{manage, "Fri, 31 Dec 9999 23:59:59 GMT", 0, "ClockOff", ": 1007 AccessDenied: Access Denied.; this machine's clock is 2562047h47m16.854775807s behind the broker's"},
		{manage, "Mon, 01 Jan 0001 00:00:01 GMT", 0, "ClockOff", ": 1007 AccessDenied: Access Denied.; this machine's clock is 2562047h47m16.854775807s ahead of the broker's"},
		{manage, "", time.Hour, "AccessDenied", ": 1007 AccessDenied: Access Denied."},
		{manage, "yesterday", time.Hour, "AccessDenied", ": 1007 AccessDenied: Access Denied."},
		{other, date, time.Hour, "UriNotFound", ": UriNotFound: no"},
		{token, date, 4*time.Minute + 59*time.Second, "FailedAuthentication", ": Authentication Failure"},
		{token, date, 6*time.Minute + 12*time.Second, "ClockOff", ": Authentication Failure; this machine's clock is 6m12s ahead of the broker's"},
	}
	if len(cases) < 14 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = nil // none of the server's own
			if c.date != "" {
				w.Header().Set("Date", c.date)
			}
			w.Header().Set("Content-Type", "text/xml")
			if c.body == token {
				w.Header().Set("Content-Type", "application/soap+xml")
			}
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(c.body))
		})
		client.Now = func() time.Time { return there.Add(c.off) }
		err := removeURI(client)
		if c.body == token {
			_, err = askToken(t, client)
		}
		wantError(t, err, federation.Refused, c.id, c.text)
		if err != nil && err.Error()[len(err.Error())-len(c.text):] != c.text {
			t.Errorf("%s off: the error is %q", c.off, err)
		}
	}
}
