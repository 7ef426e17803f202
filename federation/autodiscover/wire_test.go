package autodiscover_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/autodiscover"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

const (
	adNS = `xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"`
	xiNS = ` xmlns:i="http://www.w3.org/2001/XMLSchema-instance"`
)

// sample is a message in the words of the wire and the value that it is.
type sample struct {
	name  string
	wire  string   // as it is written here
	also  []string // written by others, read as the same
	value any
	parse func(*xmlsec.Element) (any, error)
	write func() []byte
}

func parsed[T any](parse func(*xmlsec.Element) (T, error)) func(*xmlsec.Element) (any, error) {
	return func(e *xmlsec.Element) (any, error) { return parse(e) }
}

func information(members string) string {
	return `<GetFederationInformationResponseMessage ` + adNS + `><Response` + xiNS + `>` + members + `</Response></GetFederationInformationResponseMessage>`
}

func samples() []sample {
	parseUsers := func(e *xmlsec.Element) (autodiscover.SettingsRequest, error) {
		return autodiscover.ParseSettingsRequest(autodiscover.GetUserSettings, e)
	}
	parseDomains := func(e *xmlsec.Element) (autodiscover.SettingsRequest, error) {
		return autodiscover.ParseSettingsRequest(autodiscover.GetDomainSettings, e)
	}
	readUsers := func(e *xmlsec.Element) (autodiscover.SettingsResponse, error) {
		return autodiscover.ParseSettingsResponse(autodiscover.GetUserSettings, e)
	}
	readDomains := func(e *xmlsec.Element) (autodiscover.SettingsResponse, error) {
		return autodiscover.ParseSettingsResponse(autodiscover.GetDomainSettings, e)
	}
	whole := autodiscover.FederationInformationResponse{
		ErrorCode: autodiscover.NoError, ApplicationURI: "FYDIBOHF25SPDLT.fabrikam.example", Domains: []string{"fabrikam.example", "eu.fabrikam.example"},
		TokenIssuers: []autodiscover.TokenIssuer{{Endpoint: "https://sts.broker.example/sts", URI: "urn:federation:broker.example"}, {URI: "uri:WindowsLiveID"}},
	}
	no := autodiscover.FederationInformationResponse{ErrorCode: autodiscover.InvalidDomain, ErrorMessage: "<&>"}
	users := autodiscover.SettingsRequest{Operation: autodiscover.GetUserSettings, Of: []string{"a@fabrikam.example", "b@fabrikam.example"}, Settings: []string{"ExternalEwsUrl", "ExternalEwsVersion"}}
	domains := autodiscover.SettingsRequest{Operation: autodiscover.GetDomainSettings, Of: []string{"fabrikam.example"}, Settings: []string{"ExternalEwsUrl"}}
	userAnswer := autodiscover.SettingsResponse{Operation: autodiscover.GetUserSettings, ErrorCode: autodiscover.NoError, Each: []autodiscover.SettingsOf{
		{ErrorCode: autodiscover.NoError, ErrorMessage: "No error.", Settings: []autodiscover.Setting{{"ExternalEwsUrl", "https://mail.fabrikam.example/EWS/Exchange.asmx"}},
			Errors: []autodiscover.SettingError{{autodiscover.InvalidSetting, "none", "Colour"}}},
		{ErrorCode: autodiscover.RedirectURL, RedirectTarget: "https://other.example/"}}}
	domainAnswer := autodiscover.SettingsResponse{Operation: autodiscover.GetDomainSettings, ErrorCode: autodiscover.NoError, Each: []autodiscover.SettingsOf{
		{ErrorCode: autodiscover.RedirectAddress, RedirectTarget: "other.example", Settings: []autodiscover.Setting{{"ExternalEwsUrl", "https://mail.fabrikam.example/"}}}}}
	relationships := autodiscover.RelationshipSettingsResponse{ErrorCode: autodiscover.NoError, Relationships: []autodiscover.RelationshipSettings{{
		DomainNames: []string{"contoso.example"}, FreeBusyAccessEnabled: true, FreeBusyAccessLevel: "LimitedDetails", MailTipsAccessLevel: "None", Name: "To Contoso",
		TargetApplicationURI: "FYDIBOHF25SPDLT.contoso.example", TargetAutodiscoverEPR: "https://autodiscover.contoso.example/autodiscover/autodiscover.svc/WSSecurity"}}}
	relationshipsWire := `<GetOrganizationRelationshipSettingsResponseMessage ` + adNS + `><Response` + xiNS + `><ErrorCode>NoError</ErrorCode><ErrorMessage/>` +
		`<OrganizationRelationshipSettingsCollection><OrganizationRelationshipSettings><DeliveryReportEnabled>false</DeliveryReportEnabled>` +
		`<DomainNames><Domain>contoso.example</Domain></DomainNames><FreeBusyAccessEnabled>true</FreeBusyAccessEnabled><FreeBusyAccessLevel>LimitedDetails</FreeBusyAccessLevel>` +
		`<MailTipsAccessEnabled>false</MailTipsAccessEnabled><MailTipsAccessLevel>None</MailTipsAccessLevel><MailboxMoveEnabled>false</MailboxMoveEnabled><Name>To Contoso</Name>` +
		`<TargetApplicationUri>FYDIBOHF25SPDLT.contoso.example</TargetApplicationUri>` +
		`<TargetAutodiscoverEpr>https://autodiscover.contoso.example/autodiscover/autodiscover.svc/WSSecurity</TargetAutodiscoverEpr><TargetSharingEpr i:nil="true"/>` +
		`</OrganizationRelationshipSettings></OrganizationRelationshipSettingsCollection></Response></GetOrganizationRelationshipSettingsResponseMessage>`
	relationshipsAsked := autodiscover.RelationshipSettingsRequest{Domains: []string{"contoso.example"}}
	relationshipsRequest := `<GetOrganizationRelationshipSettingsRequestMessage ` + adNS + `><Request><Domains><Domain>contoso.example</Domain></Domains></Request></GetOrganizationRelationshipSettingsRequestMessage>`
	return []sample{
		{"federation information, request", `<GetFederationInformationRequestMessage ` + adNS + `><Request><Domain>fabrikam.example</Domain></Request></GetFederationInformationRequestMessage>`, nil,
			autodiscover.FederationInformationRequest{Domain: "fabrikam.example"}, parsed(autodiscover.ParseFederationInformationRequest), autodiscover.FederationInformationRequest{Domain: "fabrikam.example"}.Marshal},
		{"federation information", information(`<ErrorCode>NoError</ErrorCode><ErrorMessage/><ApplicationUri>FYDIBOHF25SPDLT.fabrikam.example</ApplicationUri>` +
			`<Domains><Domain>fabrikam.example</Domain><Domain>eu.fabrikam.example</Domain></Domains><TokenIssuers>` +
			`<TokenIssuer><Endpoint>https://sts.broker.example/sts</Endpoint><Uri>urn:federation:broker.example</Uri></TokenIssuer>` +
			`<TokenIssuer><Endpoint i:nil="true"/><Uri>uri:WindowsLiveID</Uri></TokenIssuer></TokenIssuers>`),
			[]string{information(`<TokenIssuers><TokenIssuer><Uri>urn:federation:broker.example</Uri><Endpoint>https://sts.broker.example/sts</Endpoint><New/></TokenIssuer>` +
				`<TokenIssuer><Uri>
	uri:WindowsLiveID </Uri></TokenIssuer></TokenIssuers><Domains><Domain i:nil="1"/><Domain>fabrikam.example</Domain><Domain/><Domain>eu.fabrikam.example</Domain></Domains>` +
				`<New xmlns="urn:new"><Domains/></New><ErrorMessage i:nil="true"/><ApplicationUri>FYDIBOHF25SPDLT.fabrikam.example</ApplicationUri>`)},
			whole, parsed(autodiscover.ParseFederationInformationResponse), whole.Marshal},
		{"federation information, no", information(`<ErrorCode>InvalidDomain</ErrorCode><ErrorMessage>&lt;&amp;&gt;</ErrorMessage><ApplicationUri i:nil="true"/><Domains i:nil="true"/><TokenIssuers i:nil="true"/>`),
			[]string{information(`<ErrorCode>InvalidDomain</ErrorCode><ErrorMessage><![CDATA[<&>]]></ErrorMessage>`)}, no, parsed(autodiscover.ParseFederationInformationResponse), no.Marshal},
		{"user settings, request", `<GetUserSettingsRequestMessage ` + adNS + `><Request><Users><User><Mailbox>a@fabrikam.example</Mailbox></User><User><Mailbox>b@fabrikam.example</Mailbox></User></Users>` +
			`<RequestedSettings><Setting>ExternalEwsUrl</Setting><Setting>ExternalEwsVersion</Setting></RequestedSettings></Request></GetUserSettingsRequestMessage>`, nil, users, parsed(parseUsers), users.Marshal},
		{"domain settings, request", `<GetDomainSettingsRequestMessage ` + adNS + `><Request><Domains><Domain>fabrikam.example</Domain></Domains>` +
			`<RequestedSettings><Setting>ExternalEwsUrl</Setting></RequestedSettings></Request></GetDomainSettingsRequestMessage>`,
			[]string{`<d:GetDomainSettingsRequestMessage ` + strings.Replace(adNS, "xmlns", "xmlns:d", 1) + `><d:Request><d:RequestedVersion>Exchange2010</d:RequestedVersion>` +
				`<d:RequestedSettings><d:Setting>ExternalEwsUrl</d:Setting></d:RequestedSettings><d:Domains><d:Domain>fabrikam.example</d:Domain></d:Domains></d:Request></d:GetDomainSettingsRequestMessage>`},
			domains, parsed(parseDomains), domains.Marshal},
		{"user settings", `<GetUserSettingsResponseMessage ` + adNS + `><Response` + xiNS + `><ErrorCode>NoError</ErrorCode><ErrorMessage/><UserResponses>` +
			`<UserResponse><ErrorCode>NoError</ErrorCode><ErrorMessage>No error.</ErrorMessage><RedirectTarget i:nil="true"/>` +
			`<UserSettingErrors><UserSettingError><ErrorCode>InvalidSetting</ErrorCode><ErrorMessage>none</ErrorMessage><SettingName>Colour</SettingName></UserSettingError></UserSettingErrors>` +
			`<UserSettings><UserSetting i:type="StringSetting"><Name>ExternalEwsUrl</Name><Value>https://mail.fabrikam.example/EWS/Exchange.asmx</Value></UserSetting></UserSettings></UserResponse>` +
			`<UserResponse><ErrorCode>RedirectUrl</ErrorCode><ErrorMessage/><RedirectTarget>https://other.example/</RedirectTarget><UserSettingErrors/><UserSettings/></UserResponse>` +
			`</UserResponses></Response></GetUserSettingsResponseMessage>`,
			[]string{`<d:GetUserSettingsResponseMessage ` + strings.Replace(adNS, "xmlns", "xmlns:d", 1) + xiNS + `><d:Response><d:UserResponses>` +
				`<d:UserResponse><d:UserSettings><d:UserSetting i:type="d:ProtocolConnectionCollectionSetting"><d:Name>X</d:Name><d:ProtocolConnections/></d:UserSetting>` +
				`<d:UserSetting i:type="d:StringSetting"><d:Value>https://mail.fabrikam.example/EWS/Exchange.asmx</d:Value><d:Name>ExternalEwsUrl</d:Name></d:UserSetting></d:UserSettings>` +
				`<d:UserSettingErrors><d:UserSettingError><d:SettingName>Colour</d:SettingName><d:ErrorMessage>none</d:ErrorMessage><d:ErrorCode>InvalidSetting</d:ErrorCode></d:UserSettingError></d:UserSettingErrors>` +
				`<d:ErrorMessage>No error.</d:ErrorMessage></d:UserResponse><d:UserResponse><d:RedirectTarget>https://other.example/</d:RedirectTarget><d:ErrorCode>RedirectUrl</d:ErrorCode></d:UserResponse>` +
				`</d:UserResponses></d:Response></d:GetUserSettingsResponseMessage>`},
			userAnswer, parsed(readUsers), userAnswer.Marshal},
		{"domain settings", `<GetDomainSettingsResponseMessage ` + adNS + `><Response` + xiNS + `><ErrorCode>NoError</ErrorCode><ErrorMessage/><DomainResponses>` +
			`<DomainResponse><ErrorCode>RedirectAddress</ErrorCode><ErrorMessage/><DomainSettingErrors/><DomainSettings><DomainSetting i:type="DomainStringSetting"><Name>ExternalEwsUrl</Name>` +
			`<Value>https://mail.fabrikam.example/</Value></DomainSetting></DomainSettings><RedirectTarget>other.example</RedirectTarget></DomainResponse></DomainResponses></Response></GetDomainSettingsResponseMessage>`,
			nil, domainAnswer, parsed(readDomains), domainAnswer.Marshal},
		{"relationships, request", relationshipsRequest, []string{strings.ReplaceAll(relationshipsRequest, "SettingsRequest", "SettingRequest")},
			relationshipsAsked, parsed(autodiscover.ParseRelationshipSettingsRequest), relationshipsAsked.Marshal},
		{"relationships", relationshipsWire, []string{
			strings.ReplaceAll(relationshipsWire, "TargetAutodiscoverEpr>", "TargetAudodiscoverEpr>"),
			strings.ReplaceAll(strings.ReplaceAll(relationshipsWire, "<DomainNames>", "<DomainNames><Domains>"), "</DomainNames>", "</Domains></DomainNames>"),
			strings.ReplaceAll(relationshipsWire, ">true<", "> 1 <"),
			strings.ReplaceAll(relationshipsWire, "<MailboxMoveEnabled>false</MailboxMoveEnabled>", ""),
		}, relationships, parsed(autodiscover.ParseRelationshipSettingsResponse), relationships.Marshal},
	}
}

