package cmd

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"exfed/certificate"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/state"
)

// rehearsal is what -WhatIf puts in place of everything that changes something: the
// same operations run, on a copy, and what they would have done is told.
type rehearsal struct {
	state *state.Rehearsal
	steps []string // of a plan, told by their numbers
	calls []string
	looks []string // what would be looked for in DNS, or not
}

// take puts the rehearsal between the organization and the world.
func (r *rehearsal) take(org *federation.Organization, file *state.File) {
	if r.state == nil {
		r.state = file.Rehearse()
	}
	org.Store = r.state
	org.Records = rehearsedRecords{r, false}
	org.Fetch = nil // it works without a network
	org.Keys = &rehearsedKeys{RequestKeyStore: org.Keys, saved: map[string]certificate.Pair{}, requested: map[string]certificate.Requested{}}
	org.Claim = func(string) (func() error, error) { return func() error { return nil }, nil }
	org.Broker = func(_ context.Context, trust federation.FederationTrust) (federation.Broker, error) {
		return rehearsedBroker{r, trust.Issuer}, nil
	}
}

// tell says what would have been done.
func (r *rehearsal) tell(e *env, target string) {
	say := func(format string, args ...any) {
		fmt.Fprintln(e.process.Streams.Err, cleanLines(fmt.Sprintf(format, args...)))
	}
	say("What if: performing the operation %q on target %q.", e.cmdlet.name, target)
	for i, step := range r.steps {
		say("What if: %d. %s", i+1, step)
	}
	for _, l := range r.looks {
		say("What if: %s.", l)
	}
	for _, c := range r.calls {
		say("What if: the broker would be asked for %s.", c)
	}
	if r.state == nil {
		return
	}
	diff := r.state.Diff()
	if len(diff) == 0 {
		say("What if: the state file would stay as it is.")
		return
	}
	for i, line := range diff {
		diff[i] = shortenCertificate(line)
	}
	say("What if: the state file would change:\n%s", strings.Join(diff, "\n"))
}

// shortenCertificate puts a thumbprint in place of the Base64 of a certificate, and nothing in
// that of a request, which nobody reads, in a line of the state file.
func shortenCertificate(line string) string {
	name, value, isField := strings.Cut(line, ": ")
	if !isField {
		name, value, _ = strings.Cut(line, "- ")
		name += "-"
	} else {
		name += ":"
	}
	if strings.HasSuffix(name, "request:") {
		return fmt.Sprintf("%s (%d characters)", name, len(value))
	}
	c, err := federation.DecodeCertificate(value)
	if err != nil || c == nil {
		return line
	}
	return fmt.Sprintf("%s (%s, %d characters)", name, certificate.Thumbprint(c), len(value))
}

// foresee refuses properties the result of a change will not have, before anything is
// changed. Only the result itself knows its properties, so the change is rehearsed.
func (s *session) foresee(ctx context.Context, e *env, inv *invocation) (err error) {
	patterns := slices.Clone(s.common.property.value)
	if len(patterns) == 0 || !s.chosen.changes || s.chosen.view.Kind == "" {
		return nil
	}
	for i, pattern := range patterns {
		patterns[i], _, _ = strings.Cut(pattern, ".") // what lies deeper may come from the broker
	}
	silent := &env{process: e.process, cmdlet: e.cmdlet, common: e.common, prompter: e.prompter, passphrase: e.passphrase, whatIf: &rehearsal{}}
	silent.process.Streams.Err = nopWriter{}
	defer func() { err = errors.Join(err, silent.close()) }()
	records, err := inv.run(ctx, silent)
	if err != nil {
		return err
	}
	return render.Write(io.Discard, "", s.chosen.view, patterns, records)
}

// rehearsedKeys keeps new keys in memory and deletes none.
type rehearsedKeys struct {
	federation.RequestKeyStore
	saved     map[string]certificate.Pair
	requested map[string]certificate.Requested
}

func (k *rehearsedKeys) Save(pair certificate.Pair) error {
	k.saved[certificate.Thumbprint(pair.Certificate)] = pair
	return nil
}

