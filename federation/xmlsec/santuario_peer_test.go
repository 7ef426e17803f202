package xmlsec_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"exfed/federation/xmlsec"
)

// santuarioJars is where Debian puts Apache Santuario and what it needs.
const santuarioJars = "/usr/share/java"

// santuario lists questions and has them answered in one run, since starting Java takes
// longer than all of them.
type santuario struct {
	questions []string
	expected  []string
}

func (s *santuario) ask(expected, format string, args ...any) {
	s.questions = append(s.questions, fmt.Sprintf(format, args...))
	s.expected = append(s.expected, expected)
}

// answers checks the answers; where there is no Santuario the test is skipped.
func (s *santuario) answers(t *testing.T) {
	t.Helper()
	java := peer(t, "java")
	var jars []string
	for _, name := range []string{"xmlsec.jar", "slf4j-api.jar", "slf4j-nop.jar", "commons-codec.jar", "stax2-api.jar", "woodstox-core.jar"} {
		jars = append(jars, filepath.Join(santuarioJars, name))
	}
	if _, err := os.Stat(jars[0]); err != nil {
		if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
			t.Fatalf("Apache Santuario is required here (Debian: libxml-security-java): %v", err)
		}
		t.Skip("Apache Santuario is not installed")
	}
	list := write(t, "questions", []byte(strings.Join(s.questions, "\n")+"\n"))
	command := exec.Command(java, "-cp", strings.Join(jars, ":"), "testdata/Santuario.java", list)
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	got := strings.Fields(string(output))
	if len(got) != len(s.expected) {
		t.Fatalf("%d answers to %d questions\n%s", len(got), len(s.expected), complaints.String())
	}
	for i, want := range s.expected {
		if got[i] != want {
			t.Errorf("%s: %s, want %s", s.questions[i], got[i], want)
		}
	}
	if t.Failed() {
		t.Log(complaints.String())
	}
}

// TestSantuarioAgrees about signatures, HMACs, and everything we encrypt.
func TestSantuarioAgrees(t *testing.T) {
	t.Parallel()
	issuer, target := newParty(t), newParty(t)
	certificate, _ := issuer.files(t)
	_, key := target.files(t)
	shared := secret(t, 24)
	secretFile, plain := write(t, "secret.bin", shared), write(t, "plain.xml", []byte(assertion))
	file := func(document string) string { return write(t, "document.xml", []byte(document)) }
	var s santuario
	for _, method := range []xmlsec.SignatureMethod{xmlsec.RSASHA1, xmlsec.RSASHA256} {
		token := string(signedAssertion(t, issuer, method))
		request := string(signRequest(t, issuer.named(t, method), "timestamp", "body", "proof"))
		s.ask("ok", "verify %s %s", certificate, file(token))
		s.ask("no", "verify %s %s", certificate, file(replaced(t, token, "a@contoso", "b@contoso")))
		s.ask("ok", "verify %s %s", certificate, file(request))
		s.ask("no", "verify %s %s", certificate, file(replaced(t, request, "cHJvb2Y=", "cHJvb2Z=")))
	}
	for _, method := range []xmlsec.SignatureMethod{xmlsec.HMACSHA1, xmlsec.HMACSHA256} {
		request := string(signRequest(t, xmlsec.Signer{Secret: shared, Method: method}, "timestamp", "body", "proof"))
		s.ask("ok", "mac %s %s", secretFile, file(request))
		s.ask("no", "mac %s %s", secretFile, file(replaced(t, request, "cHJvb2Y=", "cHJvb2Z=")))
	}
	for _, method := range contentMethods() {
		for _, digest := range []xmlsec.DigestMethod{"", xmlsec.SHA256} {
			e := target.encrypter(t, method)
			e.Digest = digest
			s.ask("ok", "decrypt %s %s %s", key, file(encrypt(t, e, assertion)), plain)
		}
		for wrap, length := range wrapBytes() {
			kek := secret(t, length)
			algorithm := "AES"
			if wrap == xmlsec.WrapTripleDES {
				algorithm = "DESede"
			}
			e := xmlsec.Encrypter{Method: method, KeyMethod: wrap, Secret: kek}
			s.ask("ok", "unwrap %s %s %s %s", write(t, "kek.bin", kek), file(encrypt(t, e, assertion)), plain, algorithm)
		}
	}
	if len(s.questions) < 48 {
		t.Fatalf("%d questions, want at least 48", len(s.questions))
	}
	s.answers(t)
}
