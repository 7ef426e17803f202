package state

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// valid is a document in which everything is right. Its lines are replaced one at a time.
func valid() string {
	der := testCertificate(1).Raw
	return `version: 1
organization:
  federatedOrganizationIdentifier:
    accountNamespace: FYDIBOHF25SPDLT.a.example
    domains:
      - domain: a.example
      - domain: b.example
        pending: add
    defaultDomain: a.example
    enabled: true
    delegationTrust: contoso
    guid: ` + testGUID(1) + `
acceptedDomains:
  - name: A
    domainName: a.example
    domainType: Authoritative
    default: true
    addressBookEnabled: true
    guid: ` + testGUID(2) + `
  - name: B
    domainName: b.example
    domainType: Authoritative
    addressBookEnabled: true
    guid: ` + testGUID(3) + `
certificates:
  - thumbprint: AC00F35CBA8359953F4126E0984B5CCAFA2F4F17
    services: [Federation, SMTP]
    certificate: ` + der + `
federationTrusts:
  - name: Contoso
    securityProfile: modern
    orgPrivCertificate: AC00F35CBA8359953F4126E0984B5CCAFA2F4F17
    tokenIssuer:
      certificate: ` + der + `
    guid: ` + testGUID(4) + `
`
}

func TestValidDocumentHasNoFaults(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	write(t, f.Path(), valid())
	if err := f.Check(); err != nil {
		t.Error(err)
	}
}

