package certificate

import (
	"crypto/hmac"
)

// digest computes the MAC over the content (RFC 7292 section 5.1, RFC 9579).
func (m macData) digest(content []byte, d *deriver) ([]byte, error) {
	id := m.MAC.Algorithm.Algorithm.String()
	if id == oidPBMAC1 {
		return m.pbmac1(content, d)
	}
	h, ok := hashOf(id)
	if !ok {
		return nil, unsupported("MAC", id)
	}
	if err := d.spend(m.Iterations, 1); err != nil {
		return nil, err
	}
	mac := hmac.New(h, pkcs12Key(h, d.bmp(), m.Salt, m.Iterations, forMAC, h().Size()))
	mac.Write(content)
	return mac.Sum(nil), nil
}

// pbmac1 computes the MAC of RFC 9579, which has its own parameters.
func (m macData) pbmac1(content []byte, d *deriver) ([]byte, error) {
	var params pbmac1Params
	if err := unmarshal(m.MAC.Algorithm.Parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	id := params.MAC.Algorithm.String()
	h, ok := hashOf(id)
	if !ok {
		return nil, unsupported("MAC", id)
	}
	var derivation pbkdf2Params
	if err := unmarshal(params.KeyDerivation.Parameters.FullBytes, &derivation); err != nil {
		return nil, err
	}
	// A shorter key could be guessed instead of the password (RFC 9579 section 5).
	if derivation.KeyLength < 20 || derivation.KeyLength > 64 {
		return nil, errBER
	}
	key, err := d.pbkdf2(params.KeyDerivation, derivation.KeyLength)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(h, key)
	mac.Write(content)
	return mac.Sum(nil), nil
}

// verify reports whether the MAC is that of the content. An empty password is tried in both
// of its forms; d keeps the one that is right.
func (m macData) verify(content []byte, d *deriver) (bool, error) {
	for {
		digest, err := m.digest(content, d)
		if err != nil {
			return false, err
		}
		if hmac.Equal(digest, m.MAC.Digest) {
			return true, nil
		}
		if d.password != "" || d.noEmpty {
			d.noEmpty = false
			return false, nil
		}
		d.noEmpty = true
	}
}
