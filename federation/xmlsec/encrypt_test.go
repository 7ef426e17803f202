package xmlsec_test

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/xmlsec"
)

// everyAlgorithm allows what there is, more than either set does.
func everyAlgorithm() xmlsec.Algorithms {
	allowed := xmlsec.ExchangeAlgorithms()
	allowed.Encryption = contentMethods()
	allowed.KeyEncryption = []xmlsec.KeyEncryptionMethod{
		xmlsec.RSAOAEP, xmlsec.WrapTripleDES, xmlsec.WrapAES128, xmlsec.WrapAES192, xmlsec.WrapAES256,
	}
	return allowed
}

func contentMethods() []xmlsec.EncryptionMethod {
	return []xmlsec.EncryptionMethod{
		xmlsec.TripleDESCBC, xmlsec.AES128CBC, xmlsec.AES192CBC, xmlsec.AES256CBC, xmlsec.AES128GCM, xmlsec.AES256GCM,
	}
}

// wrapBytes are the lengths of the secrets of key wrapping.
func wrapBytes() map[xmlsec.KeyEncryptionMethod]int {
	return map[xmlsec.KeyEncryptionMethod]int{
		xmlsec.WrapTripleDES: 24, xmlsec.WrapAES128: 16, xmlsec.WrapAES192: 24, xmlsec.WrapAES256: 32,
	}
}

// encrypter encrypts to the party, which it names by its subject key identifier.
func (p party) encrypter(t testing.TB, method xmlsec.EncryptionMethod) xmlsec.Encrypter {
	t.Helper()
	recipient, err := xmlsec.SubjectKeyReference(p.certificate)
	if err != nil {
		t.Fatal(err)
	}
	return xmlsec.Encrypter{
		Method: method, Public: p.certificate.PublicKey.(*rsa.PublicKey), Recipient: recipient, ID: "Assertion0",
	}
}

// decrypts hands out the key of the party when its subject key identifier is named, in
// whatever way.
func (p party) decrypts(xmlsec.KeyInfo) (crypto.Decrypter, error) {
	return p.key.(crypto.Decrypter), nil
}

func encrypt(t testing.TB, e xmlsec.Encrypter, element string) string {
	t.Helper()
	sealed, err := e.Encrypt([]byte(element))
	if err != nil {
		t.Fatal(err)
	}
	return string(sealed)
}

func TestEncryptDecrypt(t *testing.T) {
	t.Parallel()
	target := newParty(t)
	elements := map[string]string{"a token": assertion}
	for n := range 17 { // every length of padding
		elements["padding "+strings.Repeat("x", n)] = "<a>" + strings.Repeat("x", n) + "</a>"
	}
	ran := 0
	for _, method := range contentMethods() {
		for _, digest := range []xmlsec.DigestMethod{"", xmlsec.SHA1, xmlsec.SHA256} {
			for name, element := range elements {
				e := target.encrypter(t, method)
				e.Digest = digest
				opened, err := xmlsec.Decrypt(mustParse(t, encrypt(t, e, element)), everyAlgorithm(), target.decrypts)
				if err != nil {
					t.Fatalf("%s, %q, %s: %v", method, digest, name, err)
				}
				if string(opened.Element.Source()) != element || opened.Method != method || opened.KeyMethod != xmlsec.RSAOAEP {
					t.Errorf("%s, %q, %s: %s", method, digest, name, opened.Element.Source())
				}
				if diff := cmp.Diff(target.certificate.SubjectKeyId, opened.KeyInfo.SubjectKeyIdentifier); diff != "" {
					t.Errorf("%s: the key is named otherwise:\n%s", method, diff)
				}
				ran++
			}
		}
	}
	for wrap, bytes := range wrapBytes() {
		for _, method := range contentMethods() {
			shared := secret(t, bytes)
			e := xmlsec.Encrypter{Method: method, KeyMethod: wrap, Secret: shared, Recipient: xmlsec.AssertionReference("uuid-1")}
			opened, err := xmlsec.DecryptWithSecret(mustParse(t, encrypt(t, e, assertion)), everyAlgorithm(), sharing(shared))
			if err != nil {
				t.Fatalf("%s, %s: %v", method, wrap, err)
			}
			if string(opened.Element.Source()) != assertion || opened.KeyInfo.AssertionID != "uuid-1" || opened.KeyMethod != wrap {
				t.Errorf("%s, %s: %s", method, wrap, opened.Element.Source())
			}
			ran++
		}
	}
	if ran < 6*3*18+24 {
		t.Fatalf("%d cases, want %d", ran, 6*3*18+24)
	}
}

