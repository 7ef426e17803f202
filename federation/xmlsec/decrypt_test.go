package xmlsec_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

const undecryptable = "xml: the message could not be decrypted"

// probe is an EncryptedData to the party in which an attacker chose one part.
type probe struct {
	t      testing.TB
	target party
	method xmlsec.EncryptionMethod
	key    []byte // of the content, encrypted to the target
	value  []byte // the encrypted key; nil for the one that goes with key
	sealed []byte
}

func (p probe) document() string {
	if p.value == nil {
		var err error
		p.value, err = rsa.EncryptOAEPWithOptions(rand.Reader, p.target.key.Public().(*rsa.PublicKey), p.key,
			&rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.SHA1})
		if err != nil {
			p.t.Fatal(err)
		}
	}
	return encryptedData(p.method, xmlsec.RSAOAEP, p.value, p.sealed)
}

// content returns the content of an EncryptedData that we made, and its key.
func (p party) content(t testing.TB, method xmlsec.EncryptionMethod, element string) (key, sealed []byte) {
	t.Helper()
	values := findAll(mustParse(t, encrypt(t, p.encrypter(t, method), element)), "CipherValue")
	key, err := p.key.(*rsa.PrivateKey).Decrypt(rand.Reader, decoded(t, values[0].Text()), &rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.SHA1})
	if err != nil {
		t.Fatal(err)
	}
	return key, decoded(t, values[1].Text())
}

// TestOraclesAnswerAlike sends what would tell an attacker something, if answers
// differed: about the key, the padding, the text, the lengths.
func TestOraclesAnswerAlike(t *testing.T) {
	t.Parallel()
	target := newParty(t)
	counting := &countingDecrypter{PrivateKey: target.key.(*rsa.PrivateKey)}
	probes := 0
	for _, method := range contentMethods() {
		key, sealed := target.content(t, method, assertion)
		flip := func(at int, bit byte) []byte {
			altered := bytes.Clone(sealed)
			altered[(at+len(altered))%len(altered)] ^= bit
			return altered
		}
		cases := map[string]probe{
			"a key that is no OAEP":         {value: secret(t, 256), sealed: sealed},
			"a key of zeros":                {value: make([]byte, 256), sealed: sealed},
			"a key that is too long":        {value: secret(t, 512), sealed: sealed},
			"a key of one byte":             {value: []byte{1}, sealed: sealed},
			"another key":                   {key: secret(t, len(key)), sealed: sealed},
			"a shorter key":                 {key: key[:8], sealed: sealed},
			"a longer key":                  {key: append(bytes.Clone(key), 0), sealed: sealed},
			"an empty key":                  {key: []byte{}, sealed: sealed},
			"the padding altered":           {key: key, sealed: flip(-1, 0x80)},
			"the vector altered":            {key: key, sealed: flip(0, 1)},
			"the last vector altered":       {key: key, sealed: flip(-len(sealed)/4, 0xFF)},
			"a block less":                  {key: key, sealed: sealed[:len(sealed)-16]},
			"20 bytes":                      {key: key, sealed: sealed[:20]},
			"a byte less":                   {key: key, sealed: sealed[:len(sealed)-1]},
			"a byte more":                   {key: key, sealed: append(bytes.Clone(sealed), 0)},
			"the vector alone":              {key: key, sealed: sealed[:8]},
			"a longer vector alone":         {key: key, sealed: sealed[:16]},
			"one byte":                      {key: key, sealed: sealed[:1]},
			"random content":                {key: key, sealed: secret(t, 160)},
			"random content, of a good key": {key: key, sealed: secret(t, 16384)},
		}
		for _, element := range []string{"x", "<a>", "<a/><b/>", "<!DOCTYPE a><a/>", "<p:a/>", "", strings.Repeat("<a>", 1000)} {
			otherKey, other := target.content(t, method, element)
			cases["content "+element[:min(len(element), 20)]] = probe{key: otherKey, sealed: other}
		}
		for name, p := range cases {
			p.t, p.target, p.method = t, target, method
			root := mustParse(t, p.document())
			before := counting.calls
			opened, err := xmlsec.Decrypt(root, everyAlgorithm(), func(xmlsec.KeyInfo) (crypto.Decrypter, error) { return counting, nil })
			if codeOf(err) != xmlsec.DecryptionFailed || err.Error() != undecryptable || errors.Unwrap(err) != nil || opened != nil {
				t.Errorf("%s, %s: %v, %v", method, name, opened, err)
			}
			if counting.calls != before+1 {
				t.Errorf("%s, %s: the private key was used %d times, not once", method, name, counting.calls-before)
			}
			probes++
		}
	}
	if probes < 6*27 {
		t.Fatalf("%d probes, want %d", probes, 6*27)
	}
}

