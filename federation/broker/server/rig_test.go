package server_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"path/filepath"
	"strings"
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

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// zone is a resolver that answers what a test puts into it.
type zone struct {
	mu    sync.Mutex
	texts map[string][]string
	errs  map[string]error
}

func (z *zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.texts[name], errors.Join(z.errs[name], ctx.Err())
}

func (z *zone) set(name string, texts ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.texts[name] = texts
}

func (z *zone) fail(name string, err error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.errs[name] = err
}

// memoryKeys is a key store in memory.
type memoryKeys struct{ pairs sync.Map }

func (k *memoryKeys) Save(pair certificate.Pair) error {
	k.pairs.Store(certificate.Thumbprint(pair.Certificate), pair)
	return nil
}

func (k *memoryKeys) Load(thumbprint string) (certificate.Pair, error) {
	pair, ok := k.pairs.Load(thumbprint)
	if !ok {
		return certificate.Pair{}, errors.New("no such key")
	}
	return pair.(certificate.Pair), nil
}

func (k *memoryKeys) Has(thumbprint string) bool { _, ok := k.pairs.Load(thumbprint); return ok }

func (k *memoryKeys) Delete(thumbprint string) error { k.pairs.Delete(thumbprint); return nil }

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
}

// lockedBuffer collects a log that several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
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

// testKeys makes RSA keys once for all tests: they are what takes long.
var testKeys = sync.OnceValue(func() []*rsa.PrivateKey {
	keys := make([]*rsa.PrivateKey, 8)
	for i := range keys {
		keys[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return keys
})

// newPair returns a certificate that meets the requirements, unless change makes it
// another one. Certificates with the same key are still different certificates.
func newPair(t testing.TB, key int, change func(*x509.Certificate)) certificate.Pair {
	t.Helper()
	var signer crypto.Signer = testKeys()[key]
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

// proof returns a proof of the domain, the one the organization would publish. Its
// value is random: the broker cannot tell.
func newProof(t testing.TB, domain string) *federation.DomainProof {
	t.Helper()
	hash := make([]byte, 64)
	if _, err := io.ReadFull(rand.Reader, hash); err != nil {
		t.Fatal(err)
	}
	return &federation.DomainProof{Domain: federation.Domain(domain), Value: base64.StdEncoding.EncodeToString(hash)}
}

// publish puts a new proof of the domain into DNS, beside a record that is none.
func (r *rig) publish(domain string) *federation.DomainProof {
	r.t.Helper()
	proof := newProof(r.t, domain)
	r.zone.set(domain, "v=spf1 -all", proof.Value)
	return proof
}

// attach has the organization prove and attach the domain.
func (r *rig) attach(o org, domain string) error {
	r.t.Helper()
	return r.client.AddURI(context.Background(), o.pair, o.appID, domain, r.publish(domain))
}

func (r *rig) mustAttach(o org, domain string) {
	r.t.Helper()
	if err := r.attach(o, domain); err != nil {
		r.t.Fatal(err)
	}
}

// dump returns every row of every table of the rig's registry, but those of the
// tables that are left out.
func (r *rig) dump(leaveOut ...string) string {
	r.t.Helper()
	db, err := sql.Open("sqlite", "file:"+r.path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var out strings.Builder
	for _, table := range column(r.t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`) {
		if strings.Contains(" "+strings.Join(leaveOut, " ")+" ", " "+table+" ") {
			continue
		}
		fmt.Fprintf(&out, "== %s\n", table)
		dumpTable(r.t, db, table, &out)
	}
	return out.String()
}

func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var values []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

func dumpTable(t testing.TB, db *sql.DB, table string, out io.Writer) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), `SELECT * FROM "`+table+`" ORDER BY rowid`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(names))
		targets := make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "%v\n", values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
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
