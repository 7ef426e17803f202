package federation

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"

	"exfed/certificate"
)

// RequirementsUnmet is the error of an operation that needs a federation certificate and got
// one that cannot be it. It unwraps to an *Error of kind Conflict.
type RequirementsUnmet struct {
	Summary *Error
	Unmet   []certificate.Unmet // all of them, each with what to do about it
}

func (r *RequirementsUnmet) Error() string { return r.Summary.Error() }

// Unwrap returns the summary.
func (r *RequirementsUnmet) Unwrap() error { return r.Summary }

// requireFederationCertificate refuses a certificate that does not meet the
// requirements for a federation trust, naming every unmet one.
func (o *Organization) requireFederationCertificate(own OwnCertificate) error {
	return o.requireUnrevoked(own, nil)
}

// requireUnrevoked is requireFederationCertificate where the revocation was asked for, or not
// if it is nil.
func (o *Organization) requireUnrevoked(own OwnCertificate, revocation *certificate.Revocation) error {
	unmet, err := o.unmetRequirements(own, revocation)
	if err != nil || len(unmet) == 0 {
		return err
	}
	texts := make([]string, len(unmet))
	for i, u := range unmet {
		texts[i] = fmt.Sprintf("%s (%s)", u.Text, u.ID)
	}
	return &RequirementsUnmet{Unmet: unmet, Summary: Errorf(Conflict, "CertificateRequirementsUnmet", "certificate "+quote(own.Thumbprint),
		"cannot be a federation certificate: %s", strings.Join(texts, "; "))}
}

// UnmetRequirements returns every requirement for a federation trust that the certificate does
// not meet. A request is an error (Conflict): nothing of it can be judged yet.
func (o *Organization) UnmetRequirements(own OwnCertificate) ([]certificate.Unmet, error) {
	return o.unmetRequirements(own, nil)
}

func (o *Organization) unmetRequirements(own OwnCertificate, revocation *certificate.Revocation) ([]certificate.Unmet, error) {
	if err := requireCertificate(own); err != nil {
		return nil, err
	}
	facts, err := o.factsOf(own)
	if err != nil {
		return nil, err
	}
	facts.Revocation = revocation
	return certificate.Check(own.X509, facts, o.Now()), nil
}

// revocation asks whether a certificate is revoked, and warns if that cannot be found out. It is
// nil where nobody is asked, and for what is no certificate, which is for others to say.
func (o *Organization) revocation(ctx context.Context, thumbprint string) (*certificate.Revocation, error) {
	own, err := o.Certificate(ctx, thumbprint)
	if IsKind(err, NotFound) || err == nil && own.Pending() || o.Fetch == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := o.askRevocation(ctx, own)
	if err != nil {
		return nil, err
	}
	if found.State == certificate.RevocationUnknown {
		o.Warn("certificate %s: %s (%s)", own.Thumbprint, found, found.State)
	}
	return &found, nil
}

func (o *Organization) askRevocation(ctx context.Context, own OwnCertificate) (certificate.Revocation, error) {
	facts, err := o.authorityOf(own)
	if err != nil {
		return certificate.Revocation{}, err
	}
	o.Step("asking the authority of certificate %s whether it is revoked", own.Thumbprint)
	found := certificate.AskRevocation(ctx, own.X509, facts, o.Fetch, o.Now())
	if errors.Is(ctx.Err(), context.Canceled) {
		return found, ctx.Err()
	}
	return found, nil
}

// revocationFor asks about the certificate that a change of the trust is about: one to be
// staged, or the staged one to be published, which is refused here if it is revoked.
func (o *Organization) revocationFor(ctx context.Context, trust FederationTrust, request SetTrustRequest) (*certificate.Revocation, error) {
	switch {
	case !request.CheckRevocation:
		return nil, nil
	case request.Thumbprint != nil:
		return o.revocation(ctx, *request.Thumbprint)
	case !request.Publish || trust.Next == "":
		return nil, nil
	}
	own, err := o.Certificate(ctx, trust.Next)
	if err != nil {
		return nil, err
	}
	found, err := o.revocation(ctx, own.Thumbprint)
	if err != nil {
		return nil, err
	}
	return found, o.requireUnrevoked(own, found)
}

// factsOf are what the requirements ask besides what stands in the certificate. A key file
// that is there and cannot be read is an error; one that is not there, or holds another key, is a
// fact.
func (o *Organization) factsOf(own OwnCertificate) (certificate.Facts, error) {
	facts, err := o.authorityOf(own)
	if err != nil {
		return facts, err
	}
	facts.Key, err = o.keyFor(own)
	return facts, err
}

// authorityOf are the facts without the key.
func (o *Organization) authorityOf(own OwnCertificate) (certificate.Facts, error) {
	facts := certificate.Facts{Exportable: own.PrivateKeyExportable}
	var err error
	if facts.Intermediates, err = own.chain(); err != nil {
		return facts, err
	}
	if o.Authorities == nil || certificate.IsSelfSigned(own.X509) {
		return facts, nil
	}
	facts.Roots, err = o.Authorities()
	return facts, err
}

// keyFor returns the key that is kept for the certificate, which may be another one's; nil if
// there is none.
func (o *Organization) keyFor(own OwnCertificate) (crypto.Signer, error) {
	pair, err := o.Keys.Load(own.Thumbprint)
	foreign := certificate.IsCode(err, certificate.KeyMismatch) && !certificate.Belongs(pair.Key, own.X509)
	if err != nil && !foreign && !certificate.IsNotFound(err) {
		return nil, FromCertificate(err)
	}
	return pair.Key, nil
}