func TestEveryRuleIsChecked(t *testing.T) {
	t.Parallel()
	const missing = "BD00F35CBA8359953F4126E0984B5CCAFA2F4F17"
	der := testCertificate(1).Raw
	cases := []struct{ name, old, new, want string }{
		{"namespace", "FYDIBOHF25SPDLT.a.example", "contoso.a.example", `line 4, column 23: organization.federatedOrganizationIdentifier.accountNamespace: "contoso.a.example" does not begin with FYDIBOHF25SPDLT.`},
		{"pending of a domain", "pending: add", "pending: later", `line 8, column 18: organization.federatedOrganizationIdentifier.domains[1].pending: "later" is not one of add, remove`},
		{"federated domain", "domain: b.example", "domain: B.example", `line 7, column 17: organization.federatedOrganizationIdentifier.domains[1].domain: "B.example" is written "b.example" here; line 7, column 17: organization.federatedOrganizationIdentifier.domains[1].domain: no accepted domain B.example in acceptedDomains`},
		{"federated domain not accepted", "domain: b.example", "domain: c.example", "line 7, column 17: organization.federatedOrganizationIdentifier.domains[1].domain: no accepted domain c.example in acceptedDomains"},
		{"federated domain twice", "domain: b.example", "domain: a.example", "line 7, column 17: organization.federatedOrganizationIdentifier.domains[1].domain: a.example is in the list already"},
		{"default domain not federated", "defaultDomain: a.example", "defaultDomain: c.example", "line 9, column 20: organization.federatedOrganizationIdentifier.defaultDomain: c.example is not one of the federated domains"},
		{"unknown trust", "delegationTrust: contoso", "delegationTrust: Fabrikam", `line 11, column 22: organization.federatedOrganizationIdentifier.delegationTrust: no trust "Fabrikam" in federationTrusts`},
		{"GUID of the identifier", testGUID(1), "1", `line 12, column 11: organization.federatedOrganizationIdentifier.guid: "1" is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e`},
		{"GUID of a domain", testGUID(3), "x" + testGUID(3)[1:], `line 24, column 11: acceptedDomains[1] (B).guid: "x` + testGUID(3)[1:] + `" is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e`},
		{"GUID missing", "    guid: " + testGUID(4) + "\n", "", `line 30, column 5: federationTrusts[0] (Contoso).guid: "" is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e`},
		{"domain name", "domainName: b.example", "domainName: b_.example", "line 21, column 17: acceptedDomains[1] (B).domainName: domain \"b_.example\": is not a domain name: idna: disallowed rune U+005F; line 7, column 17: organization.federatedOrganizationIdentifier.domains[1].domain: no accepted domain b.example in acceptedDomains"},
		{"domain accepted twice", "domainName: b.example", "domainName: a.example", "line 21, column 17: acceptedDomains[1] (B).domainName: a.example is accepted as \"A\" already; line 7, column 17: organization.federatedOrganizationIdentifier.domains[1].domain: no accepted domain b.example in acceptedDomains"},
		{"domain type", "domainName: b.example\n    domainType: Authoritative", "domainName: b.example\n    domainType: authoritative", "line 22, column 17: acceptedDomains[1] (B).domainType: \"authoritative\" is not one of Authoritative, InternalRelay, ExternalRelay; line 7, column 17: organization.federatedOrganizationIdentifier.domains[1].domain: accepted domain b.example is authoritative; only Authoritative ones can be federated"},
		{"federated relay domain", "domainName: b.example\n    domainType: Authoritative", "domainName: b.example\n    domainType: InternalRelay", "line 7, column 17: organization.federatedOrganizationIdentifier.domains[1].domain: accepted domain b.example is InternalRelay; only Authoritative ones can be federated"},
		{"no default", "    default: true\n", "", "acceptedDomains: none is the default domain; set default: true for one"},
		{"two defaults", "    domainName: b.example\n", "    domainName: b.example\n    default: true\n", "line 22, column 14: acceptedDomains[1] (B).default: A is the default domain already"},
		{"service", "SMTP", "smtp", `line 27, column 28: certificates[0] (AC00F35CBA8359953F4126E0984B5CCAFA2F4F17).services[1]: "smtp" is not one of Federation, IIS, IMAP, POP, SMTP, UM, UMCallRouter`},
		{"thumbprint", "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17\n    services", "ac00f35CBA8359953F4126E0984B5CCAFA2F4F17\n    services", `line 26, column 17: certificates[0] (ac00f35CBA8359953F4126E0984B5CCAFA2F4F17).thumbprint: "ac00f35CBA8359953F4126E0984B5CCAFA2F4F17" is not a thumbprint, 40 upper-case hexadecimal digits; line 32, column 25: federationTrusts[0] (Contoso).orgPrivCertificate: no certificate AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 in certificates`},
		{"certificate", "SMTP]\n    certificate: ", "SMTP]\n    certificate: '?' #", "line 28, column 18: certificates[0] (AC00F35CBA8359953F4126E0984B5CCAFA2F4F17).certificate: is not a certificate in Base64 on one line"},
		{"certificate missing", "SMTP]\n    certificate: ", "SMTP]\n    #", "line 26, column 5: certificates[0] (AC00F35CBA8359953F4126E0984B5CCAFA2F4F17).certificate: is missing"},
		{"chain", "SMTP]\n", "SMTP]\n    chain: ['']\n", "line 28, column 13: certificates[0] (AC00F35CBA8359953F4126E0984B5CCAFA2F4F17).chain[0]: is missing"},
		{"long chain", "SMTP]\n", "SMTP]\n    chain: [" + strings.Repeat(der+", ", 16) + der + "]\n", "line 28, column 12: certificates[0] (AC00F35CBA8359953F4126E0984B5CCAFA2F4F17).chain: has 17 certificates, at most 16"},
		{"request", "SMTP]\n    certificate: ", "SMTP]\n    request: YQ== #", "line 28, column 14: certificates[0] (AC00F35CBA8359953F4126E0984B5CCAFA2F4F17).request: is not a certificate request in Base64 on one line; line 32, column 25: federationTrusts[0] (Contoso).orgPrivCertificate: AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 is a certificate request"},
		{"request beside a certificate", "SMTP]\n", "SMTP]\n    request: " + der + "\n", "line 28, column 14: certificates[0] (AC00F35CBA8359953F4126E0984B5CCAFA2F4F17).request: cannot stand beside a certificate; line 33, column 25: federationTrusts[0] (Contoso).orgPrivCertificate: AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 is a certificate request"},
		{"issuer's certificate", "tokenIssuer:\n      certificate: ", "tokenIssuer:\n      certificate: YQ== #", "line 34, column 20: federationTrusts[0] (Contoso).tokenIssuer.certificate: is not a certificate in Base64 on one line"},
		{"profile", "securityProfile: modern", "securityProfile: strong", `line 31, column 22: federationTrusts[0] (Contoso).securityProfile: "strong" is not one of modern, exchange`},
		{"pending of a trust", "securityProfile: modern", "securityProfile: modern\n    pending: Publish", `line 32, column 14: federationTrusts[0] (Contoso).pending: "Publish" is not one of CreateAppId, UpdateAppIdCertificate`},
		{"current certificate", "orgPrivCertificate: AC00", "orgPrivCertificate: BD00", "line 32, column 25: federationTrusts[0] (Contoso).orgPrivCertificate: no certificate " + missing + " in certificates"},
		{"next certificate", "securityProfile: modern", "securityProfile: modern\n    orgNextPrivCertificate: " + missing, "line 32, column 29: federationTrusts[0] (Contoso).orgNextPrivCertificate: no certificate " + missing + " in certificates"},
		{"previous certificate", "securityProfile: modern", "securityProfile: modern\n    orgPrevPrivCertificate: " + missing, "line 32, column 29: federationTrusts[0] (Contoso).orgPrevPrivCertificate: no certificate " + missing + " in certificates"},
		{"wrong types, all of them", "enabled: true", "enabled: perhaps\n    whenCreated: soon", "line 10, column 14: organization.federatedOrganizationIdentifier.enabled: is not true or false; line 11, column 18: organization.federatedOrganizationIdentifier.whenCreated: is not a time such as 2026-01-31T12:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(valid(), c.old, c.new, 1)
			if text == valid() {
				t.Fatalf("%q is not in the document", c.old)
			}
			f := Open(statePath(t), Options{})
			write(t, f.Path(), text)
			checkCorrupt(t, f, c.want)
			if diff := cmp.Diff(text, read(t, f.Path())); diff != "" {
				t.Error(diff)
			}
		})
	}
	if len(cases) < 25 {
		t.Errorf("only %d cases", len(cases))
	}
}

