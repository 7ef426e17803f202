package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
	"exfed/federation/dns"
)

// brokerHost is the name the lab's broker has in URLs and certificates. Connections go
// to loopback by EXFED_CONNECT_TO.
const brokerHost = "broker.lab.example"

// Runner runs a cmdlet as a person would type it, without the program's name, with that on
// its standard input; nil for none.
type Runner func(ctx context.Context, args []string, stdin []byte, environ map[string]string) Result

// Endpoint is the service that an organization publishes to its partners.
type Endpoint interface {
	// Serve answers on the listener until ctx ends, and closes it.
	Serve(ctx context.Context, listener net.Listener, identity tls.Certificate) error
}

// Result is what a cmdlet left behind.
type Result struct {
	ExitCode       int
	Stdout, Stderr []byte
}

// Options say where the lab is and what it runs with.
type Options struct {
	Dir string // made if missing; must hold no lab yet
	Run Runner
	// Endpoint makes the endpoint of the organization in a state file.
	Endpoint func(ctx context.Context, statePath, externalURL string, log *slog.Logger) (Endpoint, error)
	// Fetch reads what is at a URL as a browser does; an answer other than 200 is an error.
	Fetch  func(ctx context.Context, url string, environ map[string]string) ([]byte, error)
	Report func(Step) // called after each step
	Now    func() time.Time
	// Advance moves the clock that Now tells and that the cmdlets go by.
	Advance func(time.Duration)
	Rand    io.Reader
	Log     *slog.Logger
}

// Lab is a running lab.
type Lab struct {
	options  Options
	names    *dns.Server
	resolver *dns.Resolver // asks names
	registry *server.SQLite
	broker   *service
	hosts    map[string]*service // of partners, by their folder
	steps    int
	close    func() error
}

// Start brings the broker and the name server up.
func Start(ctx context.Context, options Options) (*Lab, error) {
	if err := prepareFolder(options.Dir); err != nil {
		return nil, err
	}
	l := &Lab{options: options, hosts: map[string]*service{}}
	l.close = sync.OnceValue(l.stop)
	err := l.start(ctx)
	if err == nil {
		err = l.writeEnvironment()
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// prepareFolder refuses a folder that holds a lab: a second run would mix with the first.
func prepareFolder(dir string) error {
	for _, o := range organizations() {
		if _, err := os.Lstat(filepath.Join(dir, o.folder)); err == nil {
			return federation.Errorf(federation.Conflict, "LabExists", "folder "+dir, "holds a lab already; give an empty folder")
		}
	}
	for _, name := range []string{"", "broker"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return federation.Errorf(federation.Other, "LabFolder", "folder "+dir, "cannot be made: %v", err)
		}
	}
	return nil
}

func (l *Lab) start(ctx context.Context) error {
	var zones []string
	for _, o := range organizations() {
		zones = append(zones, o.domains...)
	}
	var err error
	if l.names, err = dns.StartServer("127.0.0.1:0", zones...); err != nil {
		return err
	}
	l.resolver = &dns.Resolver{Servers: []string{l.names.Addr()}}
	store := filepath.Join(l.options.Dir, "broker", "registry.db")
	if l.registry, err = server.OpenSQLite(ctx, store); err != nil {
		return err
	}
	srv, err := server.New(ctx, server.Options{
		Registry:    l.registry,
		Keys:        &certificate.KeyStore{Dir: store + ".keys"},
		Resolver:    l.resolver,
		ExternalURL: "https://" + brokerHost,
		Now:         l.options.Now, Rand: l.options.Rand, Log: l.options.Log,
	})
	if err != nil {
		return err
	}
	if err := l.listen(); err != nil {
		return err
	}
	l.broker.serve(ctx, srv)
	return nil
}

// listen opens all ports, so that what reaches them is known from the start, and makes the
// certificates that go with them.
func (l *Lab) listen() error {
	authority, err := newAuthority(l.options.Now(), l.authorityPath())
	if err != nil {
		return err
	}
	if l.broker, err = newService(authority, brokerHost); err != nil {
		return err
	}
	for _, o := range partners() {
		if l.hosts[o.folder], err = newService(authority, o.hosts()...); err != nil {
			return err
		}
	}
	return nil
}

// Close stops the servers. The folder stays. Closed again, it returns the same.
func (l *Lab) Close() error { return l.close() }

func (l *Lab) stop() error {
	var errs []error
	for _, h := range append(slices.Collect(maps.Values(l.hosts)), l.broker) {
		errs = append(errs, h.close())
	}
	if l.resolver != nil {
		errs = append(errs, l.resolver.Close())
	}
	if l.names != nil {
		errs = append(errs, l.names.Close())
	}
	if l.registry != nil {
		errs = append(errs, l.registry.Close())
	}
	return errors.Join(errs...)
}

// Environment is what a cmdlet needs to reach the lab.
func (l *Lab) Environment() map[string]string {
	rules := l.broker.rules()
	for _, o := range partners() {
		rules = append(rules, l.hosts[o.folder].rules()...)
	}
	return map[string]string{
		"EXFED_METADATA_URL": "https://" + brokerHost + broker.MetadataPath,
		"EXFED_DNS_SERVER":   l.names.Addr(),
		"EXFED_CONNECT_TO":   strings.Join(rules, ","),
		"EXFED_CA_FILE":      l.authorityPath(),
	}
}
