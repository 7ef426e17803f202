package cmd

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/broker/server"
	"exfed/federation/dns"
	"exfed/federation/token"
)

type startBrokerParams struct {
	listen, externalURL, store, tlsCertificate, tlsKey, profile, logFormat opt[string]
	maxMoves                                                               opt[int]
	offerLives                                                             opt[[]string]
}

func startFederationBroker() spec[startBrokerParams] {
	return spec[startBrokerParams]{
		name:    "Start-FederationBroker",
		short:   "Hosts a trust broker",
		endless: true,
		long: `Serves the federation metadata and the registration of organizations and domains over
HTTPS until interrupted. Domains are proven by their live TXT records. Organizations join
with: exfed new-federationtrust -MetadataUrl URL/FederationMetadata/2006-12/FederationMetadata.xml

The log goes to standard error, one line for each registration request, as JSON unless
-LogFormat text.`,
		examples: []string{
			"exfed start-federationbroker -Listen :8443 -ExternalUrl https://broker.example.org:8443 -Store /var/lib/exfed/registry.db -TlsCertificate broker.pem -TlsKey broker.key",
			"exfed start-federationbroker -Listen :8443 -ExternalUrl https://broker.example.org:8443 -TlsCertificate broker.pem -TlsKey broker.key -OfferLives MSExchange.Autodiscover=08:00:00,MSExchange.MailTips=10m",
		},
		declare: func(p *startBrokerParams, d *declaration) {
			p.logFormat.value, p.profile.value = "json", string(federation.Modern)
			d.text(&p.listen, "Listen", "HOST:PORT", "The address to listen on; port 0 picks a free one.", required)
			d.text(&p.externalURL, "ExternalUrl", "Uri", "The https:// address under which organizations reach the broker.", required)
			d.text(&p.store, "Store", "Path", "The registry, a SQLite file; signing keys lie beside it.", filePath, defaults("broker/registry.db beside the state file"))
			d.text(&p.tlsCertificate, "TlsCertificate", "Path", "The TLS certificate and its chain, in PEM.", required, filePath)
			d.text(&p.tlsKey, "TlsKey", "Path", "The private key of the TLS certificate, in PEM.", required, filePath)
			d.securityProfile(&p.profile, defaults("modern"))
			d.number(&p.maxMoves, "MaxDomainMoves", "Int32", "How often a domain may move to another organization within 24 hours; once more is MaxUriReached.", defaults("2"))
			d.list(&p.offerLives, "OfferLives", "OFFER=EnhancedTimeSpan[]", "How long tokens for an offer are good for, 3 minutes of grace left out: from a minute to 15 days.",
				defaults("MSExchange.SharingInviteMessage=15.00:00:00, the others 01:00:00"))
			d.oneOf(&p.logFormat, "LogFormat", "Format", []string{"text", "json"}, "How log lines are written.", defaults("json"))
		},
		run: runBroker,
	}
}

func runBroker(ctx context.Context, e *env, p *startBrokerParams) ([]render.Record, error) {
	identity, err := tlsIdentity(p.tlsCertificate.value, p.tlsKey.value)
	if err != nil {
		return nil, err
	}
	if p.maxMoves.given && p.maxMoves.value < 1 {
		return nil, &psargs.UsageError{ID: "InvalidNumber", Param: "MaxDomainMoves", Msg: "-MaxDomainMoves is at least 1"}
	}
	lives, err := offerLives(p.offerLives.value)
	if err != nil {
		return nil, err
	}
	store, err := e.storePath(p.store.value)
	if err != nil {
		return nil, err
	}
	srv, err := e.newBroker(ctx, store, server.Options{
		ExternalURL: p.externalURL.value, Profile: federation.SecurityProfile(p.profile.value),
		MaxMoves: p.maxMoves.value, OfferLives: lives, Log: logger(e.process.Streams.Err, p.logFormat.value),
	})
	if err != nil {
		return nil, err
	}
	e.warnOfNames(identity, p.externalURL.value)
	listener, err := e.listen(p.listen.value)
	if err != nil {
		return nil, err
	}
	e.announce(listener)
	e.process.collectAt(server.GCPercent)
	return nil, srv.Serve(ctx, listener, identity)
}