// checkCorrupt checks that neither Check nor an innocent update accepts the file.
func checkCorrupt(t *testing.T, f *File, want string) {
	t.Helper()
	want = f.Path() + ": is not a state file: " + want
	innocent := func(tx federation.Tx) error {
		return tx.Certificates.Put(testCertificate(7))
	}
	for name, err := range map[string]error{"check": f.Check(), "update": update(f, innocent)} {
		if federation.KindOf(err) != federation.Corrupt {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"empty", "", "is not a state file: line 1, column 1: version is missing; the file begins with `version: 1`"},
		{"newer", "version: 2\nnews: 1\n", "is of version 2; this exfed knows version 1 at most: use the exfed that wrote it, or a later one"},
		{"broken YAML", "version: 1\nacceptedDomains: [a\n", "is not a state file: line 2, column 19: did not find expected ',' or ']'"},
		{"unknown key", "version: 1\nacceptedDomain: []\n", "is not a state file: line 2, column 1: unknown key \"acceptedDomain\"; known are version, organization, acceptedDomains, certificates, federationTrusts, organizationRelationships, sharingPolicies, mailboxes"},
		{"unknown field", "version: 1\nfederationTrusts:\n- name: a\n  tokenIssuer:\n    url: x\n", "is not a state file: line 5, column 5: federationTrusts[0] (a).tokenIssuer: unknown key \"url\""},
		{"two documents", "version: 1\n---\nversion: 1\n", "is not a state file: line 2, column 1: a second document begins here; a file holds one"},
	}
	for _, c := range cases {
		path := statePath(t)
		write(t, path, c.text)
		f := Open(path, Options{})
		nothing := func(federation.Tx) error { return fmt.Errorf("called") }
		for name, err := range map[string]error{"view": f.View(context.Background(), nothing), "update": update(f, nothing), "rehearsal": update(f.Rehearse(), nothing)} {
			if federation.KindOf(err) != federation.Corrupt {
				t.Errorf("%s, %s: got %v", c.name, name, err)
				continue
			}
			if diff := cmp.Diff(path+": "+c.want, err.Error()); diff != "" {
				t.Errorf("%s, %s: %s", c.name, name, diff)
			}
		}
		if diff := cmp.Diff(c.text, read(t, path)); diff != "" {
			t.Error(diff)
		}
	}
	if len(cases) < 6 {
		t.Errorf("only %d cases", len(cases))
	}
}
