package server_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
)

// peer returns the path of a program that judges independently.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is required and not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// template returns an unsigned request for xmlsec1 to sign, with the algorithms of
// the profile. It owes nothing to the code that signs in this project.
func template(o org, proof *federation.DomainProof, algorithms [2]string) string {
	reference := func(id string) string {
		return `<ds:Reference URI="#` + id + `"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>` +
			`<ds:DigestMethod Algorithm="` + algorithms[1] + `"/><ds:DigestValue/></ds:Reference>`
	}
	const wsu = `http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd`
	made, madeReference := "", "" // what a client of another maker does not know
	if proof.Signature != nil {
		made = `<own:DomainSignature xmlns:own="urn:exfed:domain-ownership:1" xmlns:wsu="` + wsu + `" wsu:Id="made">
    ` + base64.StdEncoding.EncodeToString(proof.Signature) + `
  </own:DomainSignature>
  <wsa:To xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:wsu="` + wsu + `" wsu:Id="to">https://broker.example/service/managedelegation2.asmx</wsa:To>`
		madeReference = reference("made") + reference("to")
	}
	return `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:md="http://domains.live.com/Service/ManageDelegation2/V1.0">
 <soap:Header>
  <md:DomainOwnershipProofHeader xmlns:wsu="` + wsu + `" wsu:Id="proof">
    <md:Domain>` + string(proof.Domain) + `</md:Domain><md:HashAlgorithm>SHA512</md:HashAlgorithm><md:Signature>` + proof.Value + `</md:Signature>
  </md:DomainOwnershipProofHeader>` + made + `
  <wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
   <wsu:Timestamp xmlns:wsu="` + wsu + `" wsu:Id="time"><wsu:Created>2030-05-01T12:00:00.000Z</wsu:Created><wsu:Expires>2030-05-01T12:05:00.000Z</wsu:Expires></wsu:Timestamp>
   <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
     <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="` + algorithms[0] + `"/>
     ` + reference("time") + reference("body") + reference("proof") + madeReference + `
    </ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(o.pair.Certificate.Raw) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>
  </wsse:Security>
 </soap:Header>
 <soap:Body xmlns:wsu="` + wsu + `" wsu:Id="body">
  <md:AddUri>
   <md:appId>` + o.appID + `</md:appId>
   <md:uri>` + string(proof.Domain) + `</md:uri>
  </md:AddUri>
 </soap:Body>
</soap:Envelope>`
}

// idAttributes tells xmlsec1, which has no schema, where identifiers stand.
func idAttributes() []string {
	const wsu = `http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd`
	return []string{
		"--id-attr:Id", wsu + ":Timestamp",
		"--id-attr:Id", "http://schemas.xmlsoap.org/soap/envelope/:Body",
		"--id-attr:Id", "http://domains.live.com/Service/ManageDelegation2/V1.0:DomainOwnershipProofHeader",
		"--id-attr:Id", "http://www.w3.org/2005/08/addressing:To",
		"--id-attr:Id", "urn:exfed:domain-ownership:1:DomainSignature",
	}
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return out
}

func TestBrokerAcceptsWhatXMLSec1Signed(t *testing.T) {
	t.Parallel()
	xmlsec1 := peer(t, "xmlsec1")
	cases := map[federation.SecurityProfile][2]string{
		federation.Modern:   {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
		federation.Exchange: {"http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"},
	}
	for profile, algorithms := range cases {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(o *server.Options) { o.Profile = profile })
			o := r.register(1)
			proof := r.publish(o.pair, "contoso.com")
			if profile == federation.Exchange {
				proof.Signature = nil // the client of another maker sends none
			}
			dir := t.TempDir()
			key, file := filepath.Join(dir, "key.pem"), filepath.Join(dir, "request.xml")
			der, err := x509.MarshalPKCS8PrivateKey(o.pair.Key)
			if err != nil {
				t.Fatal(err)
			}
			for name, content := range map[string][]byte{
				key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
				file: []byte(template(o, proof, algorithms)),
			} {
				if err := os.WriteFile(name, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			args := append([]string{"--sign", "--privkey-pem", key}, idAttributes()...)
			message := run(t, xmlsec1, append(args, file)...)
			if status, body := post(r.server.Handler(), broker.AddURI.SOAPAction(), message); status != http.StatusOK {
				t.Fatalf("status %d, answer %s\n%s", status, body, r.log)
			}
			info, err := r.client.DomainInfo(context.Background(), o.pair, o.appID, "contoso.com")
			if err != nil || info.State != federation.Active {
				t.Errorf("%+v, %v", info, err)
			}
		})
	}
}

func TestXMLSec1VerifiesWhatTheClientSigned(t *testing.T) {
	t.Parallel()
	xmlsec1 := peer(t, "xmlsec1")
	const want = 5 // timestamp, body, addressee, proof and domain signature
	for _, profile := range []federation.SecurityProfile{federation.Modern, federation.Exchange} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			var message []byte
			r := newRig(t, func(o *server.Options) { o.Profile = profile })
			handler := r.server.Handler()
			client := r.newClient()
			client.SOAP.HTTP = &http.Client{Transport: server.InProcess(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				message = []byte(copyOf(q))
				handler.ServeHTTP(w, q)
			}))}
			pair := newPair(t, 1, func(c *x509.Certificate) { c.NotBefore = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) })
			if _, err := client.CreateAppID(context.Background(), pair, "contoso.com", r.publish(pair, "contoso.com")); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			cert, file := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "request.xml")
			for name, content := range map[string][]byte{
				cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate.Raw}),
				file: message,
			} {
				if err := os.WriteFile(name, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			verify := append([]string{"--verify", "--print-debug", "--pubkey-cert-pem", cert, "--enabled-key-data", "rsa"}, idAttributes()...)
			out := run(t, xmlsec1, append(verify, file)...)
			if got := strings.Count(string(out), "= REFERENCE VERIFICATION CONTEXT"); got != want {
				t.Errorf("xmlsec1 saw %d references, want %d:\n%s", got, want, out)
			}
		})
	}
}

// copyOf returns the body of a request that still has to be read by its handler.
func copyOf(q *http.Request) string {
	var body bytes.Buffer
	_, _ = body.ReadFrom(q.Body)
	q.Body = readCloser{&body}
	return body.String()
}

// readCloser is a buffer as the body of a request.
type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }
