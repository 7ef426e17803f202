package xmlsec

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"slices"
)

// NamespaceEncryption is the namespace of XML Encryption.
const NamespaceEncryption = "http://www.w3.org/2001/04/xmlenc#"

// typeElement is the Type of an EncryptedData whose content is one element.
const typeElement = NamespaceEncryption + "Element"

// EncryptionMethod is the URI of an algorithm that content is encrypted with.
type EncryptionMethod string

// The algorithms for content (XML Encryption 1.1 §5.2). Triple DES has three keys, 24
// bytes with parity bits; GCM has a nonce of 12 bytes and a tag of 16.
const (
	TripleDESCBC EncryptionMethod = NamespaceEncryption + "tripledes-cbc"
	AES128CBC    EncryptionMethod = NamespaceEncryption + "aes128-cbc"
	AES192CBC    EncryptionMethod = NamespaceEncryption + "aes192-cbc"
	AES256CBC    EncryptionMethod = NamespaceEncryption + "aes256-cbc"
	AES128GCM    EncryptionMethod = "http://www.w3.org/2009/xmlenc11#aes128-gcm"
	AES256GCM    EncryptionMethod = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
)

// KeyEncryptionMethod is the URI of an algorithm that the key of content is encrypted
// with.
type KeyEncryptionMethod string

// The algorithms for keys (XML Encryption 1.1 §5.5 and §5.6). RSAOAEP has MGF1 with
// SHA-1 and no label. RSAES-PKCS1-v1_5 does not exist here, whatever a policy says: its
// padding cannot be checked without telling something about the key.
const (
	RSAOAEP       KeyEncryptionMethod = NamespaceEncryption + "rsa-oaep-mgf1p"
	WrapTripleDES KeyEncryptionMethod = NamespaceEncryption + "kw-tripledes" // RFC 3217
	WrapAES128    KeyEncryptionMethod = NamespaceEncryption + "kw-aes128"    // RFC 3394
	WrapAES192    KeyEncryptionMethod = NamespaceEncryption + "kw-aes192"
	WrapAES256    KeyEncryptionMethod = NamespaceEncryption + "kw-aes256"
)

// keyBytes returns the length of a key, 0 for a method that is not known here.
func (m EncryptionMethod) keyBytes() int {
	switch m {
	case AES128CBC, AES128GCM:
		return 16
	case AES192CBC, TripleDESCBC:
		return 24
	case AES256CBC, AES256GCM:
		return 32
	}
	return 0
}

func (m EncryptionMethod) isGCM() bool { return m == AES128GCM || m == AES256GCM }

func (m EncryptionMethod) block(key []byte) (cipher.Block, error) {
	if m == TripleDESCBC {
		return des.NewTripleDESCipher(key)
	}
	return aes.NewCipher(key)
}

// keyBytes returns the length of the key that wraps another, 0 for a method that is not
// known here or wraps nothing.
func (m KeyEncryptionMethod) keyBytes() int {
	switch m {
	case WrapAES128:
		return 16
	case WrapAES192, WrapTripleDES:
		return 24
	case WrapAES256:
		return 32
	}
	return 0
}

func (a Algorithms) checkEncryption(method EncryptionMethod) error {
	if !slices.Contains(a.Encryption, method) || method.keyBytes() == 0 {
		return failf(AlgorithmRefused, "encryption algorithm %q is not allowed", method)
	}
	return nil
}

// checkKeyEncryption keeps the two kinds of keys apart: wrapped says that a shared
// secret wraps the key.
func (a Algorithms) checkKeyEncryption(method KeyEncryptionMethod, wrapped bool) error {
	known := method == RSAOAEP || method.keyBytes() != 0
	if !slices.Contains(a.KeyEncryption, method) || !known || (method.keyBytes() != 0) != wrapped {
		return failf(AlgorithmRefused, "key encryption algorithm %q is not allowed", method)
	}
	return nil
}
