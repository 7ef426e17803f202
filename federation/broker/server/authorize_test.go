package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation/broker"
)

// ecCertificate returns a certificate with an elliptic curve key.
func ecCertificate(t *testing.T) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), SubjectKeyId: []byte{1}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		NotBefore: time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// withoutSKI makes an authority's certificate of it without the identifier: Go adds
// one to every certificate that is an authority, and to no other.
func withoutSKI(c *x509.Certificate) { c.SubjectKeyId = nil }

func TestCertificateRequirements(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	shortPair := func(t *testing.T) certificate.Pair {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(7), SubjectKeyId: []byte{7}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
			NotBefore: time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC),
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, short.Public(), short)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return certificate.Pair{Certificate: cert, Key: short}
	}
	pair := func(change func(*x509.Certificate)) func(*testing.T) certificate.Pair {
		return func(t *testing.T) certificate.Pair { return newPair(t, 2, change) }
	}
	cases := []struct {
		name  string
		pair  func(t *testing.T) certificate.Pair
		want  broker.FaultName
		inLog string
	}{
		{"no subject key identifier", pair(withoutSKI), broker.InvalidCertificate, "NoSubjectKeyIdentifier"},
		{"no client authentication", pair(func(c *x509.Certificate) { c.ExtKeyUsage = nil }), broker.InvalidCertificate, "NoClientAuthentication"},
		{"short key", shortPair, broker.InvalidCertificate, "KeyTooShort"},
		{"expired", pair(func(c *x509.Certificate) { c.NotAfter = time.Date(2030, 4, 30, 0, 0, 0, 0, time.UTC) }), broker.AccessDenied, "valid from"},
		{"not yet valid", pair(func(c *x509.Certificate) { c.NotBefore = time.Date(2030, 5, 2, 0, 0, 0, 0, time.UTC) }), broker.AccessDenied, "valid from"},
	}
	if len(cases) < 5 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			o := r.register(1)
			bad := c.pair(t)
			before := r.dump("audit", "replay")
			_, err := r.client.CreateAppID(context.Background(), bad, "", nil)
			wantFault(t, "CreateAppId", err, c.want)
			if strings.Contains(err.Error(), c.inLog) || !strings.Contains(r.log.String(), c.inLog) {
				t.Errorf("the caller read %q, the log says %s", err, r.log)
			}
			err = r.client.UpdateCertificate(context.Background(), o.pair, o.appID, bad.Certificate)
			wantFault(t, "UpdateAppIdCertificate", err, broker.InvalidCertificate)
			if diff := cmp.Diff(before, r.dump("audit", "replay")); diff != "" {
				t.Errorf("the registry changed:\n%s", diff)
			}
		})
	}
}

func TestUpdateCertificate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	o, other := r.register(1), r.register(2)
	next, later := newPair(t, 3, nil), newPair(t, 4, nil)
	refusals := map[string]struct {
		cert *x509.Certificate
		want broker.FaultName
	}{
		"an elliptic curve":       {ecCertificate(t), broker.InvalidCertificate},
		"of another organization": {other.pair.Certificate, broker.InvalidCertificate},
		"not a certificate":       {&x509.Certificate{Raw: []byte("nonsense")}, broker.InvalidCertificate},
		"nothing":                 {&x509.Certificate{}, broker.InvalidArgument},
	}
	for name, c := range refusals {
		wantFault(t, name, r.client.UpdateCertificate(ctx, o.pair, o.appID, c.cert), c.want)
	}
	if err := r.client.UpdateCertificate(ctx, o.pair, o.appID, next.Certificate); err != nil {
		t.Fatal(err)
	}
	_, info := r.client.DomainInfo(ctx, o.pair, o.appID, "contoso.com")
	wantFault(t, "any call with the replaced certificate", info, broker.AccessDenied)
	wantFault(t, "another update with the replaced certificate", r.client.UpdateCertificate(ctx, o.pair, o.appID, later.Certificate), broker.AccessDenied)
	_, err := r.client.CreateAppID(ctx, o.pair, "", nil)
	wantFault(t, "CreateAppId with the replaced certificate", err, broker.AccessDenied)
	if err := r.client.UpdateCertificate(ctx, o.pair, o.appID, next.Certificate); err != nil {
		t.Errorf("repeating the update that took place: %v", err)
	}
	if id, err := r.client.CreateAppID(ctx, next, "", nil); err != nil || id != o.appID {
		t.Errorf("the new certificate has the AppID %q, %v; want %q", id, err, o.appID)
	}
	if err := r.client.UpdateCertificate(ctx, next, o.appID, o.pair.Certificate); err != nil {
		t.Errorf("going back to the certificate before: %v", err)
	}
}

// TestNothingAboutOthers asks about and meddles with what another organization has.
func TestNothingAboutOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	victim, curious := r.register(1), r.register(2)
	r.mustAttach(victim, "contoso.com")
	if err := r.client.ReserveDomain(ctx, victim.pair, victim.appID, namespace, nil); err != nil {
		t.Fatal(err)
	}
	before := r.dump("audit", "replay")
	for _, domain := range []string{"contoso.com", namespace, "nobody.example"} {
		_, err := r.client.DomainInfo(ctx, curious.pair, curious.appID, domain)
		wantFault(t, "GetDomainInfo "+domain, err, broker.DomainNotFound)
		if strings.Contains(err.Error(), victim.appID) {
			t.Errorf("the AppID of the holder is told: %v", err)
		}
	}
	wantFault(t, "RemoveUri", r.client.RemoveURI(ctx, curious.pair, curious.appID, "contoso.com"), broker.URINotFound)
	wantFault(t, "ReleaseDomain", r.client.ReleaseDomain(ctx, curious.pair, curious.appID, namespace), broker.DomainNotFound)
	wantFault(t, "ReserveDomain", r.client.ReserveDomain(ctx, curious.pair, curious.appID, namespace, nil), broker.ProofOfDomainOwnershipFailed)
	wantFault(t, "AddUri", r.client.AddURI(ctx, curious.pair, curious.appID, namespace, nil), broker.ProofOfDomainOwnershipFailed)
	wantFault(t, "ReserveDomain of a domain", r.client.ReserveDomain(ctx, victim.pair, victim.appID, "contoso.com", nil), broker.InvalidURI)
	_, existing := r.client.DomainInfo(ctx, curious.pair, victim.appID, "contoso.com")
	_, missing := r.client.DomainInfo(ctx, curious.pair, "0123456789ABCDEF", "contoso.com")
	if existing == nil || missing == nil || existing.Error() != missing.Error() {
		t.Errorf("AppIDs can be tried out: %v and %v", existing, missing)
	}
	if diff := cmp.Diff(before, r.dump("audit", "replay")); diff != "" {
		t.Errorf("the registry changed:\n%s", diff)
	}
}
