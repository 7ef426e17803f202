package cmd

import (
	"context"
	"os"
	"slices"
	"strings"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

func certificateView() render.View {
	return render.View{Kind: render.AsTable, Columns: []string{"Thumbprint", "Services=ServicesStringForm", "Subject"}, Key: "Thumbprint"}
}

// certificateRecord shows a certificate under Exchange's property names.
func certificateRecord(e *env, c federation.OwnCertificate) render.Record {
	root := "None" // made here, signed by itself
	if !certificate.IsSelfSigned(c.X509) {
		root = "ThirdParty"
	}
	return render.New(
		render.Unset("AccessRules"),
		render.List("CertificateDomains", certificate.Domains(c.X509)),
		render.Bool("HasPrivateKey", c.HasPrivateKey),
		render.Bool("IsSelfSigned", certificate.IsSelfSigned(c.X509)),
		render.Text("Issuer", certificate.Issuer(c.X509)),
		render.Time("NotAfter", c.X509.NotAfter),
		render.Time("NotBefore", c.X509.NotBefore),
		render.Int("PublicKeySize", certificate.PublicKeySize(c.X509)),
		render.Text("RootCAType", root),
		render.Text("SerialNumber", certificate.SerialNumber(c.X509)),
		render.List("Services", c.Services),
		render.Text("Status", certificate.StatusAt(c.X509, e.process.Now())),
		render.Text("Subject", certificate.Subject(c.X509)),
		render.Text("Thumbprint", c.Thumbprint),
		render.OptionalText("FriendlyName", c.FriendlyName),
		render.Text("Identity", c.Thumbprint),
		render.Bool("PrivateKeyExportable", c.PrivateKeyExportable),
		render.Text("ServicesStringForm", certificate.ServicesLetters(c.Services)),
		render.OptionalText("SubjectKeyIdentifier", certificate.SubjectKeyIdentifier(c.X509)),
	)
}

type newCertificateParams struct {
	domainNames, services                        opt[[]string]
	friendlyName, subjectName, keyIdentifier     opt[string]
	keySize                                      opt[string]
	exportable                                   opt[bool]
	generateRequest, binary                      opt[bool]
	acceptedDomains, autodiscover, fqdn, netbios opt[bool]
	requestFile                                  opt[string]
}

func newExchangeCertificate() spec[newCertificateParams] {
	return spec[newCertificateParams]{
		name:  "New-ExchangeCertificate",
		short: "Makes a self-signed certificate",
		long: `Its private key lies in a file of its own, in the folder keys beside the state file. A
federation certificate needs an exportable key; with -Services Federation the key is
exportable unless -PrivateKeyExportable false says otherwise.`,
		view:    certificateView(),
		changes: true,
		examples: []string{
			`exfed new-exchangecertificate -FriendlyName "Exchange Federated Sharing" -DomainName contoso.com -Services Federation -KeySize 2048 -PrivateKeyExportable true -SubjectKeyIdentifier 6a5d2c7fa1b84cf2a6d94bb1f06c2c0e`,
		},
		declare: declareNewCertificate,
		target: func(p *newCertificateParams) string {
			return "a new certificate for " + strings.Join(p.domainNames.value, ", ")
		},
		run: runNewCertificate,
	}
}

func declareNewCertificate(p *newCertificateParams, d *declaration) {
	p.friendlyName.value, p.keySize.value = "Microsoft Exchange", "2048"
	d.list(&p.domainNames, "DomainName", "MultiValuedProperty", "The names the certificate is for; the first one becomes the subject.", defaults("this machine's name"))
	d.text(&p.friendlyName, "FriendlyName", "String", "A label, under 64 characters.", defaults("Microsoft Exchange"))
	d.oneOf(&p.keySize, "KeySize", "Int32", []string{"1024", "2048", "4096"}, "The length of the RSA key in bits; federation needs 2048 or more.", defaults("2048"))
	d.boolean(&p.exportable, "PrivateKeyExportable", "Whether the private key may leave this organization's key folder.", defaults("false; true with -Services Federation"))
	d.list(&p.services, "Services", "AllowedServices", "What the certificate is for: None, Federation, IIS, IMAP, POP, SMTP, UM, UMCallRouter.", defaults("IMAP,POP,SMTP"))
	d.text(&p.keyIdentifier, "SubjectKeyIdentifier", "String", "The subject key identifier, in hex; usually a GUID's 32 digits.", defaults("16 random bytes"))
	d.text(&p.subjectName, "SubjectName", "X500DistinguishedName", "The subject, such as \"C=US, O=Contoso, CN=mail.contoso.com\".")
	d.toggle(&p.acceptedDomains, "IncludeAcceptedDomains", "Adds every accepted domain to the names.")
	d.toggle(&p.autodiscover, "IncludeAutoDiscover", "Adds autodiscover.DOMAIN for every accepted domain.")
	d.toggle(&p.fqdn, "IncludeServerFQDN", "Adds this machine's full name.")
	d.toggle(&p.netbios, "IncludeServerNetBIOSName", "Adds this machine's short name.")
	d.toggle(&p.generateRequest, "GenerateRequest", "A certificate request instead of a certificate; refused: exfed makes self-signed certificates.")
	d.toggle(&p.binary, "BinaryEncoded", "DER instead of Base64, with -GenerateRequest.")
	d.text(&p.requestFile, "RequestFile", "String", "Where the request is written, with -GenerateRequest.", filePath)
	d.ignoredSwitch("Force", "Does not ask.", "nothing is asked")
	d.ignoredText("Instance", "X509Certificate2", "The certificate to renew.", obsolete)
	d.ignoredText("Server", "ServerIdParameter", "The server to work on.", noServer)
	d.domainController()
}

func runNewCertificate(ctx context.Context, e *env, p *newCertificateParams) ([]render.Record, error) {
	if p.generateRequest.value || p.binary.value || p.requestFile.given {
		return nil, &psargs.UsageError{ID: "CertificateRequestRefused", Param: "GenerateRequest",
			Msg:   "certificate requests are not made; a self-signed certificate is what federation recommends",
			Hints: []string{"leave -GenerateRequest, -BinaryEncoded and -RequestFile out"}}
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	request, err := certificateRequest(ctx, org, p)
	if err != nil {
		return nil, err
	}
	own, err := org.NewCertificate(ctx, request)
	if err != nil {
		return nil, err
	}
	return []render.Record{certificateRecord(e, own)}, nil
}

func certificateRequest(ctx context.Context, org *federation.Organization, p *newCertificateParams) (federation.CertificateRequest, error) {
	request := federation.CertificateRequest{FriendlyName: p.friendlyName.value}
	if n := len([]rune(request.FriendlyName)); n > 63 {
		return request, federation.Errorf(federation.Invalid, "InvalidFriendlyName", "friendly name", "%d characters, at most 63", n)
	}
	if request.FriendlyName != "" {
		if err := federation.CheckName("friendly name", request.FriendlyName); err != nil {
			return request, err
		}
	}
	services := []string{"IMAP", "POP", "SMTP"}
	if p.services.given {
		services = p.services.value
	}
	var err error
	if request.Services, err = certificate.ParseServices(services); err != nil {
		return request, federation.FromCertificate(err)
	}
	request.PrivateKeyExportable = slices.Contains(request.Services, "Federation")
	if p.exportable.given {
		request.PrivateKeyExportable = p.exportable.value
	}
	request.SubjectKeyIdentifier = p.keyIdentifier.value
	request.KeySize = map[string]int{"1024": 1024, "2048": 2048, "4096": 4096}[p.keySize.value]
	if request.DNSNames, err = certificateNames(ctx, org, p); err != nil {
		return request, err
	}
	request.Subject = p.subjectName.value
	return request, nil
}

// certificateNames collects the names the certificate is for, each once.
func certificateNames(ctx context.Context, org *federation.Organization, p *newCertificateParams) ([]string, error) {
	names := slices.Clone(p.domainNames.value)
	machine, _ := os.Hostname() // a machine without a name falls back to localhost
	short, _, _ := strings.Cut(machine, ".")
	if p.fqdn.value {
		names = append(names, machine)
	}
	if p.netbios.value {
		names = append(names, short)
	}
	if p.acceptedDomains.value || p.autodiscover.value {
		domains, err := org.AcceptedDomains(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range domains {
			if p.acceptedDomains.value {
				names = append(names, d.DomainName)
			}
			if p.autodiscover.value {
				names = append(names, "autodiscover."+strings.TrimPrefix(d.DomainName, "*."))
			}
		}
	}
	var unique []string
	for _, n := range append(names, fallbackName(names, machine)...) {
		if n != "" && !slices.ContainsFunc(unique, func(u string) bool { return strings.EqualFold(u, n) }) {
			unique = append(unique, n)
		}
	}
	return unique, nil
}

func fallbackName(names []string, machine string) []string {
	switch {
	case len(names) > 0:
		return nil
	case machine == "":
		return []string{"localhost"}
	}
	return []string{machine}
}
