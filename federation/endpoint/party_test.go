package endpoint_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/availability"
	"exfed/federation/calendar"
	"exfed/federation/endpoint"
	"exfed/federation/soap"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

const (
	brokerURI = "urn:federation:broker.example"
	fabrikam  = "FYDIBOHF25SPDLT.fabrikam.com" // who is asked
	contoso   = "FYDIBOHF25SPDLT.contoso.com"  // who asks
	base      = "https://mail.fabrikam.com"
)

// noon is when tests take place.
func noon() time.Time { return time.Date(2030, 2, 6, 12, 0, 0, 0, time.UTC) }

// pairs are the certificates of all tests, made once.
var pairs = sync.OnceValue(func() (made struct{ broker, fabrikam, other certificate.Pair }) {
	made.broker, made.fabrikam, made.other = newPair("Broker"), newPair("Fabrikam"), newPair("Other")
	return made
})

func newPair(subject string) certificate.Pair {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	identifier := make([]byte, 20)
	rand.Read(identifier)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: subject}, SubjectKeyId: identifier,
		NotBefore: noon().AddDate(-1, 0, 0), NotAfter: noon().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return certificate.Pair{Certificate: c, Key: key}
}

// world is an endpoint of Fabrikam and what a test changes about it.
type world struct {
	t         testing.TB
	server    *endpoint.Server
	calendars *calendars
	log       *lines

	mu        sync.Mutex
	now       time.Time
	published federation.Published
	failure   error // of reading what is published
	reads     int
	stamp     string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: noon(), stamp: "1", calendars: &calendars{by: map[string]reading{}}, log: &lines{}}
	w.published = publishedBy(t, relationships(), mailboxes())
	var err error
	if w.server, err = endpoint.New(t.Context(), w.options()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) options() endpoint.Options {
	return endpoint.Options{
		Organization: w.read, Stamp: func() string { w.mu.Lock(); defer w.mu.Unlock(); return w.stamp },
		Calendars: w.calendars, ExternalURL: base + "/", Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now },
		Rand: strings.NewReader(""), Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{ReplaceAttr: untimed})),
	}
}

// untimed takes the time out of a line of the log.
func untimed(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.Attr{}
	}
	return a
}

func (w *world) read(context.Context) (federation.Published, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
	return w.published, w.failure
}

// change changes the world, and lets a second go by in which that can be noticed.
func (w *world) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	w.now = w.now.Add(time.Second)
}

func relationships() []federation.OrganizationRelationship {
	shared := federation.OrganizationRelationship{
		Name: "To Contoso", DomainNames: []federation.Domain{"contoso.com", "xn--bcher-kva.example"}, Enabled: true,
		FreeBusyAccessEnabled: true, FreeBusyAccessLevel: federation.FreeBusyLimitedDetails,
		MailTipsAccessLevel: federation.MailTipsNone, TargetApplicationURI: contoso,
		TargetAutodiscoverEPR: "https://autodiscover.contoso.com/autodiscover/autodiscover.svc/WSSecurity",
	}
	disabled := shared
	disabled.Name, disabled.DomainNames, disabled.Enabled = "To Adatum", []federation.Domain{"adatum.com"}, false
	return []federation.OrganizationRelationship{shared, disabled}
}

func mailboxes() []federation.Mailbox {
	return []federation.Mailbox{mailbox("anna", federation.PermissionReviewer), mailbox("bob", federation.PermissionLimitedDetails)}
}

// mailbox is one whose calendar the double knows by the name.
func mailbox(name string, shows federation.CalendarPermission) federation.Mailbox {
	return federation.Mailbox{
		Name: name, PrimarySMTPAddress: name + "@fabrikam.com", DefaultCalendarPermission: shows,
		CalendarSource: &federation.CalendarSource{ICSPath: name},
	}
}

