package partner

import (
	"fmt"
	"strings"

	"exfed/federation"
)

// FindingID names what a test of a relationship found. The two that Exchange documents have
// its names, also the misspelt one.
type FindingID string

// The findings.
const (
	NoSignificantIssues FindingID = "NoSignificantIssues"

	// About this side.
	RelationshipDisabled  FindingID = "OrganizationRelationshipIsDisabled"
	UserNotValid          FindingID = "UserConfigurationIsNotValid"
	NoTarget              FindingID = "TargetAutodiscoverEprIsNotSet"
	AutodiscoverBypassed  FindingID = "TargetSharingEprBypassesAutodiscover"
	ApplicationURIMissing FindingID = "TargetApplicationUriIsNotSet"

	// About what the partner publishes.
	NoFederationInformation FindingID = "FederationInformationIsNotAvailable"
	MismatchedFederation    FindingID = "MismatchedFederation"
	ApplicationURISpelling  FindingID = "TargetApplicationUriDiffersInSpelling"
	TokenAudienceNotProven  FindingID = "TokenAudienceNotProven"
	NoCommonTokenIssuer     FindingID = "NoCommonTokenIssuer"
	RemoteDomainsMissing    FindingID = "RemoteFederatedDomainsAreMissingFromTheLocalOrganizationRelationship"

	// About the token and the partner's own relationship.
	NoDelegationToken            FindingID = "DelegationTokenIsNotAvailable"
	NotAsked                     FindingID = "RemoteOrganizationRelationshipIsNotAsked"
	NoRemoteAnswer               FindingID = "RemoteOrganizationRelationshipIsNotAvailable"
	SettingsNotOffered           FindingID = "OrganizationRelationshipSettingsAreNotOffered"
	NoRemoteRelationship         FindingID = "RemoteOrganizationRelationshipIsMissingOrDisabled"
	LocalDomainsMissing          FindingID = "LocalFederatedDomainsAreMissingFromTheRemoteOrganizationRelationsipDomains"
	RemoteForeignDomains         FindingID = "RemoteOrganizationRelationshipHasDomainsThatAreNotFederatedHere"
	RemoteApplicationURI         FindingID = "RemoteTargetApplicationUriIsMismatched"
	RemoteApplicationURISpelling FindingID = "RemoteTargetApplicationUriDiffersInSpelling"
	RemoteFreeBusyOff            FindingID = "RemoteFreeBusyAccessIsNotEnabled"
	FreeBusyLevelsDiffer         FindingID = "FreeBusyAccessLevelsDiffer"
)

// FindingIDs returns the findings in the order in which a test comes to them.
func FindingIDs() []FindingID {
	return []FindingID{RelationshipDisabled, UserNotValid, NoTarget, AutodiscoverBypassed, ApplicationURIMissing,
		NoFederationInformation, MismatchedFederation, ApplicationURISpelling, TokenAudienceNotProven, NoCommonTokenIssuer, RemoteDomainsMissing,
		NoDelegationToken, NotAsked, NoRemoteAnswer, SettingsNotOffered, NoRemoteRelationship, RemoteApplicationURI,
		RemoteApplicationURISpelling, RemoteFreeBusyOff, FreeBusyLevelsDiffer, RemoteForeignDomains, LocalDomainsMissing, NoSignificantIssues}
}

// Finding is something that a test of a relationship found.
type Finding struct {
	ID          FindingID
	Status      federation.EventType
	Description string              // a sentence with the values that were compared
	Domains     []federation.Domain // that it is about, if it is about domains
	Value       string              // what the property should be, where the other side says so; a URI
	Cause       error               // of a step that failed
}

// find keeps a finding.
func (x *examination) find(f Finding, format string, args ...any) {
	f.Description = fmt.Sprintf(format, args...)
	x.findings = append(x.findings, f)
}

// fail keeps the finding that a step came to nothing.
func (x *examination) fail(id FindingID, err error, sentence string) {
	x.find(Finding{ID: id, Status: federation.EventError, Cause: err}, "%s: %s.", sentence, strings.TrimSuffix(err.Error(), "."))
}

// has reports whether there is such a finding.
func (x *examination) has(id FindingID) bool {
	for _, f := range x.findings {
		if f.ID == id {
			return true
		}
	}
	return false
}

// worst returns the worst status of findings, Success when nothing need be done.
func worst(findings []Finding) federation.EventType {
	status := federation.EventSuccess
	for _, f := range findings {
		switch {
		case f.Status == federation.EventError:
			return f.Status
		case f.Status == federation.EventWarning:
			status = f.Status
		}
	}
	return status
}

func list(domains []federation.Domain) string {
	names := make([]string, len(domains))
	for i, d := range domains {
		names[i] = string(d)
	}
	return strings.Join(names, ", ")
}
