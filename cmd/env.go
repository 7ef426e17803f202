package cmd

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/cmd/render"
	"exfed/cmd/terminal"
	"exfed/federation"
	"exfed/federation/dns"
	"exfed/federation/soap"
	"exfed/federation/state"
)

// Process is everything a run of exfed takes from outside, so that a run is a function
// and two of them can go on side by side.
type Process struct {
	Args    []string // without the program's name
	Streams terminal.Streams
	Now     func() time.Time
	Rand    io.Reader
	Wait    func(ctx context.Context, d time.Duration) error
	// Interruptible makes a context that ends when the user interrupts; nil in a run
	// that is part of another. Only a running cmdlet has one: listening for signals
	// takes time at every start.
	Interruptible func(ctx context.Context) (context.Context, func())
	// Collector sets how much garbage the process lets gather before it is collected, in
	// percent of what is in use; nil in a run that is part of another.
	Collector func(percent int) int
	// Checkpoint is called before every step that a crash or a full disk could cut
	// short; an error is taken for the failure of that step. Nil outside tests.
	Checkpoint func(point string) error
}

// getenv reads a variable of the process's environment.
func (p Process) getenv(name string) string {
	if p.Streams.Getenv == nil {
		return ""
	}
	return p.Streams.Getenv(name)
}

// collectAt has garbage collected at that percentage, unless the user has said when.
func (p Process) collectAt(percent int) {
	if p.Collector != nil && p.getenv("GOGC") == "" {
		p.Collector(percent)
	}
}

// env is what a running cmdlet may use.
type env struct {
	process  Process
	cmdlet   cmdlet
	common   commonParameters
	prompter *terminal.Prompter
	whatIf   *rehearsal // nil when things are really done
	closers  []func() error
	// afterwards runs when the records have been written: what goes on until interrupted.
	afterwards []func(ctx context.Context) ([]render.Record, error)
	http       *http.Client
	names      *dns.Client // dnsClient makes it
}

// verbose tells a step on standard error when -Verbose asks for it.
func (e *env) verbose(format string, args ...any) {
	if e.common.verbose.value && !e.common.quiet.value {
		fmt.Fprintln(e.process.Streams.Err, "VERBOSE: "+cleanLines(fmt.Sprintf(format, args...)))
	}
}

// warn says on standard error what the administrator should know.
func (e *env) warn(format string, args ...any) {
	if !e.common.quiet.value {
		fmt.Fprintln(e.process.Streams.Err, e.process.Streams.Paint(terminal.Yellow, "WARNING:")+" "+cleanLines(fmt.Sprintf(format, args...)))
	}
}

// cleanLines makes hostile characters visible and leaves line breaks as they are.
func cleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = render.Clean(line)
	}
	return strings.Join(lines, "\n")
}

// setting returns a parameter's value, or the variable that stands in for it.
func (e *env) setting(given opt[string], variable string) string {
	if given.given {
		return given.value
	}
	return e.process.getenv(variable)
}

// statePath is where the organization's state is kept.
func (e *env) statePath() (string, error) {
	if path := e.setting(e.common.config, "EXFED_CONFIG"); path != "" {
		return filepath.Abs(path)
	}
	folder := e.process.getenv("XDG_CONFIG_HOME")
	if folder == "" {
		var err error
		if folder, err = os.UserConfigDir(); err != nil {
			return "", federation.Errorf(federation.Other, "NoConfigurationFolder", "", "no folder for the state file is known; give one with -Config PATH")
		}
	}
	return filepath.Join(folder, "exfed", "exfed.yaml"), nil
}

// keysFolder is where the private keys lie: beside the state file.
func keysFolder(statePath string) string { return filepath.Join(filepath.Dir(statePath), "keys") }