type countingDecrypter struct {
	*rsa.PrivateKey
	calls int
}

func (d *countingDecrypter) Decrypt(random io.Reader, ciphertext []byte, options crypto.DecrypterOpts) ([]byte, error) {
	d.calls++
	return d.PrivateKey.Decrypt(random, ciphertext, options)
}

// TestPaddingCounts: content that could be parsed is refused all the same when its last
// byte, a blank here, is no length of padding.
func TestPaddingCounts(t *testing.T) {
	t.Parallel()
	target := newParty(t)
	for blocks, code := range map[string]xmlsec.Code{
		"<a/>            ":                         xmlsec.DecryptionFailed,
		"<a/>\n\n\n\n\n\n\n\n\n\n\n\n":             "", // 10 bytes of padding
		"<a/>\n           \x00":                    xmlsec.DecryptionFailed,
		"<a>0123456789</a>0123456789ABCDE":         xmlsec.DecryptionFailed,
		"<a>012345678</a>" + "0123456789ABCDE\x10": "",
	} {
		key := secret(t, 32)
		p := probe{t: t, target: target, method: xmlsec.AES256CBC, key: key, sealed: sealAES(t, key, blocks[:len(blocks)/16*16])}
		if opened, err := xmlsec.Decrypt(mustParse(t, p.document()), xmlsec.ModernAlgorithms(), target.decrypts); codeOf(err) != code {
			t.Errorf("%q: %v, %v, want code %q", blocks, opened, err, code)
		}
	}
}

// TestWrapOraclesAnswerAlike does the same to keys that are wrapped.
func TestWrapOraclesAnswerAlike(t *testing.T) {
	t.Parallel()
	probes := 0
	for wrap, length := range wrapBytes() {
		shared := secret(t, length)
		values := findAll(mustParse(t, encrypt(t, xmlsec.Encrypter{Method: xmlsec.AES256CBC, KeyMethod: wrap, Secret: shared}, assertion)), "CipherValue")
		wrapped, sealed := decoded(t, values[0].Text()), decoded(t, values[1].Text())
		altered := bytes.Clone(wrapped)
		altered[len(altered)/2] ^= 1
		for _, value := range [][]byte{altered, wrapped[:1], wrapped[:8], wrapped[:16], wrapped[:len(wrapped)-8], wrapped[1:], secret(t, 40), secret(t, 8192)} {
			document := encryptedData(xmlsec.AES256CBC, wrap, value, sealed)
			opened, err := xmlsec.DecryptWithSecret(mustParse(t, document), everyAlgorithm(), sharing(shared))
			if codeOf(err) != xmlsec.DecryptionFailed || err.Error() != undecryptable || opened != nil {
				t.Errorf("%s, a key of %d bytes: %v, %v", wrap, len(value), opened, err)
			}
			probes++
		}
	}
	if probes < 32 {
		t.Fatalf("%d probes, want 32", probes)
	}
}