func (k *rehearsedKeys) Load(thumbprint string) (certificate.Pair, error) {
	if pair, ok := k.saved[thumbprint]; ok {
		return pair, nil
	}
	return k.RequestKeyStore.Load(thumbprint)
}

func (k *rehearsedKeys) SaveRequest(requested certificate.Requested) error {
	k.requested[certificate.RequestThumbprint(requested.Request)] = requested
	return nil
}

func (k *rehearsedKeys) LoadRequest(thumbprint string) (certificate.Requested, error) {
	if requested, ok := k.requested[thumbprint]; ok {
		return requested, nil
	}
	return k.RequestKeyStore.LoadRequest(thumbprint)
}

func (k *rehearsedKeys) Has(thumbprint string) bool {
	_, saved := k.saved[thumbprint]
	_, requested := k.requested[thumbprint]
	return saved || requested || k.RequestKeyStore.Has(thumbprint)
}

func (k *rehearsedKeys) Delete(string) error { return nil }

// rehearsedRecords notes what would be looked for in DNS and finds it live.
type rehearsedRecords struct {
	r       *rehearsal
	skipped bool // by -SkipDnsCheck
}

func (c rehearsedRecords) CheckRecords(_ context.Context, expected []federation.ExpectedRecord) ([]federation.DNSFinding, error) {
	for _, record := range expected {
		look := "DNS would be asked for the proof of %s"
		if c.skipped {
			look = "DNS would not be asked for the proof of %s, as -SkipDnsCheck says"
		}
		c.r.looks = append(c.r.looks, fmt.Sprintf(look, record.Domain))
	}
	return nil, nil
}

// rehearsedBroker notes what it is asked for and agrees. It asks nobody: a rehearsal
// works without a network, and a broker could take a question for an attempt.
type rehearsedBroker struct {
	r     *rehearsal
	known federation.TokenIssuer // what its metadata said the last time
}

func (b rehearsedBroker) note(format string, args ...any) error {
	b.r.calls = append(b.r.calls, fmt.Sprintf(format, args...))
	return nil
}

// unassigned stands for the AppID a broker would give.
const unassigned = "assigned-by-the-broker"

func (b rehearsedBroker) Metadata(context.Context) (federation.TokenIssuer, error) {
	issuer := b.known
	if issuer.ManagementEPR == "" && issuer.URI == "" {
		issuer.ManagementEPR = "https://broker.invalid/"
	}
	return issuer, b.note("its metadata")
}

func (b rehearsedBroker) CreateAppID(_ context.Context, _ certificate.Pair, uri string, _ *federation.DomainProof) (string, error) {
	return unassigned, b.note("%s", strings.TrimSpace("CreateAppId "+uri))
}

func (b rehearsedBroker) ReserveDomain(_ context.Context, _ certificate.Pair, _, namespace string, _ *federation.DomainProof) error {
	return b.note("ReserveDomain %s", namespace)
}

func (b rehearsedBroker) ReleaseDomain(_ context.Context, _ certificate.Pair, _, namespace string) error {
	return b.note("ReleaseDomain %s", namespace)
}

func (b rehearsedBroker) AddURI(_ context.Context, _ certificate.Pair, _, uri string, _ *federation.DomainProof) error {
	return b.note("AddUri %s", uri)
}

func (b rehearsedBroker) RemoveURI(_ context.Context, _ certificate.Pair, _, uri string) error {
	return b.note("RemoveUri %s", uri)
}

func (b rehearsedBroker) DomainInfo(_ context.Context, _ certificate.Pair, appID, domain string) (federation.DomainInfo, error) {
	return federation.DomainInfo{DomainName: domain, AppID: appID, State: federation.Active}, nil
}

func (b rehearsedBroker) UpdateCertificate(_ context.Context, _ certificate.Pair, _ string, next *x509.Certificate) error {
	return b.note("UpdateAppIdCertificate %s", certificate.Thumbprint(next))
}
