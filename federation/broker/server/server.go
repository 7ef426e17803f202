package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/serve"
	"exfed/federation/token"
)

// Paths of the broker. Metadata is at broker.MetadataPath.
const (
	DelegationPath = "/service/managedelegation2.asmx"
	TokenPath      = "/extSTS.srf"
	RedirectPath   = "/login.srf"
	HealthPath     = "/healthz"
)

// The defaults of Options.
const (
	DefaultMaxMoves      = 2
	DefaultMoveWindow    = 24 * time.Hour
	DefaultMaxIdleApps   = 1000
	DefaultIdleAppLife   = 30 * 24 * time.Hour
	DefaultDNSTimeout    = 10 * time.Second
	DefaultMaxConcurrent = 64
	DefaultMaxLookups    = 16
)

// GCPercent is how much garbage a process that serves tokens best lets gather, in percent of
// what it has in use (runtime/debug.SetGCPercent). A broker has few megabytes in use and makes
// garbage all the time, so by default it would be collecting most of the time.
const GCPercent = 1000

// requestTimeout bounds the work on one request, the questions to name servers
// included.
const requestTimeout = 25 * time.Second

// Options says what a broker works with. Registry, Keys, Resolver, ExternalURL, Now
// and Rand are required; a zero value stands for the default elsewhere.
type Options struct {
	Registry Registry
	Keys     federation.KeyStore // holds the private keys of the signing certificates
	Resolver federation.TXTResolver

	// ExternalURL is the https URL under which clients reach the broker, without a
	// path. The embedded broker has one as well; nothing need listen there.
	ExternalURL string
	IssuerURI   string                     // default urn:federation:<host of ExternalURL>
	Profile     federation.SecurityProfile // default federation.Modern

	// OfferLives says how long tokens for an offer are valid, without token.Grace, where
	// that is not the offer's own Life: from a minute to the longest Life of any offer.
	OfferLives map[token.Offer]time.Duration

	MaxMoves        int           // moves of a domain to another AppID within MoveWindow; one more is refused
	MoveWindow      time.Duration // see MaxMoves
	MaxIdleApps     int           // AppIDs made within IdleAppLife that never had a domain; one more is ServiceUnavailable
	IdleAppLife     time.Duration // after which an AppID that never had a domain is removed
	ActivationDelay time.Duration // how long a new domain stays PendingActivation; default not at all
	DNSTimeout      time.Duration // for all questions of one request
	MaxConcurrent   int           // requests of a service worked on at once; one more is told to come back later
	MaxLookups      int           // of them those that ask name servers; one more is ServiceUnavailable

	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger // default: nothing is logged
}

// Server is a trust broker.
type Server struct {
	registry Registry
	keys     federation.KeyStore
	service  *service
	tokens   *tokenService
	profile  federation.SecurityProfile
	metadata broker.MetadataDocument // without certificates
	now      func() time.Time
	rand     io.Reader
	log      *slog.Logger

	slots      serve.Slots // of ManageDelegation2 requests being worked on
	tokenSlots serve.Slots // of requests for tokens; whoever waits for name servers takes none of these
}

// New returns a broker. The first time it makes the broker's signing key.
func New(ctx context.Context, options Options) (*Server, error) {
	options = options.withDefaults()
	document, err := options.metadata()
	if err != nil {
		return nil, err
	}
	if err := ensureSigningKey(ctx, options); err != nil {
		return nil, err
	}
	return &Server{
		registry: options.Registry, keys: options.Keys, tokens: options.tokenService(document),
		service: &service{
			registry: options.Registry, resolver: options.Resolver,
			profile: options.Profile, now: options.Now, rand: options.Rand,
			activationDelay: options.ActivationDelay, maxMoves: options.MaxMoves,
			moveWindow: options.MoveWindow, maxIdleApps: options.MaxIdleApps,
			idleAppLife: options.IdleAppLife, dnsTimeout: options.DNSTimeout,
			lookups: make(serve.Slots, options.MaxLookups),
		},
		profile: options.Profile, metadata: document,
		now: options.Now, rand: options.Rand, log: options.Log,
		slots: make(serve.Slots, options.MaxConcurrent), tokenSlots: make(serve.Slots, options.MaxConcurrent),
	}, nil
}

