package federation

import (
	"context"
	"crypto/x509"

	"exfed/certificate"
)

// RelyingParty is what an organization judges the tokens by that are presented to it.
type RelyingParty struct {
	Audience   string              // application URI of the organization; empty before it is registered
	Keys       []certificate.Pair  // its own: current, next and previous, those it has the keys of
	IssuerURI  string              // of the broker it trusts
	IssuerKeys []*x509.Certificate // the broker's, as the trust has them: current, previous
}

// RelyingParty returns what the organization's trust says about tokens. Without a trust
// it is NotFound (NoFederationTrust).
func (o *Organization) RelyingParty(ctx context.Context) (RelyingParty, error) {
	trust, err := o.onlyTrust(ctx)
	if err != nil {
		return RelyingParty{}, err
	}
	return o.relyingParty(trust)
}

func (o *Organization) relyingParty(trust FederationTrust) (RelyingParty, error) {
	party := RelyingParty{Audience: trust.ApplicationURI, IssuerURI: trust.Issuer.URI}
	for _, text := range []string{trust.Issuer.Certificate, trust.Issuer.PreviousCertificate} {
		c, err := DecodeCertificate(text)
		if err != nil {
			return party, &Error{Kind: Corrupt, ID: "TokenIssuerDamaged", Object: trustObject(trust.Name),
				Reason: "the broker's certificate cannot be read from the state file", Err: err}
		}
		if c != nil {
			party.IssuerKeys = append(party.IssuerKeys, c)
		}
	}
	for _, thumbprint := range []string{trust.Current, trust.Next, trust.Previous} {
		if thumbprint == "" {
			continue
		}
		pair, err := o.pair(thumbprint)
		if IsKind(err, NotFound) {
			o.Warn("the private key of certificate %s is not there: tokens encrypted to it cannot be read", thumbprint)
			continue
		}
		if err != nil {
			return party, err
		}
		party.Keys = append(party.Keys, pair)
	}
	return party, nil
}

// KeyPair returns a certificate of the organization with its private key.
func (o *Organization) KeyPair(ctx context.Context, thumbprint string) (certificate.Pair, error) {
	own, err := o.Certificate(ctx, thumbprint)
	if err != nil {
		return certificate.Pair{}, err
	}
	return o.pair(own.Thumbprint)
}
