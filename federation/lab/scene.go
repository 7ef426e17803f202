package lab

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// The outcomes of a step.
const (
	Success = "Success"
	Failure = "Failure"
)

// Step is one command of the scene and what came of it.
type Step struct {
	Number       int
	Organization string
	Command      string // as a person types it
	Outcome      string // Success or Failure
	Detail       string // what came back
}

// organization is a member of the cast.
type organization struct {
	name    string
	folder  string
	domains []string // the primary one first
}

// organizations returns the cast. The first two are partners, the third is nobody's.
func organizations() []organization {
	return []organization{
		{"Contoso", "contoso", []string{"contoso.com", "contoso.co.uk", "contoso.ca"}},
		{"Fabrikam", "fabrikam", []string{"fabrikam.com", "fabrikam.org", "fabrikam.net"}},
		{"Adatum", "adatum", []string{"adatum.com"}},
	}
}

// partners returns those who share calendars. The others have no servers: who looks for some is
// told at once that there are none.
func partners() []organization { return organizations()[:2] }

// host is where the organization's servers are.
func (o organization) host() string { return "mail." + o.domains[0] }

// hosts returns all names of the organization's servers.
func (o organization) hosts() []string {
	names := []string{o.host()}
	for _, d := range o.domains {
		names = append(names, "autodiscover."+d)
	}
	return names
}

// trustName is what Exchange's own documentation calls the trust.
const trustName = "Azure AD authentication"

// Play has the organizations establish their federation trusts and prove their domains, the
// first get a token with which the second knows its user, both share calendars, users of the first
// share by themselves, and the second replace its certificate without the first noticing. It stops
// at the first step that does not go as the scene expects; the steps say so.
func (l *Lab) Play(ctx context.Context) ([]Step, error) {
	var steps []Step
	var cast []*actor
	for _, o := range organizations() {
		a := &actor{lab: l, organization: o, steps: &steps}
		if err := a.establish(ctx); err != nil {
			return steps, err
		}
		cast = append(cast, a)
	}
	for _, a := range cast {
		if _, err := a.run(ctx, "Message", "test-federationtrust"); err != nil {
			return steps, err
		}
	}
	contoso, fabrikam, adatum := cast[0], cast[1], cast[2]
	if err := l.introduce(ctx, contoso, fabrikam, "token.xml"); err != nil {
		return steps, err
	}
	if err := l.share(ctx, contoso, fabrikam, adatum); err != nil {
		return steps, err
	}
	if err := contoso.policies(ctx, fabrikam); err != nil {
		return steps, err
	}
	return steps, l.rollOver(ctx, fabrikam, contoso)
}

// freeBusy is what the lab's token is for.
const freeBusy = "MSExchange.SharingCalendarFreeBusy"

// introduce gets a token for a user of one organization and has the other one, which it
// is for, open and judge it. The token travels in a file.
func (l *Lab) introduce(ctx context.Context, from, to *actor, file string) error {
	path := filepath.Join(l.options.Dir, from.organization.folder, file)
	if _, err := from.run(ctx, "Audience", "get-delegationtoken", "-UserIdentity", "sales@"+from.organization.domains[0],
		"-Target", to.organization.domains[0], "-Offer", freeBusy, "-Path", path); err != nil {
		return err
	}
	_, err := to.run(ctx, "EmailAddress", "test-delegationtoken", "-Path", path, "-Offer", freeBusy)
	return err
}

// actor plays one organization.
type actor struct {
	lab          *Lab
	organization organization
	steps        *[]Step
	log          *log // of its endpoint, nil before it has one
}

// establish is the procedure "configure a federation trust".
func (a *actor) establish(ctx context.Context) error { return a.establishWith(ctx, a.certify) }

// establishWith is that procedure with a certificate that is made in some way.
func (a *actor) establishWith(ctx context.Context, certify func(context.Context) (string, error)) error {
	for _, d := range a.organization.domains {
		if _, err := a.run(ctx, "DomainName", "new-accepteddomain", "-Name", d, "-DomainName", d); err != nil {
			return err
		}
	}
	thumbprint, err := certify(ctx)
	if err != nil {
		return err
	}
	if _, err := a.run(ctx, "ApplicationIdentifier", "new-federationtrust", "-Name", trustName, "-Thumbprint", thumbprint); err != nil {
		return err
	}
	for _, d := range a.organization.domains {
		if err := a.publishProof(ctx, d); err != nil {
			return err
		}
	}
	return a.enable(ctx)
}

// certify makes the federation certificate and returns its thumbprint.
func (a *actor) certify(ctx context.Context) (string, error) {
	args := []string{"new-exchangecertificate", "-FriendlyName", "Exchange Federated Sharing",
		"-DomainName", a.organization.domains[0], "-Services", "Federation", "-KeySize", "2048", "-PrivateKeyExportable", "true"}
	var identifier [16]byte
	if _, err := io.ReadFull(a.lab.options.Rand, identifier[:]); err != nil {
		return "", a.ended(commandLine(args), "", fmt.Errorf("random numbers: %w", err))
	}
	return a.run(ctx, "Thumbprint", append(args, "-SubjectKeyIdentifier", hex.EncodeToString(identifier[:]))...)
}

