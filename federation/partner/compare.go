package partner

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/token"
)

// checkInformation compares the relationship with what the partner publishes.
func (x *examination) checkInformation(context.Context) string {
	if x.information == nil {
		return because(NoFederationInformation)
	}
	ours, theirs := x.relationship.TargetApplicationURI, x.information.TargetApplicationURI
	f := Finding{ID: MismatchedFederation, Status: federation.EventError, Value: theirs}
	switch {
	case ours == "" || ours == theirs:
	case federation.SameApplicationURI(ours, theirs):
		f.ID, f.Status = ApplicationURISpelling, federation.EventInformation
		x.find(f, "TargetApplicationUri is %s and the partner writes its application URI %s; both mean the same.", ours, theirs)
	default:
		x.find(f, "TargetApplicationUri is %s and the application URI of the partner is %s, so the partner accepts none of the tokens.", ours, theirs)
	}
	if ours != "" && x.information.AudienceUnproven && !x.has(MismatchedFederation) {
		x.find(Finding{ID: TokenAudienceNotProven, Status: federation.EventWarning},
			"Nothing shows that the application URI %s is of %s alone; tokens for it are good wherever else it is used.", theirs, x.relationship.DomainNames[0])
	}
	x.checkIssuer()
	x.checkRemoteDomains()
	return ""
}

// checkIssuer wants the broker of this organization among those the partner trusts.
func (x *examination) checkIssuer() {
	own, theirs := x.trust.Issuer.URI, x.information.TokenIssuerURIs
	same := func(uri string) bool { return strings.EqualFold(uri, own) }
	switch {
	case own == "" || slices.ContainsFunc(theirs, same):
	case len(theirs) == 0:
		x.find(Finding{ID: NoCommonTokenIssuer, Status: federation.EventWarning}, "The partner names no token issuer; tokens of this organization are of %s.", own)
	default:
		x.find(Finding{ID: NoCommonTokenIssuer, Status: federation.EventError}, "Tokens of this organization are of %s, and the partner accepts those of %s.", own, strings.Join(theirs, ", "))
	}
}

// checkRemoteDomains looks for domains of the partner that no relationship has: whose users
// are asked about in vain. They may be spread over several relationships.
func (x *examination) checkRemoteDomains() {
	var missing []federation.Domain
	for _, d := range x.information.DomainNames {
		if _, found := x.directory.Relationship(d); !found {
			missing = append(missing, d)
		}
	}
	if len(missing) > 0 {
		x.find(Finding{ID: RemoteDomainsMissing, Status: federation.EventWarning, Domains: missing},
			"The partner federates domains that the organization relationship does not have: %s.", list(missing))
	}
}

// federated are the domains of this organization.
func (x *examination) federated() []federation.Domain {
	var domains []federation.Domain
	for _, d := range x.id.Domains {
		if d.Pending == "" {
			domains = append(domains, d.Domain)
		}
	}
	return domains
}

// isOurs reports whether a text is a federated domain of this organization, or one that is
// being added or removed.
func (x *examination) isOurs(text string) bool {
	d, err := federation.ParseDomain(text)
	return err == nil && slices.ContainsFunc(x.id.Domains, func(f federation.FederatedDomain) bool { return f.Domain == d })
}

// isAbout reports whether a relationship of the partner is one with this organization.
func (x *examination) isAbout(s autodiscover.RelationshipSettings) bool {
	return slices.ContainsFunc(s.DomainNames, x.isOurs)
}

func (x *examination) isRelated() bool { return slices.ContainsFunc(x.remote, x.isAbout) }

// checkRemote compares the relationships that the partner has with this organization.
func (x *examination) checkRemote(context.Context) string {
	for _, id := range []FindingID{UserNotValid, NoDelegationToken, NoRemoteAnswer, NoRemoteRelationship} {
		if x.has(id) {
			return because(id)
		}
	}
	if len(x.remote) == 0 {
		return "the partner was not asked or does not tell"
	}
	missing := x.federated()
	for _, s := range x.remote {
		if !x.isAbout(s) {
			continue
		}
		x.checkRemoteURI(s)
		x.checkFreeBusy(s)
		x.checkForeign(s)
		missing = slices.DeleteFunc(missing, func(d federation.Domain) bool { return hasDomain(s.DomainNames, d) })
	}
	x.checkLocalDomains(missing)
	return ""
}

