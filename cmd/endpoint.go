package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/calendar"
	"exfed/federation/endpoint"
)

type startEndpointParams struct {
	listen, externalURL, tlsCertificate, tlsKey, timeZone, logFormat opt[string]
}

func startFederationEndpoint() spec[startEndpointParams] {
	return spec[startEndpointParams]{
		name:    "Start-FederationEndpoint",
		short:   "Answers partners who ask when people are busy",
		endless: true,
		long: `Serves Autodiscover and free/busy of the organization over HTTPS until interrupted. What a
partner is shown is decided by the organization relationship with him and by the permission
of the calendar; changes of relationships, mailboxes and calendar sources are obeyed within a second.

The log goes to standard error, one line for each mailbox a partner asks about, as JSON
unless -LogFormat text.`,
		examples: []string{
			"exfed start-federationendpoint -Listen :443 -ExternalUrl https://mail.contoso.com -TlsCertificate contoso.pem -TlsKey contoso.key",
			`exfed start-federationendpoint -Listen 127.0.0.1:8444 -ExternalUrl https://mail.contoso.com -TlsCertificate contoso.pem -TlsKey contoso.key -TimeZone "W. Europe Standard Time" -LogFormat text`,
		},
		declare: func(p *startEndpointParams, d *declaration) {
			p.logFormat.value = "json"
			d.text(&p.listen, "Listen", "HOST:PORT", "The address to listen on; port 0 picks a free one.", required)
			d.text(&p.externalURL, "ExternalUrl", "Uri", "The https:// address under which partners reach the endpoint. It is kept in the state file.", defaults("the one kept"))
			d.text(&p.tlsCertificate, "TlsCertificate", "Path", "The TLS certificate and its chain, in PEM.", required, filePath)
			d.text(&p.tlsKey, "TlsKey", "Path", "The private key of the TLS certificate, in PEM.", required, filePath)
			d.text(&p.timeZone, "TimeZone", "String", "In which whole days and times without a time zone are read in calendars, by a name of Windows or IANA.", defaults("the system's"))
			d.oneOf(&p.logFormat, "LogFormat", "Format", []string{"text", "json"}, "How log lines are written.", defaults("json"))
		},
		run: runEndpoint,
	}
}

func runEndpoint(ctx context.Context, e *env, p *startEndpointParams) ([]render.Record, error) {
	identity, err := tlsIdentity(p.tlsCertificate.value, p.tlsKey.value)
	if err != nil {
		return nil, err
	}
	location := time.Local
	if p.timeZone.given {
		if location = calendar.Location(p.timeZone.value); location == nil {
			return nil, &psargs.UsageError{ID: "InvalidTimeZone", Param: "TimeZone", Msg: fmt.Sprintf("-TimeZone: no time zone is called %.80q", p.timeZone.value),
				Hints: []string{`write a name of IANA or of Windows, such as Europe/Berlin or "W. Europe Standard Time"`}}
		}
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	externalURL, err := p.externalAddress(ctx, org)
	if err != nil {
		return nil, err
	}
	srv, err := e.newEndpoint(ctx, location, endpoint.Options{ExternalURL: externalURL, Log: logger(e.process.Streams.Err, p.logFormat.value)})
	if err != nil {
		return nil, err
	}
	e.warnOfNames(identity, externalURL)
	listener, err := e.listen(p.listen.value)
	if err != nil {
		return nil, err
	}
	e.keepAddress(ctx, org, externalURL)
	e.announce(listener)
	return nil, srv.Serve(ctx, listener, identity)
}

// externalAddress is -ExternalUrl, or the one kept in the state file.
func (p *startEndpointParams) externalAddress(ctx context.Context, org *federation.Organization) (string, error) {
	if p.externalURL.value != "" {
		return p.externalURL.value, nil
	}
	kept, err := org.EndpointURL(ctx)
	if err == nil && kept == "" {
		err = &psargs.UsageError{ID: "MissingParameter", Param: "ExternalUrl", Msg: "-ExternalUrl is missing, and the state file keeps none",
			Hints: []string{"-ExternalUrl https://mail.example.org: the address under which partners reach the endpoint; it is kept for the next start"}}
	}
	return kept, err
}

// keepTime is how long a start waits for the lock of the state file.
const keepTime = 5 * time.Second

// keepAddress keeps the endpoint's address for get-federateddnsrecord and the next start. An
// endpoint that may only read the state file works as well.
func (e *env) keepAddress(ctx context.Context, org *federation.Organization, externalURL string) {
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	if err := org.KeepEndpointURL(ctx, externalURL); err != nil {
		e.warn("-ExternalUrl is not kept in the state file: %v", err)
	}
}

// listen opens a port.
func (e *env) listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &federation.Error{Kind: federation.Other, ID: "ListenFailed", Object: "address " + address, Reason: "cannot be listened on", Err: err}
	}
	return listener, nil
}

// announce says where the server listens.
func (e *env) announce(listener net.Listener) {
	fmt.Fprintf(e.process.Streams.Err, "listening on https://%s\n", listener.Addr())
}

// newEndpoint makes an endpoint of the organization in the state file, whose calendars are
// read with that location.
func (e *env) newEndpoint(ctx context.Context, location *time.Location, options endpoint.Options) (*endpoint.Server, error) {
	path, err := e.statePath()
	if err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	client, err := e.httpClient()
	if err != nil {
		return nil, err
	}
	options.Organization = func(ctx context.Context) (federation.Published, error) {
		if err := present(path); err != nil {
			return federation.Published{}, err
		}
		return org.Published(ctx)
	}
	options.Stamp = (&fileStamp{paths: []string{path, keysFolder(path)}}).stamp
	options.Calendars = &endpoint.CalendarSources{
		Folder: filepath.Dir(path), Floating: location, Getenv: e.process.getenv, Now: e.process.Now, Transport: client.Transport, Log: options.Log,
	}
	options.TimeZone = location
	options.Now, options.Rand = e.process.Now, e.process.Rand
	return endpoint.New(ctx, options)
}

// present refuses a state file that is not there, which for a cmdlet that changes it would be
// an empty one: a partner would be told that there is no organization.
func present(path string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return federation.Errorf(federation.NotFound, "StateFileNotFound", path, "not found")
	}
	return nil // what else is wrong with it, its reader says
}

// fileStamp tells whether files are the same as they were.
type fileStamp struct {
	paths   []string
	seen    []os.FileInfo // when asked last; nil for one that was not there
	changes int           // files that took the place of others
}

// stamp changes when a file is replaced, or its size or time of change is another.
func (s *fileStamp) stamp() string {
	text := ""
	seen := make([]os.FileInfo, len(s.paths))
	for i, path := range s.paths {
		info, err := os.Stat(path)
		if err != nil {
			text += fmt.Sprintf("%T ", err)
			continue
		}
		if seen[i] = info; s.seen != nil && (s.seen[i] == nil || !os.SameFile(info, s.seen[i])) {
			s.changes++
		}
		text += fmt.Sprintf("%d %d ", info.Size(), info.ModTime().UnixNano())
	}
	s.seen = seen
	return fmt.Sprintf("%s%d", text, s.changes)
}
