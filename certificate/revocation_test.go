package certificate_test

import (
	"context"
	"crypto/x509"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"
)

// authorityConfig is for openssl ca, which makes lists of revoked certificates, and for the
// certificates that name where to ask.
const authorityConfig = `
[revoking]
database=index.txt
default_md=sha256
default_crl_days=7
[delta]
2.5.29.27=critical,ASN1:INTEGER:1
[ownpoint]
issuingDistributionPoint=critical,@scope
[scope]
fullname=URI:http://crl.example/one.crl
onlyuser=TRUE
[otherpoint]
issuingDistributionPoint=critical,@elsewhere
[elsewhere]
fullname=URI:http://crl.example/other.crl
[authorities]
issuingDistributionPoint=critical,@casonly
[casonly]
onlyCA=TRUE
[somereasons]
issuingDistributionPoint=critical,@some
[some]
onlysomereasons=keyCompromise
[both]
extendedKeyUsage=clientAuth
authorityInfoAccess=OCSP;URI:http://ocsp.example/
crlDistributionPoints=URI:http://crl.example/one.crl
[many]
extendedKeyUsage=clientAuth
authorityInfoAccess=OCSP;URI:http://ocsp.example/1,OCSP;URI:ldap://ocsp.example/2,OCSP;URI:http://ocsp.example/3,OCSP;URI:http://u:p@ocsp.example/4,OCSP;URI:http://ocsp.example/5,OCSP;URI:http://ocsp.example/6
[nothttp]
extendedKeyUsage=clientAuth
crlDistributionPoints=URI:ldap://crl.example/one.crl
[responder]
extendedKeyUsage=OCSPSigning
`

// revokedIndex is the authority's register as openssl keeps it: the third column says since
// when, and why.
const revokedIndex = "V\t351231000000Z\t\t1001\tunknown\t/CN=Federation\n" +
	"R\t351231000000Z\t260102030405Z,keyCompromise\t1002\tunknown\t/CN=Federation\n" +
	"R\t351231000000Z\t260102030406Z,holdInstruction,holdInstructionReject\t1003\tunknown\t/CN=Federation\n"

// revoking is an authority that answers for the certificates of its register.
type revoking struct {
	workshop
}

func newRevoking(t *testing.T) *revoking {
	r := &revoking{workshop: newWorkshop(t)}
	for name, text := range map[string]string{"config": opensslConfig + authorityConfig, "index.txt": revokedIndex, "index.txt.attr": ""} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.authority("root", r.key("rootkey", "-algorithm", "RSA"))
	// One that calls itself the same, and one that has the same key.
	run(t, r.dir, r.openssl, "req", "-x509", "-config", "config", "-key", r.key("stranger", "-algorithm", "RSA"), "-extensions", "ca", "-subj", "/CN=root", "-out", "stranger.pem")
	r.authority("renamed", "rootkey.key")
	r.key("member", "-algorithm", "RSA")
	r.subordinate("middle", "root")
	return r
}

// member makes a certificate with a serial number, which names where to ask.
func (r *revoking) certificate(authority, serial, extensions string) *x509.Certificate {
	r.t.Helper()
	run(r.t, r.dir, r.openssl, "req", "-new", "-config", "config", "-key", "member.key", "-out", "member.csr")
	run(r.t, r.dir, r.openssl, "x509", "-req", "-in", "member.csr", "-CA", authority+".pem", "-CAkey", authority+".key", "-set_serial", "0x"+serial,
		"-extfile", "config", "-extensions", extensions, "-days", "300", "-out", "member.pem")
	return r.readCertificate("member.pem")
}

// list has the authority make a list of its revoked certificates, in PEM.
func (r *revoking) list(authority string, args ...string) []byte {
	r.t.Helper()
	run(r.t, r.dir, r.openssl, append([]string{"ca", "-config", "config", "-name", "revoking", "-gencrl", "-cert", authority + ".pem", "-keyfile", authority + ".key", "-out", "list"}, args...)...)
	return r.read("list")
}

