package state

import (
	"exfed/federation"
	"exfed/federation/yamldoc"
)

// transaction is one View or Update: the document as it was read and, beside it,
// the objects that were changed.
type transaction struct {
	path     string
	doc      *yamldoc.Document
	writable bool

	domains       *objects[federation.AcceptedDomain]
	certificates  *objects[federation.Certificate]
	trusts        *objects[federation.FederationTrust]
	organization  *organizationPart
	relationships *objects[federation.OrganizationRelationship]
	policies      *objects[federation.SharingPolicy]
	mailboxes     *objects[federation.Mailbox]
}

func newTransaction(path string, doc *yamldoc.Document, writable bool) *transaction {
	t := &transaction{path: path, doc: doc, writable: writable}
	t.domains = newObjects[federation.AcceptedDomain](t, acceptedDomainsSection)
	t.certificates = newObjects[federation.Certificate](t, certificatesSection)
	t.trusts = newObjects[federation.FederationTrust](t, trustsSection)
	t.organization = &organizationPart{t: t}
	t.relationships = newObjects[federation.OrganizationRelationship](t, relationshipsSection)
	t.policies = newObjects[federation.SharingPolicy](t, policiesSection)
	t.mailboxes = newObjects[federation.Mailbox](t, mailboxesSection)
	return t
}

func (t *transaction) tx() federation.Tx {
	return federation.Tx{
		AcceptedDomains: t.domains,
		Certificates:    t.certificates,
		Trusts:          t.trusts,
		Identifier:      identifier{t.organization},
		Attempts:        attempts{t.organization},
		Rollover:        rollover{t.organization},
		Repair:          repair{t.organization},
		EndpointURL:     endpointURL{t.organization},
		Relationships:   t.relationships,
		SharingPolicies: t.policies,
		Mailboxes:       t.mailboxes,
	}
}

// edits returns what was changed.
func (t *transaction) edits() []yamldoc.Edit {
	edits := t.organization.edits()
	edits = append(edits, t.domains.edits()...)
	edits = append(edits, t.certificates.edits()...)
	edits = append(edits, t.trusts.edits()...)
	edits = append(edits, t.relationships.edits()...)
	edits = append(edits, t.policies.edits()...)
	return append(edits, t.mailboxes.edits()...)
}

// mayWrite refuses a change within a View.
func (t *transaction) mayWrite() error {
	if t.writable {
		return nil
	}
	return federation.Errorf(federation.Other, "StateReadOnly", t.path, "cannot be changed while it is only viewed")
}

// decode decodes one object of the document.
func decode[T any](t *transaction, section string, position int) (T, error) {
	var object T
	if err := t.doc.Decode(section, position, &object); err != nil {
		return object, corrupt(t.path, err)
	}
	return object, nil
}
