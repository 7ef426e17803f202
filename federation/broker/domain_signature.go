package broker

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"exfed/federation/xmlsec"
)

// NamespaceOwnership holds the one header block this project adds to ManageDelegation2:
// DomainSignature, with the Base64 of the RSA signature whose hash the proof of domain
// ownership is. The WS-Security signature covers it.
const NamespaceOwnership = "urn:exfed:domain-ownership:1"

const domainSignatureName = "DomainSignature"

// maxDomainSignature bounds the signature, in bytes: that of an RSA key of 16384 bits.
const maxDomainSignature = 2048

// DomainSignatureHeader returns the name of that header block.
func DomainSignatureHeader() xmlsec.Name {
	return xmlsec.Name{Space: NamespaceOwnership, Local: domainSignatureName}
}

// MarshalDomainSignature returns the header block that carries the signature.
func MarshalDomainSignature(signature []byte) []byte {
	var w writer
	w.open(domainSignatureName, NamespaceOwnership)
	w.text(base64.StdEncoding.EncodeToString(signature))
	w.close(domainSignatureName)
	return w.Bytes()
}

// ParseDomainSignature reads the header block. White space within the Base64 is passed
// over; nothing, or more than 2048 bytes, is an error. Errors do not quote the signature.
func ParseDomainSignature(header *xmlsec.Element) ([]byte, error) {
	if !header.Is(NamespaceOwnership, domainSignatureName) {
		return nil, fmt.Errorf("the header is %s", header.Name)
	}
	text, err := header.Value()
	if err != nil {
		return nil, err
	}
	encoded := strings.Join(strings.Fields(text), "")
	signature, err := base64.StdEncoding.Strict().DecodeString(encoded)
	switch {
	case err != nil || len(signature) == 0:
		return nil, errors.New("the signature of the domain is not Base64, or empty")
	case len(signature) > maxDomainSignature:
		return nil, fmt.Errorf("the signature of the domain is longer than %d bytes", maxDomainSignature)
	}
	return signature, nil
}
