package server

import (
	"crypto/x509"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/federation/broker"
)

// maxCertificate bounds a certificate that is kept, in bytes of DER. Usual ones have one
// or two thousand.
const maxCertificate = 16 << 10

// checkCertificateSize refuses what is too large to be looked at and kept.
func checkCertificateSize(der []byte) error {
	if len(der) > maxCertificate {
		return refuse(broker.InvalidCertificate, "the certificate has %d bytes, at most %d are taken", len(der), maxCertificate)
	}
	return nil
}

// checkCertificate refuses a certificate that cannot be a federation certificate. The
// private key is the organization's affair: the signature of the request shows that
// it has one. So is whose authority it is of: a broker knows organizations by their
// certificates themselves.
func checkCertificate(cert *x509.Certificate, now time.Time) error {
	if err := checkCertificateSize(cert.Raw); err != nil {
		return err
	}
	var texts []string
	for _, unmet := range certificate.Check(cert, certificate.Facts{Exportable: true}, now) {
		if unmet.ID != "NoPrivateKey" && unmet.ID != "NotTrusted" {
			texts = append(texts, unmet.Text+" ("+unmet.ID+")")
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return refuse(broker.InvalidCertificate, "certificate %s: %s", certificate.Thumbprint(cert), strings.Join(texts, "; "))
}
