package certificate

import (
	"bytes"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The files here are odd ones that none of the programs at hand writes: put together of parts.

func parts(t *testing.T) (Pair, pfxWriter) {
	t.Helper()
	pair, err := NewSelfSigned(Request{Subject: "CN=odd", KeySize: 1024}, rand.Reader, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return pair, pfxWriter{deriver: &deriver{password: "password", left: maxIterations}, rand: rand.Reader, legacy: true}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func keyBagOf(t *testing.T, pair Pair, attributes ...bagAttribute) safeBag {
	t.Helper()
	return safeBag{oid(oidKeyBag), inContext(must(x509.MarshalPKCS8PrivateKey(pair.Key))(t)), attributes}
}

func certificateBagOf(t *testing.T, cert *x509.Certificate, attributes ...bagAttribute) safeBag {
	t.Helper()
	der := must(asn1.Marshal(certificateBag{oid(oidX509Certificate), inContext(must(asn1.Marshal(cert.Raw))(t))}))(t)
	return safeBag{oid(oidCertificateBag), inContext(der), attributes}
}

func named(name string) bagAttribute {
	return bagAttribute{oid(oidFriendlyName), []asn1.RawValue{{Tag: asn1.TagBMPString, Bytes: bmpString(name)}}}
}

func marked(id string) bagAttribute {
	return bagAttribute{oid(oidLocalKeyID), []asn1.RawValue{{Tag: asn1.TagOctetString, Bytes: []byte(id)}}}
}

// fileOfBags is a file with the bags in the open.
func fileOfBags(t *testing.T, w pfxWriter, bags ...safeBag) []byte {
	t.Helper()
	return must(w.file([]contentInfo{must(info(oidData, must(asn1.Marshal(bags))(t)))(t)}))(t)
}

// renewed is the certificate of the pair made anew, valid longer, for the same key.
func renewed(t *testing.T, pair Pair) *x509.Certificate {
	t.Helper()
	template := *pair.Certificate
	template.SerialNumber, template.NotAfter = big.NewInt(2), template.NotAfter.AddDate(1, 0, 0)
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, &template, &template, pair.Key.Public(), pair.Key))(t)))(t)
}

