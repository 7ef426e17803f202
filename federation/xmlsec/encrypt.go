package xmlsec

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"io"
)

// Encrypter encrypts elements for one recipient: with a new key for each, which is
// encrypted to an RSA key, or wrapped under a secret. It has the one that KeyMethod is
// for.
type Encrypter struct {
	Method    EncryptionMethod
	KeyMethod KeyEncryptionMethod // empty for RSAOAEP
	Public    *rsa.PublicKey      // of RSAOAEP, 1024 to 8192 bits
	Digest    DigestMethod        // of RSAOAEP; empty for SHA1, which is what no DigestMethod means
	Secret    []byte              // of key wrapping, of the length KeyMethod takes
	Recipient Markup              // names the recipient's key: SubjectKeyReference, AssertionReference; the zero value for no name
	ID        string              // the Id of the EncryptedData; empty for none
	Rand      io.Reader           // nil for the randomness of the system
}

// Encrypt returns the xenc:EncryptedData of an element that declares its own prefixes.
// Its octets are encrypted as they are and not looked at.
//
// A failure is an *Error of code AlgorithmRefused, KeyRefused, ReferenceRefused for an ID
// that is no name, or EncryptionFailed.
func (e Encrypter) Encrypt(element []byte) ([]byte, error) {
	if e.KeyMethod == "" {
		e.KeyMethod = RSAOAEP
	}
	if e.Rand == nil {
		e.Rand = rand.Reader
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	key := make([]byte, e.Method.keyBytes())
	_, err := io.ReadFull(e.Rand, key)
	if e.Method == TripleDESCBC {
		setParity(key)
	}
	var encryptedKey, content []byte
	if err == nil {
		encryptedKey, err = e.encryptKey(key)
	}
	if err == nil {
		content, err = e.Method.seal(key, element, e.Rand)
	}
	if err != nil {
		return nil, &Error{Code: EncryptionFailed, Offset: -1, Detail: "the element was not encrypted", Err: err}
	}
	return e.write(encryptedKey, content), nil
}

// check sees to it that there is one key and that it is of the kind KeyMethod is for.
func (e Encrypter) check() error {
	switch {
	case e.Method.keyBytes() == 0 || e.KeyMethod != RSAOAEP && e.KeyMethod.keyBytes() == 0:
		return failf(AlgorithmRefused, "no such encryption algorithm: %q, %q", e.Method, e.KeyMethod)
	case e.Digest != "" && (e.Digest.hash() == 0 || e.KeyMethod != RSAOAEP):
		return failf(AlgorithmRefused, "%q has no digest %q", e.KeyMethod, e.Digest)
	case e.ID != "" && !isNCName(e.ID):
		return failf(ReferenceRefused, "%.64q is no identifier", e.ID)
	case (e.KeyMethod == RSAOAEP) != (e.Public != nil) || len(e.Secret) != e.KeyMethod.keyBytes():
		return failf(KeyRefused, "%q takes another kind of key", e.KeyMethod)
	}
	if e.Public == nil {
		return nil
	}
	return checkKey(e.Public)
}

func (e Encrypter) encryptKey(key []byte) ([]byte, error) {
	if e.KeyMethod != RSAOAEP {
		return e.KeyMethod.wrap(e.Secret, key, e.Rand)
	}
	return rsa.EncryptOAEPWithOptions(e.Rand, e.Public, key, e.Digest.oaep())
}

// oaep returns the options of RSAOAEP with a digest. Its name says that MGF1 hashes with
// SHA-1, whatever the digest is.
func (m DigestMethod) oaep() *rsa.OAEPOptions {
	hash := m.hash()
	if m == "" {
		hash = crypto.SHA1
	}
	return &rsa.OAEPOptions{Hash: hash, MGFHash: crypto.SHA1}
}

// write writes EncryptedData as the token issuers of Exchange do: empty elements with
// end tags, the EncryptedKey within KeyInfo.
func (e Encrypter) write(encryptedKey, content []byte) []byte {
	const around = 1024 // more than what is written here besides
	base64Bytes := base64.StdEncoding.EncodedLen
	out := make([]byte, 0, around+base64Bytes(len(encryptedKey))+base64Bytes(len(content))+len(e.Recipient.text)+len(e.ID))
	out = append(out, `<EncryptedData`...)
	if e.ID != "" {
		out = append(append(append(out, ` Id="`...), e.ID...), '"')
	}
	out = append(out, ` Type="`+typeElement+`" xmlns="`+NamespaceEncryption+`"><EncryptionMethod Algorithm="`...)
	out = append(append(out, e.Method...), `"></EncryptionMethod>`...)
	out = append(out, `<ds:KeyInfo xmlns:ds="`+NamespaceSignature+`"><EncryptedKey><EncryptionMethod Algorithm="`...)
	out = append(append(out, e.KeyMethod...), `">`...)
	if e.Digest != "" {
		out = append(append(append(out, `<ds:DigestMethod Algorithm="`...), e.Digest...), `"></ds:DigestMethod>`...)
	}
	out = append(out, `</EncryptionMethod>`...)
	if len(e.Recipient.text) > 0 {
		out = append(append(append(out, `<ds:KeyInfo Id="keyinfo">`...), e.Recipient.text...), `</ds:KeyInfo>`...)
	}
	out = appendCipherData(out, encryptedKey)
	out = append(out, `</EncryptedKey></ds:KeyInfo>`...)
	out = appendCipherData(out, content)
	return append(out, `</EncryptedData>`...)
}

func appendCipherData(out, octets []byte) []byte {
	out = append(out, `<CipherData><CipherValue>`...)
	out = base64.StdEncoding.AppendEncode(out, octets)
	return append(out, `</CipherValue></CipherData>`...)
}
