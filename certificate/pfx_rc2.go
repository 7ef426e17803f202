package certificate

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"

	"software.sslmate.com/src/go-pkcs12"
)

// isRC2 reports whether an algorithm is one of PKCS #12's schemes with RC2, which Windows,
// Java and OpenSSL long used for the certificates.
func isRC2(algorithm pkix.AlgorithmIdentifier) bool {
	id := algorithm.Algorithm.String()
	return id == oidSHAAndRC2 || id == oidSHAAnd40BitRC2
}

// openRC2 reads a part that is encrypted with RC2. That cipher is go-pkcs12's, which lends it
// only as a reader of whole files, so the part becomes a file. A private key within it is
// refused: how much work it would be to derive its key shows only after decryption.
func (d *deriver) openRC2(part contentInfo) (found []foundCertificate, isRC2Part bool, err error) {
	data, err := part.encrypted()
	if err != nil || !isRC2(data.Algorithm) {
		return nil, false, nil
	}
	if err := d.spendRC2(data.Algorithm); err != nil {
		return nil, true, err
	}
	canonical, err := info(oidEncryptedData, encryptedData{Info: encryptedContentInfo{oid(oidData), data.Algorithm,
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: data.Data}}})
	if err != nil {
		return nil, true, err
	}
	throwaway, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		return nil, true, err
	}
	// The module refuses a second key before it derives anything for it.
	file, err := d.fileOf(safeBag{ID: oid(oidKeyBag), Value: inContext(throwaway)}, canonical)
	if err != nil {
		return nil, true, err
	}
	_, first, others, err := pkcs12.DecodeChain(file, d.password)
	switch {
	case errors.Is(err, pkcs12.ErrDecryption):
		return nil, true, errDecrypt
	case err != nil:
		return nil, true, &Error{Code: BundleUnsupported, Object: "the file", Reason: "its part encrypted with RC2 cannot be read", Err: err,
			Remedy: "write it anew: openssl pkcs12 -legacy -in FILE -nodes -out FILE.pem and import that"}
	}
	for _, cert := range append([]*x509.Certificate{first}, others...) {
		found = append(found, foundCertificate{certificate: cert})
	}
	d.nameRC2(found, canonical)
	return found, true, nil
}

// nameRC2 adds the names of certificates, for which the module has an older function. It
// gives up at attributes it does not know; the names are missing then.
func (d *deriver) nameRC2(found []foundCertificate, canonical contentInfo) {
	file, err := d.fileOf(safeBag{}, canonical)
	if err != nil {
		return
	}
	//lint:ignore SA1019 what is deprecated about it is its encoding of keys, and no key is asked for
	blocks, err := pkcs12.ToPEM(file, d.password)
	if err != nil || len(blocks) != len(found) {
		return
	}
	for i, block := range blocks {
		found[i].friendlyName = cut(block.Headers["friendlyName"])
		if id, err := hex.DecodeString(block.Headers["localKeyId"]); err == nil {
			found[i].localKeyID = string(id)
		}
	}
}

// rc2Key reads a private key that is encrypted with RC2.
func (d *deriver) rc2Key(value []byte, encrypted encryptedKey) ([]byte, error) {
	if err := d.spendRC2(encrypted.Algorithm); err != nil {
		return nil, err
	}
	empty, err := info(oidData, []byte{0x30, 0})
	if err != nil {
		return nil, err
	}
	file, err := d.fileOf(safeBag{ID: oid(oidShroudedKeyBag), Value: inContext(value)}, empty)
	if err != nil {
		return nil, err
	}
	//lint:ignore SA1019 the other function wants a certificate in the file; parseKey reads the encoding
	blocks, err := pkcs12.ToPEM(file, d.password)
	if err != nil || len(blocks) != 1 {
		return nil, errDecrypt
	}
	return blocks[0].Bytes, nil
}

func (d *deriver) spendRC2(algorithm pkix.AlgorithmIdentifier) error {
	var params pkcs12Params
	if err := unmarshal(algorithm.Parameters.FullBytes, &params); err != nil {
		return err
	}
	return d.spend(params.Iterations, 4)
}

// fileOf makes a PKCS #12 file of a bag and a part. Without an ID the bag is left out.
func (d *deriver) fileOf(bag safeBag, part contentInfo) ([]byte, error) {
	var bags []safeBag
	if bag.ID != nil {
		bags = append(bags, bag)
	}
	safe, err := asn1.Marshal(bags)
	if err != nil {
		return nil, err
	}
	data, err := info(oidData, safe)
	if err != nil {
		return nil, err
	}
	return d.fileWith([]contentInfo{data, part}, macData{Salt: []byte{0}, Iterations: 1}, oidSHA256)
}
