package cmd

import (
	"testing"

	"exfed/federation"
	"exfed/federation/broker"
)

// TestBrokerChoosesNoAdvice has a broker refuse under the name of an error of ours: what is
// said of that one is not said, and what is said of faults of brokers is.
func TestBrokerChoosesNoAdvice(t *testing.T) {
	t.Parallel()
	ours := []string{"CertificateExpired", "TokenIssuerAnother", "FederatedDomainsRemain", "RegistryIsLink", "FederationDisabled"}
	for _, id := range ours {
		if len(adviceOn(&federation.Error{Kind: federation.Conflict, ID: id})) == 0 {
			t.Errorf("there is no advice on %s of our own", id)
		}
		if got := adviceOn(&federation.Error{Kind: federation.Refused, ID: id}); len(got) > 0 {
			t.Errorf("a broker that answers %s has exfed say %q", id, got)
		}
	}
	refusals := []string{"BrokerForbidden", "ClockOff", "LegacyProvisioningService", "OrganizationNotActive", "ProofNotInDns"}
	for _, kind := range broker.FaultKinds() {
		if kind.Kind == federation.Refused {
			refusals = append(refusals, string(kind.Name))
		}
	}
	for _, kind := range broker.TokenFaultKinds() {
		refusals = append(refusals, kind.Subcode)
	}
	for _, id := range refusals {
		refused := &federation.Error{Kind: federation.Refused, ID: id}
		if len(hints(refused)) != len(adviceOn(refused)) {
			t.Errorf("%s: %q became %q", id, hints(refused), adviceOn(refused))
		}
	}
	if len(refusals) < 15 {
		t.Errorf("%d refusals", len(refusals))
	}
}
