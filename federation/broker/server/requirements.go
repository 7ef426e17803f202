package server

import (
	"crypto/x509"
	"strings"
	"time"

	"exfed/certificate"
	"exfed/federation/broker"
)

// checkCertificate refuses a certificate that cannot be a federation certificate. The
// private key is the organization's affair: the signature of the request shows that
// it has one.
func checkCertificate(cert *x509.Certificate, now time.Time) error {
	var texts []string
	for _, unmet := range certificate.Check(cert, certificate.Facts{Exportable: true}, now) {
		if unmet.ID != "NoPrivateKey" {
			texts = append(texts, unmet.Text+" ("+unmet.ID+")")
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return refuse(broker.InvalidCertificate, "certificate %s: %s", certificate.Thumbprint(cert), strings.Join(texts, "; "))
}