func TestEncryptedShape(t *testing.T) {
	t.Parallel()
	const wss = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
	sealed := encrypt(t, newParty(t).encrypter(t, xmlsec.TripleDESCBC), assertion)
	values := findAll(mustParse(t, sealed), "CipherValue")
	if len(values) != 2 {
		t.Fatalf("%d values, want 2", len(values))
	}
	key, content := decoded(t, values[0].Text()), decoded(t, values[1].Text())
	want := `<EncryptedData Id="Assertion0" Type="http://www.w3.org/2001/04/xmlenc#Element" xmlns="http://www.w3.org/2001/04/xmlenc#">` +
		`<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#tripledes-cbc"></EncryptionMethod>` +
		`<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><EncryptedKey>` +
		`<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"></EncryptionMethod>` +
		`<ds:KeyInfo Id="keyinfo"><wsse:SecurityTokenReference xmlns:wsse="` + wss + `wssecurity-secext-1.0.xsd">` +
		`<wsse:KeyIdentifier EncodingType="` + wss + `soap-message-security-1.0#Base64Binary" ValueType="` + wss + `x509-token-profile-1.0#X509SubjectKeyIdentifier">` +
		`AQIDBAUGBwgJCgsMDQ4PEBESExQ=</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo>` +
		`<CipherData><CipherValue>` + values[0].Text() + `</CipherValue></CipherData></EncryptedKey></ds:KeyInfo>` +
		`<CipherData><CipherValue>` + values[1].Text() + `</CipherValue></CipherData></EncryptedData>`
	if diff := cmp.Diff(want, sealed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if padded := 8 + (len(assertion)/8+1)*8; len(key) != 256 || len(content) != padded {
		t.Errorf("%d bytes of key and %d of content, want 256 and %d", len(key), len(content), padded)
	}
}

func decoded(t testing.TB, text string) []byte {
	t.Helper()
	octets, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// TestPublishedKeyWraps unwraps the keys of RFC 3394 §4 and RFC 3217 §4.1, with content
// that is encrypted under them here.
func TestPublishedKeyWraps(t *testing.T) {
	t.Parallel()
	const kek = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
	const key = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"
	cases := map[string]struct {
		wrap                 xmlsec.KeyEncryptionMethod
		method               xmlsec.EncryptionMethod
		secret, key, wrapped string
	}{
		"RFC 3394 4.1": {xmlsec.WrapAES128, xmlsec.AES128CBC, kek[:32], key[:32], "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
		"RFC 3394 4.2": {xmlsec.WrapAES192, xmlsec.AES128CBC, kek[:48], key[:32], "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"},
		"RFC 3394 4.3": {xmlsec.WrapAES256, xmlsec.AES128CBC, kek, key[:32], "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"},
		"RFC 3394 4.4": {xmlsec.WrapAES192, xmlsec.AES192CBC, kek[:48], key[:48], "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"},
		"RFC 3394 4.6": {xmlsec.WrapAES256, xmlsec.AES256CBC, kek, key, "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
		"RFC 3217 4.1": {xmlsec.WrapTripleDES, xmlsec.AES192CBC, "255E0D1C07B646DFB3134CC843BA8AA71F025B7C0838251F",
			"2923BF85E06DD6AE529149F1F1BAE9EAB3A7DA3D860D3E98", "690107618EF092B3B48CA1796B234AE9FA33EBB4159604037DB5D6A84EB3AAC2768C632775A467D4"},
	}
	for name, c := range cases {
		document := sealedUnder(t, c.method, c.wrap, unhex(t, c.key), unhex(t, c.wrapped))
		opened, err := xmlsec.DecryptWithSecret(mustParse(t, document), everyAlgorithm(), sharing(unhex(t, c.secret)))
		if err != nil || opened.Element.Text() != "0123456789" {
			t.Errorf("%s: %v, %v", name, opened, err)
		}
	}
	if len(cases) < 6 {
		t.Fatalf("%d cases, want at least 6", len(cases))
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	octets, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// sealedUnder writes an EncryptedData whose content "<a>0123456789</a>" is encrypted
// under an AES key as given, in CBC mode.
func sealedUnder(t testing.TB, method xmlsec.EncryptionMethod, wrap xmlsec.KeyEncryptionMethod, key, wrapped []byte) string {
	t.Helper()
	return encryptedData(method, wrap, wrapped, sealAES(t, key, "<a>0123456789</a>"+"unimportant by"+"\x0F"))
}

// sealAES encrypts whole blocks in CBC mode, padding and all.
func sealAES(t testing.TB, key []byte, blocks string) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	sealed := append(make([]byte, 16), blocks...)
	cipher.NewCBCEncrypter(block, sealed[:16]).CryptBlocks(sealed[16:], []byte(blocks))
	return sealed
}

func encryptedData(method xmlsec.EncryptionMethod, keyMethod xmlsec.KeyEncryptionMethod, key, content []byte) string {
	return `<x:EncryptedData xmlns:x="` + xmlsec.NamespaceEncryption + `" Type="` + xmlsec.NamespaceEncryption + `Element">
 <x:EncryptionMethod Algorithm="` + string(method) + `"/>
 <KeyInfo xmlns="` + xmlsec.NamespaceSignature + `"><x:EncryptedKey><x:EncryptionMethod Algorithm="` + string(keyMethod) + `"/>
  <x:CipherData><x:CipherValue>` + base64.StdEncoding.EncodeToString(key) + `</x:CipherValue></x:CipherData></x:EncryptedKey></KeyInfo>
 <x:CipherData><x:CipherValue>` + base64.StdEncoding.EncodeToString(content) + `</x:CipherValue></x:CipherData></x:EncryptedData>`
}

func TestEncryptRefuses(t *testing.T) {
	t.Parallel()
	target := newParty(t)
	good := func(change func(*xmlsec.Encrypter)) xmlsec.Encrypter {
		e := target.encrypter(t, xmlsec.AES256CBC)
		change(&e)
		return e
	}
	cases := map[string]struct {
		encrypter xmlsec.Encrypter
		code      xmlsec.Code
	}{
		"no method":            {good(func(e *xmlsec.Encrypter) { e.Method = "" }), xmlsec.AlgorithmRefused},
		"RSA 1.5":              {good(func(e *xmlsec.Encrypter) { e.KeyMethod = xmlsec.NamespaceEncryption + "rsa-1_5" }), xmlsec.AlgorithmRefused},
		"an unknown digest":    {good(func(e *xmlsec.Encrypter) { e.Digest = "urn:md5" }), xmlsec.AlgorithmRefused},
		"no key":               {good(func(e *xmlsec.Encrypter) { e.Public = nil }), xmlsec.KeyRefused},
		"a weak key":           {good(func(e *xmlsec.Encrypter) { e.Public = &rsa.PublicKey{N: modulus(512), E: 65537} }), xmlsec.KeyRefused},
		"a secret besides":     {good(func(e *xmlsec.Encrypter) { e.Secret = secret(t, 32) }), xmlsec.KeyRefused},
		"a key to wrap with":   {good(func(e *xmlsec.Encrypter) { e.KeyMethod = xmlsec.WrapAES256 }), xmlsec.KeyRefused},
		"a short secret":       {xmlsec.Encrypter{Method: xmlsec.AES256CBC, KeyMethod: xmlsec.WrapAES256, Secret: secret(t, 16)}, xmlsec.KeyRefused},
		"a digest of a wrap":   {xmlsec.Encrypter{Method: xmlsec.AES256CBC, KeyMethod: xmlsec.WrapAES256, Secret: secret(t, 32), Digest: xmlsec.SHA1}, xmlsec.AlgorithmRefused},
		"an identifier":        {good(func(e *xmlsec.Encrypter) { e.ID = `a"b` }), xmlsec.ReferenceRefused},
		"exhausted randomness": {good(func(e *xmlsec.Encrypter) { e.Rand = strings.NewReader("short") }), xmlsec.EncryptionFailed},
	}
	for name, c := range cases {
		if sealed, err := c.encrypter.Encrypt([]byte("<a/>")); codeOf(err) != c.code {
			t.Errorf("%s: %s, %v, want code %s", name, sealed, err, c.code)
		}
	}
	if len(cases) < 11 {
		t.Fatalf("%d cases, want at least 11", len(cases))
	}
	if reference, err := xmlsec.SubjectKeyReference(&x509.Certificate{}); codeOf(err) != xmlsec.KeyRefused {
		t.Errorf("%s, %v of a certificate without a subject key identifier", reference, err)
	}
}

// curveDecrypter is a private key of the wrong kind that claims to decrypt.
type curveDecrypter struct{ *ecdsa.PrivateKey }

func (curveDecrypter) Decrypt(_ io.Reader, _ []byte, _ crypto.DecrypterOpts) ([]byte, error) {
	return nil, errors.New("a curve decrypts nothing")
}

// brokenStore is a key that is in place and does not work.
type brokenStore struct{ *rsa.PrivateKey }

func (brokenStore) Decrypt(io.Reader, []byte, crypto.DecrypterOpts) ([]byte, error) {
	return nil, errors.New("the device is gone")
}

func TestTheSelectorDecidesAboutTheDecrypter(t *testing.T) {
	t.Parallel()
	target := newParty(t)
	sealed := encrypt(t, target.encrypter(t, xmlsec.AES256GCM), assertion)
	weak := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: modulus(512), E: 65537}}
	expired := errors.New("expired")
	cases := map[string]struct {
		key  crypto.Decrypter
		err  error
		code xmlsec.Code
	}{
		"the target":     {target.key.(crypto.Decrypter), nil, ""},
		"somebody else":  {newParty(t).key.(crypto.Decrypter), nil, xmlsec.DecryptionFailed},
		"nobody":         {nil, nil, xmlsec.KeyUnknown},
		"an error":       {target.key.(crypto.Decrypter), expired, xmlsec.KeyUnknown},
		"a curve":        {curveDecrypter{newECDSAParty(t).key.(*ecdsa.PrivateKey)}, nil, xmlsec.KeyRefused},
		"a weak key":     {weak, nil, xmlsec.KeyRefused},
		"a broken store": {brokenStore{target.key.(*rsa.PrivateKey)}, nil, xmlsec.DecryptionFailed},
	}
	for name, c := range cases {
		_, err := xmlsec.Decrypt(mustParse(t, sealed), xmlsec.ModernAlgorithms(), func(xmlsec.KeyInfo) (crypto.Decrypter, error) { return c.key, c.err })
		if codeOf(err) != c.code || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want code %q", name, err, c.code)
		}
	}
	shared := secret(t, 32)
	wrapped := encrypt(t, xmlsec.Encrypter{Method: xmlsec.AES256CBC, KeyMethod: xmlsec.WrapAES256, Secret: shared}, assertion)
	for bytes, code := range map[int]xmlsec.Code{16: xmlsec.KeyRefused, 32: xmlsec.DecryptionFailed, 33: xmlsec.KeyRefused} {
		if _, err := xmlsec.DecryptWithSecret(mustParse(t, wrapped), xmlsec.ModernAlgorithms(), sharing(secret(t, bytes))); codeOf(err) != code {
			t.Errorf("another secret of %d bytes: %v, want code %s", bytes, err, code)
		}
	}
}
