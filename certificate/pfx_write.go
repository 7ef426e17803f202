package certificate

import (
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
)

// How often the hash is repeated for each of the three keys of a PKCS #12 file. .NET on Windows
// refuses to spend more than 600,000 in all on one file (KB5025823). Old systems get what
// OpenSSL has always written for them.
const (
	modernIterations = 100_000
	legacyIterations = 2048
)

// EncodePKCS12 writes the bundle as PKCS #12 (RFC 7292), with the friendly name at the key and
// the certificate: encrypted with AES-256 and keys by PBKDF2-HMAC-SHA256, which OpenSSL 1.1.1,
// Java 12, and, as is documented, Windows Server 2019 were the first to read, or, legacy, with
// 3DES and keys by SHA-1, which older ones read as well. Errors have the codes NotEncoded, NoCertificate and
// KeyMismatch.
func EncodePKCS12(b Bundle, password string, legacy bool, rand io.Reader) ([]byte, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	w := pfxWriter{deriver: &deriver{password: password, left: maxIterations}, rand: rand, legacy: legacy}
	var parts []contentInfo
	certificates, err := w.certificates(b)
	if err != nil {
		return nil, err
	}
	parts = append(parts, certificates)
	if b.Key != nil {
		key, err := w.key(b)
		if err != nil {
			return nil, err
		}
		parts = append(parts, key)
	}
	return w.file(parts)
}

// pfxWriter writes the parts of a PKCS #12 file.
type pfxWriter struct {
	deriver *deriver
	rand    io.Reader
	legacy  bool
}

// scheme returns a new encryption scheme with a salt of its own.
func (w pfxWriter) scheme() (pkix.AlgorithmIdentifier, error) {
	if !w.legacy {
		return newPBES2(modernIterations, w.rand)
	}
	salt, err := w.salt(8)
	if err != nil {
		return pkix.AlgorithmIdentifier{}, err
	}
	return algorithm(oidSHAAnd3DES, pkcs12Params{salt, legacyIterations})
}

func (w pfxWriter) salt(length int) ([]byte, error) {
	salt := make([]byte, length)
	if _, err := io.ReadFull(w.rand, salt); err != nil {
		return nil, notWrittenOut(err)
	}
	return salt, nil
}

// certificates is the encrypted part with the certificates.
func (w pfxWriter) certificates(b Bundle) (contentInfo, error) {
	var bags []safeBag
	for i, cert := range append([]*x509.Certificate{b.Certificate}, b.Chain...) {
		value, err := asn1.Marshal(cert.Raw)
		if err != nil {
			return contentInfo{}, notWrittenOut(err)
		}
		der, err := asn1.Marshal(certificateBag{oid(oidX509Certificate), inContext(value)})
		if err != nil {
			return contentInfo{}, notWrittenOut(err)
		}
		bag := safeBag{ID: oid(oidCertificateBag), Value: inContext(der)}
		if i == 0 {
			bag.Attributes = b.attributes()
		}
		bags = append(bags, bag)
	}
	plain, err := asn1.Marshal(bags)
	if err != nil {
		return contentInfo{}, notWrittenOut(err)
	}
	scheme, err := w.scheme()
	if err != nil {
		return contentInfo{}, err
	}
	encrypted, err := w.deriver.encrypt(scheme, plain)
	if err != nil {
		return contentInfo{}, err
	}
	content := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: encrypted}
	return info(oidEncryptedData, encryptedData{Info: encryptedContentInfo{oid(oidData), scheme, content}})
}

// key is the part with the key, which is encrypted by itself.
func (w pfxWriter) key(b Bundle) (contentInfo, error) {
	plain, err := x509.MarshalPKCS8PrivateKey(b.Key)
	if err != nil {
		return contentInfo{}, notWrittenOut(err)
	}
	scheme, err := w.scheme()
	if err != nil {
		return contentInfo{}, err
	}
	encrypted, err := w.deriver.encrypt(scheme, plain)
	if err != nil {
		return contentInfo{}, err
	}
	der, err := asn1.Marshal(encryptedKey{scheme, encrypted})
	if err != nil {
		return contentInfo{}, notWrittenOut(err)
	}
	bags, err := asn1.Marshal([]safeBag{{ID: oid(oidShroudedKeyBag), Value: inContext(der), Attributes: b.attributes()}})
	if err != nil {
		return contentInfo{}, notWrittenOut(err)
	}
	return info(oidData, bags)
}

// file puts the parts together and a MAC over them.
func (w pfxWriter) file(parts []contentInfo) ([]byte, error) {
	salt, err := w.salt(16)
	if err != nil {
		return nil, err
	}
	if w.legacy {
		return w.deriver.fileWith(parts, macData{Salt: salt, Iterations: legacyIterations}, oidSHA1)
	}
	return w.deriver.fileWith(parts, macData{Salt: salt, Iterations: modernIterations}, oidSHA256)
}

// fileWith puts the parts together and a MAC with the digest over them.
func (d *deriver) fileWith(parts []contentInfo, mac macData, digest string) ([]byte, error) {
	content, err := asn1.Marshal(parts)
	if err != nil {
		return nil, notWrittenOut(err)
	}
	mac.MAC.Algorithm = pkix.AlgorithmIdentifier{Algorithm: oid(digest), Parameters: asn1.NullRawValue}
	if mac.MAC.Digest, err = mac.digest(content, d); err != nil {
		return nil, err
	}
	safe, err := info(oidData, content)
	if err != nil {
		return nil, err
	}
	der, err := asn1.Marshal(pfx{Version: 3, AuthSafe: safe, MAC: mac})
	if err != nil {
		return nil, notWrittenOut(err)
	}
	return der, nil
}

// attributes are the name, and what says which certificate a key belongs to: the thumbprint.
func (b Bundle) attributes() []bagAttribute {
	id := sha1.Sum(b.Certificate.Raw)
	out := []bagAttribute{{ID: oid(oidLocalKeyID), Values: []asn1.RawValue{{Tag: asn1.TagOctetString, Bytes: id[:]}}}}
	if b.FriendlyName == "" {
		return out
	}
	name := asn1.RawValue{Tag: asn1.TagBMPString, Bytes: bmpString(b.FriendlyName)}
	return append(out, bagAttribute{ID: oid(oidFriendlyName), Values: []asn1.RawValue{name}})
}

// info is a ContentInfo with a value.
func info(id string, value any) (contentInfo, error) {
	der, err := asn1.Marshal(value)
	if err != nil {
		return contentInfo{}, notWrittenOut(err)
	}
	return contentInfo{oid(id), inContext(der)}, nil
}

// inContext puts an encoded value in [0] EXPLICIT.
func inContext(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}
}
