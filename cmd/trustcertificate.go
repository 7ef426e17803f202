package cmd

import (
	"context"
	"os"
	"strings"
	"time"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

type trustCertificateParams struct {
	warningDays, criticalDays opt[int]
	at                        opt[string]
	checkRevocation           opt[bool]
}

func testFederationTrustCertificate() spec[trustCertificateParams] {
	return spec[trustCertificateParams]{
		name:  "Test-FederationTrustCertificate",
		short: "Looks whether the certificates of the trust are here with their keys, how long they last and what they lack",
		long: `There is a record for the state of each certificate, of the current one, the next one and the
previous one, and further ones for each requirement that the current or the next one does not meet
(docs/certificate-requirements.md). What the key provider of Windows is (CNG or not), which
Exchange asks about too, cannot be seen from a file.

Each is Success, Information, Warning or Error. An Error ends with exit code 3: a certificate or a
key that is not here, a certificate that has expired or has fewer days left than -CriticalDays, a
requirement that is not met. Warnings alone end with exit code 0. The previous certificate only opens
tokens issued before it was replaced, so that its end is no fault. -At tells what will be found then.

Site is the name of this machine, whose key folder was looked at: there are no sites of Active
Directory. Run it once a day; test-federationtrust tests whether the trust works.`,
		view:    render.View{Kind: render.AsTable, Columns: []string{"Site", "State", "Thumbprint", "Slot", "DaysLeft", "Id"}, Key: "Id"},
		changes: true,
		examples: []string{
			"exfed test-federationtrustcertificate",
			"exfed test-federationtrustcertificate -WarningDays 90 -CriticalDays 45 -Output list",
			"exfed test-federationtrustcertificate -At 2027-06-01 -CheckRevocation",
		},
		declare: func(p *trustCertificateParams, d *declaration) {
			p.warningDays.value, p.criticalDays.value = federation.DefaultWarningDays, federation.DefaultCriticalDays
			d.number(&p.warningDays, "WarningDays", "Int32", "With fewer days left a certificate is a Warning.", defaults("60"))
			d.number(&p.criticalDays, "CriticalDays", "Int32", "With fewer days left it is an Error.", defaults("30"))
			d.text(&p.at, "At", "DateTime", "The moment the certificates are judged at: a date, or a time such as 2027-02-03T10:00Z; those without a zone are in that of this machine.", defaults("now"))
			d.checkRevocation(&p.checkRevocation)
			d.domainController()
		},
		target: func(*trustCertificateParams) string { return "the certificates of the federation trust" },
		check:  checkTrustCertificate,
		run:    runTrustCertificate,
	}
}

// maxDays bounds the thresholds: some 27 years.
const maxDays = 10_000

func checkTrustCertificate(p *trustCertificateParams) error {
	wrong := func(parameter, reason string) error {
		return &psargs.UsageError{ID: "InvalidDays", Param: parameter, Msg: "-" + parameter + " " + reason}
	}
	switch {
	case p.warningDays.value < 0 || p.warningDays.value > maxDays:
		return wrong("WarningDays", "is from 0 to 10000")
	case p.criticalDays.value < 0 || p.criticalDays.value > maxDays:
		return wrong("CriticalDays", "is from 0 to 10000")
	case p.warningDays.given && p.criticalDays.given && p.criticalDays.value > p.warningDays.value:
		return wrong("CriticalDays", "is more than -WarningDays: the Error would come before the Warning")
	}
	var at time.Time
	return dateTime(p.at, "At", time.Local, &at)
}

func runTrustCertificate(ctx context.Context, e *env, p *trustCertificateParams) ([]render.Record, error) {
	site, _ := os.Hostname() // a machine without a name has an empty one
	if e.whatIf != nil {
		// There is nothing to rehearse: it is read-only, and declares -WhatIf as in Exchange.
		return []render.Record{trustCertificateRecord(site, federation.CertificateFinding{}, nil)}, nil
	}
	test := federation.CertificateTest{WarningDays: p.warningDays.value, CriticalDays: p.criticalDays.value, CheckRevocation: p.checkRevocation.value}
	if err := dateTime(p.at, "At", time.Local, &test.At); err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	findings, err := org.TestTrustCertificates(ctx, test)
	if err != nil {
		return nil, err
	}
	var records []render.Record
	var causes []*federation.Error
	for _, f := range findings {
		var advice []string
		if f.Cause != nil {
			cause := causeNamed(f.Cause, slotName(f.Slot)+" "+f.ID)
			advice = adviceOn(cause)
			if f.Type == federation.EventError {
				causes = append(causes, cause)
			}
		}
		records = append(records, trustCertificateRecord(site, f, advice))
		if f.Type == federation.EventWarning {
			e.warn("%s certificate: %s", slotName(f.Slot), strings.Join(append([]string{strings.TrimSuffix(f.Message, ".")}, advice...), ": "))
		}
	}
	return records, newChecksFailed("FederationTrustCertificateTestFailed", "certificates of the federation trust", causes)
}

// slotName says which certificate of the trust it is.
func slotName(slot federation.DomainProofSlot) string {
	switch slot {
	case federation.CurrentSlot:
		return "current"
	case federation.NextSlot:
		return "next"
	}
	return "previous"
}

func trustCertificateRecord(site string, f federation.CertificateFinding, advice []string) render.Record {
	return render.New(
		render.Text("Site", site),
		render.Text("State", f.State),
		render.Text("Thumbprint", f.Thumbprint),
		render.Text("Slot", slotName(f.Slot)),
		render.Time("NotAfter", f.NotAfter),
		render.Int("DaysLeft", f.DaysLeft),
		render.Text("Type", f.Type),
		render.Text("Id", f.ID),
		render.Text("Message", f.Message),
		render.OptionalText("Action", strings.Join(advice, "; ")),
	)
}
