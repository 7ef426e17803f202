package server_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// signed is how a test wants a request signed. Zero values are what is right.
type signed struct {
	request broker.Request
	proof   *federation.DomainProof
	// proofUnsigned leaves the proof header out of what the signature covers,
	// signatureUnsigned the domain signature.
	proofUnsigned, signatureUnsigned bool
	// domainSignature is sent in the place of the proof's own, as XML.
	domainSignature string
	// to is sent in the place of this broker's address; "none" for no wsa:To at all.
	to         string
	toUnsigned bool
	key        certificate.Pair
	claim      *x509.Certificate // in KeyInfo, when it is not the signer's
	method     xmlsec.SignatureMethod
	digest     xmlsec.DigestMethod
	at         time.Time
}

// message returns the request as it goes over the wire.
func (s signed) message(t testing.TB) []byte {
	t.Helper()
	claim := s.claim
	if claim == nil {
		claim = s.key.Certificate
	}
	method := s.method
	if method == "" {
		method = xmlsec.RSASHA256
	}
	message, err := soap.Signing{
		Signer: xmlsec.Signer{Key: s.key.Key, Method: method, Digest: s.digest, KeyInfo: xmlsec.X509DataKeyInfo(claim)},
		Now:    func() time.Time { return s.at },
	}.Sign(soap.Envelope{Headers: append(s.addressee(), s.ownership()...), Body: s.request.Marshal()})
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// addressee returns the header block that says whom the request is for.
func (s signed) addressee() []soap.Block {
	switch s.to {
	case "none":
		return nil
	case "":
		s.to = externalURL + server.DelegationPath
	}
	return []soap.Block{{XML: []byte(`<a:To xmlns:a="http://www.w3.org/2005/08/addressing">` + s.to + `</a:To>`), Signed: !s.toUnsigned}}
}

// ownership returns the header blocks that prove the domain.
func (s signed) ownership() (blocks []soap.Block) {
	if s.proof != nil {
		blocks = append(blocks, soap.Block{XML: broker.MarshalProofHeader(*s.proof), Signed: !s.proofUnsigned})
	}
	signature := []byte(s.domainSignature)
	if s.domainSignature == "" && s.proof != nil && s.proof.Signature != nil {
		signature = broker.MarshalDomainSignature(s.proof.Signature)
	}
	if len(signature) > 0 {
		blocks = append(blocks, soap.Block{XML: signature, Signed: !s.signatureUnsigned})
	}
	return blocks
}

// post sends a message to the handler and returns status and body.
func post(handler http.Handler, action string, message []byte) (int, string) {
	r := httptest.NewRequest(http.MethodPost, server.DelegationPath, bytes.NewReader(message))
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("SOAPAction", `"`+action+`"`)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(body)
}

// accessDenied is the whole answer to whoever fails to authenticate.
const accessDenied = `<?xml version="1.0" encoding="utf-8"?>` + "\n" +
	`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">` +
	`<s:Body><s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><faultcode>s:Client</faultcode>` +
	`<faultstring>AccessDenied: Access Denied.</faultstring>` +
	`<detail><ErrorCode>1007</ErrorCode><ErrorDescription>AccessDenied: Access Denied.</ErrorDescription></detail>` +
	`</s:Fault></s:Body></s:Envelope>`

// attacks is a broker with a victim, and with an attacker who is registered as well.
type attacks struct {
	*rig
	victim, attacker org
	good             signed // a request of the victim that is accepted
}

func newAttacks(t *testing.T, change ...func(*server.Options)) *attacks {
	t.Helper()
	a := &attacks{rig: newRig(t, change...)}
	a.victim, a.attacker = a.register(1), a.register(2)
	a.mustAttach(a.victim, "contoso.com")
	a.mustAttach(a.attacker, "evil.example")
	a.good = signed{
		request: broker.Request{Operation: broker.AddURI, AppID: a.victim.appID, URI: "fabrikam.com"},
		proof:   a.publish(a.victim.pair, "fabrikam.com"), key: a.victim.pair, at: a.clock.Now(),
	}
	return a
}

// replaced returns the message with one occurrence of old replaced.
func replaced(t testing.TB, message []byte, old, new string) []byte {
	t.Helper()
	if !bytes.Contains(message, []byte(old)) {
		t.Fatalf("the message does not hold %q", old)
	}
	return bytes.Replace(message, []byte(old), []byte(new), 1)
}

// cut takes the part between two marks, the marks included, out of the message.
func cut(t testing.TB, message []byte, from, to string) (rest, part []byte) {
	t.Helper()
	start := bytes.Index(message, []byte(from))
	end := bytes.Index(message, []byte(to))
	if start < 0 || end < start {
		t.Fatalf("the message does not hold %q and %q", from, to)
	}
	end += len(to)
	return append(bytes.Clone(message[:start]), message[end:]...), message[start:end]
}

func TestAttacksChangeNothing(t *testing.T) {
	t.Parallel()
	list := attackList()
	if len(list) < 49 {
		t.Fatalf("%d attacks", len(list))
	}
	for name, attack := range list {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAttacks(t)
			message := attack(t, a)
			before := a.dump()
			status, body := post(a.server.Handler(), broker.AddURI.SOAPAction(), message)
			if diff := cmp.Diff(before, a.dump()); diff != "" {
				t.Errorf("the registry changed:\n%s", diff)
			}
			want := accessDenied
			if malformed()[name] {
				want = strings.NewReplacer("AccessDenied: Access Denied.", "InvalidArgument: The request is not valid.", "1007", "InvalidArgument").Replace(want)
			}
			if status != http.StatusInternalServerError || body != want {
				t.Errorf("status %d, answer %s", status, body)
			}
			if !strings.Contains(a.log.String(), "refused") {
				t.Error("the log says nothing")
			}
			// The request that was attacked is accepted as it is.
			if status, body := post(a.server.Handler(), broker.AddURI.SOAPAction(), a.good.message(t)); status != http.StatusOK {
				t.Fatalf("the genuine request: status %d, answer %s", status, body)
			}
		})
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	a := newAttacks(t)
	message := a.good.message(t)
	send := func() (int, string) { return post(a.server.Handler(), broker.AddURI.SOAPAction(), message) }
	if status, body := send(); status != http.StatusOK {
		t.Fatalf("status %d, answer %s", status, body)
	}
	if err := a.client.RemoveURI(context.Background(), a.victim.pair, a.victim.appID, "fabrikam.com"); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, step := range []func(){
		func() {},
		func() { a.open() }, // a new process
		func() { a.clock.advance(5*time.Minute - time.Second) },
		func() { a.clock.advance(time.Second) }, // stale from here on
		func() { a.clock.advance(time.Hour) },
	} {
		step()
		before := a.dump()
		if status, body := send(); status != http.StatusInternalServerError || body != accessDenied {
			t.Errorf("status %d, answer %s", status, body)
			continue
		}
		if diff := cmp.Diff(before, a.dump()); diff != "" {
			t.Errorf("the registry changed:\n%s", diff)
		}
		refused++
	}
	if refused != 5 {
		t.Errorf("%d of 5 replays were refused", refused)
	}
}

func TestExchangeProfileAcceptsSHA1(t *testing.T) {
	t.Parallel()
	a := newAttacks(t, func(o *server.Options) { o.Profile = federation.Exchange })
	a.good.method = xmlsec.RSASHA1
	if status, body := post(a.server.Handler(), broker.AddURI.SOAPAction(), a.good.message(t)); status != http.StatusOK {
		t.Errorf("status %d, answer %s", status, body)
	}
}
