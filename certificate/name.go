package certificate

import (
	"crypto/x509"
	"crypto/x509/pkix"
)

// ParseName reads a distinguished name.
func ParseName(text string) (pkix.RDNSequence, error) { return nil, nil }

// FormatName writes a distinguished name as Windows shows it.
func FormatName(name pkix.RDNSequence) string { return "" }

// Subject returns the subject of the certificate as Windows shows it.
func Subject(cert *x509.Certificate) string { return cert.Subject.String() }

// Issuer returns the issuer of the certificate as Windows shows it.
func Issuer(cert *x509.Certificate) string { return cert.Issuer.String() }

func isHostName(text string) bool { return text != "" }
