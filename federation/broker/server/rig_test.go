package server_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
	"exfed/federation/soap"
)

const externalURL = "https://broker.example"

// rig is a broker with everything around it in the hands of a test.
type rig struct {
	t       testing.TB
	path    string
	clock   *clock
	zone    *zone
	log     *lockedBuffer
	server  *server.Server
	client  *broker.Client
	profile federation.SecurityProfile
	started server.Options
}

// newRig starts a broker on an empty registry. The options may be changed first.
func newRig(t testing.TB, change ...func(*server.Options)) *rig {
	t.Helper()
	r := &rig{
		t: t, path: filepath.Join(t.TempDir(), "registry.db"), profile: federation.Modern, log: &lockedBuffer{},
		clock: &clock{now: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)},
		zone:  &zone{texts: map[string][]string{}, errs: map[string]error{}},
	}
	r.open(change...)
	return r
}

// open starts a broker on the rig's registry, the first one or another.
func (r *rig) open(change ...func(*server.Options)) {
	r.t.Helper()
	registry, err := server.OpenSQLite(context.Background(), r.path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = registry.Close() })
	keys := &memoryKeys{}
	putSigningKey(r.t, registry, keys)
	options := server.Options{
		Registry: registry, Keys: keys, Resolver: r.zone, ExternalURL: externalURL,
		Now: r.clock.Now, Rand: rand.Reader, Log: slog.New(slog.NewJSONHandler(r.log, nil)),
	}
	for _, f := range change {
		f(&options)
	}
	if options.Profile != "" {
		r.profile = options.Profile
	}
	r.started = options
	r.server, err = server.New(context.Background(), options)
	if err != nil {
		r.t.Fatal(err)
	}
	r.client = r.newClient()
}

// putSigningKey spares a broker the making of its signing key.
func putSigningKey(t testing.TB, registry server.Registry, keys *memoryKeys) {
	t.Helper()
	pair := newPair(t, 0, nil)
	_ = keys.Save(pair)
	err := registry.Update(context.Background(), func(tx server.Tx) error {
		return tx.PutSigningKey(server.SigningKey{
			Slot: server.CurrentSlot, Thumbprint: certificate.Thumbprint(pair.Certificate), DER: pair.Certificate.Raw, Since: epoch(),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) newClient() *broker.Client {
	return &broker.Client{
		MetadataURL: externalURL + broker.MetadataPath,
		SOAP:        &soap.Client{HTTP: &http.Client{Transport: server.InProcess(r.server.Handler())}},
		Profile:     r.profile, Now: r.clock.Now,
	}
}

// testKeys holds RSA keys that are made when they are first asked for, once for all
// tests: making one is what takes long.
var testKeys = func() (keys [8]func() *rsa.PrivateKey) {
	for i := range keys {
		keys[i] = sync.OnceValue(func() *rsa.PrivateKey {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				panic(err)
			}
			return key
		})
	}
	return keys
}()

// newPair returns a certificate that meets the requirements, unless change makes it
// another one. Certificates with the same key are still different certificates.
func newPair(t testing.TB, key int, change func(*x509.Certificate)) certificate.Pair {
	t.Helper()
	var signer crypto.Signer = testKeys[key]()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Federation"},
		NotBefore: time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC),
		SubjectKeyId: serial.Bytes(), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Pair{Certificate: cert, Key: signer}
}

// org is a registered organization.
type org struct {
	pair  certificate.Pair
	appID string
}

// register has the broker register a new organization with the key of that number.
func (r *rig) register(key int) org {
	r.t.Helper()
	o := org{pair: newPair(r.t, key, nil)}
	var err error
	if o.appID, err = r.client.CreateAppID(context.Background(), o.pair, "", nil); err != nil {
		r.t.Fatal(err)
	}
	return o
}

// newProof returns the proof of the domain that the owner of the pair would publish.
func newProof(t testing.TB, pair certificate.Pair, domain string, profile federation.SecurityProfile) *federation.DomainProof {
	t.Helper()
	proof, err := federation.NewDomainProof(pair, federation.Domain(domain), profile)
	if err != nil {
		t.Fatal(err)
	}
	return &proof
}

// publish puts the pair's proof of the domain into DNS, in the place of every other,
// beside a record that is none.
func (r *rig) publish(pair certificate.Pair, domain string) *federation.DomainProof {
	r.t.Helper()
	proof := newProof(r.t, pair, domain, r.profile)
	r.zone.set(domain, "v=spf1 -all", proof.Value)
	return proof
}

// attach has the organization prove and attach the domain.
func (r *rig) attach(o org, domain string) error {
	r.t.Helper()
	return r.client.AddURI(context.Background(), o.pair, o.appID, domain, r.publish(o.pair, domain))
}

func (r *rig) mustAttach(o org, domain string) {
	r.t.Helper()
	if err := r.attach(o, domain); err != nil {
		r.t.Fatal(err)
	}
}

// wantFault checks that the client's error is the fault of that name.
func wantFault(t testing.TB, what string, err error, want broker.FaultName) {
	t.Helper()
	var e *federation.Error
	if !errors.As(err, &e) || e.ID != string(want) {
		t.Errorf("%s: the error is %v, want %s", what, err, want)
	}
}

// thumbprint computes a thumbprint apart from the code under test.
func thumbprint(cert *x509.Certificate) string { return fmt.Sprintf("%X", sha1.Sum(cert.Raw)) }