func publishedBy(t testing.TB, relationships []federation.OrganizationRelationship, mailboxes []federation.Mailbox, policies ...federation.SharingPolicy) federation.Published {
	t.Helper()
	directory, err := (&federation.Organization{Store: store{relationships, mailboxes, policies}}).Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return federation.Published{
		Identifier: federation.OrganizationIdentifier{
			AccountNamespace: fabrikam, DelegationTrust: "Broker", Enabled: true, DefaultDomain: "fabrikam.com",
			Domains: []federation.FederatedDomain{{Domain: "fabrikam.com"}, {Domain: "eu.fabrikam.com"}, {Domain: "new.fabrikam.com", Pending: "add"}},
		},
		Trust: federation.FederationTrust{
			Name: "Broker", SecurityProfile: federation.Modern, ApplicationURI: fabrikam,
			Issuer: federation.TokenIssuer{URI: brokerURI, EPR: "https://broker.example/extSTS.srf"},
		},
		Party: federation.RelyingParty{
			Audience: fabrikam, Keys: []certificate.Pair{pairs().fabrikam}, IssuerURI: brokerURI, IssuerKeys: []*x509.Certificate{pairs().broker.Certificate},
		},
		Directory: directory,
	}
}

// store is a federation.Store of relationships and mailboxes.
type store struct {
	relationships []federation.OrganizationRelationship
	mailboxes     []federation.Mailbox
	policies      []federation.SharingPolicy
}

func (s store) View(_ context.Context, fn func(federation.Tx) error) error {
	return fn(federation.Tx{
		AcceptedDomains: list[federation.AcceptedDomain]{}, Relationships: list[federation.OrganizationRelationship]{all: s.relationships},
		Mailboxes: list[federation.Mailbox]{all: s.mailboxes}, SharingPolicies: list[federation.SharingPolicy]{all: s.policies},
	})
}

func (s store) Update(context.Context, func(federation.Tx) error) error {
	return errors.New("nothing is written here")
}

type list[T any] struct {
	federation.Objects[T]
	all []T
}

func (l list[T]) All() ([]T, error) { return l.all, nil }

// reading is what a calendar does when it is read.
type reading func(ctx context.Context, from, to time.Time) ([]availability.Event, error)

// calendars is an endpoint.Calendars.
type calendars struct {
	mu    sync.Mutex
	by    map[string]reading // by ICSPath
	asked int

	occurrences map[string]func(ctx context.Context, from, to time.Time) ([]calendar.Event, error) // by ICSPath
}

func (c *calendars) Events(ctx context.Context, mailbox federation.Mailbox, from, to time.Time) ([]availability.Event, error) {
	c.mu.Lock()
	read := c.by[mailbox.CalendarSource.ICSPath]
	c.asked++
	c.mu.Unlock()
	if read == nil {
		return nil, nil
	}
	return read(ctx, from, to)
}

// Occurrences are those of a calendar file with the name of ICSPath, see published_test.go.
func (c *calendars) Occurrences(ctx context.Context, mailbox federation.Mailbox, from, to time.Time) ([]calendar.Event, error) {
	c.mu.Lock()
	read := c.occurrences[mailbox.CalendarSource.ICSPath]
	c.asked++
	c.mu.Unlock()
	if read == nil {
		return nil, nil
	}
	return read(ctx, from, to)
}

func (c *calendars) Location(name string) *time.Location { return calendar.Location(name) }

func (c *calendars) has(name string, events ...availability.Event) {
	c.by[name] = func(context.Context, time.Time, time.Time) ([]availability.Event, error) { return events, nil }
}

// lines is what was logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// take returns what was logged since it was called last.
func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// tokenRequest is what the broker is asked for by Contoso's user.
func tokenRequest() token.Request {
	return token.Request{
		Audience: fabrikam, NameIdentifier: "Zm9v@" + contoso, EmailAddress: "carol@contoso.com", RequestorDomain: contoso, Offer: token.SharingCalendarFreeBusy,
	}
}

func issuer() token.Issuer {
	return token.Issuer{URI: brokerURI, Pair: pairs().broker, Profile: federation.Modern}
}

// issue makes a token like tokenRequest but for the changes.
func issue(t testing.TB, changes ...func(*token.Request)) []byte {
	t.Helper()
	return issueAt(t, noon(), changes...)
}

