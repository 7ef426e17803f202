package cmd

import (
	"context"
	"crypto/x509"
	"strings"

	"exfed/certificate"
	"exfed/cmd/render"
	"exfed/federation"
)

// objectFields are the properties every directory object has in Exchange, in its order.
// Those that only Active Directory could fill stay unset.
func objectFields(name string, meta federation.Meta) []render.Field {
	return []render.Field{
		render.Unset("AdminDisplayName"),
		render.Unset("ExchangeVersion"),
		render.OptionalText("Name", name),
		render.Unset("DistinguishedName"),
		render.OptionalText("Identity", name),
		render.OptionalText("Guid", meta.GUID),
		render.Unset("ObjectCategory"),
		render.Unset("ObjectClass"),
		render.Time("WhenChanged", meta.WhenChanged),
		render.Time("WhenCreated", meta.WhenCreated),
		render.Time("WhenChangedUTC", meta.WhenChanged),
		render.Time("WhenCreatedUTC", meta.WhenCreated),
		render.Unset("OrganizationId"),
		render.OptionalText("Id", name),
		render.Unset("OriginatingServer"),
		render.Bool("IsValid", true),
		render.Text("ObjectState", "Unchanged"),
	}
}

// certificateField shows a certificate as an object inside another.
func certificateField(name string, cert *x509.Certificate) render.Field {
	if cert == nil {
		return render.Unset(name)
	}
	return render.Nested(name, render.New(
		render.Text("Subject", certificate.Subject(cert)),
		render.Text("Issuer", certificate.Issuer(cert)),
		render.Text("Thumbprint", certificate.Thumbprint(cert)),
		render.Time("NotBefore", cert.NotBefore),
		render.Time("NotAfter", cert.NotAfter),
	))
}

// matching returns the objects an Identity means. A name with * or ? is a pattern and
// may match none; a plain name that matches nothing is an error; no name means all.
func matching[T any](identity opt[string], all func() ([]T, error), one func(name string) (T, error), name func(T) string) ([]T, error) {
	if identity.value == "" {
		return all()
	}
	if !strings.ContainsAny(identity.value, "*?") {
		object, err := one(identity.value)
		if err != nil {
			return nil, err
		}
		return []T{object}, nil
	}
	objects, err := all()
	var found []T
	for _, o := range objects {
		if render.Matches(identity.value, name(o)) {
			found = append(found, o)
		}
	}
	return found, err
}

// existing lists the names of stored objects, for completion: nothing when they cannot
// be read, because there is nobody to tell.
func existing[T any](all func(*federation.Organization, context.Context) ([]T, error), name func(T) string) objectNames {
	return func(ctx context.Context, e *env) []string {
		org, err := e.organization()
		if err != nil {
			return nil
		}
		objects, err := all(org, ctx)
		if err != nil {
			return nil
		}
		var names []string
		for _, o := range objects {
			names = append(names, name(o))
		}
		return names
	}
}

func trustNames() objectNames {
	return existing((*federation.Organization).Trusts, federation.FederationTrust.Key)
}

func acceptedDomainNames() objectNames {
	return existing((*federation.Organization).AcceptedDomains, federation.AcceptedDomain.Key)
}

func acceptedDomainDomains() objectNames {
	return existing((*federation.Organization).AcceptedDomains, func(d federation.AcceptedDomain) string { return d.DomainName })
}

func certificateThumbprints() objectNames {
	return existing((*federation.Organization).Certificates, func(c federation.OwnCertificate) string { return c.Thumbprint })
}

func federatedDomainNames() objectNames {
	return existing(func(o *federation.Organization, ctx context.Context) ([]federation.FederatedDomain, error) {
		id, err := o.Identifier(ctx)
		return id.Domains, err
	}, func(d federation.FederatedDomain) string { return string(d.Domain) })
}
