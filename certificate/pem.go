package certificate

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// The types of PEM block in a key file (RFC 7468). The key is encrypted if the store has a
// passphrase; a request stands where no certificate has come yet.
const (
	keyBlock         = "PRIVATE KEY" // PKCS #8
	certificateBlock = "CERTIFICATE"
)

// keyFileContent is what a key file holds: a key with a certificate or with a request.
type keyFileContent struct {
	Requested
	certificate *x509.Certificate
}

// pair returns the key with its certificate.
func (c keyFileContent) pair() Pair { return Pair{Certificate: c.certificate, Key: c.Key} }

// encode writes a key file: the key, then the certificate or the request.
func (c keyFileContent) encode(passphrase string) ([]byte, error) {
	block, err := keyPEM(c.Key, passphrase, rand.Reader)
	if err != nil {
		return nil, &Error{Code: KeyNotWritten, Object: "the private key", Reason: "cannot be put in a file", Err: err}
	}
	second := &pem.Block{Type: certificateBlock}
	if c.certificate != nil {
		second.Bytes = c.certificate.Raw
	} else {
		second = &pem.Block{Type: requestBlock, Bytes: c.Request.Raw}
	}
	return append(pem.EncodeToMemory(block), pem.EncodeToMemory(second)...), nil
}

// thumbprint names the file.
func (c keyFileContent) thumbprint() string {
	if c.certificate != nil {
		return Thumbprint(c.certificate)
	}
	return RequestThumbprint(c.Request)
}

// matches reports whether the key belongs to what stands beside it.
func (c keyFileContent) matches() bool {
	if c.certificate != nil {
		return Belongs(c.Key, c.certificate)
	}
	return samePublicKey(c.Key, c.Request.PublicKey)
}

// decodeKeyFile reads a key file: one key and one certificate or request, in either order.
func decodeKeyFile(data []byte, passphrase func() (string, error)) (keyFileContent, error) {
	var c keyFileContent
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		if err := c.add(block, passphrase); err != nil {
			return keyFileContent{}, err
		}
		data = rest
	}
	switch {
	case c.Key == nil:
		return keyFileContent{}, fmt.Errorf("it holds no %s block", keyBlock)
	case c.certificate == nil && c.Request == nil:
		return keyFileContent{}, fmt.Errorf("it holds no %s block", certificateBlock)
	}
	return c, nil
}

func (c *keyFileContent) add(block *pem.Block, passphrase func() (string, error)) (err error) {
	alone := c.certificate == nil && c.Request == nil
	switch {
	case block.Type == keyBlock && c.Key == nil:
		c.Key, err = parseKey(block.Bytes)
	case block.Type == encryptedKeyBlock && c.Key == nil:
		c.Key, err = openKey(block.Bytes, passphrase)
	case block.Type == certificateBlock && alone:
		c.certificate, err = x509.ParseCertificate(block.Bytes)
	case block.Type == requestBlock && alone:
		c.Request, err = ParseRequest(block.Bytes)
	default:
		return fmt.Errorf("it holds a %q block too many; one %s and one %s are expected", block.Type, keyBlock, certificateBlock)
	}
	return err
}

// openKey decrypts the key of a key file. Errors of the passphrase are *Error without an
// object, which the caller knows.
func openKey(der []byte, passphrase func() (string, error)) (crypto.Signer, error) {
	word, wrong := "", &Error{Code: WrongPassphrase, Reason: "is encrypted with another passphrase"}
	if passphrase != nil {
		var err error
		word, err = passphrase()
		if IsCode(err, WrongPassphrase) { // it was tried on another file already
			return nil, wrong
		}
		if err != nil {
			return nil, &Error{Code: KeyEncrypted, Reason: "is encrypted, and its passphrase cannot be had", Err: err}
		}
	}
	if word == "" {
		return nil, &Error{Code: KeyEncrypted, Reason: "is encrypted, and no passphrase was given"}
	}
	key, err := decryptKey(der, &deriver{password: word, left: maxIterations})
	if errors.Is(err, errDecrypt) {
		return nil, wrong
	}
	return key, err
}
