package server

import (
	"context"
	"encoding/base64"
	"slices"

	"exfed/federation"
	"exfed/federation/broker"
)

// proofBytes is the length of a proof before its Base64 encoding: a SHA-512 hash.
const proofBytes = 64

// needsProof reports whether the call attaches a domain that the caller does not hold
// yet. An account namespace is proven by its primary domain.
func needsProof(tx Tx, c *call, app App) (bool, error) {
	attaches := c.Operation == broker.AddURI || c.Operation == broker.CreateAppID
	if !attaches || c.argument != nil || c.uri.name == "" || c.uri.namespace {
		return false, nil
	}
	held, found, err := tx.URI(c.uri.name)
	return !found || held.AppID != app.ID, err
}

// checkProof compares the proof that came with the request with what the domain's TXT
// records say at this moment.
func (s *service) checkProof(ctx context.Context, c *call) error {
	if err := checkProofHeader(c.Proof, c.uri.domain); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.dnsTimeout)
	defer cancel()
	texts, err := s.resolver.LookupTXT(ctx, string(c.uri.domain))
	if err != nil {
		return refuse(broker.DNSUnavailable, "TXT records of %s: %v", c.uri.domain, err)
	}
	if !slices.ContainsFunc(texts, func(text string) bool { return federation.TXTIsProof(text, c.Proof.Value) }) {
		return refuse(broker.ProofOfDomainOwnershipFailed, "none of the %d TXT records of %s is the proof", len(texts), c.uri.domain)
	}
	return nil
}

func checkProofHeader(proof *federation.DomainProof, domain federation.Domain) error {
	if proof == nil {
		return refuse(broker.ProofOfDomainOwnershipFailed, "no proof was sent for %s", domain)
	}
	if proof.Domain != "" && proof.Domain != domain {
		return refuse(broker.ProofOfDomainOwnershipFailed, "the proof is for %q, not for %s", broker.Sanitize(string(proof.Domain), 64), domain)
	}
	hash, err := base64.StdEncoding.Strict().DecodeString(proof.Value)
	if err != nil || len(hash) != proofBytes {
		return refuse(broker.ProofOfDomainOwnershipFailed, "the proof is not %d bytes in Base64", proofBytes)
	}
	return nil
}
