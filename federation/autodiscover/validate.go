package autodiscover

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"exfed/federation"
	"exfed/federation/soap"
)

// maxValidated is how many domains of an organization are asked for again: as many as an
// organization relationship can hold.
const maxValidated = 240

// validators is how many are asked for at a time.
const validators = 8

// maxValidation is how long the look-up of all of them takes at most.
const maxValidation = time.Minute

// toValidate returns the domains to look up: all further ones, or the one of the account
// namespace alone where the organization is believed about the others.
func (c *Client) toValidate(info *FederationInformation) []federation.Domain {
	further := info.DomainNames[1:]
	if !c.BypassAdditionalDomainValidation {
		return further
	}
	if len(further) > 0 && further[0] == federation.AudienceDomain(info.TargetApplicationURI) {
		return further[:1]
	}
	return nil
}

// limit bounds the look-up of further domains: each may take minutes of a server that never
// answers.
func (c *Client) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.LimitValidation != nil {
		return c.LimitValidation(ctx)
	}
	return context.WithTimeout(ctx, maxValidation)
}

// validate drops the domains that do not lead back.
func (s *search) validate(ctx context.Context, asked federation.Domain, info *FederationInformation) error {
	domains := s.client.toValidate(info)
	believed := info.DomainNames[1+len(domains):]
	checked := domains[:min(len(domains), maxValidated)]
	walks, verdicts := make([]*walk, len(checked)), make([]string, len(checked))
	bounded, done := s.client.limit(ctx)
	defer done()
	var running sync.WaitGroup
	free := make(chan struct{}, validators)
	for i, domain := range checked {
		free <- struct{}{}
		walks[i] = &walk{search: s, domain: domain, quiet: true}
		running.Go(func() {
			verdicts[i] = walks[i].verdict(bounded, asked, info.TargetApplicationURI)
			<-free
		})
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return interrupted(ctx, asked)
	}
	kept := []federation.Domain{asked}
	for i, domain := range checked {
		info.Attempts = append(info.Attempts, walks[i].attempts...)
		if verdicts[i] == "" {
			kept = append(kept, domain)
		} else {
			info.Dropped = append(info.Dropped, DroppedDomain{string(domain), verdicts[i]})
		}
	}
	for _, domain := range domains[len(checked):] {
		info.Dropped = append(info.Dropped, DroppedDomain{string(domain), fmt.Sprintf("is one of more than %d further domains, which are not checked; ask for it by itself", maxValidated)})
	}
	info.DomainNames = append(kept, believed...)
	return nil
}

const outOfTime = "was not looked up in the time there is for further domains; ask for it by itself"

// verdict says why a domain is not of the organization, "" when it is. The domain of the
// account namespace has to name the one asked about: it leads to that namespace whoever
// claims it.
func (w *walk) verdict(ctx context.Context, asked federation.Domain, applicationURI string) string {
	if ctx.Err() != nil {
		return outOfTime
	}
	found, err := w.run(ctx)
	switch {
	case found == nil && ctx.Err() != nil:
		return outOfTime
	case err != nil:
		return soap.Printable(err.Error(), maxPrinted)
	case found == nil:
		a := w.nearest()
		return "does not lead back: " + a.URL + ": " + a.Reason
	case !strings.EqualFold(found.response.ApplicationURI, applicationURI):
		return "leads to the organization " + found.response.ApplicationURI
	case w.domain == federation.AudienceDomain(applicationURI) && !found.response.names(asked):
		return "is of an organization that does not have " + string(asked)
	}
	return ""
}

// nearest returns the attempt that only trust was missing for, else the first.
func (w *walk) nearest() Attempt {
	for _, a := range w.attempts {
		if a.Outcome == NotConsented || a.Outcome == NameMismatch {
			return a
		}
	}
	return w.attempts[0]
}

// checkAudience refuses an application URI that is another organization's: a token asked for
// with it would be good there, and be sent to whoever claims it.
func checkAudience(asked federation.Domain, info *FederationInformation) error {
	uri := info.TargetApplicationURI
	switch primary := federation.AudienceDomain(uri); {
	case primary == "":
		info.AudienceUnproven = !federation.IsAudienceWithin(uri, asked)
		return nil
	case slices.Contains(info.DomainNames, primary):
		return nil
	default:
		why := "the answer does not name that domain"
		for _, d := range info.Dropped {
			if d.Domain == string(primary) {
				why = "that domain " + d.Reason
			}
		}
		remedy := "make no relationship with it before the partner has explained that"
		if _, err := federation.ParseDomain(string(primary)); err == nil {
			remedy += fmt.Sprintf("; exfed get-federationinformation -DomainName %s asks that organization itself", primary)
		}
		return &federation.Error{
			Kind: federation.Untrusted, ID: IDApplicationURIOfOthers, Object: fmt.Sprintf("domain %q", asked),
			Reason: fmt.Sprintf("it answers with the application URI %s, of %s, and nothing shows that both are one organization: %s", uri, primary, why),
			Remedy: remedy,
		}
	}
}
