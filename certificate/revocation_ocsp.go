package certificate

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"golang.org/x/crypto/ocsp"
)

// askOCSP asks an OCSP responder. That it does not know the certificate is no answer.
func (a *asker) askOCSP(ctx context.Context, address string) (Revocation, error) {
	request, err := ocsp.CreateRequest(a.cert, a.issuer, nil)
	if err != nil {
		return Revocation{}, err
	}
	body, err := a.fetch(ctx, Question{URL: address, MediaType: "application/ocsp-request", Body: request, Most: maxOCSPAnswer})
	if err != nil {
		return Revocation{}, err
	}
	// Without an issuer the module checks the signature against the certificate in the answer
	// only. With one it refuses an authority that sends its own certificate along.
	answer, err := ocsp.ParseResponseForCert(body, a.cert, nil)
	if err != nil {
		return Revocation{}, fmt.Errorf("no OCSP answer that can be used: %w", err)
	}
	if err := a.mayAnswer(answer); err != nil {
		return Revocation{}, err
	}
	if err := isAbout(answer, request); err != nil {
		return Revocation{}, err
	}
	if err := a.inForce(answer.ThisUpdate, answer.NextUpdate); err != nil {
		return Revocation{}, err
	}
	switch answer.Status {
	case ocsp.Good:
		return Revocation{State: NotRevoked}, nil
	case ocsp.Revoked:
		return Revocation{State: Revoked, Since: answer.RevokedAt, Reason: revocationReason(answer.RevocationReason)}, nil
	}
	return Revocation{}, errors.New("the OCSP responder does not know the certificate")
}

// mayAnswer wants the answer signed by the issuer itself, or with a certificate that the issuer
// made for signing such answers (RFC 6960 section 4.2.2.2).
func (a *asker) mayAnswer(answer *ocsp.Response) error {
	if answer.CheckSignatureFrom(a.issuer) == nil {
		return nil
	}
	signer := answer.Certificate // with which the signature was checked
	if signer == nil || !bytes.Equal(signer.RawIssuer, a.issuer.RawSubject) ||
		a.issuer.CheckSignature(signer.SignatureAlgorithm, signer.RawTBSCertificate, signer.Signature) != nil {
		return errNotIssuer
	}
	if !slices.Contains(signer.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		return errors.New("the answer is signed with a certificate that is not for signing OCSP answers")
	}
	if StatusAt(signer, a.now) != Valid {
		return fmt.Errorf("the answer is signed with a certificate that is valid from %s to %s", stamp(signer.NotBefore), stamp(signer.NotAfter))
	}
	return nil
}

// responseData is what an OCSP answer is signed over (RFC 6960 section 4.2.1), as far as it is
// read here.
type responseData struct {
	Version             int `asn1:"optional,default:0,explicit,tag:0"`
	Responder, Produced asn1.RawValue
	Responses           []struct {
		Certificate struct {
			Hash              pkix.AlgorithmIdentifier
			NameHash, KeyHash []byte // of the issuer
			SerialNumber      *big.Int
		}
	}
}

// isAbout wants the answer about the certificate that was asked about (RFC 6960 section 3.2). The
// module compares serial numbers alone, and one responder may answer for several issuers.
func isAbout(answer *ocsp.Response, request []byte) error {
	asked, err := ocsp.ParseRequest(request)
	if err != nil {
		return err
	}
	var data responseData
	if _, err := asn1.Unmarshal(answer.TBSResponseData, &data); err != nil {
		return errors.New("no OCSP answer that can be used")
	}
	for _, r := range data.Responses {
		if c := r.Certificate; c.SerialNumber.Cmp(asked.SerialNumber) == 0 { // the one that the module took
			if bytes.Equal(c.NameHash, asked.IssuerNameHash) && bytes.Equal(c.KeyHash, asked.IssuerKeyHash) {
				return nil
			}
			break
		}
	}
	return errors.New("the answer is about another issuer's certificate")
}
