package federation

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"exfed/certificate"
)

// OwnCertificate is a certificate of the organization, decoded.
type OwnCertificate struct {
	Certificate
	X509          *x509.Certificate
	HasPrivateKey bool
}

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

// Certificates returns the organization's certificates in the order of the state file.
func (o *Organization) Certificates(ctx context.Context) ([]OwnCertificate, error) {
	var out []OwnCertificate
	err := o.Store.View(ctx, func(tx Tx) error {
		all, err := tx.Certificates.All()
		if err != nil {
			return err
		}
		for _, c := range all {
			own, err := o.decode(c)
			if err != nil {
				return err
			}
			out = append(out, own)
		}
		return nil
	})
	return out, err
}

// Certificate returns the certificate with the thumbprint.
func (o *Organization) Certificate(ctx context.Context, thumbprint string) (OwnCertificate, error) {
	var own OwnCertificate
	err := o.Store.View(ctx, func(tx Tx) (err error) {
		own, err = o.certificateIn(tx, thumbprint)
		return err
	})
	return own, err
}

func (o *Organization) certificateIn(tx Tx, thumbprint string) (OwnCertificate, error) {
	c, ok, err := tx.Certificates.Get(thumbprint)
	if err != nil {
		return OwnCertificate{}, err
	}
	if !ok {
		return OwnCertificate{}, Errorf(NotFound, "CertificateNotFound", "certificate "+quote(thumbprint), "not found")
	}
	return o.decode(c)
}

// RemoveCertificate removes a certificate and its key, unless a trust uses it. The key
// goes last, and also when only the key is left of a removal that was cut short.
func (o *Organization) RemoveCertificate(ctx context.Context, thumbprint string) error {
	err := o.Store.Update(ctx, func(tx Tx) error {
		c, err := o.certificateIn(tx, thumbprint)
		if IsKind(err, NotFound) && o.Keys.Has(thumbprint) {
			return nil
		}
		if err != nil {
			return err
		}
		trusts, err := tx.Trusts.All()
		if err != nil {
			return err
		}
		for _, t := range trusts {
			if slot := t.SlotOf(c.Thumbprint); slot != "" {
				return Errorf(Conflict, "CertificateInUse", "certificate "+quote(c.Thumbprint),
					"federation trust %q uses it (%s)", t.Name, slot)
			}
		}
		if repair, begun, err := tx.Repair.Get(); err != nil || begun && repair.NewThumbprint == c.Thumbprint {
			if begun {
				err = Errorf(Conflict, "CertificateInUse", "certificate "+quote(c.Thumbprint), "the repair of federation trust %q is begun with it", repair.TrustName)
			}
			return err
		}
		return tx.Certificates.Delete(c.Thumbprint)
	})
	if err != nil {
		return err
	}
	if err := o.Keys.Delete(thumbprint); err != nil {
		return FromCertificate(err)
	}
	return nil
}

// SlotOf returns the slot of the trust the certificate is in, "" if in none.
func (t FederationTrust) SlotOf(thumbprint string) DomainProofSlot {
	switch {
	case strings.EqualFold(thumbprint, t.Current):
		return CurrentSlot
	case strings.EqualFold(thumbprint, t.Next):
		return NextSlot
	case strings.EqualFold(thumbprint, t.Previous):
		return PreviousSlot
	}
	return ""
}

// requireFederationCertificate refuses a certificate that does not meet the
// requirements for a federation trust, naming every unmet one.
func (o *Organization) requireFederationCertificate(own OwnCertificate) error {
	facts := certificate.Facts{Exportable: own.PrivateKeyExportable}
	if pair, err := o.Keys.Load(own.Thumbprint); err == nil {
		facts.Key = pair.Key
	} else if !certificate.IsNotFound(err) {
		return FromCertificate(err)
	}
	unmet := certificate.Check(own.X509, facts, o.Now())
	if len(unmet) == 0 {
		return nil
	}
	texts := make([]string, len(unmet))
	for i, u := range unmet {
		texts[i] = fmt.Sprintf("%s (%s)", u.Text, u.ID)
	}
	return Errorf(Conflict, "CertificateRequirementsUnmet", "certificate "+quote(own.Thumbprint),
		"cannot be a federation certificate: %s", strings.Join(texts, "; "))
}

// pair loads the key of one of the trust's certificates.
func (o *Organization) pair(thumbprint string) (certificate.Pair, error) {
	pair, err := o.Keys.Load(thumbprint)
	if err != nil {
		return certificate.Pair{}, FromCertificate(err)
	}
	return pair, nil
}

func (o *Organization) decode(c Certificate) (OwnCertificate, error) {
	x, err := DecodeCertificate(c.Raw)
	if err != nil {
		return OwnCertificate{}, &Error{Kind: Corrupt, ID: "CertificateDamaged", Object: "certificate " + quote(c.Thumbprint), Reason: "cannot be read from the state file", Err: err}
	}
	return OwnCertificate{Certificate: c, X509: x, HasPrivateKey: o.Keys.Has(c.Thumbprint)}, nil
}

// DecodeCertificate reads a certificate kept as Base64 of its DER encoding; "" is nil.
func DecodeCertificate(text string) (*x509.Certificate, error) {
	if text == "" {
		return nil, nil
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// FromCertificate gives an error of package certificate its kind here.
func FromCertificate(err error) error {
	var c *certificate.Error
	if !errors.As(err, &c) {
		return err
	}
	kind := Other
	switch c.Code {
	case certificate.KeyNotFound, certificate.PasswordFileNotFound:
		kind = NotFound
	case certificate.InvalidThumbprint, certificate.InvalidSubject, certificate.InvalidName,
		certificate.InvalidKeySize, certificate.InvalidIdentifier, certificate.InvalidService:
		kind = Invalid
	}
	return &Error{Kind: kind, ID: string(c.Code), Object: c.Object, Reason: c.Reason, Remedy: c.Remedy, Err: c.Err}
}
