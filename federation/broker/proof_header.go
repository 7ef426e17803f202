package broker

import (
	"fmt"
	"strings"

	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// proofHeaderName is the local name of the SOAP header that carries a proof of domain
// ownership ([MS-OXWSLVID] 2.2.4.3).
const proofHeaderName = "DomainOwnershipProofHeader"

// proofHash is how the specification's prose spells the hash of the proof.
const proofHash = "SHA-512"

// ProofHeader returns the name of that header.
func ProofHeader() xmlsec.Name { return xmlsec.Name{Space: Namespace, Local: proofHeaderName} }

// MarshalProofHeader returns the header that carries the proof.
func MarshalProofHeader(proof federation.DomainProof) []byte {
	var w writer
	w.open(proofHeaderName, Namespace)
	w.leaf("Domain", string(proof.Domain))
	w.leaf("HashAlgorithm", proofHash)
	w.leaf("Signature", proof.Value)
	w.close(proofHeaderName)
	return w.Bytes()
}

// ParseProofHeader reads the header. The domain may be missing and is then "". Its
// value is not checked against anything.
func ParseProofHeader(header *xmlsec.Element) (federation.DomainProof, error) {
	if !header.Is(Namespace, proofHeaderName) {
		return federation.DomainProof{}, fmt.Errorf("the header is %s", header.Name)
	}
	algorithm, err := optionalText(header, Namespace, "HashAlgorithm")
	if err != nil {
		return federation.DomainProof{}, err
	}
	if !isSHA512(strings.TrimSpace(algorithm)) {
		return federation.DomainProof{}, fmt.Errorf("the hash algorithm of the proof is %q", soap.Printable(algorithm, maxAppID))
	}
	domain, err := optionalText(header, Namespace, "Domain")
	if err != nil {
		return federation.DomainProof{}, err
	}
	value, err := optionalText(header, Namespace, "Signature")
	if err != nil {
		return federation.DomainProof{}, err
	}
	return federation.DomainProof{
		Domain: federation.Domain(strings.ToLower(strings.TrimSpace(domain))),
		Value:  strings.TrimSpace(value),
	}, nil
}

// isSHA512 knows the spellings in use: the specification gives none.
func isSHA512(name string) bool {
	return strings.EqualFold(name, proofHash) || strings.EqualFold(name, "SHA512") ||
		name == "http://www.w3.org/2001/04/xmlenc#sha512"
}
