package cmd

import (
	"context"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

type exportCertificateParams struct {
	certificateIdentityParams
	fileName, format opt[string]
	binary, legacy   opt[bool]
	password         secret
}

// pemFormat and pkcs12Format are the words of -Format.
const pkcs12Format, pemFormat = "pkcs12", "pem"

func exportExchangeCertificate() spec[exportCertificateParams] {
	return spec[exportCertificateParams]{
		name:  "Export-ExchangeCertificate",
		short: "Exports a certificate with its private key, or a certificate request",
		long: `What is written is PKCS #12, protected by the password: in Base64, or as it is with
-BinaryEncoded, which is what a .pfx file holds. It goes to standard output or to a new file
that only its owner can read. Windows Server 2016 and older need -Legacy, whose
protection is weak: let such a file live no longer than its way takes.

A certificate whose private key was not made or imported with -PrivateKeyExportable true is
refused. Of a pending request the request is written, in PEM, to be handed in again.`,
		view:    render.View{Kind: render.AsList, Key: "Thumbprint"},
		changes: true,
		examples: []string{
			"exfed export-exchangecertificate -Thumbprint AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 -BinaryEncoded -FileName federation.pfx",
			"exfed export-exchangecertificate AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 -Password @pfx.password -BinaryEncoded > federation.pfx",
			"exfed export-exchangecertificate AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 -Password env:PEM_PASSWORD -Format pem -FileName federation.pem",
		},
		declare: func(p *exportCertificateParams, d *declaration) {
			p.format.value = pkcs12Format
			p.certificateIdentityParams.declare(d)
			d.text(&p.fileName, "FileName", "String", "The new file to write.", filePath, defaults("standard output"))
			d.toggle(&p.binary, "BinaryEncoded", "DER instead of Base64.")
			d.secret(&p.password, "Password", "The password that protects the file.", defaults("asked for on a terminal, twice"))
			d.oneOf(&p.format, "Format", "Format", []string{pkcs12Format, pemFormat}, "The form of the file; pem is the encrypted key, the certificate and those of its authorities.", defaults(pkcs12Format))
			d.toggle(&p.legacy, "Legacy", "Protects PKCS #12 with Triple DES and SHA-1, for Windows Server 2016 and older.")
		},
		target: func(p *exportCertificateParams) string { return p.target() },
		check: func(p *exportCertificateParams) error {
			if pem := p.format.value == pemFormat; pem && (p.binary.value || p.legacy.value) {
				other := "BinaryEncoded"
				if p.legacy.value {
					other = "Legacy"
				}
				return &psargs.UsageError{ID: "ParameterSet", Param: other, Msg: "-Format pem and -" + other + " exclude each other",
					Hints: []string{"leave one of them out; -" + other + " is for PKCS #12"}}
			}
			if err := refuseEmpty(given{"FileName", p.fileName}); err != nil {
				return err
			}
			_, err := p.one()
			return err
		},
		run: runExportCertificate,
	}
}

func runExportCertificate(ctx context.Context, e *env, p *exportCertificateParams) ([]render.Record, error) {
	file := certificateOutput{path: p.fileName.value, binary: p.binary.value}
	if err := file.check(e); err != nil {
		return nil, err
	}
	print, err := p.one()
	if err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	own, err := org.Certificate(ctx, print)
	if err != nil {
		return nil, err
	}
	record := render.New(render.Text("Thumbprint", own.Thumbprint), render.Text("Subject", certificate.Subject(wantedCertificate(own))))
	content, err := p.content(ctx, e, org, own)
	if err != nil {
		return nil, err
	}
	records, err := file.write(e, record, content)
	if err != nil { // nothing was exported
		return nil, err
	}
	return records, nil
}

// content is what is written: the request that is pending, or the certificate with its key.
func (p *exportCertificateParams) content(ctx context.Context, e *env, org *federation.Organization, own federation.OwnCertificate) ([]byte, error) {
	if own.Pending() {
		return requestContent(own, p.binary.value), nil
	}
	bundle, err := org.ExportCertificate(ctx, own.Thumbprint)
	if err != nil {
		return nil, err
	}
	return p.encode(ctx, e, bundle)
}

// encode makes the file of a bundle. A rehearsal asks nobody.
func (p *exportCertificateParams) encode(ctx context.Context, e *env, bundle certificate.Bundle) ([]byte, error) {
	password := "rehearsed"
	if e.whatIf == nil || p.password.given {
		var err error
		if password, err = p.password.read(ctx, e, "Password", "Password for the exported file", true); err != nil {
			return nil, err
		}
	}
	if password == "" {
		return nil, federation.Errorf(federation.Invalid, "EmptyPassword", "password", "is empty, and would leave the private key to whoever has the file")
	}
	if p.format.value == pemFormat {
		content, err := certificate.EncodePEM(bundle, password, e.process.Rand)
		return content, federation.FromCertificate(err)
	}
	content, err := certificate.EncodePKCS12(bundle, password, p.legacy.value, e.process.Rand)
	if err != nil {
		return nil, federation.FromCertificate(err)
	}
	if !p.binary.value {
		content = base64Lines(content)
	}
	return content, nil
}
