package cmd

import (
	"context"

	"exfed/cmd/render"
)

type enableCertificateParams struct {
	certificateIdentityParams
	services opt[[]string]
}

func enableExchangeCertificate() spec[enableCertificateParams] {
	return spec[enableCertificateParams]{
		name:  "Enable-ExchangeCertificate",
		short: "Enables a certificate for further services",
		long: `Services are only ever added. exfed serves none of them itself: they are noted, so that a
certificate that something else depends on is not taken for one of federation alone. The
federation certificate is chosen with new-federationtrust and set-federationtrust.`,
		changes:  true,
		examples: []string{"exfed enable-exchangecertificate -Thumbprint AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 -Services IIS,SMTP"},
		declare: func(p *enableCertificateParams, d *declaration) {
			p.certificateIdentityParams.declare(d)
			d.list(&p.services, "Services", "AllowedServices", "The services to add: IIS, IMAP, POP, SMTP, UM, UMCallRouter.", required)
			d.ignoredSwitch("DoNotRequireSsl", "Leaves IIS's setting \"Require SSL\" as it is.", noWebServer)
			d.ignoredSwitch("Force", "Does not ask.", "nothing is asked")
			d.ignoredSwitch("NetworkServiceAllowed", "Lets Network Service read the private key.", noServiceAccount)
		},
		target: func(p *enableCertificateParams) string { return p.target() },
		check: func(p *enableCertificateParams) error {
			_, err := p.one()
			return err
		},
		run: func(ctx context.Context, e *env, p *enableCertificateParams) ([]render.Record, error) {
			print, err := p.one()
			if err != nil {
				return nil, err
			}
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			_, err = org.EnableCertificate(ctx, print, p.services.value)
			return nil, err
		},
	}
}
