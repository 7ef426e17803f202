package server_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
	"exfed/federation/soap"
)

// TestSigningKeyIsMadeOnce starts several brokers on one new registry at once, and one
// more later.
func TestSigningKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := &certificate.KeyStore{Dir: filepath.Join(dir, "keys")}
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	start := func() (string, error) {
		registry, err := server.OpenSQLite(context.Background(), filepath.Join(dir, "registry.db"))
		if err != nil {
			return "", err
		}
		defer func() { _ = registry.Close() }()
		s, err := server.New(context.Background(), server.Options{
			Registry: registry, Keys: keys, Resolver: &zone{}, ExternalURL: externalURL,
			Now: func() time.Time { return now }, Rand: rand.Reader,
		})
		if err != nil {
			return "", err
		}
		client := &broker.Client{
			MetadataURL: externalURL + broker.MetadataPath,
			SOAP:        &soap.Client{HTTP: &http.Client{Transport: server.InProcess(s.Handler())}},
		}
		issuer, err := client.Metadata(context.Background())
		return issuer.Certificate, err
	}
	const brokers = 3
	published := make([]string, brokers)
	var wg sync.WaitGroup
	for i := range brokers {
		wg.Go(func() {
			var err error
			if published[i], err = start(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	again, err := start()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{again}, slices.Compact(slices.Clone(published))); diff != "" {
		t.Errorf("the brokers publish different keys:\n%s", diff)
	}
	checkSigningCertificate(t, keys, again, now)
	checkKeyLost(t, keys, start)
}

func checkSigningCertificate(t *testing.T, keys *certificate.KeyStore, encoded string, now time.Time) {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	key, isRSA := cert.PublicKey.(*rsa.PublicKey)
	if !isRSA || key.Size() != 256 || len(cert.SubjectKeyId) == 0 || cert.Subject.CommonName != "exfed federation broker signing" ||
		cert.NotAfter.Before(now.AddDate(4, 11, 0)) || cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) != nil {
		t.Errorf("the signing certificate is %s, valid until %s", cert.Subject, cert.NotAfter)
	}
	list, err := keys.List()
	if diff := cmp.Diff([]string{thumbprint(cert)}, list); err != nil || diff != "" {
		t.Errorf("the key folder: %v\n%s", err, diff)
	}
}

// checkKeyLost starts a broker whose private key is gone.
func checkKeyLost(t *testing.T, keys *certificate.KeyStore, start func() (string, error)) {
	t.Helper()
	list, _ := keys.List()
	for _, thumbprint := range list {
		if err := keys.Delete(thumbprint); err != nil {
			t.Fatal(err)
		}
	}
	_, err := start()
	var e *federation.Error
	if !errors.As(err, &e) || e.ID != "SigningKeyMissing" || e.Kind != federation.Corrupt {
		t.Errorf("without the private key the error is %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*server.Options){
		"InvalidExternalUrl":     func(o *server.Options) { o.ExternalURL = "http://broker.example" },
		"InvalidSecurityProfile": func(o *server.Options) { o.Profile = "strict" },
		"InvalidBrokerOption":    func(o *server.Options) { o.MaxMoves = -1 },
	}
	for id, change := range cases {
		options := server.Options{
			Registry: openSQLite(t, filepath.Join(t.TempDir(), "registry.db")), Keys: &memoryKeys{}, Resolver: &zone{},
			ExternalURL: externalURL, Now: time.Now, Rand: rand.Reader,
		}
		change(&options)
		_, err := server.New(context.Background(), options)
		var e *federation.Error
		if !errors.As(err, &e) || e.ID != id || e.Kind != federation.Invalid {
			t.Errorf("the error is %v, want %s", err, id)
		}
	}
}
