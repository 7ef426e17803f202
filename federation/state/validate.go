package state

import (
	"errors"

	"exfed/federation"
	"exfed/federation/yamldoc"
)

// validateChange checks the whole document after a change. If the document was
// faulty before, the file is to blame; otherwise the change is.
func validateChange(path string, before, after *yamldoc.Document) error {
	faults := validate(after)
	if len(faults) == 0 {
		return nil
	}
	if old := validate(before); len(old) > 0 {
		return corrupt(path, old)
	}
	return &federation.Error{Kind: federation.Conflict, ID: "StateRuleBroken", Object: path,
		Reason: "the change would leave the state inconsistent", Err: faults}
}

// snapshot is every object of a document.
type snapshot struct {
	doc           *yamldoc.Document
	identifier    *federation.OrganizationIdentifier
	attempts      []federation.RegistrationAttempt
	repair        *federation.TrustRepair
	endpointURL   string
	rollover      *federation.CertificateRollover
	domains       []federation.AcceptedDomain
	certificates  []federation.Certificate
	trusts        []federation.FederationTrust
	relationships []federation.OrganizationRelationship
	policies      []federation.SharingPolicy
	mailboxes     []federation.Mailbox
}

// validate decodes and checks everything in the document and returns all faults.
func validate(doc *yamldoc.Document) yamldoc.Faults {
	s, faults := decodeAll(doc)
	if len(faults) > 0 {
		return faults // references to what could not be read would only add noise
	}
	return append(checkShapes(s), checkReferences(s)...)
}

func decodeAll(doc *yamldoc.Document) (snapshot, yamldoc.Faults) {
	s := snapshot{doc: doc}
	var faults yamldoc.Faults
	if doc.Len(organizationSection) > 0 {
		var stored organization
		faults = append(faults, faultsOf(doc.Decode(organizationSection, 0, &stored))...)
		s.identifier, s.attempts, s.endpointURL = stored.Identifier, stored.Attempts, stored.EndpointURL
		s.rollover = stored.Rollover
		s.repair = stored.Repair
	}
	s.domains = decodeList[federation.AcceptedDomain](doc, acceptedDomainsSection, &faults)
	s.certificates = decodeList[federation.Certificate](doc, certificatesSection, &faults)
	s.trusts = decodeList[federation.FederationTrust](doc, trustsSection, &faults)
	s.relationships = decodeList[federation.OrganizationRelationship](doc, relationshipsSection, &faults)
	s.policies = decodeList[federation.SharingPolicy](doc, policiesSection, &faults)
	s.mailboxes = decodeList[federation.Mailbox](doc, mailboxesSection, &faults)
	return s, faults
}

func decodeList[T any](doc *yamldoc.Document, section string, faults *yamldoc.Faults) []T {
	all := make([]T, doc.Len(section))
	for i := range all {
		*faults = append(*faults, faultsOf(doc.Decode(section, i, &all[i]))...)
	}
	return all
}

func faultsOf(err error) yamldoc.Faults {
	var faults yamldoc.Faults
	if err == nil || errors.As(err, &faults) {
		return faults
	}
	return yamldoc.Faults{{Message: err.Error()}}
}
