package token_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// run returns what a program writes, and its error.
func run(program string, args ...string) (string, error) {
	output, err := exec.Command(program, args...).CombinedOutput()
	return string(output), err
}

const assertionID = "--id-attr:AssertionID"

// TestXMLSec1JudgesOurTokens has the judge decrypt and verify every shape there is, and
// refuse altered ones.
func TestXMLSec1JudgesOurTokens(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	ran := 0
	for _, profile := range profiles() {
		s := newScene(t, profile)
		brokerFile, _ := files(t, s.broker)
		_, targetKey := files(t, s.target)
		for _, method := range []xmlsec.EncryptionMethod{"", xmlsec.AES256CBC, xmlsec.AES256GCM, xmlsec.TripleDESCBC} {
			issuer := s.issuer()
			issuer.Encryption = method
			issued, err := issuer.Issue(request(), s.target.Certificate, noon())
			if err != nil {
				t.Fatal(err)
			}
			output := filepath.Join(t.TempDir(), "assertion.xml")
			text, err := run(program, "--decrypt", "--privkey-pem", targetKey, "--output", output, write(t, "token.xml", string(issued.EncryptedData)))
			if err != nil {
				t.Fatalf("%s, %s: %v\n%s", profile, method, err, text)
			}
			judge(t, program, brokerFile, read(t, output))
			if !strings.Contains(read(t, output), issued.Token.AssertionID) {
				t.Errorf("%s, %s: another assertion", profile, method)
			}
			ran++
		}
		assertion, err := s.issuer().SignOnBehalfOf(onBehalfClaims())
		if err != nil {
			t.Fatal(err)
		}
		judge(t, program, brokerFile, string(assertion))
		ran++
	}
	if ran < 10 {
		t.Fatalf("%d shapes, want 10", ran)
	}
}

