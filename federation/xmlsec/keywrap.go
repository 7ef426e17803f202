package xmlsec

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"slices"
)

// errUnwrap is kept from callers: it is one of the causes of DecryptionFailed.
var errUnwrap = errors.New("not a wrapped key")

// wrap encrypts a key under a secret of the length that the method takes.
func (m KeyEncryptionMethod) wrap(secret, key []byte, random io.Reader) ([]byte, error) {
	if m == WrapTripleDES {
		return wrapTripleDES(secret, key, random)
	}
	return wrapAES(secret, key)
}

// unwrap reverses wrap; a key that was not wrapped under the secret is errUnwrap.
func (m KeyEncryptionMethod) unwrap(secret, wrapped []byte) ([]byte, error) {
	if m == WrapTripleDES {
		return unwrapTripleDES(secret, wrapped)
	}
	return unwrapAES(secret, wrapped)
}

const (
	wrapRounds    = 6                  // RFC 3394 §2.2.1
	wrapCheck     = 0xA6A6A6A6A6A6A6A6 // §2.2.3.1
	wrapBlock     = 8                  // bytes
	minWrapBlocks = 2                  // of a key that is wrapped
	maxWrapBlocks = 8
)

// wrapAES is the index-based form of RFC 3394 §2.2.1.
func wrapAES(secret, key []byte) ([]byte, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	n := len(key) / wrapBlock
	wrapped := append(make([]byte, wrapBlock), key...)
	var state [aes.BlockSize]byte
	binary.BigEndian.PutUint64(state[:], wrapCheck)
	for step := range wrapRounds * n {
		register := wrapped[wrapBlock*(1+step%n):][:wrapBlock]
		copy(state[wrapBlock:], register)
		block.Encrypt(state[:], state[:])
		binary.BigEndian.PutUint64(state[:], binary.BigEndian.Uint64(state[:])^uint64(step+1))
		copy(register, state[wrapBlock:])
	}
	copy(wrapped, state[:wrapBlock])
	return wrapped, nil
}

// unwrapAES is the index-based form of RFC 3394 §2.2.2.
func unwrapAES(secret, wrapped []byte) ([]byte, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	n := len(wrapped)/wrapBlock - 1
	if len(wrapped)%wrapBlock != 0 || n < minWrapBlocks || n > maxWrapBlocks {
		return nil, errUnwrap
	}
	key := bytes.Clone(wrapped[wrapBlock:])
	var state [aes.BlockSize]byte
	copy(state[:], wrapped[:wrapBlock])
	for step := wrapRounds*n - 1; step >= 0; step-- {
		register := key[wrapBlock*(step%n):][:wrapBlock]
		binary.BigEndian.PutUint64(state[:], binary.BigEndian.Uint64(state[:])^uint64(step+1))
		copy(state[wrapBlock:], register)
		block.Decrypt(state[:], state[:])
		copy(register, state[wrapBlock:])
	}
	var check [wrapBlock]byte
	binary.BigEndian.PutUint64(check[:], wrapCheck)
	if subtle.ConstantTimeCompare(check[:], state[:wrapBlock]) != 1 {
		return nil, errUnwrap
	}
	return key, nil
}

// wrapVector is the initialization vector of the outer encryption (RFC 3217 §3.1).
func wrapVector() []byte { return []byte{0x4A, 0xDD, 0xA2, 0x2C, 0x79, 0xE8, 0x21, 0x05} }

// wrapTripleDES encrypts twice, the second time with the bytes in reverse (RFC 3217 §3.1).
// The key may also be one for AES.
func wrapTripleDES(secret, key []byte, random io.Reader) ([]byte, error) {
	block, err := des.NewTripleDESCipher(secret)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum(key)
	wrapped := make([]byte, des.BlockSize, 2*des.BlockSize+len(key))
	if _, err := io.ReadFull(random, wrapped); err != nil {
		return nil, err
	}
	wrapped = append(append(wrapped, key...), sum[:wrapBlock]...)
	cipher.NewCBCEncrypter(block, wrapped[:des.BlockSize]).CryptBlocks(wrapped[des.BlockSize:], wrapped[des.BlockSize:])
	slices.Reverse(wrapped)
	cipher.NewCBCEncrypter(block, wrapVector()).CryptBlocks(wrapped, wrapped)
	return wrapped, nil
}

// unwrapTripleDES is RFC 3217 §3.2.
func unwrapTripleDES(secret, wrapped []byte) ([]byte, error) {
	block, err := des.NewTripleDESCipher(secret)
	if err != nil {
		return nil, err
	}
	n := len(wrapped)/wrapBlock - 2
	if len(wrapped)%wrapBlock != 0 || n < minWrapBlocks || n > maxWrapBlocks {
		return nil, errUnwrap
	}
	plain := bytes.Clone(wrapped)
	cipher.NewCBCDecrypter(block, wrapVector()).CryptBlocks(plain, plain)
	slices.Reverse(plain)
	vector, rest := plain[:des.BlockSize], plain[des.BlockSize:]
	cipher.NewCBCDecrypter(block, vector).CryptBlocks(rest, rest)
	key, check := rest[:n*wrapBlock], rest[n*wrapBlock:]
	sum := sha1.Sum(key)
	if subtle.ConstantTimeCompare(sum[:wrapBlock], check) != 1 {
		return nil, errUnwrap
	}
	return key, nil
}

// setParity makes the lowest bit of each byte that which a DES key has there, for
// receivers that look at it.
func setParity(key []byte) {
	for i, b := range key {
		if bits.OnesCount8(b)%2 == 0 {
			key[i] = b ^ 1
		}
	}
}