// TestWire holds every message to its bytes, and reads what others make of it.
func TestWire(t *testing.T) {
	t.Parallel()
	read := 0
	for _, s := range samples() {
		if diff := cmp.Diff(s.wire, string(s.write())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}
		for _, wire := range append([]string{s.wire}, s.also...) {
			read++
			got, err := s.parse(element(t, wire))
			if diff := cmp.Diff(s.value, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s\n%s", s.name, err, diff, wire)
			}
		}
	}
	if read < 18 {
		t.Errorf("%d messages were read", read)
	}
}

func element(t testing.TB, text string) *xmlsec.Element {
	t.Helper()
	e, err := xmlsec.Parse([]byte(text), xmlsec.Limits{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return e
}

// TestRefusedMessages changes one thing in a good message and wants it refused for that.
func TestRefusedMessages(t *testing.T) {
	t.Parallel()
	count := 0
	for name, changes := range map[string][][3]string{ // old, new, error
		"federation information, request": {{"GetFed", "SetFed", "the body does not hold"}, {"2010", "2011", "the body does not hold"}, {"fabrikam.example", "", "there is no Domain"},
			{"</Domain>", "</Domain><Colour/>", "Request holds the element Colour"}, {"</Domain>", "</Domain><Domain>x</Domain>", "2 children Domain"},
			{"fabrikam.example", strings.Repeat("x", 1001), "longer than 1000 bytes"}, {"fabrikam.example", "<b/>", "where text belongs"}},
		"federation information": {{"NoError", "No error", "no name of one"}, {"</Domains>", "<Colour/></Domains>", "Domains holds the element Colour"},
			{"<Endpoint>", `<Endpoint i:nil="maybe">`, "neither nil nor not"}, {"<Uri>", `<Uri i:nil="true">`, "is nil and holds something"},
			{"FYDIBOHF25SPDLT.fabrikam.example", strings.Repeat("x", 2049), "longer than 2048 bytes"},
			{"<TokenIssuers>", "<TokenIssuers>" + strings.Repeat("<TokenIssuer/>", 20), "more than 20"}},
		"user settings, request": {{"<User>", strings.Repeat("<User/>", 100) + "<User>", "more than 101"}, {"<Setting>", strings.Repeat("<Setting/>", 100) + "<Setting>", "more than 100"},
			{"</User>", "<Colour/></User>", "User holds the element Colour"}, {"Users>", "Uzers>", "Request holds the element Uzers"}},
		"domain settings, request": {{"<Setting>ExternalEwsUrl</Setting>", "", "asks for nothing"}, {"<Domain>fabrikam.example</Domain>", "", "asks for nothing"}},
		"user settings": {{"<UserSettings>", "<UserSettings>" + strings.Repeat("<UserSetting/>", 100), "more than 100"},
			{"</UserSettings>", `<UserSetting i:type="StringSetting"><Name>ExternalEwsUrl</Name></UserSetting></UserSettings>`, `"ExternalEwsUrl" is there twice`},
			{"https://mail", strings.Repeat("x", 9000), "longer than 8192 bytes"}},
		"relationships": {{">true<", ">yes<", "neither true nor false"}, {"</TargetAutodiscoverEpr>", "</TargetAutodiscoverEpr><TargetAudodiscoverEpr>x</TargetAudodiscoverEpr>", "two spellings"},
			{"<DomainNames>", "<DomainNames><Domains/>", "DomainNames holds the element Domain"},
			{"<OrganizationRelationshipSettings>", strings.Repeat("<OrganizationRelationshipSettings/>", 250) + "<OrganizationRelationshipSettings>", "more than 250"}},
	} {
		for _, s := range samples() {
			if s.name != name {
				continue
			}
			for _, c := range changes {
				count++
				changed := strings.ReplaceAll(s.wire, c[0], c[1])
				if strings.HasPrefix(c[0], "<") && !strings.HasPrefix(c[0], "</") && c[1] != "" {
					changed = strings.Replace(s.wire, c[0], c[1], 1)
				}
				if _, err := s.parse(element(t, changed)); err == nil || !strings.Contains(err.Error(), c[2]) {
					t.Errorf("%s, %.60q for %q: %v, want %q", name, c[1], c[0], err, c[2])
				}
			}
		}
	}
	if count < 26 {
		t.Errorf("%d changes", count)
	}
}

// TestHeaders reads and writes the header blocks, also the request's in a wrong namespace.
func TestHeaders(t *testing.T) {
	t.Parallel()
	version := autodiscover.ServerVersionInfo{MajorVersion: 15, MinorVersion: 20, MajorBuildNumber: 1234, MinorBuildNumber: 5, Version: "Exchange2016"}
	const ad = ` xmlns:h="http://schemas.microsoft.com/exchange/2010/Autodiscover">`
	const wire = `<h:ServerVersionInfo` + ad + `<h:MajorVersion>15</h:MajorVersion><h:MinorVersion>20</h:MinorVersion><h:MajorBuildNumber>1234</h:MajorBuildNumber>` +
		`<h:MinorBuildNumber>5</h:MinorBuildNumber><h:Version>Exchange2016</h:Version></h:ServerVersionInfo>`
	const requested = `<h:RequestedServerVersion` + ad + `Exchange2010</h:RequestedServerVersion>`
	if diff := cmp.Diff([]string{wire, requested}, []string{string(version.Block().XML), string(autodiscover.RequestedServerVersion("Exchange2010").XML)}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for header, want := range map[string]struct {
		asked string
		info  autodiscover.ServerVersionInfo
		bad   bool
	}{
		wire + requested: {"Exchange2010", version, false}, "": {},
		`<a:RequestedServerVersion xmlns:a="` + soap.NamespaceAddressing + `">Exchange2013</a:RequestedServerVersion>`: {asked: "Exchange2013"},
		requested + requested: {"", autodiscover.ServerVersionInfo{}, true}, wire + wire: {"", autodiscover.ServerVersionInfo{}, true},
		strings.Replace(wire, "15", "-1", 1): {"", autodiscover.ServerVersionInfo{}, true},
	} {
		message, err := soap.ParseMessage(soap.SOAP11, []byte(`<s:Envelope xmlns:s="`+soap.Namespace+`"><s:Header>`+header+`</s:Header><s:Body><x/></s:Body></s:Envelope>`), xmlsec.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		asked, errAsked := autodiscover.ReadRequestedServerVersion(message)
		info, errInfo := autodiscover.ReadServerVersionInfo(message)
		if bad := errAsked != nil || errInfo != nil; bad != want.bad || !bad && (asked != want.asked || info != want.info) {
			t.Errorf("%s: %q %+v %v %v", header, asked, info, errAsked, errInfo)
		}
	}
}

// TestVocabulary holds the names that go over the wire.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	var got []string
	for _, o := range autodiscover.Operations() {
		got = append(got, o.Action(), o.ResponseAction())
	}
	for _, code := range autodiscover.ErrorCodes() {
		if code.Meaning() == "" {
			t.Errorf("%s means nothing", code)
		}
		got = append(got, string(code))
	}
	const base = "http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/"
	want := []string{base + "GetDomainSettings", base + "GetDomainSettingsResponse", base + "GetFederationInformation", base + "GetFederationInformationResponse",
		base + "GetOrganizationRelationshipSettings", base + "GetOrganizationRelationshipSettingsResponse", base + "GetUserSettings", base + "GetUserSettingsResponse",
		"NoError", "RedirectAddress", "RedirectUrl", "InvalidUser", "InvalidRequest", "InvalidSetting", "SettingIsNotAvailable", "ServerBusy", "InvalidDomain", "NotFederated", "InternalServerError"}
	if diff := cmp.Diff(want, got); diff != "" || autodiscover.ErrorCode("x").Meaning() != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
