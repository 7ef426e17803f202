package federation

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"

	"exfed/certificate"
)

// CertificateImport says what a certificate that was made elsewhere is kept as.
type CertificateImport struct {
	certificate.Bundle
	// FriendlyName is the label; nil: that of the request it completes, else that of the file.
	FriendlyName *string
	// PrivateKeyExportable is whether the key may leave again. Where a request is completed,
	// the request has said it, and this counts for nothing.
	PrivateKeyExportable bool
}

// ImportCertificate keeps a certificate from outside with its key, or completes the request
// whose public key it has, which is gone then. The key file is written first, and taken
// back when the certificate cannot be recorded. A certificate that is there already is an
// error (Exists), unless only its key was lost: that one is put back. Without a key, here or
// in a request, nothing could be done with it (Conflict, NoPrivateKey).
func (o *Organization) ImportCertificate(ctx context.Context, request CertificateImport) (OwnCertificate, error) {
	plan, err := o.planImport(ctx, request)
	if err != nil {
		return OwnCertificate{}, err
	}
	had := o.Keys.Has(plan.own.Thumbprint)
	if err := o.Keys.Save(certificate.Pair{Certificate: request.Certificate, Key: plan.key}); err != nil {
		return OwnCertificate{}, FromCertificate(err)
	}
	err = o.Store.Update(ctx, func(tx Tx) error { return plan.record(tx) })
	if err != nil {
		if !had {
			err = errors.Join(err, o.forgetKey(ctx, plan.own.Thumbprint))
		}
		return OwnCertificate{}, err
	}
	if plan.completes != "" {
		if err := o.Keys.Delete(plan.completes); err != nil { // its key lives on beside the certificate
			o.Warn("the key file of the request that is complete now cannot be deleted: %v", err)
		}
	}
	return OwnCertificate{Certificate: plan.own, X509: request.Certificate, HasPrivateKey: true}, nil
}

// certificateImport is what an import comes to.
type certificateImport struct {
	own       Certificate
	key       crypto.Signer
	completes string // the request that is answered by it, by thumbprint; "" if none
	lostKey   bool   // it is there, and gets its key back
}

func (o *Organization) planImport(ctx context.Context, request CertificateImport) (certificateImport, error) {
	plan := certificateImport{key: request.Key, own: Certificate{
		Thumbprint:           certificate.Thumbprint(request.Certificate),
		FriendlyName:         labelOf(request.Bundle),
		PrivateKeyExportable: request.PrivateKeyExportable,
		WhenCreated:          o.moment(),
		Raw:                  base64.StdEncoding.EncodeToString(request.Certificate.Raw),
		Chain:                encodeChain(request.Chain),
	}}
	pending, err := o.requestFor(ctx, request.Certificate)
	if err != nil {
		return plan, err
	}
	if pending != nil {
		plan.completes = pending.Thumbprint
		plan.own.FriendlyName, plan.own.PrivateKeyExportable = pending.FriendlyName, pending.PrivateKeyExportable
		kept, err := o.Keys.LoadRequest(pending.Thumbprint)
		if err != nil {
			return plan, FromCertificate(err)
		}
		plan.key = kept.Key
	}
	if request.FriendlyName != nil {
		plan.own.FriendlyName = *request.FriendlyName
	}
	there, err := o.Certificate(ctx, plan.own.Thumbprint)
	switch {
	case err == nil && there.HasPrivateKey:
		return plan, o.alreadyKept(plan.own.Thumbprint)
	case err == nil:
		plan.own, plan.lostKey, plan.completes = there.Certificate, true, ""
	case !IsKind(err, NotFound):
		return plan, err
	}
	if plan.key == nil {
		return plan, Errorf(Conflict, "NoPrivateKey", "certificate "+quote(plan.own.Thumbprint),
			"comes without its private key, and there is no request with this key that it could complete")
	}
	return plan, nil
}

// alreadyKept refuses what is there already. A key file that is no use is in the way of the key:
// it may hold another one, and is for people to put aside.
func (o *Organization) alreadyKept(thumbprint string) error {
	_, err := o.Keys.Load(thumbprint)
	var file *certificate.Error
	if errors.As(err, &file) && (file.Code == certificate.KeyDamaged || file.Code == certificate.KeyMismatch) {
		return &Error{Kind: Exists, ID: "KeyFileInTheWay", Object: file.Object,
			Reason: "is in the way, and no use: " + file.Reason, Remedy: "move it to another folder, and import the certificate again", Err: file.Err}
	}
	return alreadyThere(thumbprint)
}

// requestFor returns the pending request with the public key of the certificate, nil if
// there is none.
func (o *Organization) requestFor(ctx context.Context, cert *x509.Certificate) (*OwnCertificate, error) {
	all, err := o.Certificates(ctx)
	if err != nil {
		return nil, err
	}
	public, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	for _, own := range all {
		if ok && own.Pending() && public.Equal(own.Requested.PublicKey) {
			return &own, nil
		}
	}
	return nil, nil
}

// record writes the certificate in place of the request it completes.
func (p certificateImport) record(tx Tx) error {
	_, there, err := tx.Certificates.Get(p.own.Thumbprint)
	switch {
	case err != nil:
		return err
	case there && p.lostKey:
		return nil
	case there:
		return alreadyThere(p.own.Thumbprint)
	case p.completes == "":
		return tx.Certificates.Put(p.own)
	}
	if _, waits, err := tx.Certificates.Get(p.completes); err != nil || !waits {
		if err == nil {
			err = Errorf(NotFound, "CertificateNotFound", "certificate request "+quote(p.completes), "is not there any more")
		}
		return err
	}
	return tx.Certificates.Rename(p.completes, p.own)
}

func alreadyThere(thumbprint string) error {
	return Errorf(Exists, "CertificateExists", "certificate "+quote(thumbprint), "is there already, with its private key")
}

// encodeChain writes the authorities' certificates as the state file keeps them, those
// nearest to the certificate first.
func encodeChain(chain []*x509.Certificate) []string {
	var texts []string
	for _, c := range chain[:min(len(chain), MaxChain)] {
		texts = append(texts, base64.StdEncoding.EncodeToString(c.Raw))
	}
	return texts
}

// labelOf returns the label that a file gives its certificate, as far as it is one: it is text
// from outside.
func labelOf(bundle certificate.Bundle) string {
	label := []rune(bundle.FriendlyName)
	text := strings.TrimSpace(string(label[:min(len(label), MaxFriendlyName)]))
	if CheckName("friendly name", text) != nil {
		return ""
	}
	return text
}

// MaxFriendlyName is the longest label of a certificate, in characters, as in Exchange.
const MaxFriendlyName = 63
