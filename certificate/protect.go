package certificate

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"io"
)

// keyIterations is how often the hash is repeated to make a key of a password for a PEM
// file: a tenth of a second.
const keyIterations = 200_000

// encryptKey encrypts a private key as PKCS #8 does (RFC 5958 section 3).
func encryptKey(key crypto.Signer, password string, iterations int, rand io.Reader) ([]byte, error) {
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, notWrittenOut(err)
	}
	scheme, err := newPBES2(iterations, rand)
	if err != nil {
		return nil, err
	}
	d := &deriver{password: password, left: maxIterations}
	data, err := d.encrypt(scheme, plain)
	if err != nil {
		return nil, err
	}
	der, err := asn1.Marshal(encryptedKey{scheme, data})
	if err != nil {
		return nil, notWrittenOut(err)
	}
	return der, nil
}

// decryptKey reads an encrypted private key. The error is errDecrypt for another password.
func decryptKey(der []byte, d *deriver) (crypto.Signer, error) {
	var encrypted encryptedKey
	if err := unmarshal(der, &encrypted); err != nil {
		return nil, err
	}
	plain, err := d.decrypt(encrypted.Algorithm, encrypted.Data)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(plain)
	if err != nil {
		// Padding alone looks right one time in 256.
		return nil, errDecrypt
	}
	return key, nil
}

// EncodePEM writes the bundle as PEM: the key, encrypted if there is a password, the
// certificate, the chain. A friendly name has no place there. Errors have the code NotEncoded.
func EncodePEM(b Bundle, password string, rand io.Reader) ([]byte, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	var out []byte
	if b.Key != nil {
		block, err := keyPEM(b.Key, password, rand)
		if err != nil {
			return nil, err
		}
		out = pem.EncodeToMemory(block)
	}
	for _, cert := range append([]*x509.Certificate{b.Certificate}, b.Chain...) {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: cert.Raw})...)
	}
	return out, nil
}

// keyPEM writes a key, encrypted if there is a password.
func keyPEM(key crypto.Signer, password string, rand io.Reader) (*pem.Block, error) {
	if password != "" {
		der, err := encryptKey(key, password, keyIterations, rand)
		return &pem.Block{Type: encryptedKeyBlock, Bytes: der}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, notWrittenOut(err)
	}
	return &pem.Block{Type: keyBlock, Bytes: der}, nil
}

// check refuses a bundle that no reader could make sense of.
func (b Bundle) check() error {
	switch {
	case b.Certificate == nil:
		return &Error{Code: NoCertificate, Object: "what is to be exported", Reason: "has no certificate"}
	case b.Key != nil && !Belongs(b.Key, b.Certificate):
		return &Error{Code: KeyMismatch, Object: "what is to be exported", Reason: "the private key does not belong to the certificate"}
	}
	return nil
}

func notWrittenOut(err error) error {
	return &Error{Code: NotEncoded, Object: "the file", Reason: "cannot be made", Err: err}
}
