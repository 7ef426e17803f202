package certificate

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
)

// readPFX reads a PKCS #12 file.
func readPFX(der []byte, d *deriver) (contents, error) {
	var file pfx
	err := unmarshal(der, &file)
	if err != nil || file.Version == 0 {
		return contents{}, notPFX(der)
	}
	if file.Version != 3 {
		return contents{}, &Error{Code: BundleUnsupported, Object: "the file", Reason: fmt.Sprintf("is version %d of PKCS #12; version 3 is read", file.Version)}
	}
	if id := file.AuthSafe.ContentType.String(); id != oidData {
		return contents{}, unsupported("integrity mode", id)
	}
	content, err := octets(file.AuthSafe.Content)
	if err != nil {
		return contents{}, unreadable("is not whole", err)
	}
	if len(file.MAC.MAC.Algorithm.Algorithm) == 0 {
		return contents{}, &Error{Code: NoMAC, Object: "the file", Reason: "has no MAC, so that nobody would notice if it was changed",
			Remedy: "if you trust it, run: openssl pkcs12 -in FILE -nomacver -nodes -out FILE.pem and import that"}
	}
	right, err := file.MAC.verify(content, d)
	if err != nil {
		return contents{}, asUnreadable(err)
	}
	r := pfxReader{deriver: d}
	err = r.authenticatedSafe(content)
	switch {
	case right && err == nil:
		return r.found, nil
	case right && errors.Is(err, errDecrypt):
		return contents{}, &Error{Code: BundleUnsupported, Object: "the file", Reason: "has a part that is encrypted with another password than the whole",
			Remedy: "write it anew with one password"}
	case !right && r.decrypted > 0 && (err == nil || errors.Is(err, errDecrypt)):
		return contents{}, &Error{Code: BundleDamaged, Object: "the file", Reason: "was changed after it was written: the password is right, the MAC is not",
			Remedy: "have it exported or sent again"}
	case err != nil && !errors.Is(err, errDecrypt):
		return contents{}, asUnreadable(err)
	}
	return contents{}, passwordError(d, "the file")
}

// passwordError says that the password of object is not the one given.
func passwordError(d *deriver, object string) error {
	if d.password == "" {
		return &Error{Code: PasswordNeeded, Object: object, Reason: "is protected with a password, and none was given"}
	}
	return &Error{Code: WrongPassword, Object: object, Reason: "the password is wrong, or what it encrypts was damaged"}
}

// asUnreadable passes an Error on and makes one of everything else.
func asUnreadable(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return unreadable("is damaged", err)
}

// notPFX says what a file is that begins as PKCS #12 does and is none.
func notPFX(der []byte) error {
	if _, err := parseKey(der); err == nil {
		return noCertificate(true)
	}
	return unreadable("is not whole", errBER)
}

// pfxReader collects what is in a PKCS #12 file.
type pfxReader struct {
	deriver   *deriver
	found     contents
	decrypted int // parts that the password opened
}

// authenticatedSafe reads the parts of a file (RFC 7292 section 4.1).
func (r *pfxReader) authenticatedSafe(content []byte) error {
	der, err := toDER(content)
	if err != nil {
		return err
	}
	var parts []contentInfo
	if err := unmarshal(der, &parts); err != nil {
		return err
	}
	for _, part := range parts {
		if certificates, isRC2, err := r.deriver.openRC2(part); isRC2 {
			if err != nil {
				return err
			}
			r.decrypted++
			if err := r.found.addCertificates(certificates); err != nil {
				return err
			}
			continue
		}
		safe, err := r.open(part)
		if err != nil {
			return err
		}
		if err := r.safeContents(safe, maxBERDepth); err != nil {
			return err
		}
	}
	return nil
}

// open returns the SafeContents of a part, decrypted.
func (r *pfxReader) open(part contentInfo) ([]byte, error) {
	switch id := part.ContentType.String(); id {
	case oidData:
		return octets(part.Content)
	case oidEncryptedData:
		data, err := part.encrypted()
		if err != nil {
			return nil, err
		}
		return r.decrypt(data)
	default:
		return nil, unsupported("encryption for a receiver", id)
	}
}

