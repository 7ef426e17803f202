package endpoint_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/availability"
	"exfed/federation/token"
)

// discovered is a whole answer of Autodiscover.
func discovered(operation, content string) string {
	const ns = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
	return wrapped(ns+"/Autodiscover/"+operation+"Response", `<h:ServerVersionInfo xmlns:h="`+ns+`"><h:MajorVersion>15</h:MajorVersion><h:MinorVersion>0</h:MinorVersion>`+
		`<h:MajorBuildNumber>0</h:MajorBuildNumber><h:MinorBuildNumber>0</h:MinorBuildNumber><h:Version>Exchange2013_SP1</h:Version></h:ServerVersionInfo>`,
		`<`+operation+`ResponseMessage xmlns="`+ns+`"><Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance">`+content+`</Response></`+operation+`ResponseMessage>`)
}

const fine = `<ErrorCode>NoError</ErrorCode><ErrorMessage/>`

// TestFederationInformation: to whom anybody may ask about, and to what comes of it.
func TestFederationInformation(t *testing.T) {
	t.Parallel()
	own := discovered("GetFederationInformation", fine+`<ApplicationUri>FYDIBOHF25SPDLT.fabrikam.com</ApplicationUri>`+
		`<Domains><Domain>fabrikam.com</Domain><Domain>eu.fabrikam.com</Domain></Domains>`+
		`<TokenIssuers><TokenIssuer><Endpoint>https://broker.example/extSTS.srf</Endpoint><Uri>urn:federation:broker.example</Uri></TokenIssuer></TokenIssuers>`)
	refused := func(code, text string) string {
		return discovered("GetFederationInformation", `<ErrorCode>`+code+`</ErrorCode><ErrorMessage>`+text+`</ErrorMessage><ApplicationUri i:nil="true"/><Domains i:nil="true"/><TokenIssuers i:nil="true"/>`)
	}
	invalid := refused("InvalidDomain", "The domain is not one of the organization.")
	unfederated := refused("NotFederated", "The organization is not federated.")
	w := newWorld(t)
	cases := map[string]string{
		"fabrikam.com": own, "FABRIKAM.com": own, "eu.fabrikam.com": own, "new.fabrikam.com": invalid, "sales.fabrikam.com": invalid, "contoso.com": invalid,
		"com": invalid, "*.fabrikam.com": invalid, "fabrikam.com.": invalid, "anna@fabrikam.com": invalid, "": refused("InvalidRequest", "The request is not a valid one."),
	}
	ask := func(domain string) string {
		return w.call("/Autodiscover/Autodiscover.svc", autodiscover.GetFederationInformation.Action(), nil, autodiscover.FederationInformationRequest{Domain: domain}.Marshal()).body
	}
	for domain, want := range cases {
		if diff := cmp.Diff(want, ask(domain)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", domain, diff)
		}
	}
	changes := map[string]func(*federation.Published){
		"no trust":   func(p *federation.Published) { p.Trust = federation.FederationTrust{} },
		"disabled":   func(p *federation.Published) { p.Identifier.Enabled = false },
		"no domains": func(p *federation.Published) { p.Identifier = federation.OrganizationIdentifier{} },
	}
	for name, change := range changes {
		w.change(func() { w.published, w.stamp = publishedBy(t, nil, nil), name; change(&w.published) })
		for _, domain := range []string{"fabrikam.com", "contoso.com"} {
			if diff := cmp.Diff(unfederated, ask(domain)); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, domain, diff)
			}
		}
	}
	if len(cases) != 11 || len(changes) != 3 {
		t.Fatal("cases are missing")
	}
}

func setting(kind, name, value string) string {
	values := map[string]string{"User": "StringSetting", "Domain": "DomainStringSetting"}
	return `<` + kind + `Setting i:type="` + values[kind] + `"><Name>` + name + `</Name><Value>` + value + `</Value></` + kind + `Setting>`
}

const ewsURL = "https://mail.fabrikam.com/EWS/Exchange.asmx"