func hasDomain(texts []string, domain federation.Domain) bool {
	return slices.ContainsFunc(texts, func(text string) bool {
		d, err := federation.ParseDomain(text)
		return err == nil && d == domain
	})
}

// checkLocalDomains tells domains whose users the partner does not know. For the user of the
// test that is an error: nothing he asks is answered.
func (x *examination) checkLocalDomains(missing []federation.Domain) {
	if len(missing) == 0 {
		return
	}
	f := Finding{ID: LocalDomainsMissing, Status: federation.EventWarning, Domains: missing}
	if own, err := token.AddressDomain(x.user); err == nil && slices.Contains(missing, own) {
		f.Status = federation.EventError
	}
	x.find(f, "The organization relationship of the partner does not have these federated domains of this organization: %s.", list(missing))
}

func (x *examination) checkRemoteURI(s autodiscover.RelationshipSettings) {
	own, theirs := x.trust.ApplicationURI, s.TargetApplicationURI
	f := Finding{ID: RemoteApplicationURI, Status: federation.EventError, Value: own}
	switch {
	case theirs == "" || theirs == own:
	case federation.SameApplicationURI(own, theirs):
		f.ID, f.Status = RemoteApplicationURISpelling, federation.EventInformation
		x.find(f, "TargetApplicationUri of the partner's organization relationship %q is %q, and this organization writes its application URI %s; both mean the same.", s.Name, theirs, own)
	default:
		x.find(f, "TargetApplicationUri of the partner's organization relationship %q is %q, and the application URI of this organization is %s, so the partner's tokens are for somebody else.", s.Name, theirs, own)
	}
}

// checkFreeBusy compares what each side shows the other.
func (x *examination) checkFreeBusy(s autodiscover.RelationshipSettings) {
	theirs := effective(s.FreeBusyAccessEnabled, s.FreeBusyAccessLevel)
	ours := effective(x.relationship.FreeBusyAccessEnabled, string(x.relationship.FreeBusyAccessLevel))
	switch none := string(federation.FreeBusyNone); {
	case theirs == none:
		x.find(Finding{ID: RemoteFreeBusyOff, Status: federation.EventWarning},
			"The partner's organization relationship %q shows no free/busy: FreeBusyAccessEnabled is %s, FreeBusyAccessLevel %s.", s.Name, word(s.FreeBusyAccessEnabled), quoted(s.FreeBusyAccessLevel))
	case theirs != ours:
		x.find(Finding{ID: FreeBusyLevelsDiffer, Status: federation.EventInformation},
			"The partner shows %s of its calendars, and is shown %s of those here.", quoted(theirs), ours)
	}
}

func effective(enabled bool, level string) string {
	if !enabled || level == "" {
		return string(federation.FreeBusyNone)
	}
	return level
}

// quoted quotes a text of the partner that is no plain word.
func quoted(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < 'A' || r > 'z' || r > 'Z' && r < 'a' }) {
		return text
	}
	return fmt.Sprintf("%q", text)
}

func (x *examination) checkForeign(s autodiscover.RelationshipSettings) {
	f := Finding{ID: RemoteForeignDomains, Status: federation.EventWarning}
	var texts []string
	for _, text := range s.DomainNames {
		if x.isOurs(text) {
			continue
		}
		if d, err := federation.ParseDomain(text); err == nil {
			f.Domains, text = append(f.Domains, d), string(d)
		} else {
			text = fmt.Sprintf("%q", text)
		}
		texts = append(texts, text)
	}
	if len(texts) > 0 {
		x.find(f, "The partner's organization relationship %q has domains that this organization does not federate: %s.", s.Name, strings.Join(texts, ", "))
	}
}
