package cmd

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

type newCertificateParams struct {
	domainNames, services                        opt[[]string]
	friendlyName, subjectName, keyIdentifier     opt[string]
	keySize                                      opt[string]
	validDays                                    opt[int]
	exportable                                   opt[bool]
	generateRequest, binary                      opt[bool]
	acceptedDomains, autodiscover, fqdn, netbios opt[bool]
	requestFile, instance                        opt[string]
}

func newExchangeCertificate() spec[newCertificateParams] {
	return spec[newCertificateParams]{
		name:  "New-ExchangeCertificate",
		short: "Makes a self-signed certificate, or a request for an authority to sign",
		long: `Its private key lies in a file of its own, in the folder keys beside the state file. A
federation certificate needs an exportable key; with -Services Federation the key is
exportable unless -PrivateKeyExportable false says otherwise.

With -GenerateRequest it is a certificate request (PKCS #10), shown in PEM: give it to the
authority, and import what it signs with import-exchangecertificate, which finds the key that
waits for it. For federation a self-signed certificate is recommended.

With -Instance the new certificate is like an old one: its subject, names, services, label,
length of key and whether that may be exported, unless a parameter says otherwise.`,
		view:    certificateView(),
		changes: true,
		examples: []string{
			`exfed new-exchangecertificate -FriendlyName "Exchange Federated Sharing" -DomainName contoso.com -Services Federation -KeySize 2048 -PrivateKeyExportable true -SubjectKeyIdentifier 6a5d2c7fa1b84cf2a6d94bb1f06c2c0e`,
			`exfed new-exchangecertificate -GenerateRequest -DomainName mail.contoso.com -SubjectName "C=US, O=Contoso, CN=mail.contoso.com" -RequestFile mail.req`,
			`exfed get-exchangecertificate AC00F35CBA8359953F4126E0984B5CCAFA2F4F17 -Output json | exfed new-exchangecertificate -Instance -`,
		},
		declare: declareNewCertificate,
		target: func(p *newCertificateParams) string {
			return "a new certificate for " + strings.Join(p.domainNames.value, ", ")
		},
		check: checkNewCertificate,
		run:   runNewCertificate,
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
	d.toggle(&p.generateRequest, "GenerateRequest", "A certificate request instead of a self-signed certificate.")
	d.toggle(&p.binary, "BinaryEncoded", "DER instead of Base64, with -GenerateRequest.")
	d.text(&p.requestFile, "RequestFile", "String", "Where the request is written, with -GenerateRequest.", filePath)
	d.number(&p.validDays, "ValidDays", "Int32", "How many days a self-signed certificate is valid, 1 to 3653.", defaults("five years"))
	d.ignoredSwitch("Force", "Does not ask.", "nothing is asked")
	d.text(&p.instance, "Instance", "X509Certificate2", "The certificate to renew, by thumbprint; - takes it from standard input, as get-exchangecertificate -Output json writes it.", piped, naming(certificateThumbprints()))
	d.ignoredText("Server", "ServerIdParameter", "The server to work on.", noServer)
	d.domainController()
}

func runNewCertificate(ctx context.Context, e *env, p *newCertificateParams) ([]render.Record, error) {
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	if p.instance.given {
		if err := p.renew(ctx, org); err != nil {
			return nil, err
		}
	}
	request, err := certificateRequest(ctx, org, p)
	if err != nil {
		return nil, err
	}
	if p.generateRequest.value {
		return p.generate(ctx, e, org, request)
	}
	own, err := org.NewCertificate(ctx, request)
	if err != nil {
		return nil, err
	}
	return []render.Record{certificateRecord(e, own)}, nil
}

// checkNewCertificate refuses what goes with a certificate or with a request alone.
func checkNewCertificate(p *newCertificateParams) error {
	for _, other := range []struct {
		name              string
		given, forRequest bool
	}{
		{"BinaryEncoded", p.binary.value, true}, {"RequestFile", p.requestFile.given, true},
		{"Services", p.services.given, false}, {"ValidDays", p.validDays.given, false},
	} {
		switch {
		case other.given && other.forRequest && !p.generateRequest.value:
			return &psargs.UsageError{ID: "ParameterSet", Param: other.name, Msg: "-" + other.name + " needs -GenerateRequest",
				Hints: []string{"leave it out for a self-signed certificate, which export-exchangecertificate writes to a file"}}
		case other.given && !other.forRequest && p.generateRequest.value:
			return &psargs.UsageError{ID: "ParameterSet", Param: other.name, Msg: "-GenerateRequest and -" + other.name + " exclude each other",
				Hints: []string{"the authority says how long its certificate is valid; enable-exchangecertificate adds services to it"}}
		}
	}
	if p.validDays.given && (p.validDays.value < 1 || p.validDays.value > maxValidDays) {
		return &psargs.UsageError{ID: "InvalidValidDays", Param: "ValidDays", Msg: fmt.Sprintf("-ValidDays: %d is not between 1 and %d days", p.validDays.value, maxValidDays)}
	}
	return refuseEmpty(given{"RequestFile", p.requestFile})
}

// maxValidDays is ten years: what is valid for longer is forgotten before it ends.
const maxValidDays = 3653

// renew takes what is not given from the certificate to be renewed.
func (p *newCertificateParams) renew(ctx context.Context, org *federation.Organization) error {
	print, err := thumbprint(p.instance.value)
	if err != nil {
		return err
	}
	own, err := org.Certificate(ctx, print)
	if err != nil {
		return err
	}
	old := wantedCertificate(own)
	if !p.subjectName.given {
		p.subjectName.value = certificate.Subject(old)
	}
	if !p.domainNames.given {
		p.domainNames.value = certificate.Domains(old)
	}
	if !p.friendlyName.given {
		p.friendlyName.value = own.FriendlyName
	}
	if !p.services.given {
		p.services = opt[[]string]{value: own.Services, given: true}
	}
	if !p.exportable.given {
		p.exportable = opt[bool]{value: own.PrivateKeyExportable, given: true}
	}
	if size := certificate.PublicKeySize(old); !p.keySize.given && slices.Contains(certificate.KeySizes(), size) {
		p.keySize.value = strconv.Itoa(size)
	}
	return nil
}

// generate makes a request, and writes it to its file if there is one.
func (p *newCertificateParams) generate(ctx context.Context, e *env, org *federation.Organization, request federation.CertificateRequest) ([]render.Record, error) {
	file := certificateOutput{path: p.requestFile.value, binary: p.binary.value}
	if err := file.check(e); err != nil {
		return nil, err
	}
	request.Services = nil
	own, err := org.NewCertificateRequest(ctx, request)
	if err != nil {
		return nil, err
	}
	return file.write(e, certificateRecord(e, own), requestContent(own, p.binary.value))
}

func certificateRequest(ctx context.Context, org *federation.Organization, p *newCertificateParams) (federation.CertificateRequest, error) {
	request := federation.CertificateRequest{FriendlyName: p.friendlyName.value}
	if err := checkFriendlyName(request.FriendlyName); err != nil {
		return request, err
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
	request.Valid = time.Duration(p.validDays.value) * 24 * time.Hour
	return request, nil
}

// checkFriendlyName refuses a label that is longer than Exchange's, or not plain text.
func checkFriendlyName(name string) error {
	if n := len([]rune(name)); n > federation.MaxFriendlyName {
		return federation.Errorf(federation.Invalid, "InvalidFriendlyName", "friendly name", "%d characters, at most %d", n, federation.MaxFriendlyName)
	}
	if name == "" {
		return nil
	}
	return federation.CheckName("friendly name", name)
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