// judge has an assertion verified, and an altered one refused.
func judge(t *testing.T, program, certificateFile, assertion string) {
	t.Helper()
	verify := func(document string) (string, error) {
		return run(program, "--verify", "--pubkey-cert-pem", certificateFile, assertionID, token.Namespace+":Assertion", write(t, "assertion.xml", document))
	}
	if text, err := verify(assertion); err != nil {
		t.Errorf("%v\n%s\n%s", err, text, assertion)
	}
	if text, err := verify(replaced(t, assertion, "sales@", "boss@")); err == nil {
		t.Errorf("the judge accepts an altered assertion\n%s", text)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestWeOpenWhatXMLSec1Makes has the judge sign the template and encrypt it.
func TestWeOpenWhatXMLSec1Makes(t *testing.T) {
	t.Parallel()
	program := peer(t, "xmlsec1")
	ran := 0
	for _, c := range []struct {
		profile         federation.SecurityProfile
		session         string
		content         xmlsec.EncryptionMethod
		signing, digest string
	}{
		{federation.Modern, "aes-256", xmlsec.AES256CBC, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
		{federation.Modern, "aes-256", xmlsec.AES256GCM, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
		{federation.Exchange, "des-192", xmlsec.TripleDESCBC, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"},
		{federation.Exchange, "aes-256", xmlsec.AES256CBC, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"},
	} {
		s := newScene(t, c.profile)
		_, brokerKey := files(t, s.broker)
		targetFile, _ := files(t, s.target)
		assertion, sealed := filepath.Join(t.TempDir(), "signed.xml"), filepath.Join(t.TempDir(), "sealed.xml")
		if text, err := run(program, "--sign", "--privkey-pem", brokerKey, assertionID, token.Namespace+":Assertion", "--output", assertion,
			write(t, "template.xml", signatureTemplate(t, s, c.signing, c.digest))); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if text, err := run(program, "--encrypt", "--pubkey-cert-pem", targetFile, "--session-key", c.session, "--xml-data", assertion,
			"--output", sealed, write(t, "template.xml", encryptionTemplate(t, s, c.content))); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		opened, err := s.verifier().Accept(parse(t, read(t, sealed)), expectation())
		if err != nil {
			t.Errorf("%s, %s: %v", c.profile, c.content, err)
			continue
		}
		if diff := cmp.Diff(templateToken(), opened.Token); diff != "" {
			t.Errorf("%s, %s: %s", c.profile, c.content, diff)
		}
		ran++
	}
	if ran < 4 {
		t.Fatalf("%d shapes, want 4", ran)
	}
}

func signatureTemplate(t *testing.T, s scene, signing, digest string) string {
	t.Helper()
	info, err := xmlsec.SubjectKeyIdentifierKeyInfo(s.broker.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	signature := fmt.Sprintf(`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>`+
		`<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="%s"/>`+
		`<Reference URI="#uuid-1"><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>`+
		`<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms><DigestMethod Algorithm="%s"/><DigestValue/></Reference>`+
		`</SignedInfo><SignatureValue/>%s</Signature></saml:Assertion>`, signing, digest, info)
	return replaced(t, template, "</saml:Assertion>", signature)
}

func encryptionTemplate(t *testing.T, s scene, content xmlsec.EncryptionMethod) string {
	t.Helper()
	reference, err := xmlsec.SubjectKeyReference(s.target.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">`+
		`<EncryptionMethod Algorithm="%s"/><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">`+
		`<EncryptedKey xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>`+
		`<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">%s</ds:KeyInfo><CipherData><CipherValue/></CipherData></EncryptedKey></KeyInfo>`+
		`<CipherData><CipherValue/></CipherData></EncryptedData>`, content, reference)
}

// TestSchemaValidatesOurAssertions asks the schema of SAML 1.1 about everything that is
// issued, and about something that is wrong.
func TestSchemaValidatesOurAssertions(t *testing.T) {
	t.Parallel()
	const schema, signatures = "/usr/share/xml/opensaml/cs-sstc-schema-assertion-1.1.xsd", "/usr/share/xml/xmltooling/xmldsig-core-schema.xsd"
	program := peer(t, "xmllint")
	for _, file := range []string{schema, signatures} {
		if _, err := os.Stat(file); err != nil && os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatal(err)
		} else if err != nil {
			t.Skip(err)
		}
	}
	catalog := write(t, "catalog.xml", `<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">`+
		`<system systemId="http://www.w3.org/TR/xmldsig-core/xmldsig-core-schema.xsd" uri="file://`+signatures+`"/>`+
		`<uri name="http://www.w3.org/TR/xmldsig-core/xmldsig-core-schema.xsd" uri="file://`+signatures+`"/></catalog>`)
	validate := func(document string) (string, error) {
		command := exec.Command(program, "--nonet", "--noout", "--schema", schema, write(t, "assertion.xml", document))
		command.Env = append(os.Environ(), "XML_CATALOG_FILES="+catalog)
		output, err := command.CombinedOutput()
		return string(output), err
	}
	ran := 0
	for _, profile := range profiles() {
		s := newScene(t, profile)
		delegation, err := s.issuer().Sign(templateToken())
		if err != nil {
			t.Fatal(err)
		}
		claims := onBehalfClaims()
		claims.AssertionID, _ = token.NewAssertionID(nil)
		vouched, err := s.issuer().SignOnBehalfOf(claims)
		if err != nil {
			t.Fatal(err)
		}
		for _, assertion := range [][]byte{delegation, vouched} {
			if text, err := validate(string(assertion)); err != nil {
				t.Errorf("%s: %v\n%s", profile, err, text)
			}
			if text, err := validate(replaced(t, string(assertion), ` MajorVersion="1"`, "")); err == nil {
				t.Errorf("the schema accepts an assertion without a version\n%s", text)
			}
			ran++
		}
	}
	if ran < 4 {
		t.Fatalf("%d assertions, want 4", ran)
	}
}