// encrypted returns what is encrypted in a part, and how.
func (c contentInfo) encrypted() (encryptedKey, error) {
	if id := c.ContentType.String(); id != oidEncryptedData {
		return encryptedKey{}, unsupported("kind of part", id)
	}
	der, err := explicit(c.Content)
	if err != nil {
		return encryptedKey{}, err
	}
	var data encryptedData
	if err := unmarshal(der, &data); err != nil {
		return encryptedKey{}, err
	}
	encrypted, err := implicitOctets(data.Info.Content)
	return encryptedKey{data.Info.Algorithm, encrypted}, err
}

func (r *pfxReader) decrypt(data encryptedKey) ([]byte, error) {
	plain, err := r.deriver.decrypt(data.Algorithm, data.Data)
	if err != nil {
		return nil, err
	}
	// One time in 256 the wrong password gives padding that looks right.
	if plain, err = toDER(plain); err != nil {
		return nil, errDecrypt
	}
	r.decrypted++
	return plain, nil
}

// implicitOctets returns the content of [0] IMPLICIT OCTET STRING, in one piece or several.
func implicitOctets(value asn1.RawValue) ([]byte, error) {
	if value.Class != asn1.ClassContextSpecific || value.Tag != 0 {
		return nil, errBER
	}
	if !value.IsCompound {
		return value.Bytes, nil
	}
	whole, err := toDER(element([]byte{octetString | constructedBit}, value.Bytes))
	if err != nil {
		return nil, err
	}
	return octetsOf(whole)
}

// safeContents reads bags (RFC 7292 section 4.2).
func (r *pfxReader) safeContents(data []byte, depth int) error {
	der, err := toDER(data)
	if err != nil {
		return err
	}
	var bags []safeBag
	if err := unmarshal(der, &bags); err != nil {
		return err
	}
	for _, bag := range bags {
		if err := r.bag(bag, depth); err != nil {
			return err
		}
	}
	return nil
}

// bag reads one bag. Kinds that are neither keys nor certificates are passed over.
func (r *pfxReader) bag(bag safeBag, depth int) error {
	value, err := explicit(bag.Value)
	if err != nil {
		return err
	}
	switch bag.ID.String() {
	case oidKeyBag:
		return r.key(value, bag)
	case oidShroudedKeyBag:
		var encrypted encryptedKey
		if err := unmarshal(value, &encrypted); err != nil {
			return err
		}
		if isRC2(encrypted.Algorithm) {
			plain, err := r.deriver.rc2Key(value, encrypted)
			if err != nil {
				return err
			}
			r.decrypted++
			return r.key(plain, bag)
		}
		plain, err := r.decrypt(encrypted)
		if err != nil {
			return err
		}
		return r.key(plain, bag)
	case oidCertificateBag:
		return r.certificate(value, bag)
	case oidSafeContentsBag:
		if depth == 0 {
			return errBER
		}
		return r.safeContents(value, depth-1)
	}
	return nil
}

func (r *pfxReader) key(der []byte, bag safeBag) error {
	key, err := parseKey(der)
	if err != nil {
		return err
	}
	return r.found.addKey(foundKey{key, bag.friendlyName(), bag.localKeyID()})
}

func (r *pfxReader) certificate(der []byte, bag safeBag) error {
	var kept certificateBag
	if err := unmarshal(der, &kept); err != nil {
		return err
	}
	if kept.ID.String() != oidX509Certificate {
		return nil
	}
	raw, err := octets(kept.Value)
	if err != nil {
		return err
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		return fmt.Errorf("a certificate in it cannot be read: %w", err)
	}
	return r.found.addCertificates([]foundCertificate{{cert, bag.friendlyName(), bag.localKeyID()}})
}

// parseKey reads a private key in PKCS #8, PKCS #1 or SEC 1.
func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("a private key in it cannot be read: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("a private key in it cannot sign")
	}
	return signer, nil
}
