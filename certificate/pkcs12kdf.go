package certificate

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"math/big"
	"unicode/utf16"
)

// What a key derived by PKCS #12 is for (RFC 7292 appendix B.3).
const (
	forKey = 1
	forIV  = 2
	forMAC = 3
)

func hashes() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{
		oidSHA1: sha1.New, oidSHA224: sha256.New224, oidSHA256: sha256.New, oidSHA384: sha512.New384, oidSHA512: sha512.New,
		oidHMACWithSHA1: sha1.New, oidHMACWithSHA224: sha256.New224, oidHMACWithSHA256: sha256.New,
		oidHMACWithSHA384: sha512.New384, oidHMACWithSHA512: sha512.New,
	}
}

// bmp returns the password as PKCS #12 derives keys from it: UTF-16, the high octet first,
// with a zero at the end (RFC 7292 appendix B.1).
func (d *deriver) bmp() []byte {
	if d.password == "" && d.noEmpty {
		return nil
	}
	return append(bmpString(d.password), 0, 0)
}

func bmpString(text string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.BigEndian.AppendUint16(out, unit)
	}
	return out
}

// pkcs12Key derives length octets from a password (RFC 7292 appendix B.2).
func pkcs12Key(newHash func() hash.Hash, password, salt []byte, iterations int, purpose byte, length int) []byte {
	h := newHash()
	v := h.BlockSize()
	diversifier := bytes.Repeat([]byte{purpose}, v)
	input := append(fill(salt, v), fill(password, v)...)
	var key []byte
	for {
		h.Reset()
		h.Write(diversifier)
		h.Write(input)
		a := h.Sum(nil)
		for range iterations - 1 {
			h.Reset()
			h.Write(a)
			a = h.Sum(a[:0])
		}
		if key = append(key, a...); len(key) >= length {
			return key[:length]
		}
		addToBlocks(input, fill(a, v), v)
	}
}

// fill repeats pattern up to a multiple of v octets, the last time perhaps in part.
func fill(pattern []byte, v int) []byte {
	if len(pattern) == 0 {
		return nil
	}
	length := (len(pattern) + v - 1) / v * v
	return bytes.Repeat(pattern, length/len(pattern)+1)[:length]
}

// addToBlocks adds b and one to each block of v octets of input, without the carry.
func addToBlocks(input, b []byte, v int) {
	add := new(big.Int).Add(new(big.Int).SetBytes(b[:v]), big.NewInt(1))
	modulus := new(big.Int).Lsh(big.NewInt(1), uint(8*v))
	for start := 0; start < len(input); start += v {
		block := input[start : start+v]
		sum := new(big.Int).SetBytes(block)
		sum.Add(sum, add).Mod(sum, modulus).FillBytes(block)
	}
}
