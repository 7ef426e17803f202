package federation

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"exfed/certificate"
)

// How many days before its end a certificate of the organization is spoken of, and becomes a
// fault where it is asked about: new proofs in DNS and the partners take weeks.
const (
	DefaultWarningDays  = 60
	DefaultCriticalDays = 30
)

const day = 24 * time.Hour

// checkMetadata compares the trust with what the broker publishes now.
func (x *trustExamination) checkMetadata(ctx context.Context) EventType {
	if x.trust.Name == "" {
		return ""
	}
	broker, err := x.o.Broker(ctx, x.trust)
	if err != nil {
		return x.conclude(CheckMetadata, err)
	}
	published, err := broker.Metadata(ctx)
	if err != nil {
		x.results[CheckMetadata] = TrustCheck{ID: CheckMetadata, Type: EventError, Cause: err,
			Message: sentence("Unable to retrieve federation metadata from the security token service.", err)}
		return EventError
	}
	issuer := x.trust.Issuer
	known := []string{issuer.Certificate, issuer.PreviousCertificate}
	switch {
	case published.URI != issuer.URI:
		err = Errorf(Conflict, "TokenIssuerAnother", trustObject(x.trust.Name), "this is the metadata of the broker %s, and the trust is with %s", published.URI, issuer.URI)
	case published.EPR != issuer.EPR:
		err = x.stale("the broker issues tokens at %s, and not at %s", published.EPR, issuer.EPR)
	case !slices.Contains(known, published.Certificate):
		err = x.stale("the broker signs with certificate %s, and the trust has %s, read on %s", nameOf(published.Certificate), nameOf(known...),
			issuer.MetadataRefreshed.UTC().Format(time.RFC3339))
	case published.PreviousCertificate != "" && !slices.Contains(known, published.PreviousCertificate):
		return x.warn(CheckMetadata, "The security token service publishes another certificate, with which it may sign in a few days: refresh the metadata of the trust.",
			x.stale("the broker publishes certificate %s as well", nameOf(published.PreviousCertificate)))
	}
	return x.conclude(CheckMetadata, err)
}

func (x *trustExamination) stale(format string, args ...any) error {
	return Errorf(Conflict, "TokenIssuerStale", trustObject(x.trust.Name), format, args...)
}

// nameOf returns the thumbprints of certificates as they are kept.
func nameOf(texts ...string) string {
	var names []string
	for _, text := range texts {
		if c, err := DecodeCertificate(text); err == nil && c != nil {
			names = append(names, certificate.Thumbprint(c))
		}
	}
	if len(names) == 0 {
		return "none that can be read"
	}
	return strings.Join(names, ", ")
}

// checkCertificates looks at the certificates of both sides. That of the organization must
// have its key. It returns the worst of the three results.
func (x *trustExamination) checkCertificates(ctx context.Context) EventType {
	if x.trust.Name == "" {
		return ""
	}
	outcomes := []EventType{
		x.conclude(CheckIssuerCertificate, x.checkIssuerCertificate(x.trust.Issuer.Certificate)),
		x.checkIssuerPrevious(x.trust.Issuer.PreviousCertificate),
		x.checkOwnCertificate(ctx),
	}
	for _, worse := range []EventType{EventError, EventWarning} {
		if slices.Contains(outcomes, worse) {
			return worse
		}
	}
	return EventSuccess
}

func (x *trustExamination) checkIssuerPrevious(text string) EventType {
	if text == "" {
		x.results[CheckIssuerPrevious] = TrustCheck{ID: CheckIssuerPrevious, Type: EventSuccess,
			Message: "No certificate is referenced by property " + issuerPreviousProperty + " in the FederationTrust object."}
		return EventSuccess
	}
	err := x.checkIssuerCertificate(text)
	if IsKind(err, Conflict) { // its time is over: tokens are signed with the current one
		return x.warn(CheckIssuerPrevious, sentence(CheckIssuerPrevious.faultMessage(), err), nil)
	}
	return x.conclude(CheckIssuerPrevious, err)
}

func (x *trustExamination) checkOwnCertificate(ctx context.Context) EventType {
	own, err := x.o.Certificate(ctx, x.trust.Current)
	if err == nil {
		err = requireCertificate(own)
	}
	if err == nil {
		err = checkTimes(own.X509, x.o.Now())
	}
	if err == nil {
		x.pair, err = x.o.pair(own.Thumbprint)
	}
	if err != nil {
		return x.conclude(CheckOwnCertificate, err)
	}
	left := own.X509.NotAfter.Sub(x.o.Now())
	if left >= DefaultWarningDays*day {
		return x.conclude(CheckOwnCertificate, nil)
	}
	soon := Errorf(Conflict, "CertificateExpiresSoon", "certificate "+quote(own.Thumbprint),
		"expires on %s, %d days from now; after that the broker takes no change signed with it", own.X509.NotAfter.UTC().Format(time.RFC3339), left/day)
	return x.warn(CheckOwnCertificate, CheckOwnCertificate.okMessage()+" It "+soon.Reason+".", soon)
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
	id := "CertificateExpired"
	if now.Before(c.NotBefore) {
		id = "CertificateNotYetValid"
	}
	return Errorf(Conflict, id, "certificate "+quote(certificate.Thumbprint(c)), "is valid from %s to %s, and now it is %s",
		c.NotBefore.UTC().Format(time.RFC3339), c.NotAfter.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
}
