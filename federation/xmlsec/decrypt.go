package xmlsec

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
)

// Decrypted is an element that was encrypted. That it could be decrypted says nothing
// about who encrypted it: whoever knows the public key can.
type Decrypted struct {
	Element   *Element // the root of a document of its own
	Method    EncryptionMethod
	KeyMethod KeyEncryptionMethod
	KeyInfo   KeyInfo // what the sender says about the key it is for
}

// DecrypterSelector returns the private key that the sender names: an RSA key of 1024 to
// 8192 bits. An error becomes the cause of an *Error of code KeyUnknown.
type DecrypterSelector func(KeyInfo) (crypto.Decrypter, error)

// SecretSelector returns the secret that the sender names. An error becomes the cause of
// an *Error of code KeyUnknown.
type SecretSelector func(KeyInfo) ([]byte, error)

// Decrypt decrypts an xenc:EncryptedData of a parsed document that holds an element and
// whose key is encrypted to an RSA key. The element must be a document of its own, which
// is parsed within the limits of the one it comes from.
//
// A failure that anybody can see coming, who has the message, is an *Error of code
// Malformed, TooLarge, AlgorithmRefused, KeyUnknown or KeyRefused. From where the private
// key is used on there is one error, DecryptionFailed with one text, and the same work is
// done whatever went wrong: with a key that did not decrypt, the content is decrypted
// under a random one, and content with wrong padding is parsed as well. See Error.Public
// for what the sender may learn.
func Decrypt(data *Element, allowed Algorithms, selectKey DecrypterSelector) (*Decrypted, error) {
	x, err := readEncrypted(data, allowed, false)
	if err != nil {
		return nil, err
	}
	private, err := selectKey(x.key.keyInfo)
	if err != nil || private == nil {
		return nil, keyUnknown(err)
	}
	public, ok := private.Public().(*rsa.PublicKey)
	if !ok {
		return nil, failf(KeyRefused, "the key is not an RSA key")
	}
	if err := checkKey(public); err != nil {
		return nil, err
	}
	key, err := private.Decrypt(rand.Reader, x.key.value, x.key.digest.oaep())
	return x.open(key, err, data.document.limits)
}

// DecryptWithSecret is Decrypt for a key that is wrapped under a secret.
func DecryptWithSecret(data *Element, allowed Algorithms, selectSecret SecretSelector) (*Decrypted, error) {
	x, err := readEncrypted(data, allowed, true)
	if err != nil {
		return nil, err
	}
	secret, err := selectSecret(x.key.keyInfo)
	if err != nil || secret == nil {
		return nil, keyUnknown(err)
	}
	if len(secret) != x.key.method.keyBytes() {
		return nil, failf(KeyRefused, "%q takes a secret of another length", x.key.method)
	}
	key, err := x.key.method.unwrap(secret, x.key.value)
	return x.open(key, err, data.document.limits)
}

func keyUnknown(err error) *Error {
	return &Error{Code: KeyUnknown, Offset: -1, Detail: "no known key decrypts the message", Err: err}
}

// open decrypts and parses the content. keyErr is what became of the key.
func (x *encrypted) open(key []byte, keyErr error, limits Limits) (*Decrypted, error) {
	right := keyErr == nil && len(key) == x.method.keyBytes()
	if !right {
		key = make([]byte, x.method.keyBytes())
		if _, err := rand.Read(key); err != nil {
			return nil, decryptionFailed()
		}
	}
	content, whole := x.method.open(key, x.content)
	element, err := Parse(content, limits)
	if !right || !whole || err != nil {
		return nil, decryptionFailed()
	}
	return &Decrypted{Element: element, Method: x.method, KeyMethod: x.key.method, KeyInfo: x.key.keyInfo}, nil
}

func decryptionFailed() *Error {
	return failf(DecryptionFailed, "the message could not be decrypted")
}
