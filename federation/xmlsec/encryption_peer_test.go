package xmlsec_test

import (
	"crypto"
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

// sessions are the names that xmlsec1 has for keys of content.
func sessions() map[xmlsec.EncryptionMethod]string {
	return map[xmlsec.EncryptionMethod]string{
		xmlsec.TripleDESCBC: "des-192", xmlsec.AES128CBC: "aes-128", xmlsec.AES192CBC: "aes-192", xmlsec.AES256CBC: "aes-256",
		xmlsec.AES128GCM: "aes-128", xmlsec.AES256GCM: "aes-256",
	}
}

// TestXMLSec1Encryption: xmlsec1 decrypts each algorithm of ours, and we what it encrypts.
// It has no OAEP with SHA-256; the other peers do.
func TestXMLSec1Encryption(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	target := newParty(t)
	certificate, key := target.files(t)
	ran := 0
	for _, method := range contentMethods() {
		for _, digest := range []xmlsec.DigestMethod{"", xmlsec.SHA1} {
			e := target.encrypter(t, method)
			e.Digest = digest
			sealed := write(t, "sealed.xml", []byte(encrypt(t, e, assertion)))
			got := mustParse(t, string(run(t, program, "--decrypt", "--privkey-pem", key, sealed)))
			if string(got.Canonical()) != assertion {
				t.Errorf("%s, digest %q: xmlsec1 decrypts %s", method, digest, got.Source())
			}
			template := xmlsec1Template(method, xmlsec.RSAOAEP, digest)
			theirs := run(t, program, "--encrypt", "--pubkey-cert-pem", certificate, "--session-key", sessions()[method],
				"--xml-data", write(t, "plain.xml", []byte(assertion)), write(t, "template.xml", []byte(template)))
			opened, err := xmlsec.Decrypt(mustParse(t, string(theirs)), everyAlgorithm(), target.decrypts)
			if err != nil || string(opened.Element.Canonical()) != assertion {
				t.Errorf("%s, digest %q: we decrypt %v, %v", method, digest, opened, err)
			}
			ran++
		}
	}
	if ran < 12 {
		t.Fatalf("%d cases, want 12", ran)
	}
}

// xmlsec1Template is an EncryptedData without values.
func xmlsec1Template(method xmlsec.EncryptionMethod, keyMethod xmlsec.KeyEncryptionMethod, digest xmlsec.DigestMethod) string {
	parameter := ""
	if digest != "" {
		parameter = `<DigestMethod xmlns="` + xmlsec.NamespaceSignature + `" Algorithm="` + string(digest) + `"/>`
	}
	name := ""
	if keyMethod != xmlsec.RSAOAEP {
		name = `<KeyInfo xmlns="` + xmlsec.NamespaceSignature + `"><KeyName>shared</KeyName></KeyInfo>`
	}
	return `<x:EncryptedData xmlns:x="` + xmlsec.NamespaceEncryption + `" Type="` + xmlsec.NamespaceEncryption + `Element">
 <x:EncryptionMethod Algorithm="` + string(method) + `"/>
 <KeyInfo xmlns="` + xmlsec.NamespaceSignature + `"><x:EncryptedKey><x:EncryptionMethod Algorithm="` + string(keyMethod) + `">` + parameter + `</x:EncryptionMethod>` + name + `
  <x:CipherData><x:CipherValue/></x:CipherData></x:EncryptedKey></KeyInfo>
 <x:CipherData><x:CipherValue/></x:CipherData></x:EncryptedData>`
}

// TestXMLSec1KeyWrap: the same with keys that are wrapped under a secret.
func TestXMLSec1KeyWrap(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	ran := 0
	for wrap, length := range wrapBytes() {
		shared := secret(t, length)
		option := "--aeskey:shared"
		if wrap == xmlsec.WrapTripleDES {
			option = "--deskey:shared"
		}
		file := write(t, "shared.bin", shared)
		for _, method := range contentMethods() {
			e := xmlsec.Encrypter{Method: method, KeyMethod: wrap, Secret: shared, Recipient: markup(t, `<ds:KeyName xmlns:ds="`+xmlsec.NamespaceSignature+`">shared</ds:KeyName>`)}
			sealed := write(t, "sealed.xml", []byte(encrypt(t, e, assertion)))
			got := mustParse(t, string(run(t, program, "--decrypt", option, file, sealed)))
			if string(got.Canonical()) != assertion {
				t.Errorf("%s, %s: xmlsec1 decrypts %s", method, wrap, got.Source())
			}
			theirs := run(t, program, "--encrypt", option, file, "--session-key", sessions()[method],
				"--xml-data", write(t, "plain.xml", []byte(assertion)), write(t, "template.xml", []byte(xmlsec1Template(method, wrap, ""))))
			opened, err := xmlsec.DecryptWithSecret(mustParse(t, string(theirs)), everyAlgorithm(), sharing(shared))
			if err != nil || string(opened.Element.Canonical()) != assertion {
				t.Errorf("%s, %s: we decrypt %v, %v", method, wrap, opened, err)
			}
			ran++
		}
	}
	if ran < 24 {
		t.Fatalf("%d cases, want 24", ran)
	}
}

// assertionIdentifier tells xmlsec1 what the identifier of an assertion is.
func assertionIdentifier() []string {
	return []string{"--id-attr:AssertionID", namespaceSAML + ":Assertion"}
}

// TestXMLSec1Tokens: xmlsec1 verifies our signed assertions, and we those it signs.
func TestXMLSec1Tokens(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	issuer := newParty(t)
	certificate, key := issuer.files(t)
	methods := map[xmlsec.SignatureMethod]xmlsec.DigestMethod{xmlsec.RSASHA1: xmlsec.SHA1, xmlsec.RSASHA256: xmlsec.SHA256}
	for method, digest := range methods {
		token := signedAssertion(t, issuer, method)
		verify := append([]string{"--verify", "--pubkey-cert-pem", certificate}, assertionIdentifier()...)
		if output, err := runs(program, append(verify, write(t, "token.xml", token))...); err != nil {
			t.Errorf("%s: %v\n%s", method, err, output)
		}
		altered := replaced(t, string(token), "a@contoso", "b@contoso")
		if output, err := runs(program, append(verify, write(t, "altered.xml", []byte(altered)))...); err == nil {
			t.Errorf("%s: the judge accepts an altered token\n%s", method, output)
		}
		template := strings.TrimSuffix(assertion, "</saml:Assertion>") + envelopedTemplate(t, issuer, method, digest) + "</saml:Assertion>"
		sign := append([]string{"--sign", "--privkey-pem", key}, assertionIdentifier()...)
		theirs := run(t, program, append(sign, write(t, "template.xml", []byte(template)))...)
		verified, err := xmlsec.VerifyEnveloped(mustParse(t, string(theirs)), xmlsec.ExchangeAlgorithms(), issuer.byName)
		if err != nil || string(verified.References[0].Element.Canonical()) != assertion {
			t.Errorf("%s: %v, %v", method, verified, err)
		}
	}
	if len(methods) < 2 {
		t.Fatalf("%d methods, want 2", len(methods))
	}
}

// envelopedTemplate is a signature without values that names the issuer.
func envelopedTemplate(t *testing.T, issuer party, method xmlsec.SignatureMethod, digest xmlsec.DigestMethod) string {
	t.Helper()
	detached := template(method, digest, "", []string{"uuid-1"})
	enveloped := replaced(t, detached, "<ds:Transforms>", `<ds:Transforms><ds:Transform Algorithm="`+xmlsec.EnvelopedSignature+`"/>`)
	return replaced(t, enveloped, between(t, enveloped, "<ds:KeyInfo>", "</ds:KeyInfo>"), issuer.named(t, method).KeyInfo.String())
}

// TestXMLSec1HMAC: messages signed with a proof key, all references counted.
func TestXMLSec1HMAC(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	shared := secret(t, 24)
	file := write(t, "proof.bin", shared)
	methods := map[xmlsec.SignatureMethod]xmlsec.DigestMethod{xmlsec.HMACSHA1: xmlsec.SHA1, xmlsec.HMACSHA256: xmlsec.SHA256}
	for method, digest := range methods {
		ours := signRequest(t, xmlsec.Signer{Secret: shared, Method: method}, "timestamp", "body", "proof")
		verify := append([]string{"--verify", "--hmackey", file}, identifiers...)
		output, err := runs(program, append(verify, write(t, "ours.xml", ours))...)
		if err != nil {
			t.Errorf("%s: %v\n%s", method, err, output)
		}
		altered := replaced(t, string(ours), "cHJvb2Y=", "cHJvb2Z=")
		if output, err := runs(program, append(verify, write(t, "altered.xml", []byte(altered)))...); err == nil {
			t.Errorf("%s: the judge accepts an altered message\n%s", method, output)
		}
		unsigned := template(method, digest, "", []string{"timestamp", "body"})
		unsigned = replaced(t, unsigned, between(t, unsigned, "<ds:KeyInfo>", "</ds:KeyInfo>"), "")
		document := find(t, mustParse(t, request), "Security").WithChild([]byte(unsigned))
		sign := append([]string{"--sign", "--hmackey", file}, identifiers...)
		theirs := mustParse(t, string(run(t, program, append(sign, write(t, "template.xml", document))...)))
		verified, err := xmlsec.VerifyHMAC(findSignature(t, theirs), xmlsec.ExchangeAlgorithms(), sharing(shared))
		if err != nil || len(verified.References) != 2 {
			t.Errorf("%s: %v, %v", method, verified, err)
		}
	}
	if len(methods) < 2 {
		t.Fatalf("%d methods, want 2", len(methods))
	}
}

// namedDecrypter hands out the key of the party to whoever names its certificate.
func (p party) namedDecrypter(info xmlsec.KeyInfo) (crypto.Decrypter, error) {
	if _, err := p.selects(info); err != nil {
		return nil, err
	}
	return p.decrypts(info)
}
