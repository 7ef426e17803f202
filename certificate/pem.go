package certificate

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// The types of PEM block in a key file (RFC 7468).
const (
	keyBlock         = "PRIVATE KEY" // PKCS #8
	certificateBlock = "CERTIFICATE"
)

// encodePair writes a key file: the key, then the certificate.
func encodePair(pair Pair) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(pair.Key)
	if err != nil {
		return nil, &Error{Code: KeyNotWritten, Object: "the private key", Reason: "cannot be put in a file", Err: err}
	}
	data := pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der})
	return append(data, pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: pair.Certificate.Raw})...), nil
}

// decodePair reads a key file: one key and one certificate, in either order.
func decodePair(data []byte) (Pair, error) {
	var pair Pair
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		if err := pair.add(block); err != nil {
			return Pair{}, err
		}
		data = rest
	}
	switch {
	case pair.Key == nil:
		return Pair{}, fmt.Errorf("it holds no %s block", keyBlock)
	case pair.Certificate == nil:
		return Pair{}, fmt.Errorf("it holds no %s block", certificateBlock)
	}
	return pair, nil
}

func (p *Pair) add(block *pem.Block) error {
	switch {
	case block.Type == keyBlock && p.Key == nil:
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return err
		}
		signer, ok := key.(crypto.Signer)
		if !ok {
			return fmt.Errorf("its private key cannot sign")
		}
		p.Key = signer
	case block.Type == certificateBlock && p.Certificate == nil:
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return err
		}
		p.Certificate = cert
	default:
		return fmt.Errorf("it holds a %q block too many; one %s and one %s are expected", block.Type, keyBlock, certificateBlock)
	}
	return nil
}
