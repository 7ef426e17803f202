package cmd

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"exfed/cmd/render"
	"exfed/cmd/terminal"
	"exfed/federation"
	"exfed/federation/dns"
	"exfed/federation/dns/verify"
	"exfed/federation/soap"
)

type dnsCheckParams struct {
	domainNames, proofs, resolvers opt[[]string]
	autodiscoverTarget             opt[string]
	wait                           opt[bool]
}

func testFederatedDNSRecord() spec[dnsCheckParams] {
	return spec[dnsCheckParams]{
		name:  "Test-FederatedDnsRecord",
		short: "Looks whether the DNS records of each domain are live, on every name server, and says what is wrong",
		long: `Every authoritative server of a domain is asked, found by delegation, over each of its
addresses; then the resolvers of this machine, or those of -Resolver in their place. With
-DnsServer those servers stand for all of it, and nobody else is asked. Aliases are followed to
the host, whose TLS certificate must have the name that partners ask for.

Each finding is Success, Warning or Error; an Error ends with exit code 3. docs/dns-findings.md
explains each by its Id. Run it before the broker looks: after a few failed attempts that locks a
domain for a day.

No state file is needed with -DomainName and -Proof, so whoever runs the DNS can check alone. One
proof goes with each domain, or all of them with the only one.

-Wait looks again, less and less often, until no record has an Error or -Timeout is over.`,
		gathers: true,
		view:    render.View{Kind: render.AsList, Columns: []string{"Name", "Type", "Id", "Message"}, Key: "Id"},
		examples: []string{
			"exfed test-federateddnsrecord",
			"exfed test-federateddnsrecord -DomainName contoso.com -Wait -Timeout 1h",
			"exfed test-federateddnsrecord -DomainName contoso.com -Proof x9VgOT6tNkG0bXQmfyRzV7dT0pLq1W4sYhJcE2uKaF8iM3nBrPvZlDwSgHj5tUeXoCqA6IkRyN+/mQbLfVdGzA== -AutodiscoverTarget mail.contoso.com",
			"exfed test-federateddnsrecord -Resolver 192.0.2.53,[2001:db8::53]:5353",
		},
		declare: func(p *dnsCheckParams, d *declaration) {
			d.list(&p.domainNames, "DomainName", "SmtpDomain[]", "The domains whose records are looked for.", at(1), piped, naming(acceptedDomainDomains()),
				defaults("every authoritative accepted domain and every federated one"))
			d.list(&p.proofs, "Proof", "String[]", "The proofs to look for, in place of those of the organization; no state file is read.")
			d.text(&p.autodiscoverTarget, "AutodiscoverTarget", "Fqdn", "The host that autodiscover.DOMAIN should lead to.")
			d.list(&p.resolvers, "Resolver", "HOST[:PORT][]", "Resolvers to compare with the authoritative servers, and to begin at.", defaults("those of this machine"))
			d.toggle(&p.wait, "Wait", "Looks again until every record is live.")
		},
		check: checkDNSCheck,
		run:   runDNSCheck,
	}
}

// proofBytes is the length of a proof before it becomes Base64: a SHA-512 hash.
const proofBytes = 64

// checkDNSCheck refuses proofs that no certificate makes, and such that no domain is named for.
func checkDNSCheck(p *dnsCheckParams) error {
	for _, proof := range p.proofs.value {
		// What is looked for is the text, so that line breaks, which decoding passes over, would never be found.
		raw, err := base64.StdEncoding.Strict().DecodeString(proof)
		if err != nil || len(raw) != proofBytes || strings.ContainsAny(proof, "\r\n") {
			return federation.Errorf(federation.Invalid, "InvalidProof", fmt.Sprintf("proof %.100q", proof), "is not a proof: those are 88 characters of Base64")
		}
	}
	domains, proofs := len(p.domainNames.value), len(p.proofs.value)
	if p.proofs.given && (domains == 0 || domains > 1 && domains != proofs || proofs == 0) {
		return federation.Errorf(federation.Invalid, "ProofsUnpaired", "-Proof", "%d proofs and %d domains: each domain needs its own", proofs, domains)
	}
	return nil
}

