package certificate

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"io"
)

// maxIterations is how often all hashes together may be repeated to read one file: some
// seconds of work. NSS writes files that take 1.8 million.
const maxIterations = 10_000_000

// errDecrypt says that a decryption gave nothing sensible: the password is another, or the
// octets were changed.
var errDecrypt = errors.New("it cannot be decrypted")

// deriver derives keys from a password as far as its budget goes.
type deriver struct {
	password string
	noEmpty  bool // an empty password is no octets in PKCS #12, instead of the final zero alone
	left     int  // iterations that may still be spent
}

// spend takes iterations off the budget, times over, before they are spent.
func (d *deriver) spend(iterations, times int) error {
	if iterations < 1 {
		return errBER
	}
	if iterations > d.left/times {
		return &Error{Code: BundleUnsupported, Object: "the file",
			Reason: fmt.Sprintf("wants a hash repeated %d times for a key; %d in all are allowed", iterations, maxIterations)}
	}
	d.left -= iterations * times
	return nil
}

// The parameters of the schemes (RFC 8018 appendix A, RFC 7292 appendix C).
type (
	pbes2Params struct {
		KeyDerivation pkix.AlgorithmIdentifier
		Encryption    pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	pkcs12Params struct {
		Salt       []byte
		Iterations int
	}
)

// decrypt decrypts by PBES2 with AES or 3DES, or by PKCS #12's own scheme with 3DES. Errors
// are errDecrypt, or an *Error that names what is not supported.
func (d *deriver) decrypt(algorithm pkix.AlgorithmIdentifier, data []byte) ([]byte, error) {
	block, iv, err := d.blockCipher(algorithm)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(data) == 0 || len(data)%size != 0 || len(iv) != size {
		return nil, errDecrypt
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > size || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil, errDecrypt
	}
	return plain[:len(plain)-padding], nil
}

func (d *deriver) encrypt(algorithm pkix.AlgorithmIdentifier, data []byte) ([]byte, error) {
	block, iv, err := d.blockCipher(algorithm)
	if err != nil {
		return nil, err
	}
	padding := block.BlockSize() - len(data)%block.BlockSize()
	padded := append(bytes.Clone(data), bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(padded, padded)
	return padded, nil
}

func (d *deriver) blockCipher(algorithm pkix.AlgorithmIdentifier) (cipher.Block, []byte, error) {
	switch id := algorithm.Algorithm.String(); id {
	case oidPBES2:
		return d.pbes2(algorithm.Parameters.FullBytes)
	case oidSHAAnd3DES:
		return d.sha3DES(algorithm.Parameters.FullBytes)
	default:
		return nil, nil, unsupported("encryption", id)
	}
}

// sha3DES is pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292 appendix C).
func (d *deriver) sha3DES(encoded []byte) (cipher.Block, []byte, error) {
	var params pkcs12Params
	if err := unmarshal(encoded, &params); err != nil {
		return nil, nil, err
	}
	if err := d.spend(params.Iterations, 3); err != nil {
		return nil, nil, err
	}
	key := pkcs12Key(sha1.New, d.bmp(), params.Salt, params.Iterations, forKey, 24)
	iv := pkcs12Key(sha1.New, d.bmp(), params.Salt, params.Iterations, forIV, des.BlockSize)
	block, err := des.NewTripleDESCipher(key)
	return block, iv, err
}

// pbes2 is PBES2 with PBKDF2 (RFC 8018 section 6.2).
func (d *deriver) pbes2(encoded []byte) (cipher.Block, []byte, error) {
	var params pbes2Params
	if err := unmarshal(encoded, &params); err != nil {
		return nil, nil, err
	}
	scheme := params.Encryption.Algorithm.String()
	length, isAES := map[string]int{oidAES128CBC: 16, oidAES192CBC: 24, oidAES256CBC: 32}[scheme]
	if !isAES && scheme != oidDESEDE3CBC {
		return nil, nil, unsupported("encryption", scheme)
	}
	if !isAES {
		length = 24
	}
	key, err := d.pbkdf2(params.KeyDerivation, length)
	if err != nil {
		return nil, nil, err
	}
	var iv []byte
	if err := unmarshal(params.Encryption.Parameters.FullBytes, &iv); err != nil {
		return nil, nil, err
	}
	if !isAES {
		block, err := des.NewTripleDESCipher(key)
		return block, iv, err
	}
	block, err := aes.NewCipher(key)
	return block, iv, err
}

// pbkdf2 derives a key of length octets (RFC 8018 section 5.2).
func (d *deriver) pbkdf2(algorithm pkix.AlgorithmIdentifier, length int) ([]byte, error) {
	if id := algorithm.Algorithm.String(); id != oidPBKDF2 {
		return nil, unsupported("key derivation", id)
	}
	var params pbkdf2Params
	if err := unmarshal(algorithm.Parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	prf := oidHMACWithSHA1 // the default of RFC 8018 appendix A.2
	if len(params.PRF.Algorithm) > 0 {
		prf = params.PRF.Algorithm.String()
	}
	h, ok := hashOf(prf)
	if !ok {
		return nil, unsupported("key derivation", prf)
	}
	blocks := (length + h().Size() - 1) / h().Size()
	if err := d.spend(params.Iterations, blocks); err != nil {
		return nil, err
	}
	return pbkdf2.Key(h, d.password, params.Salt, params.Iterations, length)
}

// newPBES2 makes parameters for PBES2 with PBKDF2-HMAC-SHA256 and AES-256.
func newPBES2(iterations int, rand io.Reader) (pkix.AlgorithmIdentifier, error) {
	random := make([]byte, 16+aes.BlockSize)
	if _, err := io.ReadFull(rand, random); err != nil {
		return pkix.AlgorithmIdentifier{}, notWrittenOut(err)
	}
	prf := pkix.AlgorithmIdentifier{Algorithm: oid(oidHMACWithSHA256), Parameters: asn1.NullRawValue}
	derivation, err := algorithm(oidPBKDF2, pbkdf2Params{Salt: random[:16], Iterations: iterations, PRF: prf})
	if err != nil {
		return pkix.AlgorithmIdentifier{}, err
	}
	encryption, err := algorithm(oidAES256CBC, random[16:])
	if err != nil {
		return pkix.AlgorithmIdentifier{}, err
	}
	return algorithm(oidPBES2, pbes2Params{derivation, encryption})
}

// algorithm puts an identifier and its parameters together.
func algorithm(id string, parameters any) (pkix.AlgorithmIdentifier, error) {
	der, err := asn1.Marshal(parameters)
	if err != nil {
		return pkix.AlgorithmIdentifier{}, notWrittenOut(err)
	}
	return pkix.AlgorithmIdentifier{Algorithm: oid(id), Parameters: asn1.RawValue{FullBytes: der}}, nil
}

// unmarshal reads one value and refuses what stands after it.
func unmarshal(der []byte, value any) error {
	rest, err := asn1.Unmarshal(der, value)
	if err != nil || len(rest) > 0 {
		return errBER
	}
	return nil
}

func unsupported(what, id string) error {
	return &Error{Code: BundleUnsupported, Object: "the file", Reason: fmt.Sprintf("its %s, %s, is not supported", what, id),
		Remedy: "write it anew with a recent OpenSSL and import that: openssl pkcs12 -legacy -in FILE -nodes -out FILE.pem"}
}

// hashOf returns the hash function of a digest or of an HMAC.
func hashOf(id string) (func() hash.Hash, bool) {
	h, ok := hashes()[id]
	return h, ok
}
