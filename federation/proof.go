package federation

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"exfed/certificate"
)

// DomainProofSlot says which certificate of the trust a proof belongs to, by the name
// of the trust's property.
type DomainProofSlot string

// The slots in which a trust keeps certificates.
const (
	CurrentSlot  DomainProofSlot = "OrgPrivCertificate"
	NextSlot     DomainProofSlot = "OrgNextPrivCertificate"
	PreviousSlot DomainProofSlot = "OrgPrevPrivCertificate"
)

// SlotProof is the proof of a domain made with one of the trust's certificates.
type SlotProof struct {
	DomainProof
	Slot       DomainProofSlot
	Thumbprint string
}

// NewDomainProof computes the proof of ownership of a domain ([MS-OXWSLVID] 2.2.4.3): the
// Base64 of the SHA-512 hash of the domain's RSA signature, 88 characters. The signature
// comes with it, for a broker that can check it with MadeWith.
//
// The specification leaves the signature's own hash open. It must only be the same every
// time: PKCS #1 v1.5 over the domain in UTF-8, with SHA-512, or SHA-1 in the exchange
// profile.
func NewDomainProof(pair certificate.Pair, domain Domain, profile SecurityProfile) (DomainProof, error) {
	if _, ok := pair.Key.Public().(*rsa.PublicKey); !ok {
		return DomainProof{}, Errorf(Invalid, "CertificateKeyNotRSA", "certificate", "its key is not an RSA key")
	}
	hash, digest := domainDigest(domain, profile)
	// PKCS #1 v1.5 needs no randomness, and must not: the proof has to be the same each time.
	signature, err := pair.Key.Sign(nil, digest, hash)
	if err != nil {
		return DomainProof{}, &Error{Kind: Other, ID: "ProofNotComputed", Object: "domain " + quote(string(domain)), Reason: "the private key did not sign", Err: err}
	}
	return DomainProof{Domain: domain, Value: proofValue(signature), Signature: signature}, nil
}

// domainDigest returns what is signed in the profile.
func domainDigest(domain Domain, profile SecurityProfile) (crypto.Hash, []byte) {
	if profile == Exchange {
		digest := sha1.Sum([]byte(domain))
		return crypto.SHA1, digest[:]
	}
	digest := sha512.Sum512([]byte(domain))
	return crypto.SHA512, digest[:]
}

// proofValue returns the proof that a signature of the domain makes.
func proofValue(signature []byte) string {
	hash := sha512.Sum512(signature)
	return base64.StdEncoding.EncodeToString(hash[:])
}

// MadeWith reports whether the owner of the key made the proof: its signature is the
// key's over the domain, and its value the hash of the signature. The value alone shows
// nothing, so a proof without a signature is nobody's. The modern profile takes
// signatures with SHA-512 only, the exchange profile those with SHA-1 as well.
func (p DomainProof) MadeWith(key *rsa.PublicKey, profile SecurityProfile) bool {
	if key == nil || len(p.Signature) == 0 || p.Value != proofValue(p.Signature) {
		return false
	}
	made := func(profile SecurityProfile) bool {
		hash, digest := domainDigest(p.Domain, profile)
		return rsa.VerifyPKCS1v15(key, hash, digest, p.Signature) == nil
	}
	return made(Modern) || profile == Exchange && made(Exchange)
}

// DomainProofs returns the proofs of a domain, one for each certificate in the trust:
// next before current. With a thumbprint it returns that certificate's proof alone,
// the previous one's too. They are for people to publish, and come without signatures.
func (o *Organization) DomainProofs(ctx context.Context, domain Domain, thumbprint string) ([]SlotProof, error) {
	trust, err := o.onlyTrust(ctx)
	if err != nil {
		return nil, err
	}
	type slot struct {
		name       DomainProofSlot
		thumbprint string
	}
	slots := []slot{{NextSlot, trust.Next}, {CurrentSlot, trust.Current}}
	if thumbprint != "" {
		slots = append(slots, slot{PreviousSlot, trust.Previous})
	}
	var proofs []SlotProof
	for _, s := range slots {
		if s.thumbprint == "" || thumbprint != "" && !strings.EqualFold(thumbprint, s.thumbprint) {
			continue
		}
		proof, err := o.proof(trust, s.thumbprint, domain)
		if err != nil {
			return nil, err
		}
		proof.Signature = nil
		proofs = append(proofs, SlotProof{DomainProof: proof, Slot: s.name, Thumbprint: s.thumbprint})
	}
	if len(proofs) == 0 {
		return nil, Errorf(NotFound, "CertificateNotInTrust", "certificate "+quote(thumbprint),
			"is in no slot of federation trust %q", trust.Name)
	}
	return proofs, nil
}

// proof computes the proof of a domain with one of the trust's certificates.
func (o *Organization) proof(trust FederationTrust, thumbprint string, domain Domain) (DomainProof, error) {
	pair, err := o.pair(thumbprint)
	if err != nil {
		return DomainProof{}, err
	}
	return NewDomainProof(pair, domain, trust.SecurityProfile)
}

// TXTIsProof reports whether the content of a TXT record is the proof: the same text but
// for surrounding white space and one layer of quotes, which registrars' forms add.
func TXTIsProof(text, proof string) bool {
	text = strings.Trim(text, " \t\r\n")
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		text = strings.Trim(text[1:len(text)-1], " \t\r\n")
	}
	return proof != "" && text == proof
}
