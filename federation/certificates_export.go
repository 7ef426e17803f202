package federation

import (
	"context"
	"crypto/x509"

	"exfed/certificate"
)

// ExportCertificate returns a certificate with its key and the authorities above it, for use
// elsewhere. A key that is not exportable is refused (Conflict), and so is a request: it has
// nothing to export but what is in OwnCertificate.
func (o *Organization) ExportCertificate(ctx context.Context, thumbprint string) (certificate.Bundle, error) {
	own, err := o.Certificate(ctx, thumbprint)
	if err == nil {
		err = requireCertificate(own)
	}
	if err != nil {
		return certificate.Bundle{}, err
	}
	if !own.PrivateKeyExportable {
		return certificate.Bundle{}, Errorf(Conflict, "PrivateKeyNotExportable", "certificate "+quote(own.Thumbprint), "has a private key that may not be exported")
	}
	pair, err := o.pair(own.Thumbprint)
	if err != nil {
		return certificate.Bundle{}, err
	}
	chain, err := own.chain()
	if err != nil {
		return certificate.Bundle{}, err
	}
	return certificate.Bundle{Certificate: own.X509, Key: pair.Key, Chain: chain, FriendlyName: own.FriendlyName}, nil
}

// chain returns the certificates of the authorities above the certificate.
func (own OwnCertificate) chain() ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for _, text := range own.Chain {
		c, err := DecodeCertificate(text)
		if err != nil || c == nil {
			return nil, damagedCertificate(own.Thumbprint, err)
		}
		chain = append(chain, c)
	}
	return chain, nil
}
