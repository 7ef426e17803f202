package certificate_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

// opensslConfig holds the extensions of the certificates openssl makes for this test.
const opensslConfig = `[req]
distinguished_name=dn
prompt=no
[dn]
CN=Federation
[good]
subjectKeyIdentifier=hash
extendedKeyUsage=clientAuth
[nopurpose]
subjectKeyIdentifier=hash
[wrongpurpose]
subjectKeyIdentifier=hash
extendedKeyUsage=serverAuth,emailProtection
[noidentifier]
subjectKeyIdentifier=none
extendedKeyUsage=clientAuth
[ca]
subjectKeyIdentifier=none
basicConstraints=critical,CA:TRUE
[subca]
subjectKeyIdentifier=hash
basicConstraints=critical,CA:TRUE
`

// workshop is a folder in which openssl makes certificates.
type workshop struct {
	t            *testing.T
	dir, openssl string
}

func newWorkshop(t *testing.T) workshop {
	w := workshop{t, t.TempDir(), peer(t, "openssl")}
	if err := os.WriteFile(filepath.Join(w.dir, "config"), []byte(opensslConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// key makes a private key; args as for genpkey.
func (w workshop) key(name string, args ...string) string {
	run(w.t, w.dir, w.openssl, append([]string{"genpkey", "-out", name + ".key"}, args...)...)
	return name + ".key"
}

// sign makes a certificate for a key, signed with itself or with a CA's key.
func (w workshop) sign(key, extensions string, args ...string) *x509.Certificate {
	w.t.Helper()
	args = append([]string{"req", "-x509", "-config", "config", "-key", key, "-extensions", extensions, "-out", "cert.pem"}, args...)
	run(w.t, w.dir, w.openssl, args...)
	return w.readCertificate("cert.pem")
}

func (w workshop) readCertificate(name string) *x509.Certificate {
	w.t.Helper()
	cert, err := x509.ParseCertificate(w.readBlock(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return cert
}

func (w workshop) readKey(name string) crypto.Signer {
	w.t.Helper()
	key, err := x509.ParsePKCS8PrivateKey(w.readBlock(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return key.(crypto.Signer)
}

func (w workshop) readBlock(name string) []byte {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		w.t.Fatalf("%s is not PEM", name)
	}
	return block.Bytes
}

func ids(unmet []certificate.Unmet) []string {
	var out []string
	for _, u := range unmet {
		out = append(out, u.ID)
	}
	return out
}

// TestCheckNamesWhatIsUnmet gives Check certificates made by openssl that each fail one
// requirement, and one that fails all it can.
func TestCheckNamesWhatIsUnmet(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	rsa, other := w.key("rsa", "-algorithm", "RSA"), w.key("other", "-algorithm", "RSA")
	short := w.key("short", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
	ec := w.key("ec", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
	rsaCA, ecCA := w.authority("rsaca", other), w.authority("ecca", ec)
	good := w.sign(rsa, "good", "-days", "30")
	now := good.NotBefore.Add(time.Hour)
	fine := certificate.Facts{Key: w.readKey(rsa), Exportable: true}
	with := func(key string) certificate.Facts { return certificate.Facts{Key: w.readKey(key), Exportable: true} }
	roots := x509.NewCertPool()
	for _, authority := range []string{rsaCA, ecCA} {
		roots.AddCert(w.readCertificate(authority + ".pem"))
	}
	under := func(facts certificate.Facts) certificate.Facts {
		facts.Roots = roots
		return facts
	}
	between := w.subordinate("between", rsaCA)

	cases := []struct {
		name  string
		cert  *x509.Certificate
		facts certificate.Facts
		now   time.Time
		want  []string
	}{
		{"all met", good, fine, now, nil},
		{"made here", aPair(t).Certificate, certificate.Facts{Key: aPair(t).Key, Exportable: true}, moment(), nil},
		{"EC key", w.issue(rsaCA, ec, "good"), under(with(ec)), now, []string{"KeyNotRSA"}},
		{"signed by an EC authority", w.issue(ecCA, rsa, "good"), under(fine), now, []string{"SignatureNotRSA"}},
		{"1024 bits", w.sign(short, "good"), with(short), now, []string{"KeyTooShort"}},
		{"no SKI", w.issue(rsaCA, rsa, "noidentifier"), under(fine), now, []string{"NoSubjectKeyIdentifier"}},
		{"no purpose", w.sign(rsa, "nopurpose"), fine, now, []string{"NoClientAuthentication"}},
		{"other purposes", w.sign(rsa, "wrongpurpose"), fine, now, []string{"NoClientAuthentication"}},
		{"expired", good, fine, good.NotAfter.Add(time.Second), []string{"Expired"}},
		{"last second", good, fine, good.NotAfter, nil},
		{"not yet valid", good, fine, good.NotBefore.Add(-time.Second), []string{"NotYetValid"}},
		{"no key", good, certificate.Facts{Exportable: true}, now, []string{"NoPrivateKey"}},
		{"another key", good, with(other), now, []string{"KeyMismatch"}},
		{"another kind of key", good, with(ec), now, []string{"KeyMismatch"}},
		{"not exportable", good, certificate.Facts{Key: fine.Key}, now, []string{"KeyNotExportable"}},
		{"of a trusted authority", w.issue(rsaCA, rsa, "good"), under(fine), now, nil},
		{"of an authority nobody trusts", w.issue(rsaCA, rsa, "good"), fine, now, []string{"NotTrusted"}},
		{"of an intermediate that is there", w.issue(between, rsa, "good"), beside(under(fine), w.readCertificate(between+".pem")), now, nil},
		{"of an intermediate that is not there", w.issue(between, rsa, "good"), under(fine), now, []string{"NotTrusted"}},
		{"of a certificate that is no authority", w.issue(w.notAuthority("plain", rsaCA), rsa, "good"),
			beside(under(fine), w.readCertificate("plain.pem")), now, []string{"NotTrusted"}},
		{"expired, of a trusted authority", w.issue(rsaCA, rsa, "good"), under(fine), now.AddDate(0, 0, 60), []string{"Expired"}},
		{"everything", w.issue(ecCA, ec, "ca"), certificate.Facts{}, now.AddDate(9, 0, 0), []string{
			"NotTrusted", "KeyNotRSA", "SignatureNotRSA", "NoSubjectKeyIdentifier", "NoClientAuthentication", "Expired", "NoPrivateKey", "KeyNotExportable"}},
	}
	alone := map[string]bool{"Revoked": true} // which TestRevocation has
	for _, c := range cases {
		unmet := certificate.Check(c.cert, c.facts, c.now)
		if len(unmet) == 1 {
			alone[unmet[0].ID] = true
		}
		if diff := cmp.Diff(c.want, ids(unmet)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		for _, u := range unmet {
			if u.Text == "" || u.Remedy == "" {
				t.Errorf("%s: %s without a text or a remedy", c.name, u.ID)
			}
		}
	}
	for _, r := range certificate.Requirements() {
		if !alone[r.ID] {
			t.Errorf("no certificate fails %s alone", r.ID)
		}
	}
	if len(certificate.Requirements()) < 12 {
		t.Errorf("%d requirements only", len(certificate.Requirements()))
	}
	if len(cases) < 22 {
		t.Errorf("%d cases only", len(cases))
	}
}

// beside are the facts of a certificate that has an intermediate certificate beside it.
func beside(facts certificate.Facts, intermediate *x509.Certificate) certificate.Facts {
	facts.Intermediates = append(facts.Intermediates, intermediate)
	return facts
}

// subordinate makes an authority whose certificate is of another one.
func (w workshop) subordinate(name, authority string) string {
	return w.carry(name, authority, "subca")
}

// notAuthority makes a certificate that signs as if it was an authority.
func (w workshop) notAuthority(name, authority string) string {
	return w.carry(name, authority, "good")
}

func (w workshop) carry(name, authority, extensions string) string {
	w.key(name, "-algorithm", "RSA")
	w.issueTo("/CN="+name, authority, name+".key", extensions, name+".pem")
	return name
}

// authority makes a certificate authority around a key and returns its name.
func (w workshop) authority(name, key string) string {
	run(w.t, w.dir, w.openssl, "req", "-x509", "-config", "config", "-key", key, "-extensions", "ca", "-subj", "/CN="+name, "-days", "3650", "-out", name+".pem")
	run(w.t, w.dir, "cp", key, name+".key")
	return name
}

// issue has an authority sign a certificate for a key, with exactly the extensions named.
func (w workshop) issue(authority, key, extensions string) *x509.Certificate {
	w.t.Helper()
	return w.issueTo("/CN=Federation", authority, key, extensions, "cert.pem")
}

func (w workshop) issueTo(subject, authority, key, extensions, out string) *x509.Certificate {
	w.t.Helper()
	run(w.t, w.dir, w.openssl, "req", "-new", "-config", "config", "-subj", subject, "-key", key, "-out", "req.pem")
	run(w.t, w.dir, w.openssl, "x509", "-req", "-in", "req.pem", "-CA", authority+".pem", "-CAkey", authority+".key",
		"-extfile", "config", "-extensions", extensions, "-days", "30", "-out", out)
	return w.readCertificate(out)
}
