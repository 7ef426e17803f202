package broker_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/xmlsec"
)

func parse(t testing.TB, text string) *xmlsec.Element {
	t.Helper()
	root, err := xmlsec.Parse([]byte(text), xmlsec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

const ns = `xmlns="http://domains.live.com/Service/ManageDelegation2/V1.0"`

// requests pairs requests with what stands on the wire, written by hand from the
// element order of the specification.
func requests() map[string]broker.Request {
	return map[string]broker.Request{
		`<AddUri ` + ns + `><appId>A1</appId><uri>contoso.com</uri></AddUri>`:                                                {Operation: broker.AddURI, AppID: "A1", URI: "contoso.com"},
		`<CreateAppId ` + ns + `><properties></properties></CreateAppId>`:                                                    {Operation: broker.CreateAppID},
		`<CreateAppId ` + ns + `><uri>contoso.com</uri><properties></properties></CreateAppId>`:                              {Operation: broker.CreateAppID, URI: "contoso.com"},
		`<GetDomainInfo ` + ns + `><appId>A1</appId><domainName>contoso.com</domainName></GetDomainInfo>`:                    {Operation: broker.GetDomainInfo, AppID: "A1", DomainName: "contoso.com"},
		`<ReleaseDomain ` + ns + `><appId>A1</appId><domainName>contoso.com</domainName></ReleaseDomain>`:                    {Operation: broker.ReleaseDomain, AppID: "A1", DomainName: "contoso.com"},
		`<RemoveUri ` + ns + `><appId>A1</appId><uri>a&lt;b&amp;c</uri></RemoveUri>`:                                         {Operation: broker.RemoveURI, AppID: "A1", URI: "a<b&c"},
		`<ReserveDomain ` + ns + `><appId>A1</appId><domainName>x.y</domainName><programId>p</programId></ReserveDomain>`:    {Operation: broker.ReserveDomain, AppID: "A1", DomainName: "x.y", ProgramID: "p"},
		`<UpdateAppIdCertificate ` + ns + `><appId>A1</appId><newCertificate>AQID</newCertificate></UpdateAppIdCertificate>`: {Operation: broker.UpdateAppIDCertificate, AppID: "A1", NewCertificate: []byte{1, 2, 3}},
		`<UpdateAppIdProperties ` + ns + `><appId>A1</appId><properties><Property><Name>n</Name><Value>v</Value></Property></properties></UpdateAppIdProperties>`: {
			Operation: broker.UpdateAppIDProperties, AppID: "A1", Properties: []federation.Property{{Name: "n", Value: "v"}}},
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	covered := map[broker.Operation]bool{}
	for wire, request := range requests() {
		covered[request.Operation] = true
		if diff := cmp.Diff(wire, string(request.Marshal())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", request.Operation, diff)
		}
		got, err := broker.ParseRequest(parse(t, wire))
		if diff := cmp.Diff(request, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", request.Operation, err, diff)
		}
	}
	if len(covered) != 8 || len(broker.Operations()) != 8 {
		t.Errorf("%d of 8 operations were tried", len(covered))
	}
	if got, want := broker.CreateAppID.SOAPAction(), "http://domains.live.com/Service/ManageDelegation2/V1.0/CreateAppId"; got != want {
		t.Errorf("SOAPAction %q, want %q", got, want)
	}
}

func TestRequestsRefused(t *testing.T) {
	t.Parallel()
	texts := []string{
		`<AddUri xmlns="urn:other"><appId>A1</appId></AddUri>`,
		`<DropEverything ` + ns + `/>`,
		`<AddUri ` + ns + `><appId>A1</appId><appId>A2</appId></AddUri>`,
		`<AddUri ` + ns + `><domainName>x</domainName></AddUri>`,
		`<AddUri ` + ns + `><appId xmlns="urn:other">A1</appId></AddUri>`,
		`<AddUri ` + ns + `><appId><appId>A1</appId></appId></AddUri>`,
		`<UpdateAppIdCertificate ` + ns + `><newCertificate>%%%</newCertificate></UpdateAppIdCertificate>`,
		`<CreateAppId ` + ns + `><properties><Other/></properties></CreateAppId>`,
		`<CreateAppId ` + ns + `><properties><Property><Name>a</Name><Name>b</Name></Property></properties></CreateAppId>`,
	}
	if len(texts) < 9 {
		t.Fatalf("%d cases", len(texts))
	}
	for _, text := range texts {
		if got, err := broker.ParseRequest(parse(t, text)); err == nil {
			t.Errorf("%s was read as %+v", text, got)
		}
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	info := federation.DomainInfo{DomainName: "contoso.com", AppID: "A1", State: federation.PendingRelease}
	cases := []struct {
		wire    string
		written bool // whether this is what the broker of this project writes
		want    broker.Response
	}{
		{`<AddUriResponse ` + ns + `></AddUriResponse>`, true, broker.Response{Operation: broker.AddURI}},
		{`<CreateAppIdResponse ` + ns + `><CreateAppIdResult><AppId>A1</AppId></CreateAppIdResult></CreateAppIdResponse>`, true,
			broker.Response{Operation: broker.CreateAppID, AppID: "A1"}},
		{`<CreateAppIdResponse ` + ns + `><CreateAppIdResult> A1 </CreateAppIdResult></CreateAppIdResponse>`, false,
			broker.Response{Operation: broker.CreateAppID, AppID: "A1"}},
		{`<CreateAppIdResponse ` + ns + `><CreateAppIdResult><AppId>A1</AppId><AdminKey>x</AdminKey></CreateAppIdResult></CreateAppIdResponse>`, false,
			broker.Response{Operation: broker.CreateAppID, AppID: "A1"}},
		{`<GetDomainInfoResponse ` + ns + `><GetDomainInfoResult><DomainName>contoso.com</DomainName><AppId>A1</AppId><DomainState>PendingRelease</DomainState></GetDomainInfoResult></GetDomainInfoResponse>`, true,
			broker.Response{Operation: broker.GetDomainInfo, Domain: info}},
	}
	if len(cases) < 5 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		got, err := broker.ParseResponse(c.want.Operation, parse(t, c.wire))
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.wire, err, diff)
		}
		if diff := cmp.Diff(c.wire, string(c.want.Marshal())); c.written && diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestResponsesRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]broker.Operation{
		`<AddUriResponse ` + ns + `/>`:      broker.RemoveURI,
		`<AddUriResponse/>`:                 broker.AddURI,
		`<CreateAppIdResponse ` + ns + `/>`: broker.CreateAppID,
		`<CreateAppIdResponse ` + ns + `><CreateAppIdResult/></CreateAppIdResponse>`:                                                   broker.CreateAppID,
		`<CreateAppIdResponse ` + ns + `><CreateAppIdResult>A1&#9;B</CreateAppIdResult></CreateAppIdResponse>`:                         broker.CreateAppID,
		`<CreateAppIdResponse ` + ns + `><CreateAppIdResult>` + strings.Repeat("A", 65) + `</CreateAppIdResult></CreateAppIdResponse>`: broker.CreateAppID,
		`<GetDomainInfoResponse ` + ns + `><GetDomainInfoResult/></GetDomainInfoResponse>`:                                             broker.GetDomainInfo,
	}
	for text, operation := range cases {
		if got, err := broker.ParseResponse(operation, parse(t, text)); err == nil {
			t.Errorf("%s was read as %+v", text, got)
		}
	}
}

func TestProofHeader(t *testing.T) {
	t.Parallel()
	want := federation.DomainProof{Domain: "contoso.com", Value: "QUJD"}
	const wire = `<DomainOwnershipProofHeader ` + ns + `><Domain>contoso.com</Domain><HashAlgorithm>SHA-512</HashAlgorithm><Signature>QUJD</Signature></DomainOwnershipProofHeader>`
	if diff := cmp.Diff(wire, string(broker.MarshalProofHeader(want))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, spelling := range []string{"SHA-512", "sha512", "SHA512", " SHA-512 ", "http://www.w3.org/2001/04/xmlenc#sha512"} {
		got, err := broker.ParseProofHeader(parse(t, strings.Replace(wire, "SHA-512", spelling, 1)))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", spelling, err, diff)
		}
	}
	for _, spelling := range []string{"", "SHA-1", "MD5"} {
		if _, err := broker.ParseProofHeader(parse(t, strings.Replace(wire, "SHA-512", spelling, 1))); err == nil {
			t.Errorf("the hash algorithm %q is accepted", spelling)
		}
	}
}

func TestDomainSignature(t *testing.T) {
	t.Parallel()
	const own = `xmlns="urn:exfed:domain-ownership:1"`
	const wire = `<DomainSignature ` + own + `>AQID</DomainSignature>`
	want := []byte{1, 2, 3}
	if diff := cmp.Diff(wire, string(broker.MarshalDomainSignature(want))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, text := range []string{wire, `<o:DomainSignature xmlns:o="urn:exfed:domain-ownership:1"> AQ` + "\n" + `ID </o:DomainSignature>`} {
		got, err := broker.ParseDomainSignature(parse(t, text))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", text, err, diff)
		}
	}
	refused := []string{
		`<DomainSignature ` + own + `/>`, `<DomainSignature ` + own + `> </DomainSignature>`, `<DomainSignature>AQID</DomainSignature>`,
		`<DomainSignature ` + ns + `>AQID</DomainSignature>`, `<Signature ` + own + `>AQID</Signature>`,
		`<DomainSignature ` + own + `>AQIDB</DomainSignature>`, `<DomainSignature ` + own + `>AR==</DomainSignature>`,
		`<DomainSignature ` + own + `><a>AQID</a></DomainSignature>`,
		`<DomainSignature ` + own + `>` + strings.Repeat("AAAA", 683) + `</DomainSignature>`, // 2049 bytes
	}
	if len(refused) < 9 {
		t.Fatalf("%d cases", len(refused))
	}
	for _, text := range refused {
		if got, err := broker.ParseDomainSignature(parse(t, text)); err == nil {
			t.Errorf("%s was read as %v", text, got)
		}
	}
}

func TestFaultKinds(t *testing.T) {
	t.Parallel()
	previous := broker.FaultName("")
	for _, k := range broker.FaultKinds() {
		if k.Name <= previous {
			t.Errorf("%s is not sorted, or there twice", k.Name)
		}
		previous = k.Name
		if k.Text == "" || k.Meaning == "" || k.Code == "" || k.TryLater != (k.Kind == federation.Unavailable) {
			t.Errorf("%s has gaps: %+v", k.Name, k)
		}
		if want := string(k.Name); k.Name != broker.AccessDenied && k.Code != want || k.Name == broker.AccessDenied && k.Code != "1007" {
			t.Errorf("%s has the code %s", k.Name, k.Code)
		}
	}
	if len(broker.FaultKinds()) != 13 {
		t.Errorf("%d faults", len(broker.FaultKinds()))
	}
}

// FuzzParseRequest reads anything; what is read is written and read again as the same.
func FuzzParseRequest(f *testing.F) {
	for wire := range requests() {
		f.Add([]byte(wire))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := xmlsec.Parse(text, xmlsec.Limits{})
		if err != nil {
			return
		}
		request, err := broker.ParseRequest(root)
		if err != nil {
			return
		}
		again, err := broker.ParseRequest(parse(t, string(request.Marshal())))
		if err != nil {
			t.Fatal(err)
		}
		if len(request.NewCertificate) == 0 {
			request.NewCertificate, again.NewCertificate = nil, nil
		}
		if diff := cmp.Diff(request, again); diff != "" {
			t.Error(diff)
		}
	})
}