func runDNSCheck(ctx context.Context, e *env, p *dnsCheckParams) ([]render.Record, error) {
	expected, err := e.expectedRecords(ctx, p)
	if err != nil {
		return nil, err
	}
	checker, err := e.recordChecker(p.resolvers.value)
	if err != nil {
		return nil, err
	}
	limit := time.Duration(0)
	if p.wait.value {
		limit = e.timeout()
	}
	findings, err := e.lookAtRecords(ctx, checker, expected, limit)
	var records []render.Record
	for _, finding := range findings {
		records = append(records, dnsFindingRecord(finding))
	}
	if err != nil {
		return records, err
	}
	return records, e.adviseOnRecords(findings)
}

// expectedRecords are those of the organization, or those named on the command line.
func (e *env) expectedRecords(ctx context.Context, p *dnsCheckParams) ([]federation.ExpectedRecord, error) {
	domains, err := parseDomains(p.domainNames.value)
	if err != nil {
		return nil, err
	}
	target := ""
	if p.autodiscoverTarget.value != "" {
		if target, err = federation.ParseAutodiscoverTarget(p.autodiscoverTarget.value); err != nil {
			return nil, err
		}
	}
	if p.proofs.given {
		return namedRecords(domains, p.proofs.value, target), nil
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	plan, err := org.PlanDNS(ctx, federation.DNSPlanRequest{Domains: domains, AutodiscoverTarget: target})
	for _, note := range plan.Notes {
		e.verbose("%s", note)
	}
	if err != nil {
		return nil, err
	}
	return org.ExpectRecords(ctx, plan.Records)
}

// namedRecords are the proofs given, one for each domain or all for the only one, and the
// aliases to the target.
func namedRecords(domains []federation.Domain, proofs []string, target string) []federation.ExpectedRecord {
	var expected []federation.ExpectedRecord
	add := func(domain federation.Domain, purpose federation.DNSPurpose, record federation.DNSRecord) {
		expected = append(expected, federation.ExpectedRecord{PlannedRecord: federation.PlannedRecord{DNSRecord: record, Domain: domain, Purpose: purpose}})
	}
	for i, domain := range domains {
		its := proofs
		if len(domains) > 1 {
			its = proofs[i : i+1]
		}
		for _, proof := range its {
			add(domain, federation.ProofPurpose, federation.DNSRecord{Name: string(domain), Type: federation.TXTRecord, Text: proof})
		}
		if target != "" {
			add(domain, federation.AutodiscoverPurpose, federation.DNSRecord{Name: "autodiscover." + string(domain), Type: federation.CNAMERecord, Target: target})
		}
	}
	return expected
}

// recordChecker asks the servers of -DnsServer, or goes by delegation from the resolvers given
// or else those of this machine.
func (e *env) recordChecker(resolvers []string) (*verify.Checker, error) {
	connectTo, err := e.connectTo()
	if err != nil {
		return nil, err
	}
	checker := &verify.Checker{Client: e.dnsClient(), Where: connectTo.Target, Reach: e.reachHost, Now: e.process.Now}
	if checker.Servers, err = e.dnsServers(); err != nil {
		return nil, err
	}
	if len(resolvers) > 0 {
		if checker.Resolvers, err = dns.ParseServers(strings.Join(resolvers, ",")); err != nil {
			return nil, err
		}
	}
	if len(checker.Servers)+len(checker.Resolvers) == 0 {
		checker.System = dns.SystemServers()
	}
	return checker, nil
}

// reachTimeout is how long a host may take to answer at port 443.
const reachTimeout = 10 * time.Second

// reachHost asks a host for its Autodiscover at one of the addresses. Any answer over TLS will
// do: what it says is get-federationinformation's to judge.
func (e *env) reachHost(ctx context.Context, host string, addresses []netip.Addr) error {
	options, err := e.httpOptions()
	if err != nil {
		return err
	}
	options.Timeout = reachTimeout
	options.Lookup = func(context.Context, string) ([]netip.Addr, error) { return addresses, nil }
	client := soap.NewHTTPClient(options)
	defer client.CloseIdleConnections()
	_, err = (&soap.Client{HTTP: client, MaxBytes: 4096}).Get(ctx, "https://"+host+"/autodiscover/autodiscover.svc")
	var unreached *soap.TransportError
	if errors.As(err, &unreached) {
		return unreached.Err
	}
	return nil
}

// lookAtRecords looks once, or until all is well if there is a limit to that.
func (e *env) lookAtRecords(ctx context.Context, checker *verify.Checker, expected []federation.ExpectedRecord, limit time.Duration) ([]federation.DNSFinding, error) {
	progress := terminal.NewProgress(e.process.Streams, e.common.quiet.value, e.process.Now)
	defer progress.Done()
	checker.Told = func(done, all int) { progress.Step(fmt.Sprintf("%d of %d records looked at", done, all)) }
	if limit == 0 {
		return checker.CheckRecords(ctx, expected)
	}
	return checker.Await(ctx, expected, verify.Patience{
		Limit: limit, Now: e.process.Now, Wait: e.process.Wait,
		Tell: func(live int, pause time.Duration) {
			text := fmt.Sprintf("%d of %d records are live; the next look is in %s", live, len(expected), pause)
			if e.common.verbose.value {
				progress.Done()
				e.verbose("%s", text)
			} else {
				progress.Pause(text)
			}
		},
	})
}

func dnsFindingRecord(f federation.DNSFinding) render.Record {
	var seen []string
	for _, sighting := range f.Seen {
		seen = append(seen, sighting.Server+": "+sighting.What)
	}
	return render.New(
		render.Text("DomainName", f.Domain),
		render.OptionalText("Id", f.ID),
		render.Text("Type", f.Type),
		render.OptionalText("Cause", f.Cause),
		render.Text("Name", f.Record.Name),
		render.Text("RecordType", f.Record.Type),
		render.Text("Message", f.Message),
		render.List("Seen", seen),
		render.OptionalText("Action", f.Action),
	)
}

// adviseOnRecords says what to do about the findings, once for each Id, and fails for errors.
func (e *env) adviseOnRecords(findings []federation.DNSFinding) error {
	var causes []*federation.Error
	for _, kind := range verify.Kinds() {
		for _, degree := range []federation.EventType{federation.EventWarning, federation.EventError} {
			var its []federation.DNSFinding
			for _, f := range findings {
				if f.ID == kind.ID && f.Type == degree {
					its = append(its, f)
				}
			}
			if len(its) == 0 {
				continue
			}
			names, advice := adviceOnAll(kind, its)
			object := fmt.Sprintf("%s %s (%s)", kind.ID, kind.Cause, names)
			if degree == federation.EventWarning {
				e.warn("%s: %s", object, advice)
			} else {
				causes = append(causes, &federation.Error{Kind: federation.ChecksFailed, ID: string(kind.Cause), Object: object, Remedy: advice})
			}
		}
	}
	return newChecksFailed("FederatedDnsRecordTestFailed", "DNS records", causes)
}

// maxNamedRecords is how many records a line about all of them names.
const maxNamedRecords = 5

// adviceOnAll is what to do about findings of one kind, and the names of their records.
func adviceOnAll(kind verify.Kind, findings []federation.DNSFinding) (names, advice string) {
	if len(findings) == 1 {
		return findings[0].Record.Name, findings[0].Action
	}
	var all, domains, values []string
	for _, f := range findings {
		all, domains, values = append(all, f.Record.Name), append(domains, string(f.Domain)), append(values, f.Record.Value())
	}
	joined := func(texts []string) string {
		var each []string
		for _, text := range texts {
			if !slices.Contains(each, text) {
				each = append(each, text)
			}
		}
		if more := len(each) - maxNamedRecords; more > 0 {
			each = append(each[:maxNamedRecords], fmt.Sprintf("and %d more", more))
		}
		return strings.Join(each, ", ")
	}
	value := values[0]
	if slices.ContainsFunc(values, func(v string) bool { return v != value }) {
		value = "that is listed"
	}
	names = joined(all)
	return names, strings.NewReplacer("DOMAIN", joined(domains), "NAME", names, "VALUE", value).Replace(kind.Action)
}
