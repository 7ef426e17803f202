package federation

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"

	"exfed/certificate"
)

// OwnCertificate is a certificate of the organization, or a request for one, decoded.
type OwnCertificate struct {
	Certificate
	X509          *x509.Certificate        // nil for a request
	Requested     *x509.CertificateRequest // nil for a certificate
	HasPrivateKey bool
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
		if others := c.OtherServices(); len(others) > 0 {
			o.Warn("certificate %s is used for %s: they need another one", c.Thumbprint, strings.Join(others, ", "))
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

// pair loads the key of one of the trust's certificates.
func (o *Organization) pair(thumbprint string) (certificate.Pair, error) {
	pair, err := o.Keys.Load(thumbprint)
	if err != nil {
		return certificate.Pair{}, FromCertificate(err)
	}
	return pair, nil
}

func (o *Organization) decode(c Certificate) (OwnCertificate, error) {
	own := OwnCertificate{Certificate: c, HasPrivateKey: o.Keys.Has(c.Thumbprint)}
	var err error
	if c.Pending() {
		own.Requested, err = decodeRequest(c.Request)
	} else {
		own.X509, err = DecodeCertificate(c.Raw)
	}
	if err != nil || own.X509 == nil && own.Requested == nil {
		return OwnCertificate{}, damagedCertificate(c.Thumbprint, err)
	}
	return own, nil
}

func damagedCertificate(thumbprint string, err error) error {
	return &Error{Kind: Corrupt, ID: "CertificateDamaged", Object: "certificate " + quote(thumbprint), Reason: "cannot be read from the state file", Err: err}
}

func decodeRequest(text string) (*x509.CertificateRequest, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return certificate.ParseRequest(der)
}

// requireCertificate refuses a request, which nothing can be done with but waiting for its
// certificate.
func requireCertificate(own OwnCertificate) error {
	if !own.Pending() {
		return nil
	}
	return Errorf(Conflict, "CertificateRequestPending", "certificate "+quote(own.Thumbprint),
		"is a request that no certificate has been imported for yet")
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
	kind, id := Other, string(c.Code)
	switch c.Code {
	case certificate.KeyNotFound, certificate.PasswordFileNotFound:
		kind = NotFound
	case certificate.BundleTooLarge, certificate.BundleUnreadable, certificate.BundleDamaged, certificate.BundleUnsupported,
		certificate.NoMAC, certificate.NoCertificate, certificate.SeveralKeys, certificate.SeveralCerts:
		kind = Corrupt
	case certificate.KeyEncrypted, certificate.PasswordNeeded:
		kind = NeedsAnswer
	case certificate.KeyPending:
		kind = Conflict
	case certificate.WrongPassword, certificate.WrongPassphrase, certificate.InvalidThumbprint, certificate.InvalidSubject, certificate.InvalidName,
		certificate.InvalidKeySize, certificate.InvalidIdentifier, certificate.InvalidService, certificate.InvalidValidity:
		kind = Invalid
	}
	if asked := (*Error)(nil); errors.As(c.Err, &asked) { // why the passphrase cannot be had
		kind, id = asked.Kind, asked.ID
	}
	return &Error{Kind: kind, ID: id, Object: c.Object, Reason: c.Reason, Remedy: c.Remedy, Err: c.Err}
}