func (o Options) tokenService(document broker.MetadataDocument) *tokenService {
	return &tokenService{
		directory: &directory{registry: o.Registry}, updates: newSharedUpdates(o.Registry),
		signers: &signers{keys: o.Keys, loaded: map[string]certificate.Pair{}},
		profile: o.Profile, issuerURI: document.IssuerURI, endpoint: document.TokenEndpoint,
		lives: o.OfferLives, now: o.Now, rand: o.Rand, log: o.Log,
	}
}

func (o Options) withDefaults() Options {
	o.Profile = cmp.Or(o.Profile, federation.Modern)
	o.MaxMoves = cmp.Or(o.MaxMoves, DefaultMaxMoves)
	o.MoveWindow = cmp.Or(o.MoveWindow, DefaultMoveWindow)
	o.MaxIdleApps = cmp.Or(o.MaxIdleApps, DefaultMaxIdleApps)
	o.IdleAppLife = cmp.Or(o.IdleAppLife, DefaultIdleAppLife)
	o.DNSTimeout = cmp.Or(o.DNSTimeout, DefaultDNSTimeout)
	o.MaxConcurrent = cmp.Or(o.MaxConcurrent, DefaultMaxConcurrent)
	o.MaxLookups = cmp.Or(o.MaxLookups, DefaultMaxLookups)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// metadata returns what the broker publishes, but for the certificates.
func (o Options) metadata() (broker.MetadataDocument, error) {
	const object = "trust broker"
	if err := o.check(); err != nil {
		return broker.MetadataDocument{}, err
	}
	u, err := url.Parse(o.ExternalURL)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return broker.MetadataDocument{}, federation.Errorf(federation.Invalid, "InvalidExternalUrl", object,
			"the external URL %q is not of the form https://HOST[:PORT]", o.ExternalURL)
	}
	base := "https://" + u.Host
	issuer := o.IssuerURI
	if issuer == "" {
		issuer = "urn:federation:" + u.Hostname()
	}
	return broker.MetadataDocument{
		FederationID: u.Hostname(), IssuerURI: issuer, TokenEndpoint: base + TokenPath,
		WebRequestorRedirect: base + RedirectPath, ManagementEndpoint: base + DelegationPath,
	}, nil
}

func (o Options) check() error {
	switch {
	case o.Registry == nil || o.Keys == nil || o.Resolver == nil || o.Now == nil || o.Rand == nil:
		return errors.New("broker: Registry, Keys, Resolver, Now and Rand are required")
	case o.Profile != federation.Modern && o.Profile != federation.Exchange:
		return federation.Errorf(federation.Invalid, "InvalidSecurityProfile", "trust broker", "there is no security profile %q", o.Profile)
	case o.MaxIdleApps < 0 || o.IdleAppLife < 0 || o.MaxMoves < 0 || o.MoveWindow < 0 || o.ActivationDelay < 0 || o.DNSTimeout < 0 || o.MaxConcurrent < 0 || o.MaxLookups < 0:
		return federation.Errorf(federation.Invalid, "InvalidBrokerOption", "trust broker", "a number or a duration is negative")
	}
	return checkOfferLives(o.OfferLives)
}

// Handler returns what answers requests: metadata, ManageDelegation2, tokens and the
// health check. Every other path is 404.
func (s *Server) Handler() http.Handler {
	guard := serve.Guard{Timeout: requestTimeout, Now: s.now, Rand: s.rand, Log: s.log}
	return guard.Handler(http.HandlerFunc(s.route))
}

// Serve answers on the listener over TLS until ctx ends, see serve.HTTPS.
func (s *Server) Serve(ctx context.Context, listener net.Listener, identity tls.Certificate) error {
	return serve.HTTPS(ctx, listener, identity, s.Handler(), s.log)
}

func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.EqualFold(r.URL.Path, broker.MetadataPath):
		s.serveMetadata(w, r)
	case strings.EqualFold(r.URL.Path, DelegationPath):
		s.serveDelegation(w, r)
	case strings.EqualFold(r.URL.Path, TokenPath):
		s.serveTokens(w, r)
	case r.URL.Path == HealthPath:
		s.serveHealth(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) serveMetadata(w http.ResponseWriter, r *http.Request) {
	if !serve.OnlyGet(w, r) {
		return
	}
	document := s.metadata
	var err error
	document.Current, document.Previous, err = signingCertificates(r.Context(), s.registry, s.keys, s.now())
	if err != nil {
		s.log.ErrorContext(r.Context(), "metadata not served", "request", serve.RequestID(r.Context()), "error", printable(err))
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(document.Marshal()) // a reader that went away needs no answer
}