func TestOddFiles(t *testing.T) {
	t.Parallel()
	pair, w := parts(t)
	old, later := pair.Certificate, renewed(t, pair)
	nested := safeBag{oid(oidSafeContentsBag), inContext(must(asn1.Marshal([]safeBag{keyBagOf(t, pair), certificateBagOf(t, old)}))(t)), nil}
	secret := safeBag{oid("1.2.840.113549.1.12.10.1.5"), inContext([]byte{5, 0}), nil}
	cases := []struct {
		name string
		bags []safeBag
		want Bundle
	}{
		{"named at the key", []safeBag{keyBagOf(t, pair, named("key")), certificateBagOf(t, old)}, Bundle{Certificate: old, FriendlyName: "key"}},
		{"named at both", []safeBag{keyBagOf(t, pair, named("{container}")), certificateBagOf(t, old, named("web"))}, Bundle{Certificate: old, FriendlyName: "web"}},
		{"a name that is too long", []safeBag{keyBagOf(t, pair), certificateBagOf(t, old, named(strings.Repeat("é", 300)))}, Bundle{Certificate: old, FriendlyName: strings.Repeat("é", 256)}},
		{"a name that is no BMPString", []safeBag{keyBagOf(t, pair), certificateBagOf(t, old, bagAttribute{oid(oidFriendlyName), []asn1.RawValue{{Tag: asn1.TagUTF8String, Bytes: []byte("x")}}})}, Bundle{Certificate: old}},
		{"a name without a value", []safeBag{keyBagOf(t, pair), certificateBagOf(t, old, bagAttribute{ID: oid(oidFriendlyName)})}, Bundle{Certificate: old}},
		{"renewed", []safeBag{keyBagOf(t, pair), certificateBagOf(t, old), certificateBagOf(t, later)}, Bundle{Certificate: later, Chain: []*x509.Certificate{old}}},
		{"renewed, and the old one is meant", []safeBag{keyBagOf(t, pair, marked("1")), certificateBagOf(t, later, marked("2")), certificateBagOf(t, old, marked("1"))},
			Bundle{Certificate: old, Chain: []*x509.Certificate{later}}},
		{"nested", []safeBag{nested}, Bundle{Certificate: old}},
		{"a secret among them", []safeBag{secret, keyBagOf(t, pair), certificateBagOf(t, old)}, Bundle{Certificate: old}},
	}
	for _, c := range cases {
		got, err := ReadBundle(fileOfBags(t, w, c.bags...), "password")
		if err != nil || got.Key == nil {
			t.Errorf("%s: %+v, %v", c.name, got, err)
			continue
		}
		got.Key = nil
		if diff := cmp.Diff(c.want, got, cmp.Comparer((*x509.Certificate).Equal)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if len(cases) < 9 {
		t.Errorf("%d cases only", len(cases))
	}
	for range 40 {
		nested.Value = inContext(must(asn1.Marshal([]safeBag{nested}))(t))
	}
	if got, err := ReadBundle(fileOfBags(t, w, nested), "password"); !IsCode(err, BundleUnreadable) {
		t.Errorf("nested 41 times: %+v, %v", got, err)
	}
	// A password of no octets at all, which some writers mean by an empty one.
	none := pfxWriter{deriver: &deriver{noEmpty: true, left: maxIterations}, rand: rand.Reader, legacy: true}
	scheme := must(none.scheme())(t)
	shrouded := must(asn1.Marshal(encryptedKey{scheme, must(none.deriver.encrypt(scheme, must(x509.MarshalPKCS8PrivateKey(pair.Key))(t)))(t)}))(t)
	file := fileOfBags(t, none, safeBag{oid(oidShroudedKeyBag), inContext(shrouded), nil}, certificateBagOf(t, old))
	if got, err := ReadBundle(file, ""); err != nil || got.Key == nil {
		t.Errorf("no password: %+v, %v", got, err)
	}
}

// rc2Part is a part encrypted with RC2 of 40 bits, by openssl: nobody else here can.
func rc2Part(t *testing.T, w pfxWriter, bags ...safeBag) contentInfo {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil && os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip(err)
	}
	salt := []byte("saltsalt")
	key := pkcs12Key(sha1.New, w.deriver.bmp(), salt, 1, forKey, 5)
	iv := pkcs12Key(sha1.New, w.deriver.bmp(), salt, 1, forIV, 8)
	encrypt := exec.Command(openssl, "enc", "-rc2-40-cbc", "-provider", "legacy", "-provider", "default", "-K", hex.EncodeToString(key), "-iv", hex.EncodeToString(iv))
	encrypt.Stdin = bytes.NewReader(must(asn1.Marshal(bags))(t))
	encrypted := must(encrypt.Output())(t)
	content := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: encrypted}
	return must(info(oidEncryptedData, encryptedData{Info: encryptedContentInfo{oid(oidData), must(algorithm(oidSHAAnd40BitRC2, pkcs12Params{salt, 1}))(t), content}}))(t)
}

// TestOddRC2 reads what the module that has RC2 is particular about.
func TestOddRC2(t *testing.T) {
	t.Parallel()
	pair, w := parts(t)
	key := must(info(oidData, must(asn1.Marshal([]safeBag{keyBagOf(t, pair, named("key"))}))(t)))(t)
	// An attribute of Windows, the key provider's extended properties, is nothing to the module.
	property := bagAttribute{oid("1.3.6.1.4.1.311.17.3.20"), []asn1.RawValue{{Tag: asn1.TagOctetString, Bytes: []byte("x")}}}
	for name, attributes := range map[string][]bagAttribute{"web": {named("web")}, "key": {named("web"), property}} {
		file := must(w.file([]contentInfo{key, rc2Part(t, w, certificateBagOf(t, pair.Certificate, attributes...))}))(t)
		got, err := ReadBundle(file, "password")
		if err != nil || !got.Certificate.Equal(pair.Certificate) || got.Key == nil || got.FriendlyName != name {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// A key within, whose own encryption would cost more than anybody has.
	endless := must(asn1.Marshal(encryptedKey{must(algorithm(oidSHAAnd3DES, pkcs12Params{[]byte("salt"), 1 << 40}))(t), make([]byte, 64)}))(t)
	hidden := safeBag{oid(oidShroudedKeyBag), inContext(endless), nil}
	file := must(w.file([]contentInfo{key, rc2Part(t, w, hidden, certificateBagOf(t, pair.Certificate))}))(t)
	if got, err := ReadBundle(file, "password"); !IsCode(err, BundleUnsupported) || !strings.Contains(err.Error(), "openssl pkcs12 -legacy -in FILE") {
		t.Errorf("a key within: %+v, %v", got, err)
	}
}
