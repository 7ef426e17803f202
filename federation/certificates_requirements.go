package federation

import (
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
	unmet, err := o.UnmetRequirements(own)
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
	if err := requireCertificate(own); err != nil {
		return nil, err
	}
	facts, err := o.factsOf(own)
	if err != nil {
		return nil, err
	}
	return certificate.Check(own.X509, facts, o.Now()), nil
}

// factsOf are what the requirements ask besides what stands in the certificate. A key file
// that is there and cannot be read is an error; one that is not there, or holds another key, is a
// fact.
func (o *Organization) factsOf(own OwnCertificate) (certificate.Facts, error) {
	facts := certificate.Facts{Exportable: own.PrivateKeyExportable}
	var err error
	if facts.Intermediates, err = own.chain(); err != nil {
		return facts, err
	}
	pair, err := o.Keys.Load(own.Thumbprint)
	foreign := certificate.IsCode(err, certificate.KeyMismatch) && !certificate.Belongs(pair.Key, own.X509)
	if err != nil && !foreign && !certificate.IsNotFound(err) {
		return facts, FromCertificate(err)
	}
	facts.Key = pair.Key
	if o.Authorities != nil && !certificate.IsSelfSigned(own.X509) {
		if facts.Roots, err = o.Authorities(); err != nil {
			return facts, err
		}
	}
	return facts, nil
}
