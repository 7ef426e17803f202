package federation_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"exfed/certificate"
	"exfed/federation"
)

// proofKeys are two RSA keys, made once for all tests.
var proofKeys = sync.OnceValue(func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

func domainProof(t testing.TB, key *rsa.PrivateKey, profile federation.SecurityProfile) federation.DomainProof {
	t.Helper()
	proof, err := federation.NewDomainProof(certificate.Pair{Key: key}, "contoso.com", profile)
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

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

// filter runs a program on the input and returns what it writes.
func filter(t *testing.T, input []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// TestDomainProofIsThatOfOpenSSL does with OpenSSL what the specification describes.
func TestDomainProofIsThatOfOpenSSL(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	key := proofKeys()[0]
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	for profile, hash := range map[federation.SecurityProfile]string{federation.Modern: "-sha512", federation.Exchange: "-sha1"} {
		signature := filter(t, []byte("contoso.com"), openssl, "dgst", hash, "-sign", file)
		value := filter(t, filter(t, signature, openssl, "dgst", "-sha512", "-binary"), openssl, "base64", "-A")
		proof := domainProof(t, key, profile)
		if proof.Value != string(value) || len(value) != 88 {
			t.Errorf("%s: the proof is %q, OpenSSL's is %q", profile, proof.Value, value)
		}
		if !bytes.Equal(proof.Signature, signature) {
			t.Errorf("%s: the signature is not OpenSSL's", profile)
		}
		if again := domainProof(t, key, profile); again.Value != proof.Value {
			t.Errorf("%s: the second proof is another one", profile)
		}
	}
}

func TestDomainProofNeedsRSA(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := federation.NewDomainProof(certificate.Pair{Key: key}, "contoso.com", federation.Modern); !federation.IsKind(err, federation.Invalid) {
		t.Errorf("the error is %v", err)
	}
}

// handmadeProof makes a proof without the code under test.
func handmadeProof(domain federation.Domain, signature []byte) federation.DomainProof {
	value := sha512.Sum512(signature)
	return federation.DomainProof{Domain: domain, Value: base64.StdEncoding.EncodeToString(value[:]), Signature: signature}
}

func TestMadeWith(t *testing.T) {
	t.Parallel()
	key, other := proofKeys()[0], proofKeys()[1]
	sign := func(key *rsa.PrivateKey, hash crypto.Hash, digest []byte) []byte {
		t.Helper()
		signature, err := rsa.SignPKCS1v15(nil, key, hash, digest)
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
	long, short := sha512.Sum512([]byte("contoso.com")), sha1.Sum([]byte("contoso.com"))
	modern, exchange := sign(key, crypto.SHA512, long[:]), sign(key, crypto.SHA1, short[:])
	sha256Made := sign(key, crypto.SHA256, long[:32])
	pss, err := rsa.SignPSS(rand.Reader, key, crypto.SHA512, long[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(modern)
	flipped[100] ^= 1
	right := handmadeProof("contoso.com", modern)
	with := func(change func(*federation.DomainProof)) federation.DomainProof {
		proof := right
		change(&proof)
		return proof
	}
	cases := []struct {
		name             string
		proof            federation.DomainProof
		key              *rsa.PublicKey
		modern, exchange bool
	}{
		{"SHA-512", right, &key.PublicKey, true, true},
		{"SHA-1", handmadeProof("contoso.com", exchange), &key.PublicKey, false, true},
		{"another key", right, &other.PublicKey, false, false},
		{"made by another key", handmadeProof("contoso.com", sign(other, crypto.SHA512, long[:])), &key.PublicKey, false, false},
		{"no key", right, nil, false, false},
		{"another domain", handmadeProof("fabrikam.com", modern), &key.PublicKey, false, false},
		{"another case of the domain", handmadeProof("Contoso.com", modern), &key.PublicKey, false, false},
		{"no domain", handmadeProof("", modern), &key.PublicKey, false, false},
		{"another value", with(func(p *federation.DomainProof) { p.Value = handmadeProof("", exchange).Value }), &key.PublicKey, false, false},
		{"another case of the value", with(func(p *federation.DomainProof) { p.Value = strings.ToLower(p.Value) }), &key.PublicKey, false, false},
		{"no value", with(func(p *federation.DomainProof) { p.Value = "" }), &key.PublicKey, false, false},
		{"no signature", with(func(p *federation.DomainProof) { p.Signature = nil }), &key.PublicKey, false, false},
		{"the hash of nothing", handmadeProof("contoso.com", nil), &key.PublicKey, false, false},
		{"cut", handmadeProof("contoso.com", modern[:255]), &key.PublicKey, false, false},
		{"a byte more", handmadeProof("contoso.com", append([]byte{0}, modern...)), &key.PublicKey, false, false},
		{"a bit changed", handmadeProof("contoso.com", flipped), &key.PublicKey, false, false},
		{"SHA-256", handmadeProof("contoso.com", sha256Made), &key.PublicKey, false, false},
		{"PSS", handmadeProof("contoso.com", pss), &key.PublicKey, false, false},
	}
	if len(cases) < 18 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		if got := c.proof.MadeWith(c.key, federation.Modern); got != c.modern {
			t.Errorf("%s, modern: %v", c.name, got)
		}
		if got := c.proof.MadeWith(c.key, federation.Exchange); got != c.exchange {
			t.Errorf("%s, exchange: %v", c.name, got)
		}
	}
	if got := domainProof(t, key, federation.Exchange); !got.MadeWith(&key.PublicKey, federation.Exchange) {
		t.Error("a new proof of the exchange profile was not made with its key")
	}
}

// TestSignatureIsNotShown prints and logs a proof in the ways in which it could happen by
// mistake.
func TestSignatureIsNotShown(t *testing.T) {
	t.Parallel()
	proof := domainProof(t, proofKeys()[0], federation.Modern)
	var logged bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&logged, nil), slog.NewTextHandler(&logged, nil)} {
		slog.New(handler).Info("proof", "value", proof, "pointer", &proof, "within", federation.SlotProof{DomainProof: proof})
	}
	encoded, err := json.Marshal(proof)
	if err != nil {
		t.Fatal(err)
	}
	type holder struct{ Proof *federation.DomainProof }
	shown := logged.String() + string(encoded) + fmt.Sprintf("%v %+v %s %q %v %+v", proof, proof, proof, proof, &proof, holder{&proof})
	if !strings.Contains(shown, proof.Value) {
		t.Fatalf("not even the value is shown: %s", shown)
	}
	for _, form := range []string{
		string(proof.Signature), base64.StdEncoding.EncodeToString(proof.Signature),
		hex.EncodeToString(proof.Signature), strings.Trim(fmt.Sprint(proof.Signature), "[]"),
	} {
		if strings.Contains(shown, form) {
			t.Errorf("the signature is shown: %s", shown)
		}
	}
}

// TestPublishedProofsHaveNoSignature asks for the proofs that people are to publish.
func TestPublishedProofsHaveNoSignature(t *testing.T) {
	t.Parallel()
	proofs, err := federated(t).DomainProofs(t.Context(), "contoso.com", "")
	if err != nil || len(proofs) != 1 {
		t.Fatalf("%v, %v", proofs, err)
	}
	if proofs[0].Signature != nil || len(proofs[0].Value) != 88 {
		t.Errorf("the value is %q, the signature has %d bytes", proofs[0].Value, len(proofs[0].Signature))
	}
}

// FuzzTXTIsProof puts a proof between anything and compares the answer with the rule,
// written down once more as a regular expression.
func FuzzTXTIsProof(f *testing.F) {
	for _, frame := range []string{
		"@", " @\t", "\"@\"", " \" @ \" \r\n", "\"\"@\"\"", "\"@", "@\"", "'@'", "@@", "x@", "@ x", "@=", "\u00a0@", "\v@", "@\x00",
		"\" \"@\"", "v=spf1 -all", "\"", "\"\"", "",
	} {
		f.Add([]byte("contoso.com"), frame)
	}
	f.Fuzz(func(t *testing.T, seed []byte, frame string) {
		hash := sha512.Sum512(seed)
		proof := base64.StdEncoding.EncodeToString(hash[:])
		text := strings.ReplaceAll(frame, "@", proof)
		const space, quoted = `[ \t\r\n]*`, `"[ \t\r\n]*%[1]s[ \t\r\n]*"`
		rule := regexp.MustCompile(fmt.Sprintf(`\A`+space+`(?:`+quoted+`|%[1]s)`+space+`\z`, regexp.QuoteMeta(proof)))
		if got, want := federation.TXTIsProof(text, proof), rule.MatchString(text); got != want {
			t.Errorf("TXTIsProof(%q, %q) is %v", text, proof, got)
		}
		if federation.TXTIsProof(frame, "") {
			t.Errorf("%q is the proof that is empty", frame)
		}
		for _, decorated := range []string{proof, "\t" + proof + "\r\n", `"` + proof + `"`, ` " ` + proof + `" `} {
			if !federation.TXTIsProof(decorated, proof) {
				t.Errorf("%q is not the proof", decorated)
			}
		}
		for _, another := range []string{strings.ToLower(proof), proof[:87], proof[1:], proof + proof, `""` + proof + `""`, `'` + proof + `'`} {
			if federation.TXTIsProof(another, proof) {
				t.Errorf("%q is the proof", another)
			}
		}
	})
}