// TestEncryptionPolicy: nothing is accepted that the set does not name.
func TestEncryptionPolicy(t *testing.T) {
	t.Parallel()
	target, shared := newParty(t), secret(t, 24)
	modern := map[xmlsec.EncryptionMethod]bool{xmlsec.AES256CBC: true, xmlsec.AES256GCM: true}
	exchange := map[xmlsec.EncryptionMethod]bool{xmlsec.AES256CBC: true, xmlsec.AES256GCM: true, xmlsec.TripleDESCBC: true}
	code := func(allowed bool) xmlsec.Code {
		if allowed {
			return ""
		}
		return xmlsec.AlgorithmRefused
	}
	for _, method := range contentMethods() {
		root := mustParse(t, encrypt(t, target.encrypter(t, method), assertion))
		if _, err := xmlsec.Decrypt(root, xmlsec.ModernAlgorithms(), target.decrypts); codeOf(err) != code(modern[method]) {
			t.Errorf("modern, %s: %v", method, err)
		}
		if _, err := xmlsec.Decrypt(root, xmlsec.ExchangeAlgorithms(), target.decrypts); codeOf(err) != code(exchange[method]) {
			t.Errorf("exchange, %s: %v", method, err)
		}
		if _, err := xmlsec.Decrypt(root, xmlsec.Algorithms{}, target.decrypts); codeOf(err) != xmlsec.AlgorithmRefused {
			t.Errorf("nothing, %s: %v", method, err)
		}
	}
	wrapped := mustParse(t, encrypt(t, xmlsec.Encrypter{Method: xmlsec.AES256CBC, KeyMethod: xmlsec.WrapTripleDES, Secret: shared}, assertion))
	if _, err := xmlsec.DecryptWithSecret(wrapped, xmlsec.ExchangeAlgorithms(), sharing(shared)); err != nil {
		t.Errorf("exchange, a wrapped key: %v", err)
	}
	if _, err := xmlsec.DecryptWithSecret(wrapped, xmlsec.ModernAlgorithms(), sharing(shared)); codeOf(err) != xmlsec.AlgorithmRefused {
		t.Errorf("modern, a key wrapped by Triple DES: %v", err)
	}
	if _, err := xmlsec.Decrypt(wrapped, xmlsec.ExchangeAlgorithms(), target.decrypts); codeOf(err) != xmlsec.AlgorithmRefused {
		t.Errorf("a wrapped key where a private key is expected: %v", err)
	}
	sealed := mustParse(t, encrypt(t, target.encrypter(t, xmlsec.AES256CBC), assertion))
	if _, err := xmlsec.DecryptWithSecret(sealed, xmlsec.ExchangeAlgorithms(), sharing(shared)); codeOf(err) != xmlsec.AlgorithmRefused {
		t.Errorf("a key encrypted to RSA where a secret is expected: %v", err)
	}
	const rsa15 = xmlsec.NamespaceEncryption + "rsa-1_5"
	careless := everyAlgorithm()
	careless.KeyEncryption = append(careless.KeyEncryption, rsa15)
	old := mustParse(t, encryptedData(xmlsec.AES256CBC, rsa15, secret(t, 256), secret(t, 64)))
	if _, err := xmlsec.Decrypt(old, careless, target.decrypts); codeOf(err) != xmlsec.AlgorithmRefused {
		t.Errorf("RSA 1.5 that a policy allows: %v", err)
	}
}

