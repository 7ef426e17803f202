package federation

import (
	"context"
	"slices"
	"strings"

	"exfed/certificate"
)

// EnableCertificate adds services to those the certificate is used for; none is ever taken
// away. It returns the certificate as it is then. Federation is refused (Conflict): which
// certificate federation uses is a matter of the trust.
func (o *Organization) EnableCertificate(ctx context.Context, thumbprint string, services []string) (OwnCertificate, error) {
	added, err := certificate.ParseServices(services)
	if err != nil {
		return OwnCertificate{}, FromCertificate(err)
	}
	if len(added) == 0 {
		return OwnCertificate{}, Errorf(Invalid, "NoServiceToAdd", "certificate "+quote(thumbprint), "no service is named to enable it for")
	}
	var own OwnCertificate
	err = o.Store.Update(ctx, func(tx Tx) error {
		if own, err = o.certificateIn(tx, thumbprint); err != nil {
			return err
		}
		if err := mayServe(own, added); err != nil {
			return err
		}
		all, err := certificate.ParseServices(slices.Concat(own.Services, added))
		if err != nil {
			return FromCertificate(err)
		}
		if slices.Equal(all, own.Services) {
			return nil
		}
		own.Services = all
		return tx.Certificates.Put(own.Certificate)
	})
	return own, err
}

// mayServe refuses services the certificate cannot be enabled for.
func mayServe(own OwnCertificate, services []string) error {
	object := "certificate " + quote(own.Thumbprint)
	if err := requireCertificate(own); err != nil {
		return err
	}
	if slices.Contains(services, "Federation") {
		return Errorf(Conflict, "FederationServiceManaged", object, "becomes the federation certificate by a federation trust, and by nothing else")
	}
	wildcard := slices.ContainsFunc(certificate.Domains(own.X509), func(name string) bool { return strings.HasPrefix(name, "*.") })
	for _, service := range services {
		if wildcard && (service == "POP" || service == "IMAP") {
			return Errorf(Conflict, "WildcardCertificate", object, "is for %s, and %s takes no wildcard certificate",
				strings.Join(certificate.Domains(own.X509), ", "), service)
		}
	}
	return nil
}
