package certificate

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// More types of PEM block (RFC 7468, RFC 5915 and OpenSSL's own).
const (
	encryptedKeyBlock = "ENCRYPTED PRIVATE KEY"
	rsaKeyBlock       = "RSA PRIVATE KEY"
	ecKeyBlock        = "EC PRIVATE KEY"
	pkcs7Block        = "PKCS7"
	requestBlock      = "CERTIFICATE REQUEST"
)

// readPEM reads every block of a PEM file, with what tools write between them.
func readPEM(data []byte, d *deriver) (contents, error) {
	var c contents
	blocks := 0
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		blocks++
		if err := c.addBlock(block, d); err != nil {
			return contents{}, err
		}
		data = rest
	}
	if strings.Contains(string(data), "-----BEGIN ") {
		return contents{}, unreadable(fmt.Sprintf("is broken off or damaged after %d PEM blocks", blocks), nil)
	}
	return c, nil
}

func (c *contents) addBlock(block *pem.Block, d *deriver) error {
	switch block.Type {
	case certificateBlock, "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return unreadable("a certificate in it cannot be read", err)
		}
		return c.addCertificates([]foundCertificate{{certificate: cert}})
	case keyBlock, rsaKeyBlock, ecKeyBlock:
		if block.Headers["DEK-Info"] != "" {
			return &Error{Code: BundleUnsupported, Object: "the file", Reason: "its private key is encrypted in OpenSSL's old way (DEK-Info), which guards it badly",
				Remedy: convertKey}
		}
		key, err := parseKey(block.Bytes)
		if err != nil {
			return asUnreadable(err)
		}
		return c.addKey(foundKey{key: key})
	case encryptedKeyBlock:
		return c.addEncryptedKey(block.Bytes, d)
	case pkcs7Block:
		return c.addPKCS7(block.Bytes)
	case requestBlock, "NEW CERTIFICATE REQUEST":
		return &Error{Code: NoCertificate, Object: "the file", Reason: "is a certificate request, which an authority makes a certificate of"}
	}
	return nil // parameters, and what else keys are accompanied by
}

// convertKey is what to do about a key that is encrypted in a way that is not read.
const convertKey = "run: openssl pkcs8 -topk8 -in FILE -out FILE.key and put that key in its place"

func (c *contents) addEncryptedKey(der []byte, d *deriver) error {
	key, err := decryptKey(der, d)
	var e *Error
	switch {
	case errors.Is(err, errDecrypt):
		return passwordError(d, "the file")
	case errors.As(err, &e) && e.Code == BundleUnsupported:
		e.Remedy = convertKey
		return e
	case err != nil:
		return asUnreadable(err)
	}
	return c.addKey(foundKey{key: key})
}

func (c *contents) addPKCS7(data []byte) error {
	der, err := toDER(data)
	if err != nil {
		return unreadable("is not whole", err)
	}
	found, err := readPKCS7(der)
	if err != nil {
		return err
	}
	return c.addCertificates(found.certificates)
}
