package cmd

import (
	"crypto/x509"

	"exfed/certificate"
	"exfed/cmd/render"
	"exfed/federation"
)

func certificateView() render.View {
	return render.View{Kind: render.AsTable, Columns: []string{"Thumbprint", "Services=ServicesStringForm", "Subject"}, Key: "Thumbprint"}
}

// certificateRecord shows a certificate, or a request for one, under Exchange's property names.
func certificateRecord(e *env, c federation.OwnCertificate) render.Record {
	if c.Pending() {
		return requestRecord(c)
	}
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

// requestRecord shows a request for a certificate: what an authority adds is not there yet.
func requestRecord(c federation.OwnCertificate) render.Record {
	wanted := wantedCertificate(c)
	return render.New(
		render.Unset("AccessRules"),
		render.List("CertificateDomains", certificate.Domains(wanted)),
		render.Bool("HasPrivateKey", c.HasPrivateKey),
		render.Bool("IsSelfSigned", false),
		render.Unset("Issuer"),
		render.Unset("NotAfter"),
		render.Unset("NotBefore"),
		render.Int("PublicKeySize", certificate.PublicKeySize(wanted)),
		render.Text("RootCAType", "Unknown"),
		render.Unset("SerialNumber"),
		render.List("Services", c.Services),
		render.Text("Status", "PendingRequest"),
		render.Text("Subject", certificate.Subject(wanted)),
		render.Text("Thumbprint", c.Thumbprint),
		render.OptionalText("FriendlyName", c.FriendlyName),
		render.Text("Identity", c.Thumbprint),
		render.Bool("PrivateKeyExportable", c.PrivateKeyExportable),
		render.Text("ServicesStringForm", certificate.ServicesLetters(c.Services)),
		render.Unset("SubjectKeyIdentifier"),
	)
}

// wantedCertificate is the certificate, or of a request the certificate as far as it says.
func wantedCertificate(c federation.OwnCertificate) *x509.Certificate {
	if !c.Pending() {
		return c.X509
	}
	r := c.Requested
	return &x509.Certificate{RawSubject: r.RawSubject, Subject: r.Subject, DNSNames: r.DNSNames, PublicKey: r.PublicKey, PublicKeyAlgorithm: r.PublicKeyAlgorithm}
}