// issueAt is issue at another time.
func issueAt(t testing.TB, now time.Time, changes ...func(*token.Request)) []byte {
	t.Helper()
	request := tokenRequest()
	for _, change := range changes {
		change(&request)
	}
	issued, err := issuer().Issue(request, pairs().fabrikam.Certificate, now)
	if err != nil {
		t.Fatal(err)
	}
	return issued.EncryptedData
}

func from(address string) func(*token.Request) {
	return func(r *token.Request) { r.EmailAddress = address }
}

func offering(offer token.Offer) func(*token.Request) {
	return func(r *token.Request) { r.Offer = offer }
}

// forge makes a token that claims anything, as only who has the broker's key can.
func forge(t testing.TB, profile federation.SecurityProfile, change func(*token.Token)) []byte {
	t.Helper()
	by := issuer()
	by.Profile = profile
	issued, err := by.Issue(tokenRequest(), pairs().fabrikam.Certificate, noon())
	if err != nil {
		t.Fatal(err)
	}
	change(&issued.Token)
	signed, err := by.Sign(issued.Token)
	if err != nil {
		t.Fatal(err)
	}
	return seal(t, profile, signed)
}

func seal(t testing.TB, profile federation.SecurityProfile, signed []byte) []byte {
	t.Helper()
	method := xmlsec.AES256GCM
	if profile == federation.Exchange {
		method = xmlsec.TripleDESCBC
	}
	reference, err := xmlsec.SubjectKeyReference(pairs().fabrikam.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	out, err := xmlsec.Encrypter{Method: method, Public: pairs().fabrikam.Certificate.PublicKey.(*rsa.PublicKey), Recipient: reference}.Encrypt(signed)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// altered changes a character in the content of an encrypted token.
func altered(sealed []byte) []byte {
	out := bytes.Clone(sealed)
	at := bytes.LastIndex(out, []byte("CipherValue>")) - 200
	if out[at] == 'A' {
		out[at] = 'B'
	} else {
		out[at] = 'A'
	}
	return out
}

// answer is what came back.
type answer struct {
	status int
	body   string
	header http.Header
}

func (w *world) send(r *http.Request) answer {
	recorder := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(recorder, r)
	return answer{recorder.Code, recorder.Body.String(), recorder.Header()}
}

// call sends a SOAP message with the token, if there is one.
func (w *world) call(path, action string, token, body []byte) answer {
	w.t.Helper()
	return w.send(message(w.t, path, action, token, body))
}

func message(t testing.TB, path, action string, token, body []byte, further ...soap.Block) *http.Request {
	t.Helper()
	headers := append(soap.Addressing{To: base + path, Action: action, MessageID: "urn:uuid:1", ReplyTo: soap.AnonymousAddress}.Blocks(soap.SOAP11), further...)
	if token != nil {
		headers = append(headers, soap.TokenBlock(soap.SOAP11, token, time.Time{}))
	}
	envelope, err := soap.Envelope{Headers: headers, Body: body}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, base+path, bytes.NewReader(envelope))
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("SOAPAction", `"`+action+`"`)
	return r
}

func (w *world) freeBusy(token []byte, request availability.Request) answer {
	w.t.Helper()
	return w.call("/EWS/Exchange.asmx/WSSecurity", availability.Action, token, request.Marshal())
}

func (w *world) discover(o autodiscover.Operation, token, body []byte) answer {
	w.t.Helper()
	return w.call("/autodiscover/autodiscover.svc/WSSecurity", o.Action(), token, body)
}

// asking is a request about mailboxes, from 8 to 12 o'clock in hours, all that can be seen.
func asking(addresses ...string) availability.Request {
	r := availability.Request{FreeBusy: availability.FreeBusyViewOptions{
		Start: noon().Add(-4 * time.Hour), End: noon(), Interval: 60, RequestedView: availability.ViewDetailedMerged,
	}}
	for _, address := range addresses {
		r.Mailboxes = append(r.Mailboxes, availability.MailboxData{Address: address, AttendeeType: availability.Required})
	}
	return r
}