func (r *revoking) read(name string) []byte {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return data
}

// responder answers OCSP requests about certificates of an authority with a signer's key, as
// openssl does.
func (r *revoking) responder(authority, signer string, args ...string) func(certificate.Question) ([]byte, error) {
	return func(q certificate.Question) ([]byte, error) {
		if q.MediaType != "application/ocsp-request" || q.Most < 10_000 {
			r.t.Errorf("asked with %q for at most %d bytes", q.MediaType, q.Most)
		}
		if err := os.WriteFile(filepath.Join(r.dir, "request"), q.Body, 0o600); err != nil {
			return nil, err
		}
		run(r.t, r.dir, r.openssl, append([]string{"ocsp", "-index", "index.txt", "-CA", authority + ".pem", "-rsigner", signer + ".pem", "-rkey", signer + ".key",
			"-reqin", "request", "-respout", "answer"}, args...)...)
		return r.read("answer"), nil
	}
}

func says(answer []byte) func(certificate.Question) ([]byte, error) {
	return func(certificate.Question) ([]byte, error) { return answer, nil }
}

func silent(certificate.Question) ([]byte, error) { return nil, errors.New("nobody there") }

// TestRevocation has openssl answer as authorities do, and as nobody should.
func TestRevocation(t *testing.T) {
	t.Parallel()
	r := newRevoking(t)
	r.carry("delegate", "root", "responder")
	r.carry("pretender", "root", "good")
	r.carry("foreign", "stranger", "responder")
	root, middle := r.readCertificate("root.pem"), r.readCertificate("middle.pem")
	good, revoked, held := r.certificate("root", "1001", "both"), r.certificate("root", "1002", "both"), r.certificate("root", "1003", "both")
	unlisted, below := r.certificate("root", "1004", "both"), r.certificate("middle", "1001", "both")
	now, key := root.NotBefore.Add(time.Hour), r.readKey("member.key")
	ask := func(signer string, args ...string) func(certificate.Question) ([]byte, error) {
		return r.responder("root", signer, args...)
	}
	list := r.list("root")
	at := func(second int) time.Time { return time.Date(2026, 1, 2, 3, 4, second, 0, time.UTC) }
	const ocspURL, crlURL = "http://ocsp.example/", "http://crl.example/one.crl"
	fine := func(source string) certificate.Revocation {
		return certificate.Revocation{State: certificate.NotRevoked, Source: source}
	}
	gone := func(source, reason string, since time.Time) certificate.Revocation {
		return certificate.Revocation{State: certificate.Revoked, Source: source, Reason: reason, Since: since}
	}
	unknown := func(text string) certificate.Revocation {
		return certificate.Revocation{State: certificate.RevocationUnknown, Text: text}
	}
	noOCSP := `"http://ocsp.example/": `
	noCRL := `"http://ocsp.example/": nobody there; "http://crl.example/one.crl": `

	cases := []struct {
		name      string
		cert      *x509.Certificate
		now       time.Time
		ocsp, crl func(certificate.Question) ([]byte, error)
		want      certificate.Revocation
	}{
		{"good", good, now, ask("root", "-ndays", "1"), silent, fine(ocspURL)},
		{"revoked", revoked, now, ask("root", "-ndays", "1"), silent, gone(ocspURL, "keyCompromise", at(5))},
		{"on hold", held, now, ask("root", "-ndays", "1"), silent, gone(ocspURL, "certificateHold", at(6))},
		{"revoked, whatever the list says", revoked, now, ask("root", "-ndays", "1"), says(list), gone(ocspURL, "keyCompromise", at(5))},
		{"answered without a certificate", good, now, ask("root", "-ndays", "1", "-resp_no_certs"), silent, fine(ocspURL)},
		{"answered by a delegate", good, now, ask("delegate", "-ndays", "1"), silent, fine(ocspURL)},
		{"answered by an intermediate authority with its own certificate", below, now, r.responder("middle", "middle", "-ndays", "1"), silent, fine(ocspURL)},
		{"answered by another certificate of the authority", good, now, ask("pretender", "-ndays", "1"), silent,
			unknown(noOCSP + `the answer is signed with a certificate that is not for signing OCSP answers; "http://crl.example/one.crl": nobody there`)},
		{"answered by somebody else's delegate", good, now, ask("foreign", "-ndays", "1"), silent, unknown(noOCSP + "the answer is not signed by the certificate's issuer, nor by whom it delegated; " + `"http://crl.example/one.crl": nobody there`)},
		{"a delegate whose time is over, and a list", good, now.AddDate(0, 0, 31), ask("delegate", "-ndays", "300"), says(r.list("root", "-crldays", "300")), fine(crlURL)},
		{"an answer that was good yesterday", good, now.AddDate(0, 0, 2), ask("root", "-ndays", "1"), silent, unknown("the answer was good until")},
		{"an answer from the future", good, now.Add(-2 * time.Hour), ask("root", "-ndays", "1"), silent, unknown("which is yet to come")},
		{"an answer without an end", good, now, ask("root"), silent, fine(ocspURL)},
		{"an old answer without an end", good, now.AddDate(0, 0, 2), ask("root"), silent, unknown("does not say until when it is good")},
		{"an answer about another certificate", good, now, func(certificate.Question) ([]byte, error) {
			return ask("root", "-ndays", "1")(certificate.Question{MediaType: "application/ocsp-request", Most: 1 << 20, Body: r.requestFor(t, unlisted)})
		}, silent, unknown("no response matching the supplied certificate")},
		{"an answer about another issuer's certificate of the same number", good, now, says(r.aboutAnother(good.SerialNumber, now)), silent,
			unknown(noOCSP + `the answer is about another issuer's certificate; "http://crl.example/one.crl": nobody there`)},
		{"not known to the responder, in no list", unlisted, now, ask("root", "-ndays", "1"), says(list), fine(crlURL)},
		{"no OCSP answer at all", good, now, says([]byte("<html>")), says(list), fine(crlURL)},
		{"try later", good, now, says([]byte{0x30, 3, 0x0a, 1, 3}), silent, unknown("try later")},
		{"listed", revoked, now, silent, says(list), gone(crlURL, "keyCompromise", at(5))},
		{"listed as on hold", held, now, silent, says(list), gone(crlURL, "certificateHold", at(6))},
		{"not listed", good, now, silent, says(list), fine(crlURL)},
		{"a list of last week", good, now.AddDate(0, 0, 8), silent, says(list), unknown("the answer was good until")},
		{"somebody else's list", good, now, silent, says(r.list("stranger")), unknown(noCRL + "the answer is not signed by the certificate's issuer, nor by whom it delegated")},
		{"a list of another name", good, now, silent, says(r.list("renamed")), unknown(noCRL + "the answer is not signed by the certificate's issuer, nor by whom it delegated")},
		{"a list that was cut off", good, now, silent, says(list[:len(list)/2]), unknown(noCRL + "no CRL that can be read")},
		{"a list of changes", good, now, silent, says(r.list("root", "-crlexts", "delta")), unknown(noCRL + "the CRL has the critical extension 2.5.29.27, which is not known here")},
		{"a list of its distribution point", good, now, silent, says(r.list("root", "-crlexts", "ownpoint")), fine(crlURL)},
		{"a list of another distribution point", good, now, silent, says(r.list("root", "-crlexts", "otherpoint")), unknown(noCRL + "the CRL is the one of another distribution point")},
		{"a list of authorities", good, now, silent, says(r.list("root", "-crlexts", "authorities")), unknown(noCRL + "the CRL is for other certificates")},
		{"a list of some reasons", good, now, silent, says(r.list("root", "-crlexts", "somereasons")), unknown(noCRL + "the CRL lists what was revoked for some reasons only")},
		{"listed in a list of some reasons", revoked, now, silent, says(r.list("root", "-crlexts", "somereasons")), gone(crlURL, "keyCompromise", at(5))},
		{"nobody there", good, now, silent, silent, unknown(noCRL + "nobody there")},
		{"no address of http", r.certificate("root", "1001", "nothttp"), now, silent, silent, unknown("it names no address that begins with http://")},
		{"no address", r.certificate("root", "1001", "good"), now, silent, silent, certificate.Revocation{State: certificate.RevocationNotPublished}},
		{"issuer not there", r.certificate("stranger", "1001", "both"), now, silent, silent, unknown("the certificate of its issuer is not here, so that no answer could be verified")},
	}
	failsAlone := 0
	facts := certificate.Facts{Intermediates: []*x509.Certificate{root, middle}}
	for _, c := range cases {
		fetch := func(_ context.Context, q certificate.Question) ([]byte, error) {
			if q.URL == ocspURL {
				return c.ocsp(q)
			}
			return c.crl(q)
		}
		got := certificate.AskRevocation(t.Context(), c.cert, facts, fetch, c.now)
		if strings.Contains(got.Text, c.want.Text) && c.want.Text != "" && !strings.HasPrefix(c.want.Text, `"`) {
			got.Text = c.want.Text // of those with a time in it, which openssl chose
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		unmet := certificate.Check(c.cert, certificate.Facts{Revocation: &got, Exportable: true, Roots: pool(root), Intermediates: facts.Intermediates, Key: key}, c.now)
		says := slices.Contains(ids(unmet), "Revoked")
		if says != (c.want.State == certificate.Revoked) {
			t.Errorf("%s: %s is unmet", c.name, ids(unmet))
		}
		if says && len(unmet) == 1 {
			failsAlone++
		}
	}
	if len(cases) < 36 {
		t.Errorf("%d cases only", len(cases))
	}
	if failsAlone < 6 {
		t.Errorf("%d certificates fail for being revoked and for nothing else", failsAlone)
	}
	r.asksFew()
}

// aboutAnother is the root's delegate saying that a certificate of another issuer is good.
func (r *revoking) aboutAnother(serial *big.Int, now time.Time) []byte {
	r.t.Helper()
	delegate, signer := r.readCertificate("delegate.pem"), r.readKey("delegate.key")
	good := ocsp.Response{Status: ocsp.Good, SerialNumber: serial, ThisUpdate: now, NextUpdate: now.Add(time.Hour), Certificate: delegate}
	answer, err := ocsp.CreateResponse(r.readCertificate("middle.pem"), delegate, good, signer)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer
}

func pool(certs ...*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certs {
		p.AddCert(c)
	}
	return p
}

// requestFor has openssl write a request about a certificate.
func (r *revoking) requestFor(t *testing.T, cert *x509.Certificate) []byte {
	run(t, r.dir, r.openssl, "ocsp", "-issuer", "root.pem", "-serial", "0x"+cert.SerialNumber.Text(16), "-reqout", "other")
	return r.read("other")
}

// asksFew: a certificate may name as many addresses as it likes.
func (r *revoking) asksFew() {
	r.t.Helper()
	var asked []string
	got := certificate.AskRevocation(r.t.Context(), r.certificate("root", "1001", "many"), certificate.Facts{Roots: pool(r.readCertificate("root.pem"))},
		func(_ context.Context, q certificate.Question) ([]byte, error) {
			asked = append(asked, q.URL)
			return nil, errors.New("nobody there")
		}, time.Now())
	if diff := cmp.Diff([]string{"http://ocsp.example/1", "http://ocsp.example/3", "http://ocsp.example/5"}, asked); diff != "" {
		r.t.Errorf("asked (-want +got):\n%s", diff)
	}
	if got.State != certificate.RevocationUnknown {
		r.t.Errorf("%s, though nobody answered", got.State)
	}
}
