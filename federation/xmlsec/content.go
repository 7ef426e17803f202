package xmlsec

import (
	"crypto/cipher"
	"io"
)

// seal encrypts content: what CipherValue holds comes back, the initialization vector or
// nonce first. The key has the length that the method takes.
func (m EncryptionMethod) seal(key, content []byte, random io.Reader) ([]byte, error) {
	block, err := m.block(key)
	if err != nil {
		return nil, err
	}
	if m.isGCM() {
		return sealGCM(block, content, random)
	}
	size := block.BlockSize()
	padding := size - len(content)%size
	sealed := make([]byte, size+len(content)+padding)
	if _, err := io.ReadFull(random, sealed[:size]); err != nil {
		return nil, err
	}
	copy(sealed[size:], content)
	sealed[len(sealed)-1] = byte(padding) // the bytes before it may be anything, zero as well
	cipher.NewCBCEncrypter(block, sealed[:size]).CryptBlocks(sealed[size:], sealed[size:])
	return sealed, nil
}

func sealGCM(block cipher.Block, content []byte, random io.Reader) ([]byte, error) {
	mode, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, mode.NonceSize(), mode.NonceSize()+len(content)+mode.Overhead())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, err
	}
	return mode.Seal(nonce, nonce, content, nil), nil
}

// open decrypts content. In CBC mode something comes back even when the padding is
// wrong, so that a caller can go on with the same work as when it is right.
func (m EncryptionMethod) open(key, sealed []byte) (content []byte, ok bool) {
	block, err := m.block(key)
	if err != nil {
		return nil, false
	}
	if m.isGCM() {
		mode, err := cipher.NewGCM(block)
		if err != nil || len(sealed) < mode.NonceSize() {
			return nil, false
		}
		content, err = mode.Open(nil, sealed[:mode.NonceSize()], sealed[mode.NonceSize():], nil)
		return content, err == nil
	}
	size := block.BlockSize()
	if len(sealed) < 2*size || len(sealed)%size != 0 {
		return nil, false
	}
	content = make([]byte, len(sealed)-size)
	cipher.NewCBCDecrypter(block, sealed[:size]).CryptBlocks(content, sealed[size:])
	padding := int(content[len(content)-1])
	if padding == 0 || padding > size {
		return content, false
	}
	return content[:len(content)-padding], true
}
