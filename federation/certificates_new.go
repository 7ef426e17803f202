package federation

import (
	"context"
	"encoding/base64"
	"errors"

	"exfed/certificate"
)

// CertificateRequest asks for a new self-signed certificate.
type CertificateRequest struct {
	certificate.Request
	FriendlyName         string
	Services             []string
	PrivateKeyExportable bool
}

// NewCertificate makes a self-signed certificate and keeps it with its key. The key
// file is written first: a certificate without its key would be useless, a key file
// nobody names does no harm.
func (o *Organization) NewCertificate(ctx context.Context, request CertificateRequest) (OwnCertificate, error) {
	pair, err := certificate.NewSelfSigned(request.Request, o.Rand, o.Now())
	if err != nil {
		return OwnCertificate{}, FromCertificate(err)
	}
	own := Certificate{
		Thumbprint:           certificate.Thumbprint(pair.Certificate),
		FriendlyName:         request.FriendlyName,
		Services:             request.Services,
		PrivateKeyExportable: request.PrivateKeyExportable,
		WhenCreated:          o.moment(),
		Raw:                  base64.StdEncoding.EncodeToString(pair.Certificate.Raw),
	}
	if err := o.Keys.Save(pair); err != nil {
		return OwnCertificate{}, FromCertificate(err)
	}
	err = o.Store.Update(ctx, func(tx Tx) error { return tx.Certificates.Put(own) })
	if err != nil {
		return OwnCertificate{}, errors.Join(err, o.forgetKey(ctx, own.Thumbprint))
	}
	return OwnCertificate{Certificate: own, X509: pair.Certificate, HasPrivateKey: true}, nil
}

// forgetKey deletes the key of a certificate that could not be recorded, unless it was:
// a write can fail after the new file has taken its place.
func (o *Organization) forgetKey(ctx context.Context, thumbprint string) error {
	if _, err := o.Certificate(context.WithoutCancel(ctx), thumbprint); !IsKind(err, NotFound) {
		return nil
	}
	return o.Keys.Delete(thumbprint)
}

// NewCertificateRequest makes a key and a request that an authority is to sign, and keeps
// both until the certificate is imported. The key file is written first, as for a
// certificate. Services are not kept: they are for the certificate.
func (o *Organization) NewCertificateRequest(ctx context.Context, request CertificateRequest) (OwnCertificate, error) {
	made, err := certificate.NewRequest(request.Request, o.Rand)
	if err != nil {
		return OwnCertificate{}, FromCertificate(err)
	}
	own := Certificate{
		Thumbprint:           certificate.RequestThumbprint(made.Request),
		FriendlyName:         request.FriendlyName,
		PrivateKeyExportable: request.PrivateKeyExportable,
		WhenCreated:          o.moment(),
		Request:              base64.StdEncoding.EncodeToString(made.Request.Raw),
	}
	if err := o.Keys.SaveRequest(made); err != nil {
		return OwnCertificate{}, FromCertificate(err)
	}
	err = o.Store.Update(ctx, func(tx Tx) error { return tx.Certificates.Put(own) })
	if err != nil {
		return OwnCertificate{}, errors.Join(err, o.forgetKey(ctx, own.Thumbprint))
	}
	return OwnCertificate{Certificate: own, Requested: made.Request, HasPrivateKey: true}, nil
}
