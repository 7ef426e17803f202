package server_test

import (
	"crypto/x509"
	"testing"
	"time"

	"exfed/federation"
)

// TestReplacedCertificateIsNotForever asks with the certificate an organization has
// replaced, up to the moment from which it is refused.
func TestReplacedCertificateIsNotForever(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	next := newPair(t, 3, nil)
	if err := p.client.UpdateCertificate(t.Context(), p.contoso.pair, p.contoso.appID, next.Certificate); err != nil {
		t.Fatal(err)
	}
	p.clock.advance(72*time.Hour - time.Second)
	if _, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest()); err != nil {
		t.Errorf("a second before its time is up: %v", err)
	}
	p.clock.advance(time.Second)
	if _, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest()); !federation.IsKind(err, federation.Refused) {
		t.Errorf("when its time is up: %v", err)
	}
	if _, err := p.client.RequestToken(t.Context(), next, tokenRequest()); err != nil {
		t.Errorf("with the new certificate: %v", err)
	}
}

// TestTokenForExpiredRecipient asks for a token that only an expired certificate could open.
func TestTokenForExpiredRecipient(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	short := newPair(t, 4, func(c *x509.Certificate) { c.NotAfter = p.clock.Now().Add(time.Hour) })
	if err := p.client.UpdateCertificate(t.Context(), p.fabrikam.pair, p.fabrikam.appID, short.Certificate); err != nil {
		t.Fatal(err)
	}
	if _, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest()); err != nil {
		t.Errorf("while it is valid: %v", err)
	}
	p.clock.advance(2 * time.Hour)
	if _, err := p.client.RequestToken(t.Context(), p.contoso.pair, tokenRequest()); !federation.IsKind(err, federation.Refused) {
		t.Errorf("when it has expired: %v", err)
	}
}
