package server_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker/server"
)

// peerFiles writes certificate, key and document where another program finds them.
func peerFiles(t *testing.T, pair certificate.Pair, document []byte) (cert, key, file string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key, file = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "document.xml")
	for name, content := range map[string][]byte{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate.Raw}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		file: document,
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, file
}

func tokenIDAttributes() []string {
	const wsu = `http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd`
	return []string{
		"--id-attr:Id", wsu + ":Timestamp",
		"--id-attr:Id", "http://www.w3.org/2003/05/soap-envelope:Body",
		"--id-attr:Id", "http://www.w3.org/2005/08/addressing:To",
		"--id-attr:AssertionID", "urn:oasis:names:tc:SAML:1.0:assertion:Assertion",
	}
}

// TestXMLSec1JudgesTokens has xmlsec1 verify what the client sends, message and user, with
// every reference counted, decrypt what the broker answers and verify the token within.
func TestXMLSec1JudgesTokens(t *testing.T) {
	t.Parallel()
	xmlsec1 := peer(t, "xmlsec1")
	references := map[federation.SecurityProfile]int{
		federation.Modern:   3, // addressee, timestamp and body
		federation.Exchange: 2, // addressee and timestamp
	}
	for profile, want := range references {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			p := newPartners(t, func(o *server.Options) { o.Profile = profile })
			var request []byte
			handler := p.server.Handler()
			client := p.newClient()
			client.SOAP.HTTP = &http.Client{Transport: server.InProcess(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				request = []byte(copyOf(q))
				handler.ServeHTTP(w, q)
			}))}
			response, err := client.RequestToken(t.Context(), p.contoso.pair, tokenRequest())
			if err != nil {
				t.Fatal(err)
			}
			count := func(pair certificate.Pair, document []byte, node string) int {
				cert, _, file := peerFiles(t, pair, document)
				args := append([]string{"--verify", "--print-debug", "--pubkey-cert-pem", cert, "--enabled-key-data", "rsa", "--node-xpath", node}, tokenIDAttributes()...)
				return strings.Count(string(run(t, xmlsec1, append(args, file)...)), "= REFERENCE VERIFICATION CONTEXT")
			}
			const signature = `*[local-name()='Signature']`
			if n := count(p.contoso.pair, request, `//*[local-name()='Security']/`+signature); n != want {
				t.Errorf("xmlsec1 saw %d references in the message, want %d", n, want)
			}
			if n := count(p.contoso.pair, request, `//*[local-name()='Assertion']/`+signature); n != 1 {
				t.Errorf("xmlsec1 saw %d references in the assertion, want 1", n)
			}
			_, key, file := peerFiles(t, p.fabrikam.pair, response.Encrypted)
			plain := run(t, xmlsec1, "--decrypt", "--privkey-pem", key, file)
			if !bytes.Contains(plain, []byte("<saml:AttributeValue>sales@contoso.com</saml:AttributeValue>")) {
				t.Errorf("xmlsec1 decrypted %s", plain)
			}
			if n := count(newSigner(p), plain, `/*/`+signature); n != 1 {
				t.Errorf("xmlsec1 saw %d references in the token, want 1", n)
			}
		})
	}
}

// newSigner returns the broker's signing certificate as the metadata has it; the key is
// not needed, and any will do.
func newSigner(p *partners) certificate.Pair {
	return certificate.Pair{Certificate: p.published()[0], Key: p.contoso.pair.Key}
}