// publishProof does what the administrator does at the DNS host.
func (a *actor) publishProof(ctx context.Context, domain string) error {
	record, err := a.run(ctx, "DnsRecord", "get-federateddomainproof", "-DomainName", domain)
	if err != nil {
		return err
	}
	proof, err := a.value(ctx, "Proof", "get-federateddomainproof", "-DomainName", domain)
	if err == nil {
		err = a.lab.names.Set(domain, "TXT", "v=spf1 -all", proof)
	}
	return a.ended("(name server) publish "+record, "the zone of "+domain+" shows it, beside the TXT record that was there", err)
}

// enable registers the account namespace and the further domains, and looks at the result.
func (a *actor) enable(ctx context.Context) error {
	if _, err := a.run(ctx, "", "set-federationtrust", "-Identity", trustName, "-RefreshMetadata"); err != nil {
		return err
	}
	primary := a.organization.domains[0]
	if _, err := a.run(ctx, "", "set-federatedorganizationidentifier", "-DelegationFederationTrust", trustName,
		"-AccountNamespace", primary, "-Enabled", "true"); err != nil {
		return err
	}
	for _, d := range a.organization.domains[1:] {
		if _, err := a.run(ctx, "", "add-federateddomain", "-DomainName", d); err != nil {
			return err
		}
	}
	args := []string{"get-federatedorganizationidentifier", "-IncludeExtendedDomainInfo"}
	domains, err := a.value(ctx, "Domains", args...)
	if err == nil {
		err = a.expectActive(domains)
	}
	return a.ended(commandLine(args), domains, err)
}

// expectActive checks that the broker holds every domain as Active.
func (a *actor) expectActive(domains string) error {
	for _, d := range a.organization.domains {
		if !strings.Contains(domains, d+" (Active)") {
			return fmt.Errorf("%s is not Active at the broker: %s", d, domains)
		}
	}
	return nil
}

// run runs a cmdlet as a step of the scene and returns the property of its result that
// the scene goes on with.
func (a *actor) run(ctx context.Context, property string, args ...string) (string, error) {
	value, err := a.value(ctx, property, args...)
	return value, a.ended(commandLine(args), value, err)
}

// ended reports a step that went well, or failed with the error, which it returns.
func (a *actor) ended(command, detail string, err error) error {
	a.lab.steps++
	step := Step{Number: a.lab.steps, Organization: a.organization.name, Command: command, Outcome: Success, Detail: detail}
	if err != nil {
		step.Outcome, step.Detail = Failure, err.Error()
	}
	*a.steps = append(*a.steps, step)
	a.lab.options.Report(step)
	return err
}

// value runs a cmdlet and returns one property of its first record.
func (a *actor) value(ctx context.Context, property string, args ...string) (string, error) {
	result := a.execute(ctx, nil, append(args, "-Output", "json", "-Quiet")...)
	if result.ExitCode != 0 {
		return "", failureOf(result)
	}
	if property == "" {
		return "", nil
	}
	return propertyOf(result, args[0], property)
}

// propertyOf returns a property of the first record that the cmdlet printed.
func propertyOf(result Result, cmdlet, property string) (string, error) {
	var records []map[string]any
	if err := json.Unmarshal(result.Stdout, &records); err != nil || len(records) == 0 {
		return "", fmt.Errorf("%s printed no record: %v", cmdlet, err)
	}
	switch v := records[0][property].(type) {
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, fmt.Sprint(item))
		}
		return strings.Join(items, ", "), nil
	case string:
		return v, nil
	default:
		return "", fmt.Errorf("%s printed no %s", cmdlet, property)
	}
}

// execute runs a cmdlet of the organization.
func (a *actor) execute(ctx context.Context, stdin []byte, args ...string) Result {
	environ := a.lab.Environment()
	environ["EXFED_CONFIG"] = a.path("exfed.yaml")
	return a.lab.options.Run(ctx, args, stdin, environ)
}

// path returns where something of the organization lies.
func (a *actor) path(name string) string {
	return filepath.Join(a.lab.options.Dir, a.organization.folder, name)
}

func failureOf(result Result) error {
	return fmt.Errorf("exit code %d: %s", result.ExitCode, failureText(result.Stderr))
}

// failureText is the message in the JSON that a failed cmdlet writes.
func failureText(stderr []byte) string {
	var failure struct {
		Error struct{ Message string } `json:"error"`
	}
	if err := json.Unmarshal(stderr, &failure); err == nil && failure.Error.Message != "" {
		return failure.Error.Message
	}
	return strings.TrimSpace(string(stderr))
}

// commandLine shows the command as a person types it in a POSIX shell.
func commandLine(args []string) string {
	line := "exfed"
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \"$'*;&|<>()\\") {
			a = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(a) + `"`
		}
		line += " " + a
	}
	return line
}
