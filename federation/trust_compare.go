package federation

import (
	"context"
	"crypto/x509"
	"slices"
	"time"

	"exfed/certificate"
)

// checkMetadata compares the trust with what the broker publishes now.
func (x *trustExamination) checkMetadata(ctx context.Context) {
	if x.trust.Name == "" {
		return
	}
	broker, err := x.o.Broker(ctx, x.trust)
	if err != nil {
		x.conclude(CheckMetadata, err)
		return
	}
	published, err := broker.Metadata(ctx)
	if err != nil {
		result := TrustCheck{ID: CheckMetadata, Type: EventError, Cause: err}
		result.Message = sentence("Unable to retrieve federation metadata from the security token service.", err)
		x.results[CheckMetadata] = result
		return
	}
	known := []string{x.trust.Issuer.Certificate, x.trust.Issuer.PreviousCertificate}
	switch {
	case published.URI != x.trust.Issuer.URI:
		err = x.stale("the broker calls itself %s, and the trust %s", published.URI, x.trust.Issuer.URI)
	case published.EPR != x.trust.Issuer.EPR:
		err = x.stale("the broker issues tokens at %s, and not at %s", published.EPR, x.trust.Issuer.EPR)
	case !slices.Contains(known, published.Certificate):
		err = x.stale("the broker signs with a certificate that the trust does not have")
	case published.PreviousCertificate != "" && !slices.Contains(known, published.PreviousCertificate):
		x.warn(CheckMetadata, "The security token service publishes another certificate, with which it may sign in a few days: refresh the metadata of the trust.")
		return
	}
	x.conclude(CheckMetadata, err)
}

func (x *trustExamination) stale(format string, args ...any) error {
	return Errorf(Conflict, "TokenIssuerStale", trustObject(x.trust.Name), format, args...)
}

// checkCertificates looks at the certificates of both sides. That of the organization must
// have its key.
func (x *trustExamination) checkCertificates(ctx context.Context) {
	if x.trust.Name == "" {
		return
	}
	x.conclude(CheckIssuerCertificate, x.checkIssuerCertificate(x.trust.Issuer.Certificate))
	switch err := x.checkIssuerCertificate(x.trust.Issuer.PreviousCertificate); {
	case x.trust.Issuer.PreviousCertificate == "":
		x.results[CheckIssuerPrevious] = TrustCheck{ID: CheckIssuerPrevious, Type: EventSuccess,
			Message: "No certificate is referenced by property " + issuerPreviousProperty + " in the FederationTrust object."}
	case IsKind(err, Conflict): // its time is over: tokens are signed with the current one
		x.warn(CheckIssuerPrevious, sentence(CheckIssuerPrevious.faultMessage(), err))
	default:
		x.conclude(CheckIssuerPrevious, err)
	}
	own, err := x.o.Certificate(ctx, x.trust.Current)
	if err == nil {
		err = checkTimes(own.X509, x.o.Now())
	}
	if err == nil {
		x.pair, err = x.o.pair(own.Thumbprint)
	}
	x.conclude(CheckOwnCertificate, err)
}

func (x *trustExamination) checkIssuerCertificate(text string) error {
	c, err := DecodeCertificate(text)
	if err != nil || c == nil {
		return &Error{Kind: Corrupt, ID: "TokenIssuerDamaged", Object: trustObject(x.trust.Name), Reason: "there is no certificate that can be read", Err: err}
	}
	if err := checkTimes(c, x.o.Now()); err != nil {
		return &Error{Kind: Conflict, ID: "TokenIssuerExpired", Err: err}
	}
	return nil
}

// checkTimes refuses a certificate before and after its time.
func checkTimes(c *x509.Certificate, now time.Time) error {
	if certificate.StatusAt(c, now) == certificate.Valid {
		return nil
	}
	return Errorf(Conflict, "CertificateNotInTime", "certificate "+quote(certificate.Thumbprint(c)), "is valid from %s to %s, and now it is %s",
		c.NotBefore.UTC().Format(time.RFC3339), c.NotAfter.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
}
