package xmlsec_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

// npm is Node.js with the packages saml, xml-crypto and xml-encryption. They are looked
// for in the folder that EXFED_NODE_MODULES names and in those of NODE_PATH.
type npm struct{ node, folder string }

func npmPeer(t *testing.T) npm {
	t.Helper()
	n := npm{peer(t, "node"), os.Getenv("EXFED_NODE_MODULES")}
	command := n.command("-e", "require('saml'); require('xml-crypto'); require('xml-encryption'); require('@xmldom/xmldom')")
	if output, err := command.CombinedOutput(); err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("the npm packages are required here, see EXFED_NODE_MODULES: %v\n%s", err, output)
		}
		t.Skip("the npm packages saml, xml-crypto and xml-encryption are not installed")
	}
	return n
}

func (n npm) command(args ...string) *exec.Cmd {
	command := exec.Command(n.node, args...)
	command.Env = os.Environ()
	if n.folder != "" {
		command.Env = append(command.Env, "NODE_PATH="+n.folder)
	}
	return command
}

// ask returns the answer of testdata/peer.js.
func (n npm) ask(t *testing.T, what string, parameters map[string]string) ([]byte, error) {
	t.Helper()
	text, err := json.Marshal(parameters)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	command := n.command("testdata/peer.js", what, string(text))
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stderr.Bytes(), err
	}
	return stdout.Bytes(), nil
}

func (n npm) must(t *testing.T, what string, parameters map[string]string) string {
	t.Helper()
	output, err := n.ask(t, what, parameters)
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", what, parameters, err, output)
	}
	return string(output)
}

// publicFile writes the public key in PEM form.
func (p party) publicFile(t testing.TB) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(p.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "public.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// npmMethods are the algorithms for content that xml-encryption has.
func npmMethods() []xmlsec.EncryptionMethod {
	return []xmlsec.EncryptionMethod{xmlsec.TripleDESCBC, xmlsec.AES128CBC, xmlsec.AES256CBC, xmlsec.AES128GCM, xmlsec.AES256GCM}
}

// TestNPMEncryption: xml-encryption decrypts ours, and we what it encrypts.
func TestNPMEncryption(t *testing.T) {
	t.Parallel()
	peer := npmPeer(t)
	target := newParty(t)
	certificate, key := target.files(t)
	plain := write(t, "plain.xml", []byte(assertion))
	digests := map[xmlsec.DigestMethod]string{xmlsec.SHA1: "sha1", xmlsec.SHA256: "sha256"}
	ran := 0
	for _, method := range npmMethods() {
		for digest, name := range digests {
			e := target.encrypter(t, method)
			e.Digest = digest
			got := peer.must(t, "decrypt", map[string]string{"targetKey": key, "file": write(t, "sealed.xml", []byte(encrypt(t, e, assertion)))})
			if got != assertion {
				t.Errorf("%s, %s: it decrypts %s", method, digest, got)
			}
			theirs := peer.must(t, "encrypt", map[string]string{
				"file": plain, "targetPublicKey": target.publicFile(t), "targetCertificate": certificate,
				"method": string(method), "keyMethod": string(xmlsec.RSAOAEP), "digest": name,
			})
			opened, err := xmlsec.Decrypt(mustParse(t, theirs), everyAlgorithm(), target.namedDecrypter)
			if err != nil || string(opened.Element.Canonical()) != assertion {
				t.Errorf("%s, %s: we decrypt %v, %v", method, digest, opened, err)
			}
			ran++
		}
	}
	if ran < 10 {
		t.Fatalf("%d cases, want 10", ran)
	}
}

// TestNPMTokens: we decrypt and verify the assertions of the package saml.
func TestNPMTokens(t *testing.T) {
	t.Parallel()
	peer := npmPeer(t)
	issuer, target := newParty(t), newParty(t)
	issuerCertificate, issuerKey := issuer.files(t)
	targetCertificate, _ := target.files(t)
	ran := 0
	for _, hash := range []string{"sha1", "sha256"} {
		parameters := map[string]string{
			"issuerKey": issuerKey, "issuerCertificate": issuerCertificate, "signature": "rsa-" + hash, "digest": hash,
			"targetCertificate": targetCertificate, "targetPublicKey": target.publicFile(t), "keyMethod": string(xmlsec.RSAOAEP),
		}
		for _, method := range append(npmMethods(), "") {
			parameters["method"] = string(method)
			token := mustParse(t, peer.must(t, "create", parameters))
			if method != "" {
				opened, err := xmlsec.Decrypt(token, everyAlgorithm(), target.namedDecrypter)
				if err != nil {
					t.Errorf("%s, %s: %v", hash, method, err)
					continue
				}
				token = opened.Element
			}
			verified, err := xmlsec.VerifyEnveloped(token, xmlsec.ExchangeAlgorithms(), issuer.selects)
			if err != nil {
				t.Errorf("%s, %q: %v", hash, method, err)
				continue
			}
			if got := find(t, verified.References[0].Element, "AttributeValue").Text(); got != "a@contoso.example" {
				t.Errorf("%s, %q: the address is %q", hash, method, got)
			}
			ran++
		}
	}
	if ran < 12 {
		t.Fatalf("%d tokens, want 12", ran)
	}
}

// TestNPMVerifies: xml-crypto verifies our signatures, enveloped and detached, and
// counts their references.
func TestNPMVerifies(t *testing.T) {
	t.Parallel()
	peer := npmPeer(t)
	issuer := newParty(t)
	certificate, _ := issuer.files(t)
	shared := secret(t, 24)
	secretFile := write(t, "secret.bin", shared)
	type signed struct {
		document, alter, key, file, references string
	}
	var cases []signed
	for _, method := range []xmlsec.SignatureMethod{xmlsec.RSASHA1, xmlsec.RSASHA256} {
		cases = append(cases,
			signed{string(signedAssertion(t, issuer, method)), "a@contoso", "certificate", certificate, "1"},
			signed{string(signRequest(t, issuer.signer(method), "timestamp", "body", "proof")), "cHJvb2Y=", "certificate", certificate, "3"})
	}
	cases = append(cases, signed{string(signRequest(t, xmlsec.Signer{Secret: shared, Method: xmlsec.HMACSHA1}, "timestamp", "body", "proof")), "cHJvb2Y=", "secret", secretFile, "3"})
	for _, c := range cases {
		parameters := map[string]string{c.key: c.file, "file": write(t, "signed.xml", []byte(c.document))}
		if got := peer.must(t, "verify", parameters); got != c.references {
			t.Errorf("%s references, want %s", got, c.references)
		}
		parameters["file"] = write(t, "altered.xml", []byte(replaced(t, c.document, c.alter, "x"+strings.ToUpper(c.alter))))
		if output, err := peer.ask(t, "verify", parameters); err == nil {
			t.Errorf("it accepts what is altered: %s", output)
		}
	}
	if len(cases) < 5 {
		t.Fatalf("%d cases, want at least 5", len(cases))
	}
}
