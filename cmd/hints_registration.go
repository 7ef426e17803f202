package cmd

import (
	"fmt"
	"strings"

	"exfed/cmd/render"
	"exfed/federation"
)

// How much is told about records that are not as they should be.
const (
	maxHintedFindings  = 50
	maxHintedSightings = 10
	maxSightingText    = 200 // characters
)

// proofHints are a line for each finding, and what goes for all of them.
func proofHints(p *federation.ProofsNotLive) []string {
	lines := findingLines(p.Findings)
	if p.Summary.Kind == federation.Unavailable {
		return append(lines, registrationHints(p.Summary.ID)...)
	}
	return append(lines, registrationHints("ProofNotInDns")...)
}

func findingLines(findings []federation.DNSFinding) []string {
	var lines []string
	for _, f := range findings[:min(len(findings), maxHintedFindings)] {
		lines = append(lines, findingLine(f))
	}
	if more := len(findings) - maxHintedFindings; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d findings more", more))
	}
	return lines
}

// findingLine has everything that comes from outside in one line, made harmless.
func findingLine(f federation.DNSFinding) string {
	line := fmt.Sprintf("%s %s: %s", f.ID, f.Domain, f.Message)
	var seen []string
	for _, s := range f.Seen[:min(len(f.Seen), maxHintedSightings)] {
		seen = append(seen, s.Server+": "+shortened(s.What))
	}
	if more := len(f.Seen) - maxHintedSightings; more > 0 {
		seen = append(seen, fmt.Sprintf("and %d servers more", more))
	}
	if len(seen) > 0 {
		line += " (" + strings.Join(seen, "; ") + ")"
	}
	if f.Action != "" {
		line += "; " + f.Action
	}
	return strings.TrimSpace(render.Clean(line))
}

func shortened(text string) string {
	if runes := []rune(text); len(runes) > maxSightingText {
		return string(runes[:maxSightingText]) + "..."
	}
	return text
}

// registrationHints say what to do when the broker was not asked for a domain.
func registrationHints(id string) []string {
	switch id {
	case "ProofNotInDns":
		return []string{
			"exfed get-federateddomainproof -DomainName DOMAIN prints the TXT record to publish in the domain itself",
			"exfed test-federateddnsrecord -DomainName DOMAIN looks again, and says what each name server shows; docs/dns-findings.md explains each Id",
			"-SkipDnsCheck has the broker look all the same; a proof it does not find counts towards locking the domain for a day",
		}
	case "ProofNotChecked":
		return []string{"nothing was changed; try again later, name others with -DnsServer, or leave the check to the broker with -SkipDnsCheck"}
	case "TooManyFailedAttempts", "DomainLockedAtBroker":
		return []string{
			"wait until then, and use the time: exfed test-federateddnsrecord -DomainName DOMAIN says whether the broker will find the proof",
			"-Force asks the broker all the same (set-federatedorganizationidentifier, add-federateddomain, set-federationtrust); once more refused, the domain may be locked for a day from then on",
		}
	case "AnotherPrimaryDomain":
		return []string{"name the domains in the other order, or first remove the domains that are federated"}
	case "AnotherFederationTrust":
		return []string{"leave out what differs: exfed get-federationtrust -Output list shows the trust there is"}
	case "SeveralFederationCertificates":
		return []string{"-Thumbprint says which one; exfed get-exchangecertificate -Output list tells them apart"}
	}
	return nil
}
