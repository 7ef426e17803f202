package cmd

import (
	"slices"

	"exfed/federation"
	"exfed/federation/broker"
)

// brokerHint says what to do about a fault of a broker that names no object of ours, "" for
// another error.
func brokerHint(id string) string {
	switch broker.FaultName(id) {
	case broker.DomainNotActive:
		return "wait until the primary domain is Active, which exfed get-federatedorganizationidentifier -IncludeExtendedDomainInfo shows, and run the same command again"
	case broker.DomainNotFound, broker.URINotFound:
		return "the domain was given back, or another organization has proven it since: exfed add-federateddomain -DomainName DOMAIN registers it again"
	case broker.InternalError:
		return "run the same command again; if it fails again, the operator of the broker finds the reason in its log"
	case broker.InvalidArgument:
		return "this exfed and the broker do not understand each other: the operator of the broker finds what was wrong in its log"
	case broker.InvalidCertificate:
		return "make another certificate: exfed new-exchangecertificate -FriendlyName \"Exchange Federated Sharing\" -DomainName DOMAIN -Services Federation"
	case broker.InvalidURI:
		return "federate a domain that this broker takes: at most 32 characters, written in A-labels"
	}
	if id == invalidTokenRequest {
		return "this exfed and the token service do not understand each other: the operator of the broker finds what was wrong in its log"
	}
	return ""
}

// invalidTokenRequest is the identifier of a request that a token service cannot read.
const invalidTokenRequest = "InvalidRequest"

// disabledHints says whom to ask. A token service that fails itself has the same identifier,
// and another kind.
func disabledHints(err *federation.Error) []string {
	if err.Kind != federation.Refused {
		return []string{"nothing is lost: run the same command again; if it fails again, the operator of the broker finds the reason in its log"}
	}
	return []string{"the operator of the broker has disabled this organization, or the one that holds the domain: ask there; nothing was changed"}
}

// isForeignFault reports whether a broker refused under a name that brokers have not agreed
// on. It may be that of an error of ours, and a broker is not to choose the advice that goes
// with one: to remove every domain, for one.
func isForeignFault(err *federation.Error) bool {
	if err.Kind != federation.Refused {
		return false
	}
	switch err.ID {
	case "BrokerForbidden", "ClockOff", "LegacyProvisioningService", "OrganizationNotActive", "ProofNotInDns": // what else is Refused
		return false
	}
	_, known := broker.KindOfFault(broker.FaultName(err.ID))
	return !known && !slices.ContainsFunc(broker.TokenFaultKinds(), func(k broker.TokenFaultKind) bool { return k.Subcode == err.ID })
}
