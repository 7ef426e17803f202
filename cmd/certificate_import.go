package cmd

import (
	"context"
	"fmt"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

type importCertificateParams struct {
	file         certificateInput
	password     secret
	friendlyName opt[string]
	exportable   opt[bool]
}

func importExchangeCertificate() spec[importCertificateParams] {
	return spec[importCertificateParams]{
		name:  "Import-ExchangeCertificate",
		short: "Imports a certificate and its key from a file, or completes a certificate request",
		long: `It reads PKCS #12 (.pfx, .p12) as Windows, OpenSSL, Java and NSS write it, and PEM. A certificate
without its key (.cer, .crt, .p7b, PEM) completes the request with that key, made by
new-exchangecertificate -GenerateRequest.

The key is not exportable unless -PrivateKeyExportable true says so, as in Exchange; a
federation certificate needs an exportable one. What else a federation trust would find
missing is said. The certificate serves nothing until enable-exchangecertificate or a
federation trust uses it.

A password that is needed and not given is asked for on a terminal.`,
		view:    certificateView(),
		changes: true,
		examples: []string{
			"exfed import-exchangecertificate -FileName federation.pfx -Password @pfx.password -PrivateKeyExportable true",
			"exfed import-exchangecertificate -FileName signed.p7b",
			"exfed import-exchangecertificate -FileName - -Password env:PFX_PASSWORD -FriendlyName \"Exchange Federated Sharing\"",
		},
		declare: func(p *importCertificateParams, d *declaration) {
			d.text(&p.file.fileName, "FileName", "String", "The certificate file; - is standard input.", filePath)
			d.text(&p.file.fileData, "FileData", "Byte[]", "The content of the certificate file in Base64, or @FILE.")
			d.secret(&p.password, "Password", "The password the file is protected with.", defaults("asked for on a terminal"))
			d.boolean(&p.exportable, "PrivateKeyExportable", "Whether the private key may leave this organization's key folder again; a completed request has said it already.", defaults("false"))
			d.text(&p.friendlyName, "FriendlyName", "String", "A label, under 64 characters.", defaults("that of the request or of the file"))
			d.ignoredText("Instance", "String[]", "A certificate object.", obsolete)
			d.ignoredText("Server", "ServerIdParameter", "The server to work on.", noServer)
			d.domainController()
		},
		target: func(p *importCertificateParams) string { return p.file.object() },
		check: func(p *importCertificateParams) error {
			if err := p.file.check(); err != nil {
				return err
			}
			if p.file.path() == "-" && p.password.isInput() {
				return &psargs.UsageError{ID: "ParameterSet", Param: "Password", Msg: "-Password and the file cannot both come from standard input",
					Hints: []string{"give the password as @FILE or env:NAME, or name the file"}}
			}
			return checkFriendlyName(p.friendlyName.value)
		},
		run: runImportCertificate,
	}
}

func runImportCertificate(ctx context.Context, e *env, p *importCertificateParams) ([]render.Record, error) {
	bundle, err := p.bundle(ctx, e)
	if err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	own, err := org.ImportCertificate(ctx, federation.CertificateImport{
		Bundle: bundle, FriendlyName: p.friendlyName.pointer(), PrivateKeyExportable: p.exportable.value,
	})
	if err != nil {
		return nil, err
	}
	if p.exportable.given && p.exportable.value != own.PrivateKeyExportable {
		e.warn("-PrivateKeyExportable has no effect: whether its key is exportable was said when the request was made, or when the certificate came")
	}
	return []render.Record{certificateRecord(e, own)}, e.warnOfUnmet(org, own, bundle.Key != nil)
}

// warnOfUnmet says what keeps an imported certificate from a federation trust, and what to do
// about each. What cannot be imported again, as its key was not in the file, must not be removed
// for that: it would be lost.
func (e *env) warnOfUnmet(org *federation.Organization, own federation.OwnCertificate, withKey bool) error {
	unmet, err := org.UnmetRequirements(own)
	if err != nil || len(unmet) == 0 {
		return err
	}
	text := "certificate " + own.Thumbprint + " is imported, and as it is cannot be a federation certificate:"
	for _, u := range unmet {
		switch {
		case u.ID != "KeyNotExportable":
		case withKey:
			u.Remedy = "remove it and import it again with -PrivateKeyExportable true"
		default:
			u.Remedy = "keep it, for its key is nowhere else; for federation make another request, with -PrivateKeyExportable true"
		}
		text += fmt.Sprintf("\n  %s (%s): %s", u.Text, u.ID, u.Remedy)
	}
	e.warn("%s", text)
	return nil
}

// bundle reads the file, and asks for a password only if that is needed.
func (p *importCertificateParams) bundle(ctx context.Context, e *env) (certificate.Bundle, error) {
	content, err := p.file.read(e)
	if err != nil {
		return certificate.Bundle{}, err
	}
	bundle, err := certificate.ReadBundle(content, "")
	if err == nil && bundle.Key != nil {
		return bundle, p.file.refuseOpenKey()
	}
	if err == nil || !certificate.IsCode(err, certificate.PasswordNeeded) && !certificate.IsCode(err, certificate.WrongPassword) {
		return bundle, p.file.fault(err)
	}
	password, err := p.password.read(ctx, e, "Password", "Password of "+p.file.object(), false)
	if err != nil {
		return bundle, err
	}
	bundle, err = certificate.ReadBundle(content, password)
	return bundle, p.file.fault(err)
}