// offerLives reads OFFER=TIMESPAN; how long a life may be is for the broker to say.
func offerLives(given []string) (map[token.Offer]time.Duration, error) {
	lives := map[token.Offer]time.Duration{}
	wrong := func(err error, hint string) error {
		return &psargs.UsageError{ID: "InvalidOfferLife", Param: "OfferLives", Msg: "-OfferLives: " + err.Error(), Hints: []string{hint}}
	}
	for _, text := range given {
		name, span, _ := strings.Cut(text, "=")
		offer, err := psargs.MatchEnum(strings.TrimSpace(name), offerNames())
		if err != nil {
			return nil, wrong(err, "offers are "+strings.Join(offerNames(), ", "))
		}
		life, err := psargs.ParseTimeSpan(strings.TrimSpace(span))
		if err != nil {
			return nil, wrong(err, "write "+offer+"=01:00:00")
		}
		if _, twice := lives[token.Offer(offer)]; twice {
			return nil, wrong(errors.New(offer+" is there twice"), "give each offer one life")
		}
		lives[token.Offer(offer)] = life
	}
	return lives, nil
}

// warnOfNames says when clients that reach the server by its external URL will not take its
// certificate. Something in front of it may have another one.
func (e *env) warnOfNames(identity tls.Certificate, externalURL string) {
	u, err := url.Parse(externalURL)
	if err != nil || identity.Leaf == nil {
		return
	}
	if err := identity.Leaf.VerifyHostname(u.Hostname()); err != nil {
		e.warn("the TLS certificate is not for %s, the host of -ExternalUrl: who connects here directly refuses it", u.Hostname())
	}
}

// tlsIdentity reads the TLS certificate with its chain, and its key, which must be as closed
// to others as a key that was made here.
func tlsIdentity(chainPath, keyPath string) (tls.Certificate, error) {
	key, err := certificate.ReadKeyFile(keyPath)
	if certificate.IsCode(err, certificate.KeyTooOpen) {
		return tls.Certificate{}, federation.FromCertificate(err)
	}
	var chain []byte
	if err == nil {
		chain, err = os.ReadFile(chainPath)
	}
	var identity tls.Certificate
	if err == nil {
		identity, err = tls.X509KeyPair(chain, key)
	}
	if err != nil {
		return identity, &federation.Error{Kind: federation.Invalid, ID: "InvalidTlsCertificate", Object: "-TlsCertificate, -TlsKey", Reason: "cannot be used", Err: err}
	}
	return identity, nil
}

func logger(w io.Writer, format string) *slog.Logger {
	if format == "text" {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}

// storePath is the registry that was given, or else that of the embedded broker.
func (e *env) storePath(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	path, err := e.statePath()
	return registryPath(path), err
}

// registryPath is where the embedded broker keeps its registry: beside the state file.
func registryPath(statePath string) string {
	return filepath.Join(filepath.Dir(statePath), "broker", "registry.db")
}

// keyFolder is where the signing keys of a broker lie: beside its registry.
func keyFolder(store string) string { return store + ".keys" }

func (e *env) signingKeys(store string) *certificate.KeyStore {
	return &certificate.KeyStore{Dir: keyFolder(store), Checkpoint: e.process.Checkpoint}
}

// newBroker opens a broker on a registry file; its signing keys lie beside the file.
func (e *env) newBroker(ctx context.Context, store string, options server.Options) (*server.Server, error) {
	if err := os.MkdirAll(filepath.Dir(store), 0o700); err != nil {
		return nil, &federation.Error{Kind: federation.Other, ID: "RegistryFolder", Object: "registry " + store, Reason: "its folder cannot be made", Err: err}
	}
	servers, err := e.dnsServers()
	if err != nil {
		return nil, err
	}
	registry, err := server.OpenSQLite(ctx, store)
	if err != nil {
		return nil, err
	}
	e.onClose(registry.Close)
	options.Registry = registry
	options.Keys = e.signingKeys(store)
	options.Resolver = &dns.Resolver{Servers: servers, Client: e.dnsClient()}
	options.Now, options.Rand = e.process.Now, e.process.Rand
	return server.New(ctx, options)
}