// TestUserSettings: where a calendar is asked for, for users that there are and that there
// are not, for whoever has a token.
func TestUserSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	given := `<UserResponse>` + fine + `<RedirectTarget i:nil="true"/><UserSettingErrors><UserSettingError><ErrorCode>SettingIsNotAvailable</ErrorCode>` +
		`<ErrorMessage>the setting has no value here</ErrorMessage><SettingName>InternalEwsUrl</SettingName></UserSettingError></UserSettingErrors>` +
		`<UserSettings>` + setting("User", "ExternalEwsUrl", ewsURL) + setting("User", "ExternalEwsVersion", "15.00.0000.000") +
		setting("User", "EwsSupportedSchemas", "Exchange2010, Exchange2013, Exchange2013_SP1") + `</UserSettings></UserResponse>`
	const unknown = `<UserResponse><ErrorCode>InvalidUser</ErrorCode><ErrorMessage>there is no such user</ErrorMessage><RedirectTarget i:nil="true"/><UserSettingErrors/><UserSettings/></UserResponse>`
	request := autodiscover.SettingsRequest{
		Operation: autodiscover.GetUserSettings, Of: []string{"anna@fabrikam.com", "carol@contoso.com", "nobody@eu.fabrikam.com", "fabrikam.com"},
		Settings: []string{"ExternalEwsUrl", "InternalEwsUrl", "ExternalEwsVersion", "ExternalEwsUrl", "EwsSupportedSchemas"},
	}.Marshal()
	answered := func(users ...string) string {
		return discovered("GetUserSettings", fine+`<UserResponses>`+strings.Join(users, "")+`</UserResponses>`)
	}
	want := answered(given, unknown, given, unknown)
	for _, who := range []string{"carol@contoso.com", "carol@adatum.com", "carol@tailspin.com"} {
		if diff := cmp.Diff(want, w.discover(autodiscover.GetUserSettings, issue(t, from(who), offering(token.Autodiscover)), request).body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
	wrong := discovered("GetUserSettings", `<ErrorCode>InvalidRequest</ErrorCode><ErrorMessage>The request is not a valid one.</ErrorMessage><UserResponses i:nil="true"/>`)
	if diff := cmp.Diff(wrong, w.discover(autodiscover.GetUserSettings, issue(t), []byte("<x/>")).body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDomainSettings: as for users.
func TestDomainSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	given := `<DomainResponse>` + fine + `<DomainSettingErrors/><DomainSettings>` + setting("Domain", "ExternalEwsUrl", ewsURL) + `</DomainSettings><RedirectTarget i:nil="true"/></DomainResponse>`
	const unknown = `<DomainResponse><ErrorCode>InvalidDomain</ErrorCode><ErrorMessage>the organization does not know the domain</ErrorMessage><DomainSettingErrors/><DomainSettings/><RedirectTarget i:nil="true"/></DomainResponse>`
	request := autodiscover.SettingsRequest{Operation: autodiscover.GetDomainSettings, Of: []string{"fabrikam.com", "new.fabrikam.com"}, Settings: []string{"ExternalEwsUrl"}}.Marshal()
	want := discovered("GetDomainSettings", fine+`<DomainResponses>`+given+unknown+`</DomainResponses>`)
	for _, who := range []string{"carol@contoso.com", "carol@adatum.com"} {
		if diff := cmp.Diff(want, w.discover(autodiscover.GetDomainSettings, issue(t, from(who)), request).body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
}

// TestRelationshipSettings: an enabled partner sees the relationship with him, whomever he
// asks about, without the names of groups; nobody else sees one.
func TestRelationshipSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shared := relationships()
	shared[0].FreeBusyAccessScope, shared[0].MailTipsAccessScope = "Sales", "Sales"
	w.change(func() { w.published, w.stamp = publishedBy(t, shared, nil), "2" })
	const list = "OrganizationRelationshipSettingsCollection"
	seen := discovered("GetOrganizationRelationshipSettings", fine+`<`+list+`><OrganizationRelationshipSettings><DeliveryReportEnabled>false</DeliveryReportEnabled>`+
		`<DomainNames><Domain>contoso.com</Domain><Domain>xn--bcher-kva.example</Domain></DomainNames><FreeBusyAccessEnabled>true</FreeBusyAccessEnabled>`+
		`<FreeBusyAccessLevel>LimitedDetails</FreeBusyAccessLevel><MailTipsAccessEnabled>false</MailTipsAccessEnabled><MailTipsAccessLevel>None</MailTipsAccessLevel>`+
		`<MailboxMoveEnabled>false</MailboxMoveEnabled><Name>To Contoso</Name><TargetApplicationUri>FYDIBOHF25SPDLT.contoso.com</TargetApplicationUri>`+
		`<TargetAutodiscoverEpr>https://autodiscover.contoso.com/autodiscover/autodiscover.svc/WSSecurity</TargetAutodiscoverEpr><TargetSharingEpr i:nil="true"/>`+
		`</OrganizationRelationshipSettings></`+list+`>`)
	nothing := discovered("GetOrganizationRelationshipSettings", fine+`<`+list+`/>`)
	wrong := discovered("GetOrganizationRelationshipSettings", `<ErrorCode>InvalidRequest</ErrorCode><ErrorMessage>The request is not a valid one.</ErrorMessage><`+list+`/>`)
	about := func(domain string) []byte {
		return autodiscover.RelationshipSettingsRequest{Domains: []string{domain}}.Marshal()
	}
	cases := []struct {
		who  string
		body []byte
		want string
	}{
		{"carol@contoso.com", about("contoso.com"), seen}, {"carol@contoso.com", about("adatum.com"), seen}, {"carol@adatum.com", about("contoso.com"), nothing},
		{"carol@tailspin.com", about("contoso.com"), nothing}, {"carol@contoso.com", []byte("<x/>"), wrong},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, w.discover(autodiscover.GetOrganizationRelationshipSettings, issue(t, from(c.who)), c.body).body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.who, diff)
		}
	}
}

// TestPlaces: what is answered where, in whatever case, and nowhere else.
func TestPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := autodiscover.FederationInformationRequest{Domain: "fabrikam.com"}.Marshal()
	information, settings, busy := autodiscover.GetFederationInformation.Action(), autodiscover.GetUserSettings.Action(), availability.Action
	unsupported := envelope + `<s:Body><s:Fault ` + soapNS + `><faultcode xmlns:c="http://www.w3.org/2005/08/addressing">c:ActionNotSupported</faultcode>` +
		`<faultstring>The action is not supported here.</faultstring></s:Fault></s:Body></s:Envelope>`
	cases := []struct {
		method, path, action string
		status               int
	}{
		{"POST", "/autodiscover/autodiscover.svc", information, 200}, {"POST", "/AUTODISCOVER/Autodiscover.svc", information, 200},
		{"POST", "/autodiscover/autodiscover.svc", settings, 500}, {"POST", "/autodiscover/autodiscover.svc/wssecurity", information, 500},
		{"POST", "/autodiscover/autodiscover.svc/wssecurity", busy, 500}, {"POST", "/ews/exchange.asmx/wssecurity", information, 500},
		{"GET", "/autodiscover/autodiscover.svc", information, 405}, {"PUT", "/ews/exchange.asmx/wssecurity", busy, 405},
		{"POST", "/ews/exchange.asmx", busy, 401}, {"GET", "/EWS/Exchange.asmx", "", 401}, {"GET", "/autodiscover/autodiscover.xml", "", 401}, {"POST", "/Autodiscover/Autodiscover.xml", "", 401},
		{"GET", "/healthz", "", 200}, {"HEAD", "/healthz", "", 200}, {"POST", "/healthz", "", 405}, {"GET", "/HEALTHZ", "", 404},
		{"GET", "/", "", 404}, {"POST", "/autodiscover/autodiscover.svc/", information, 404}, {"POST", "/autodiscover/autodiscover.svc/wssecurity/x", information, 404},
		{"POST", "//autodiscover/autodiscover.svc", information, 404}, {"POST", "/autodiscover/../autodiscover/autodiscover.svc", information, 404}, {"GET", "/owa", "", 404},
	}
	for _, c := range cases {
		r := message(t, c.path, c.action, nil, body)
		r.Method = c.method
		got := w.send(r)
		if got.status != c.status || c.status == 500 && got.body != unsupported {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.action, got.status, got.body)
		}
		probed := got.header.Get("X-SOAP-Enabled") + " " + got.header.Get("X-WSSecurity-Enabled") + " " + got.header.Get("WWW-Authenticate")
		if want := map[bool]string{true: "True True WSSecurity", false: "  "}[c.status == 401]; probed != want {
			t.Errorf("%s %s: %q", c.method, c.path, probed)
		}
		if got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("Date") != "Wed, 06 Feb 2030 12:00:00 GMT" {
			t.Errorf("%s %s: %v", c.method, c.path, got.header)
		}
	}
	if len(cases) != 22 {
		t.Fatalf("%d cases", len(cases))
	}
}

// TestNoCall: what is no SOAP call is answered with a bare status.
func TestNoCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, want := range map[string]int{"": 500, "no XML": 500, "<x/>": 500, strings.Repeat("x", 512<<10): 500, strings.Repeat("x", 512<<10+1): 413} {
		r := httptest.NewRequest(http.MethodPost, base+"/EWS/Exchange.asmx/WSSecurity", strings.NewReader(body))
		r.Header.Set("Content-Type", "text/xml; charset=utf-8")
		r.Header.Set("SOAPAction", availability.Action)
		if got := w.send(r); got.status != want {
			t.Errorf("%.10q: %d %s", body, got.status, got.body)
		}
		r.Header.Set("Content-Type", "text/plain")
		if got := w.send(r); got.status != http.StatusUnsupportedMediaType {
			t.Errorf("%.10q: %d", body, got.status)
		}
	}
}