// TestEncryptedStructure alters what is not encrypted.
func TestEncryptedStructure(t *testing.T) {
	t.Parallel()
	target := newParty(t)
	good := encrypt(t, target.encrypter(t, xmlsec.AES256CBC), assertion)
	key := between(t, good, "<EncryptedKey>", "</EncryptedKey>")
	info := between(t, good, "<ds:KeyInfo xmlns", "</EncryptedKey></ds:KeyInfo>")
	swap := func(old, new string) string { return replaced(t, good, old, new) }
	const oaep = `rsa-oaep-mgf1p"></EncryptionMethod>`
	cases := map[string]struct {
		document string
		code     xmlsec.Code
	}{
		"something else":           {"<a/>", xmlsec.Malformed},
		"content, not an element":  {swap(`#Element"`, `#Content"`), xmlsec.Malformed},
		"no type":                  {swap(` Type="`+xmlsec.NamespaceEncryption+`Element"`, ""), xmlsec.Malformed},
		"no KeyInfo":               {swap(info, ""), xmlsec.Malformed},
		"no key":                   {swap(key, ""), xmlsec.Malformed},
		"two keys":                 {swap(key, key+replaced(t, key, ` Id="keyinfo"`, "")), xmlsec.Malformed},
		"a key elsewhere":          {swap(key, `<ds:RetrievalMethod URI="http://127.0.0.1/key"/>`), xmlsec.Malformed},
		"a reference to content":   {swap("</EncryptedKey></ds:KeyInfo><CipherData><CipherValue>", `</EncryptedKey></ds:KeyInfo><CipherData><CipherReference URI="file:///etc/passwd"/><CipherValue>`), xmlsec.Malformed},
		"no base64":                {swap("</EncryptedKey></ds:KeyInfo><CipherData><CipherValue>", "</EncryptedKey></ds:KeyInfo><CipherData><CipherValue>*"), xmlsec.Malformed},
		"text":                     {swap("<ds:KeyInfo xmlns", "x<ds:KeyInfo xmlns"), xmlsec.Malformed},
		"properties":               {swap("</EncryptedData>", "<EncryptionProperties/></EncryptedData>"), xmlsec.Malformed},
		"a key size":               {swap(`aes256-cbc">`, `aes256-cbc"><KeySize>8</KeySize>`), xmlsec.Malformed},
		"a label":                  {swap(oaep, `rsa-oaep-mgf1p"><OAEPparams>AAAA</OAEPparams></EncryptionMethod>`), xmlsec.Malformed},
		"another mask":             {swap(oaep, `rsa-oaep-mgf1p"><MGF xmlns="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/></EncryptionMethod>`), xmlsec.Malformed},
		"another digest":           {swap(oaep, `rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#md5"/></EncryptionMethod>`), xmlsec.AlgorithmRefused},
		"a digest without a name":  {swap(oaep, `rsa-oaep-mgf1p"><ds:DigestMethod/></EncryptionMethod>`), xmlsec.AlgorithmRefused},
		"RSA 1.5":                  {swap("rsa-oaep-mgf1p", "rsa-1_5"), xmlsec.AlgorithmRefused},
		"OAEP of another name":     {swap(xmlsec.NamespaceEncryption+"rsa-oaep-mgf1p", "http://www.w3.org/2009/xmlenc11#rsa-oaep"), xmlsec.AlgorithmRefused},
		"no algorithm":             {swap(` Algorithm="`+xmlsec.NamespaceEncryption+`aes256-cbc"`, ""), xmlsec.AlgorithmRefused},
		"single DES":               {swap("aes256-cbc", "des-cbc"), xmlsec.AlgorithmRefused},
		"the digest that does not": {swap(oaep, `rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="`+string(xmlsec.SHA256)+`"/></EncryptionMethod>`), xmlsec.DecryptionFailed},
		"another mode":             {swap("aes256-cbc", "tripledes-cbc"), xmlsec.DecryptionFailed},
	}
	for name, c := range cases {
		opened, err := xmlsec.Decrypt(mustParse(t, c.document), xmlsec.ExchangeAlgorithms(), target.decrypts)
		if codeOf(err) != c.code || opened != nil {
			t.Errorf("%s: %v, %v, want code %s", name, opened, err, c.code)
		}
	}
	if len(cases) < 22 {
		t.Fatalf("%d cases, want at least 22", len(cases))
	}
}

