package endpoint

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"exfed/federation"
	"exfed/federation/serve"
)

// Paths of the endpoint. They are compared without case, as Exchange Server does.
const (
	AutodiscoverPath           = "/autodiscover/autodiscover.svc"
	AutodiscoverWSSecurityPath = "/autodiscover/autodiscover.svc/WSSecurity"
	PlainAutodiscoverPath      = "/autodiscover/autodiscover.xml"
	EWSPath                    = "/EWS/Exchange.asmx"
	EWSWSSecurityPath          = "/EWS/Exchange.asmx/WSSecurity"
	HealthPath                 = "/healthz"
)

// Bounds of the service.
const (
	requestTimeout  = 60 * time.Second
	maxRequestBytes = 512 << 10 // a hundred mailboxes and a token have some 40 KB
	maxConcurrent   = 64
	maxLogged       = 1000 // characters of a reason
)

// Options says what an endpoint works with. All fields but Stamp, TimeZone and Log are required.
type Options struct {
	// Organization reads what the organization publishes.
	Organization func(ctx context.Context) (federation.Published, error)
	// Stamp is the same as before for as long as Organization would return the same; nil when
	// nothing is known about that, and it is read again every half second.
	Stamp     func() string
	Calendars Calendars
	// TimeZone is where the days of published calendars begin; nil: UTC.
	TimeZone *time.Location
	// ExternalURL is the https URL under which partners reach the endpoint, without a path.
	ExternalURL string
	Now         func() time.Time
	Rand        io.Reader
	Log         *slog.Logger // default: nothing is logged
}

// Server answers partners.
type Server struct {
	organization *watch
	calendars    Calendars
	base         string // ExternalURL without a slash at its end
	host         string // of it, without a port
	now          func() time.Time
	rand         io.Reader
	log          *slog.Logger
	slots        serve.Slots
	shares       shares
	zone         *time.Location

	readers  *serve.Rates // of published calendars
	reading  serve.Slots
	readings shares // by address
	sending  sending
}

// New returns an endpoint. The organization must be readable, but need not be federated yet.
func New(ctx context.Context, options Options) (*Server, error) {
	if options.Organization == nil || options.Calendars == nil || options.Now == nil || options.Rand == nil {
		return nil, errors.New("endpoint: Organization, Calendars, Now and Rand are required")
	}
	u, err := federation.ParseEndpointURL(options.ExternalURL)
	if err != nil {
		return nil, err
	}
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		organization: &watch{read: options.Organization, stamp: options.Stamp, now: options.Now, log: log},
		calendars:    options.Calendars, base: "https://" + u.Host, host: u.Hostname(),
		now: options.Now, rand: options.Rand, log: log, slots: make(serve.Slots, maxConcurrent), shares: shares{most: maxOfPartner},
		zone: cmp.Or(options.TimeZone, time.UTC), readers: serve.NewRates(eachReader(), allReaders()), reading: make(serve.Slots, maxReading), readings: shares{most: maxOfAddress}, sending: sending{most: maxSending},
	}
	_, err = s.organization.get(ctx)
	return s, err
}

// Handler returns what answers requests. Every path but those above and the published
// calendars' is 404.
func (s *Server) Handler() http.Handler {
	guard := serve.Guard{Timeout: requestTimeout, Now: s.now, Rand: s.rand, Log: s.log}
	return guard.Handler(http.HandlerFunc(s.route))
}

// Serve answers on the listener over TLS until ctx ends, see serve.HTTPS.
func (s *Server) Serve(ctx context.Context, listener net.Listener, identity tls.Certificate) error {
	return serve.HTTPS(ctx, listener, identity, s.Handler(), s.log)
}

func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.EqualFold(path, AutodiscoverPath):
		s.serve(w, r, s.anonymousOperations())
	case strings.EqualFold(path, AutodiscoverWSSecurityPath):
		s.serve(w, r, s.autodiscoverOperations())
	case strings.EqualFold(path, EWSWSSecurityPath):
		s.serve(w, r, s.webServiceOperations())
	case strings.EqualFold(path, PlainAutodiscoverPath), strings.EqualFold(path, EWSPath):
		s.serveProbe(w, r)
	case isPublished(path):
		s.servePublished(w, r)
	case path == HealthPath:
		s.serveHealth(w, r)
	default:
		http.NotFound(w, r)
	}
}

// serveProbe tells those who look for it that there is SOAP with WS-Security here: a probe of
// Autodiscover reads it off the headers of an answer that denies everything else. No scheme
// is offered by which somebody would send a password (RFC 9110 section 11.6.1 wants one).
func (s *Server) serveProbe(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-SOAP-Enabled", "True")
	w.Header().Set("X-WSSecurity-Enabled", "True")
	w.Header().Set("WWW-Authenticate", "WSSecurity")
	http.Error(w, "this service takes delegation tokens only", http.StatusUnauthorized)
}

// serveHealth answers 200 while the organization's state can be read.
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	if !serve.OnlyGet(w, r) {
		return
	}
	if err := s.organization.health(r.Context()); err != nil {
		s.log.ErrorContext(r.Context(), "not healthy", "request", serve.RequestID(r.Context()), "error", printable(err))
		http.Error(w, "the organization's state cannot be read", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok") // a reader that went away needs no answer
}