// organization puts together what the operations of federation need.
func (e *env) organization() (*federation.Organization, error) {
	path, err := e.statePath()
	if err != nil {
		return nil, err
	}
	if _, err := e.dnsServers(); err != nil {
		return nil, err // wrong whether or not they will be asked
	}
	file := state.Open(path, state.Options{
		Now:        e.process.Now,
		Holder:     fmt.Sprintf("process %d, %s", os.Getpid(), e.cmdlet.word()),
		Checkpoint: e.process.Checkpoint,
	})
	keys := &certificate.KeyStore{Dir: keysFolder(path), Checkpoint: e.process.Checkpoint}
	org := &federation.Organization{
		Store: file, Keys: keys, Records: proofChecker{e}, Broker: e.broker, Tokens: e.tokens,
		Now: e.process.Now, Rand: e.process.Rand, Wait: e.process.Wait, Claim: file.Claim,
		Step: e.verbose, Warn: e.warn,
	}
	if e.whatIf != nil {
		e.whatIf.take(org, file)
	}
	return org, nil
}

// resolver asks the name servers of -DnsServer, or the system's.
func (e *env) resolver() (*dns.Resolver, error) {
	servers, err := e.dnsServers()
	if err != nil {
		return nil, err
	}
	return &dns.Resolver{Servers: servers, Client: e.dnsClient()}, nil
}

// dnsClient is what asks name servers in this run, so that all questions share its sockets.
func (e *env) dnsClient() *dns.Client {
	if e.names == nil {
		e.names = &dns.Client{}
		e.onClose(e.names.Close)
	}
	return e.names
}

func (e *env) dnsServers() ([]string, error) {
	text := e.setting(e.common.dnsServer, "EXFED_DNS_SERVER")
	if text == "" {
		return nil, nil
	}
	return dns.ParseServers(text)
}

// httpClient obeys -DnsServer, -Timeout, EXFED_CONNECT_TO and EXFED_CA_FILE.
func (e *env) httpClient() (*http.Client, error) {
	if e.http != nil {
		return e.http, nil
	}
	options, err := e.httpOptions()
	if err != nil {
		return nil, err
	}
	e.http = soap.NewHTTPClient(options)
	return e.http, nil
}

// httpOptions are how servers are reached.
func (e *env) httpOptions() (soap.Options, error) {
	options := soap.Options{Timeout: e.timeout()}
	var err error
	if options.ConnectTo, err = e.connectTo(); err != nil {
		return options, err
	}
	if options.RootCAs, err = e.authorities(); err != nil {
		return options, err
	}
	servers, err := e.dnsServers()
	if err != nil {
		return options, err
	}
	if len(servers) > 0 {
		options.Lookup = (&dns.Resolver{Servers: servers, Client: e.dnsClient()}).LookupHost
	}
	return options, nil
}

func (e *env) connectTo() (soap.ConnectTo, error) {
	rules, err := soap.ParseConnectTo(e.process.getenv("EXFED_CONNECT_TO"))
	if err != nil {
		return nil, &federation.Error{Kind: federation.Invalid, ID: "InvalidConnectTo", Object: "EXFED_CONNECT_TO", Reason: "cannot be read", Err: err}
	}
	return rules, nil
}

// authorities are the system's certificate authorities and those of EXFED_CA_FILE;
// nil stands for the system's alone.
func (e *env) authorities() (*x509.CertPool, error) {
	path := e.process.getenv("EXFED_CA_FILE")
	if path == "" {
		return nil, nil
	}
	unusable := func(reason string, err error) error {
		return &federation.Error{Kind: federation.Invalid, ID: "InvalidCaFile", Object: "EXFED_CA_FILE " + path, Reason: reason, Err: err}
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, unusable("cannot be read", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, unusable("holds no PEM certificate", nil)
	}
	return pool, nil
}

func (e *env) timeout() time.Duration {
	if e.common.timeout.given && e.common.timeout.value > 0 {
		return e.common.timeout.value
	}
	return defaultTimeout
}

// onClose has fn called when the cmdlet is over.
func (e *env) onClose(fn func() error) { e.closers = append(e.closers, fn) }

// later has fn called after the records have been written.
func (e *env) later(fn func(ctx context.Context) error) {
	e.laterShow(func(ctx context.Context) ([]render.Record, error) { return nil, fn(ctx) })
}

// laterShow is later for what has records of its own to show: those are written in their turn,
// before what fn itself leaves for later.
func (e *env) laterShow(fn func(ctx context.Context) ([]render.Record, error)) {
	e.afterwards = append(e.afterwards, fn)
}

func (e *env) close() error {
	var errs []error
	for _, c := range e.closers {
		errs = append(errs, c())
	}
	e.closers = nil
	return errors.Join(errs...)
}