// FuzzDecrypt alters octets of key and content, or takes some off: the answer is what
// was encrypted, or the one error. It covers content of any kind.
func FuzzDecrypt(f *testing.F) {
	target := newParty(f)
	methods := contentMethods()
	f.Add("<a>1</a>", uint8(0), uint16(0), byte(0), uint16(0), byte(0), uint8(0))
	f.Add(assertion, uint8(1), uint16(5), byte(1), uint16(0), byte(0), uint8(0))
	f.Add("<a/>", uint8(2), uint16(0), byte(0), uint16(9), byte(0x80), uint8(0))
	f.Add("x", uint8(3), uint16(0), byte(0), uint16(0), byte(0), uint8(7))
	f.Add("<a>ä</a>", uint8(4), uint16(0), byte(0), uint16(0), byte(0), uint8(255))
	f.Add("", uint8(5), uint16(255), byte(1), uint16(3), byte(4), uint8(1))
	f.Fuzz(func(t *testing.T, element string, which uint8, keyAt uint16, keyBits byte, at uint16, bits byte, less uint8) {
		method := methods[int(which)%len(methods)]
		sealed, err := target.encrypter(t, method).Encrypt([]byte(element))
		if err != nil {
			t.Fatal(err)
		}
		values := findAll(mustParse(t, string(sealed)), "CipherValue")
		key, content := decoded(t, values[0].Text()), decoded(t, values[1].Text())
		key[int(keyAt)%len(key)] ^= keyBits
		content[int(at)%len(content)] ^= bits
		content = content[:max(1, len(content)-int(less))]
		root, err := xmlsec.Parse([]byte(encryptedData(method, xmlsec.RSAOAEP, key, content)), xmlsec.Limits{})
		if err != nil {
			return // too large
		}
		opened, err := xmlsec.Decrypt(root, everyAlgorithm(), target.decrypts)
		intact := keyBits == 0 && bits == 0 && less == 0
		if err != nil {
			if err.Error() != undecryptable || codeOf(err) != xmlsec.DecryptionFailed {
				t.Fatalf("another error: %v", err)
			}
			if _, parseErr := xmlsec.Parse([]byte(element), xmlsec.Limits{}); intact && parseErr == nil {
				t.Fatalf("%q does not come back", element)
			}
			return
		}
		if keyBits != 0 {
			t.Fatal("an altered key decrypts")
		}
		if intact {
			want, parseErr := xmlsec.Parse([]byte(element), xmlsec.Limits{})
			if parseErr != nil || !bytes.Equal(want.Canonical(), opened.Element.Canonical()) {
				t.Fatalf("%q comes back as %q", element, opened.Element.Source())
			}
		}
		if !intact && (method == xmlsec.AES128GCM || method == xmlsec.AES256GCM) {
			t.Fatal("GCM accepts altered content")
		}
	})
}

// FuzzEncryptedDocument alters one byte anywhere in the text of a message: nothing
// panics, and whatever decrypts is known by the one key.
func FuzzEncryptedDocument(f *testing.F) {
	target := newParty(f)
	good := []byte(encrypt(f, target.encrypter(f, xmlsec.AES256GCM), "<a>1</a>"))
	for i := 0; i < len(good); i += 53 {
		f.Add(uint16(i), byte('A'))
	}
	f.Fuzz(func(t *testing.T, at uint16, b byte) {
		altered := bytes.Clone(good)
		altered[int(at)%len(altered)] = b
		root, err := xmlsec.Parse(altered, xmlsec.Limits{})
		if err != nil {
			return
		}
		opened, err := xmlsec.Decrypt(root, xmlsec.ModernAlgorithms(), target.decrypts)
		if err == nil && string(opened.Element.Source()) != "<a>1</a>" {
			t.Fatalf("altered content decrypts: %q at %d", b, at)
		}
		if err != nil && codeOf(err) == "" {
			t.Fatalf("not an Error: %v", err)
		}
	})
}

// TestDecryptedIsBounded has a message decrypt to what its own limits refuse.
func TestDecryptedIsBounded(t *testing.T) {
	t.Parallel()
	target := newParty(t)
	deep := strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65)
	sealed := encrypt(t, target.encrypter(t, xmlsec.AES256GCM), deep)
	if _, err := xmlsec.Decrypt(mustParse(t, sealed), xmlsec.ModernAlgorithms(), target.decrypts); codeOf(err) != xmlsec.DecryptionFailed {
		t.Errorf("65 levels: %v", err)
	}
	root, err := xmlsec.Parse([]byte(sealed), xmlsec.Limits{Depth: 65})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := xmlsec.Decrypt(root, xmlsec.ModernAlgorithms(), target.decrypts); err != nil {
		t.Errorf("65 levels that are allowed: %v", err)
	}
	if strings.Contains(sealed, base64.StdEncoding.EncodeToString([]byte(deep))[:40]) {
		t.Error("the content is not encrypted")
	}
}
