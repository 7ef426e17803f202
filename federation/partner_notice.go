package federation

import (
	"context"
	"strings"
)

// tellPartners warns, after something partners depend on has changed, of whom to tell:
// those of the enabled relationships. Nobody is named when there are none.
func (o *Organization) tellPartners(ctx context.Context, what string) {
	all, err := o.OrganizationRelationships(context.WithoutCancel(ctx))
	if err != nil {
		o.Warn("partners depend on %s, which changed; who they are cannot be read: %v", what, err)
		return
	}
	var names []string
	for _, r := range all {
		if r.Enabled {
			names = append(names, quote(r.Name))
		}
	}
	if len(names) > 0 {
		o.Warn("partners depend on %s, which changed: tell those of the organization relationships %s", what, strings.Join(names, ", "))
	}
}

// What partners depend on.
const (
	noticeIdentifier  = "the federated organization identifier"
	noticeDomains     = "the federated domains"
	noticeTrust       = "the federation trust and its AppID"
	noticeCertificate = "the certificate, AppID or broker of the federation trust"
)

// sameToPartners reports whether partners see no difference between two states of the
// identifier.
func (id OrganizationIdentifier) sameToPartners(other OrganizationIdentifier) bool {
	id.DefaultDomain, id.OrganizationContact = other.DefaultDomain, other.OrganizationContact
	return sameIdentifier(id, other)
}

// sameToPartners reports whether partners see no difference between two states of a trust.
func (t FederationTrust) sameToPartners(other FederationTrust) bool {
	return t.Current == other.Current && t.ApplicationIdentifier == other.ApplicationIdentifier &&
		t.ApplicationURI == other.ApplicationURI && t.Issuer.URI == other.Issuer.URI
}
