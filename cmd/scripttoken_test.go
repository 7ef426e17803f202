package cmd

import (
	"crypto/rand"
	"encoding/pem"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/token"
)

// mintCommand makes a token in the clear as the Microsoft gateway writes it, of a gateway
// that nobody knows: mint TOKEN CERTIFICATE AUDIENCE ADDRESS TIME
func mintCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: mint TOKEN CERTIFICATE AUDIENCE ADDRESS TIME")
	}
	at, err := time.Parse(time.RFC3339, args[4])
	ts.Check(err)
	pair, err := certificate.NewSelfSigned(certificate.Request{Subject: "CN=gateway"}, rand.Reader, at.Add(-time.Hour))
	ts.Check(err)
	proofKey := make([]byte, 24)
	_, err = rand.Read(proofKey)
	ts.Check(err)
	plain, err := token.Issuer{URI: "urn:federation:MicrosoftOnline", Pair: pair, Profile: federation.Exchange}.Sign(token.Token{
		AssertionID: "uuid-6d0c2f2e-97a8-4a8e-9f3a-0a0d6f2c7f11", Issuer: "urn:federation:MicrosoftOnline",
		IssueInstant: at, NotBefore: at, NotOnOrAfter: at.Add(time.Hour),
		Audience: args[2], NameIdentifier: "c29tZWJvZHk=@MicrosoftOnline.com", EmailAddress: args[3],
		RequestorDomain: "outlook.com", Action: token.MailTips, ThirdPartyRequested: "True", ProofKey: proofKey,
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), plain, 0o600))
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate.Raw})
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o600))
}
