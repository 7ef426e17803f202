package certificate

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// askCRL reads a certificate revocation list.
func (a *asker) askCRL(ctx context.Context, address string) (Revocation, error) {
	body, err := a.fetch(ctx, Question{URL: address, Most: maxCRL})
	if err != nil {
		return Revocation{}, err
	}
	if block, _ := pem.Decode(body); block != nil { // not as RFC 5280 has it, but as some serve it
		body = block.Bytes
	}
	list, err := x509.ParseRevocationList(body)
	if err != nil {
		return Revocation{}, errors.New("no CRL that can be read")
	}
	if !bytes.Equal(list.RawIssuer, a.issuer.RawSubject) || list.CheckSignatureFrom(a.issuer) != nil {
		return Revocation{}, errNotIssuer
	}
	if err := a.inForce(list.ThisUpdate, list.NextUpdate); err != nil {
		return Revocation{}, err
	}
	partial, err := a.covers(list)
	if err != nil {
		return Revocation{}, err
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(a.cert.SerialNumber) == 0 {
			return Revocation{State: Revoked, Since: entry.RevocationTime, Reason: revocationReason(entry.ReasonCode)}, nil
		}
	}
	if partial {
		return Revocation{}, errors.New("the CRL lists what was revoked for some reasons only")
	}
	return Revocation{State: NotRevoked}, nil
}

// distributionScope is the issuing distribution point of a CRL (RFC 5280 section 5.2.5): of
// which certificates it lists the revoked ones.
type distributionScope struct {
	Point struct {
		FullName     []asn1.RawValue  `asn1:"optional,tag:0"`
		RelativeName pkix.RDNSequence `asn1:"optional,tag:1"`
	} `asn1:"optional,tag:0"`
	OnlyUsers      bool           `asn1:"optional,tag:1"`
	OnlyCAs        bool           `asn1:"optional,tag:2"`
	SomeReasons    asn1.BitString `asn1:"optional,tag:3"`
	Indirect       bool           `asn1:"optional,tag:4"`
	OnlyAttributes bool           `asn1:"optional,tag:5"`
}

// uriName is the tag of a URI among the general names (RFC 5280 section 4.2.1.6).
const uriName = 6

// covers refuses a list that does not say everything about the certificate, such as one of
// changes only. A partial one says of what it lists that it is revoked, and nothing of the rest.
func (a *asker) covers(list *x509.RevocationList) (partial bool, err error) {
	scopeID := asn1.ObjectIdentifier{2, 5, 29, 28}
	for _, extension := range list.Extensions {
		switch {
		case extension.Id.Equal(scopeID):
			if partial, err = a.inScope(extension.Value); err != nil {
				return false, err
			}
		case extension.Critical:
			return false, fmt.Errorf("the CRL has the critical extension %s, which is not known here", extension.Id)
		}
	}
	for _, entry := range list.RevokedCertificateEntries {
		if slices.ContainsFunc(entry.Extensions, func(e pkix.Extension) bool { return e.Critical }) {
			return false, errors.New("the CRL has entries with critical extensions, which are not known here")
		}
	}
	return partial, nil
}

func (a *asker) inScope(der []byte) (partial bool, err error) {
	var scope distributionScope
	if rest, err := asn1.Unmarshal(der, &scope); err != nil || len(rest) > 0 {
		return false, errors.New("the CRL's issuing distribution point cannot be read")
	}
	if scope.Indirect || scope.OnlyAttributes || scope.OnlyCAs && !a.cert.IsCA || scope.OnlyUsers && a.cert.IsCA {
		return false, errors.New("the CRL is for other certificates")
	}
	named := len(scope.Point.FullName)+len(scope.Point.RelativeName) > 0
	if named && !slices.ContainsFunc(scope.Point.FullName, func(name asn1.RawValue) bool {
		return name.Class == asn1.ClassContextSpecific && name.Tag == uriName && slices.Contains(a.cert.CRLDistributionPoints, string(name.Bytes))
	}) {
		return false, errors.New("the CRL is the one of another distribution point")
	}
	return scope.SomeReasons.BitLength > 0, nil
}
