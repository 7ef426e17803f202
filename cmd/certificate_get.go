package cmd

import (
	"context"
	"errors"
	"slices"
	"strings"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

type certificateIdentityParams struct {
	thumbprint, identity opt[string]
	domainNames          opt[[]string]
}

// given returns the thumbprint asked for, "" for none. An Identity is a thumbprint too,
// with or without the server's name before it.
func (p *certificateIdentityParams) given() (string, error) {
	text := p.thumbprint.value
	if text == "" {
		text = p.identity.value[strings.LastIndex(p.identity.value, `\`)+1:]
	}
	if text == "" {
		return "", nil
	}
	return thumbprint(text)
}

// one returns the thumbprint where one is needed.
func (p *certificateIdentityParams) one() (string, error) {
	print, err := p.given()
	if err == nil && print == "" {
		err = &psargs.UsageError{ID: "MissingParameter", Param: "Thumbprint", Msg: "-Thumbprint is missing",
			Hints: []string{"exfed get-exchangecertificate lists the certificates there are"}}
	}
	return print, err
}

// target names the certificate as it was given.
func (p *certificateIdentityParams) target() string {
	return "certificate " + p.thumbprint.value + p.identity.value
}

func (p *certificateIdentityParams) declare(d *declaration, options ...option) {
	d.text(&p.thumbprint, "Thumbprint", "String", "The certificate, by thumbprint.", append(options, at(1), piped, naming(certificateThumbprints()))...)
	d.text(&p.identity, "Identity", "ExchangeCertificateIdParameter", "The certificate, as THUMBPRINT or SERVER\\THUMBPRINT.")
	d.domainController()
	d.ignoredText("Server", "ServerIdParameter", "The server to work on.", noServer)
}

func getExchangeCertificate() spec[certificateIdentityParams] {
	return spec[certificateIdentityParams]{
		name:     "Get-ExchangeCertificate",
		short:    "Lists the organization's certificates",
		view:     certificateView(),
		examples: []string{"exfed get-exchangecertificate", "exfed get-exchangecertificate -Property Thumbprint,NotAfter -Output table"},
		declare: func(p *certificateIdentityParams, d *declaration) {
			p.declare(d)
			d.list(&p.domainNames, "DomainName", "MultiValuedProperty", "Only certificates for one of these names.")
			d.ignoredText("Instance", "X509Certificate2", "A certificate object.", obsolete)
		},
		run: func(ctx context.Context, e *env, p *certificateIdentityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			certificates, err := p.find(ctx, e, org)
			if err != nil {
				return nil, err
			}
			var records []render.Record
			for _, c := range certificates {
				if !p.domainNames.given || isFor(c, p.domainNames.value) {
					records = append(records, certificateRecord(e, c))
				}
			}
			return records, nil
		},
	}
}

func (p *certificateIdentityParams) find(ctx context.Context, e *env, org *federation.Organization) ([]federation.OwnCertificate, error) {
	print, err := p.given()
	if err != nil || print == "" {
		if err != nil {
			return nil, err
		}
		all, err := org.Certificates(ctx)
		return all, errors.Join(err, e.warnOfOrphanKeys(all))
	}
	one, err := org.Certificate(ctx, print)
	return []federation.OwnCertificate{one}, err
}

// isFor reports whether the certificate names one of the domains.
func isFor(c federation.OwnCertificate, domains []string) bool {
	wanted := wantedCertificate(c)
	for _, d := range domains {
		if slices.ContainsFunc(append(certificate.Domains(wanted), wanted.Subject.CommonName), func(n string) bool { return strings.EqualFold(n, d) }) {
			return true
		}
	}
	return false
}

func removeExchangeCertificate() spec[certificateIdentityParams] {
	return spec[certificateIdentityParams]{
		name:  "Remove-ExchangeCertificate",
		short: "Removes a certificate and its private key",
		long: `A certificate that a federation trust uses, or used before, cannot be removed. One that other
services use can: the question, and a warning, name them.`,
		changes:  true,
		examples: []string{"exfed remove-exchangecertificate -Thumbprint AC00F35CBA8359953F4126E0984B5CCAFA2F4F17"},
		declare:  func(p *certificateIdentityParams, d *declaration) { p.declare(d) },
		target:   func(p *certificateIdentityParams) string { return p.target() },
		stake:    certificateAtStake,
		check: func(p *certificateIdentityParams) error {
			_, err := p.one()
			return err
		},
		run: func(ctx context.Context, e *env, p *certificateIdentityParams) ([]render.Record, error) {
			print, err := p.one()
			if err != nil {
				return nil, err
			}
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.RemoveCertificate(ctx, print)
		},
	}
}

// certificateAtStake is the certificate with the services that use it.
func certificateAtStake(ctx context.Context, e *env, p *certificateIdentityParams) string {
	target := p.target()
	print, err := p.one()
	if err != nil {
		return target
	}
	org, err := e.organization()
	if err != nil {
		return target // the cmdlet itself will say so
	}
	own, err := org.Certificate(ctx, print)
	if others := own.OtherServices(); err == nil && len(others) > 0 {
		target += ", which is used for " + strings.Join(others, ", ")
	}
	return target
}
