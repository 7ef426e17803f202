package server

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"strings"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/dns"
	"exfed/federation/soap"
)

// proofBytes is the length of a proof before its Base64 encoding: a SHA-512 hash.
const proofBytes = 64

// The bounds of what the log says about records that are not the proof.
const (
	maxNearMisses   = 5
	maxNearMissText = 100 // characters; a proof has 88
)

// readProof returns the proof that came with the request, with the signature of the
// domain if that came as well; nil without a proof.
func readProof(sender *soap.Sender) (*federation.DomainProof, error) {
	block := sender.Block(broker.ProofHeader())
	if block == nil {
		return nil, nil
	}
	proof, err := broker.ParseProofHeader(block)
	if err != nil {
		return nil, refuse(broker.InvalidArgument, "%v", err)
	}
	block = sender.Block(broker.DomainSignatureHeader())
	if block == nil {
		return &proof, nil
	}
	if proof.Signature, err = broker.ParseDomainSignature(block); err != nil {
		return nil, refuse(broker.InvalidArgument, "%v", err)
	}
	return &proof, nil
}

// needsProof reports whether the call attaches a domain that the caller does not hold
// yet. An account namespace is proven by its primary domain. Nobody asks name servers for a
// disabled organization.
func needsProof(tx Tx, c *call, app App) (bool, error) {
	attaches := c.Operation == broker.AddURI || c.Operation == broker.CreateAppID
	if !attaches || c.argument != nil || c.uri.name == "" || c.uri.namespace {
		return false, nil
	}
	policy, err := tx.Policy(app.ID)
	if err != nil || policy.Disabled {
		return false, err
	}
	held, found, err := tx.URI(c.uri.name)
	return !found || held.AppID != app.ID, err
}

// checkProof looks for the proof that came with the request in the domain's TXT records
// as they are at this moment. Name servers are asked only for callers whose own proof it
// can be.
func (s *service) checkProof(ctx context.Context, c *call) error {
	if err := checkProofHeader(c.Proof, c.uri.domain); err != nil {
		return err
	}
	if err := s.checkMaker(c); err != nil {
		return err
	}
	// Slow name servers, which anybody can have for a domain of his, must not take the
	// slots of everybody else.
	if !s.lookups.Take() {
		return refuse(broker.ServiceUnavailable, "too many calls wait for name servers")
	}
	defer s.lookups.Release()
	ctx, cancel := context.WithTimeout(ctx, s.dnsTimeout)
	defer cancel()
	texts, err := s.resolver.LookupTXT(ctx, string(c.uri.domain))
	if err != nil {
		return refuse(broker.DNSUnavailable, "TXT records of %s: %v", c.uri.domain, err)
	}
	match := dns.MatchProof(texts, c.Proof.Value)
	if !match.Found {
		return refuse(broker.ProofOfDomainOwnershipFailed, "none of the %d TXT records of %s is the proof%s",
			len(texts), c.uri.domain, nearMisses(match.NearMisses))
	}
	return nil
}

func checkProofHeader(proof *federation.DomainProof, domain federation.Domain) error {
	if proof == nil {
		return refuse(broker.ProofOfDomainOwnershipFailed, "no proof was sent for %s", domain)
	}
	if proof.Domain != "" && proof.Domain != domain {
		return refuse(broker.ProofOfDomainOwnershipFailed, "the proof is for %q, not for %s", soap.Printable(string(proof.Domain), 64), domain)
	}
	hash, err := base64.StdEncoding.Strict().DecodeString(proof.Value)
	if err != nil || len(hash) != proofBytes {
		return refuse(broker.ProofOfDomainOwnershipFailed, "the proof is not %d bytes in Base64", proofBytes)
	}
	return nil
}

// checkMaker refuses a proof that the key of the request's certificate did not make:
// everybody can read one in DNS and send it. Clients of other makers have no way to show
// that they made it; for them, in the exchange profile, admitMaker is what remains.
func (s *service) checkMaker(c *call) error {
	if len(c.Proof.Signature) == 0 {
		if s.profile == federation.Exchange {
			return nil
		}
		return refuse(broker.ProofOfDomainOwnershipFailed, "no %s came with the proof of %s", broker.DomainSignatureHeader().Local, c.uri.domain)
	}
	proof := *c.Proof
	proof.Domain = c.uri.domain // the header need not name it
	key, ok := c.Certificate.PublicKey.(*rsa.PublicKey)
	if !ok || !proof.MadeWith(key, s.profile) {
		return refuse(broker.ProofOfDomainOwnershipFailed, "the proof of %s was not made with the key of the certificate", c.uri.domain)
	}
	c.made = true
	return nil
}

// admitMaker refuses a proof with which somebody with another key has attached the
// domain before. Who is shown to have made it may use it whoever did.
func admitMaker(tx Tx, op *operation) error {
	if op.made {
		return nil
	}
	first, err := tx.ProofMaker(op.uri.name, op.Proof.Value)
	if err != nil || first == "" || first == op.keyFingerprint() {
		return err
	}
	return refuse(broker.ProofOfDomainOwnershipFailed, "the proof of %s belongs to the key with the SHA-256 fingerprint %s, which used it first", op.uri.name, first)
}

// nearMisses says which records look like the proof, for the log.
func nearMisses(found []dns.NearMiss) string {
	if len(found) == 0 {
		return ""
	}
	var misses []string
	for _, miss := range found[:min(len(found), maxNearMisses)] {
		misses = append(misses, fmt.Sprintf("%q (%s)", soap.Printable(miss.Text, maxNearMissText), miss.Reason))
	}
	if len(found) > maxNearMisses {
		misses = append(misses, "and more")
	}
	return "; like it: " + strings.Join(misses, ", ")
}
