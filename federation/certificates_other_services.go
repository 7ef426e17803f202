package federation

import (
	"context"
	"slices"
	"strings"
)

// federationService is the service of certificates that stand for the organization.
const federationService = "Federation"

// OtherServices returns the services besides federation that the certificate is used for, in
// the order of the state file; none for a certificate of federation alone.
func (own OwnCertificate) OtherServices() []string {
	return slices.DeleteFunc(slices.Clone(own.Services), func(service string) bool {
		return strings.EqualFold(service, federationService)
	})
}

// tellServices is warnOfServices for a trust whose next certificate is to be published.
func (o *Organization) tellServices(ctx context.Context, trust FederationTrust) error {
	return o.Store.View(ctx, func(tx Tx) error { return o.warnOfServices(tx, trust.Current, trust.Next) })
}

// warnOfServices says which of the two certificates serve others than federation, when next
// takes the place of current.
func (o *Organization) warnOfServices(tx Tx, current, next string) error {
	tell := func(thumbprint, format string) error {
		own, err := o.certificateIn(tx, thumbprint)
		if IsKind(err, NotFound) {
			return nil // its absence is somebody else's to say
		}
		if others := own.OtherServices(); err == nil && len(others) > 0 {
			o.Warn(format, thumbprint, strings.Join(others, ", "))
		}
		return err
	}
	if err := tell(current, "certificate %s, which this replaces, is also used for %s: they go on with it until it is replaced there as well"); err != nil {
		return err
	}
	return tell(next, "certificate %s is also used for %s: it must stay with federation when it is replaced there")
}
