package cmd

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"exfed/certificate"
	"exfed/federation/dns"
)

// TestSecretsAreNowhere makes, exports, imports and encrypts certificates, federates with them,
// with wrong passwords in between and every form of output, and then looks for the private keys,
// passwords and passphrases in everything that was written. Plain key files alone hold keys, and
// nobody but their owner can read them.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the modes of files are those of Unix")
	}
	run := newSecretRun(t)
	run.federate()
	run.travel()
	run.federateOn("plain")
	plain := run.keys("")
	run.look(plain, func(path string) bool { return run.isBroker(path) || filepath.Base(filepath.Dir(path)) == "keys" })
	run.encrypt()
	run.federateOn("encrypted")
	run.look(append(plain, run.keys(run.passphrase)...), run.isBroker)
	for _, s := range sources(t) {
		if !s.isTest && slices.Contains(importsOf(t, s.file), "os/exec") {
			t.Errorf("%s starts other processes, whose arguments anybody can see", s.name)
		}
	}
	if run.found < 4 || len(run.outputs) < 80 {
		t.Errorf("%d plain key files were found and %d processes ran, at least 4 and 80 are expected", run.found, len(run.outputs))
	}
}

// secretRun is an organization, another that its certificates go to, and all they have said.
type secretRun struct {
	t                             *testing.T
	root                          string
	names                         *dns.Server
	password, wrong, passphrase   string
	passwordFile, wrongFile, pass string // paths
	environ                       []string
	thumbprint                    string
	outputs                       map[string]string // by number and command line
	found                         int               // plain key files with a key in them
}

func newSecretRun(t *testing.T) *secretRun {
	t.Helper()
	names, err := dns.StartServer("127.0.0.1:0", "contoso.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = names.Close() })
	r := &secretRun{t: t, root: t.TempDir(), names: names, outputs: map[string]string{}}
	r.environ = []string{"EXFED_DNS_SERVER=" + names.Addr()}
	for _, folder := range []string{"first", "second", "tmp"} {
		if err := os.Mkdir(filepath.Join(r.root, folder), 0o755); err != nil { // keys do not rely on the folder's mode
			t.Fatal(err)
		}
	}
	r.password, r.passwordFile = r.secret("password")
	r.wrong, r.wrongFile = r.secret("wrong")
	r.passphrase, r.pass = r.secret("passphrase")
	return r
}

// secret makes a word nobody has said before, and keeps it in a file.
func (r *secretRun) secret(name string) (word, path string) {
	r.t.Helper()
	word, path = name+" "+rand.Text(), filepath.Join(r.root, name)
	if err := os.WriteFile(path, []byte(word+"\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return word, path
}

// exfed runs one process in a folder of the run, and keeps what it says.
func (r *secretRun) exfed(code int, folder, stdin string, args ...string) string {
	r.t.Helper()
	var stdout, stderr strings.Builder
	command := exec.CommandContext(r.t.Context(), "exfed", args...)
	command.Dir = r.root
	command.Env = append(processEnvironment(filepath.Join(r.root, folder)), r.environ...)
	command.Env = append(command.Env, "TMPDIR="+filepath.Join(r.root, "tmp"), "PFX="+r.password)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := command.Run()
	if got := command.ProcessState.ExitCode(); got != code {
		r.t.Fatalf("exfed %s: exit code %d, not %d (%v)\n%s%s", strings.Join(args, " "), got, code, err, &stdout, &stderr)
	}
	r.outputs[fmt.Sprintf("%d: exfed %s", len(r.outputs), strings.Join(args, " "))] = stdout.String() + stderr.String() + strings.Join(args, " ")
	return strings.TrimSpace(stdout.String())
}

// federate makes a certificate and federates contoso.com with it.
func (r *secretRun) federate() {
	r.exfed(0, "first", "", "new-accepteddomain", "-Name", "Contoso", "-DomainName", "contoso.com", "-Verbose", "-Debug")
	r.thumbprint = r.exfed(0, "first", "", "new-exchangecertificate", "-DomainName", "contoso.com", "-Services", "Federation", "-Output", "name", "-Verbose", "-Debug")
	r.exfed(0, "first", "", "new-federationtrust", "-Name", "Contoso", "-Thumbprint", r.thumbprint, "-Verbose", "-Debug")
	proof := strings.Fields(r.exfed(0, "first", "", "get-federateddomainproof", "-DomainName", "contoso.com", "-Output", "csv", "-Property", "Proof"))
	if err := r.names.Set("contoso.com", "TXT", proof[1:]...); err != nil {
		r.t.Fatal(err)
	}
	r.exfed(0, "first", "", "set-federatedorganizationidentifier", "-AccountNamespace", "contoso.com", "-Enabled", "true", "-Verbose", "-Debug")
}

// federateOn uses the key in every way, in every form of output.
func (r *secretRun) federateOn(what string) {
	for i, format := range []string{"list", "table", "json", "jsonl", "yaml", "csv", "name"} {
		for _, command := range [][]string{
			{"get-exchangecertificate"}, {"get-federationtrust"}, {"test-federationtrust"},
			{"get-delegationtoken", "sales@contoso.com", "contoso.com", "-Path", fmt.Sprintf("token-%s-%d.xml", what, i)},
		} {
			r.exfed(0, "first", "", append(command, "-Output", format, "-Verbose", "-Debug")...)
		}
	}
	r.exfed(3, "first", "", "test-delegationtoken", "-Path", fmt.Sprintf("token-%s-0.xml", what), "-At", "2000-01-01T00:00:00Z", "-Verbose")
}

// travel takes the certificate to the other organization, in all forms and with mistakes.
func (r *secretRun) travel() {
	export := []string{"export-exchangecertificate", r.thumbprint, "-Verbose", "-Debug"}
	r.exfed(0, "first", "", append(export, "-Password", "@"+r.passwordFile, "-BinaryEncoded", "-FileName", "modern.pfx")...)
	r.exfed(0, "first", "", append(export, "-Password", "env:PFX", "-Legacy", "-FileName", "legacy.txt")...)
	r.exfed(0, "first", r.password+"\n", append(export, "-Password", "-", "-Format", "pem", "-FileName", "export.pem")...)
	for _, format := range []string{"list", "json", "yaml", "csv"} {
		r.exfed(0, "first", "", append(export, "-Password", "env:PFX", "-Output", format)...)
	}
	r.exfed(0, "first", "", append(export, "-Password", "env:PFX", "-WhatIf")...)
	r.exfed(0, "first", "", append(export, "-Password", "env:PFX", "-BinaryEncoded")...)
	for _, name := range []string{"modern.pfx", "legacy.txt", "export.pem"} {
		imported := []string{"import-exchangecertificate", "-FileName", name, "-PrivateKeyExportable", "true", "-Verbose", "-Debug"}
		r.exfed(2, "second", "", append(imported, "-Password", "@"+r.wrongFile)...)
		r.exfed(2, "second", r.wrong, append(imported, "-Password", "-", "-Output", "json")...)
		r.exfed(8, "second", "", imported...)
		r.exfed(0, "second", "", append(imported, "-Password", "env:PFX", "-WhatIf")...)
		r.exfed(0, "second", "", append(imported, "-Password", "env:PFX", "-Output", "yaml")...)
		r.exfed(6, "second", "", append(imported, "-Password", "env:PFX")...)
		r.exfed(0, "second", "", "remove-exchangecertificate", r.thumbprint, "-Confirm:false", "-Verbose")
		r.damage(name)
		r.exfed(1, "second", "", "import-exchangecertificate", "-FileName", "damaged", "-Password", "env:PFX", "-Verbose", "-Debug", "-Output", "json")
	}
	r.exfed(0, "second", "", "import-exchangecertificate", "-FileName", "modern.pfx", "-Password", "env:PFX")
	r.exfed(0, "second", "", "new-exchangecertificate", "-GenerateRequest", "-DomainName", "mail.contoso.com", "-RequestFile", "mail.req", "-Verbose", "-Debug")
}

// damage cuts the end of a file off.
func (r *secretRun) damage(name string) {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.root, name))
	if err == nil {
		err = os.WriteFile(filepath.Join(r.root, "damaged"), data[:len(data)*2/3], 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// encrypt gives all keys a passphrase, and does without it and with a wrong one.
func (r *secretRun) encrypt() {
	r.exfed(0, "first", "", "protect-exchangecertificate", "-NewPassphrase", "@"+r.pass, "-Verbose", "-Debug")
	r.exfed(0, "second", r.passphrase, "protect-exchangecertificate", "-NewPassphrase", "-", "-Output", "json")
	r.exfed(3, "first", "", "test-federationtrust", "-Verbose", "-Debug", "-Output", "json")
	r.environ = append(r.environ, passphraseVariable+"="+r.wrong)
	r.exfed(2, "first", "", "export-exchangecertificate", r.thumbprint, "-Password", "env:PFX", "-Verbose", "-Debug")
	r.exfed(2, "first", "", "protect-exchangecertificate", "-Remove", "-Verbose", "-Debug", "-Output", "json")
	r.environ[len(r.environ)-1] = passphraseFileVariable + "=" + r.pass
}

// isBroker reports whether a path is one of the embedded broker's, whose keys are not encrypted.
func (r *secretRun) isBroker(path string) bool {
	relative, _ := filepath.Rel(r.root, path)
	return strings.HasPrefix(relative, filepath.Join("first", "broker")) || strings.HasPrefix(relative, filepath.Join("second", "broker"))
}

// keys returns the private keys of both organizations and the broker, in the forms in which
// they could be found somewhere.
func (r *secretRun) keys(passphrase string) (needles [][]byte) {
	r.t.Helper()
	for _, path := range r.files() {
		if filepath.Ext(path) != ".pem" || len(filepath.Base(path)) != 44 {
			continue
		}
		store := &certificate.KeyStore{Dir: filepath.Dir(path), Passphrase: func() (string, error) { return passphrase, nil }}
		print := strings.TrimSuffix(filepath.Base(path), ".pem")
		pair, err := store.Load(print)
		if certificate.IsCode(err, certificate.KeyPending) {
			var requested certificate.Requested
			requested, err = store.LoadRequest(print)
			pair.Key = requested.Key
		}
		if err != nil {
			r.t.Fatal(err)
		}
		key := pair.Key.(*rsa.PrivateKey)
		for _, number := range [][]byte{key.D.Bytes(), key.Primes[0].Bytes(), key.Primes[1].Bytes()} {
			needles = append(needles, forms(number)...)
		}
	}
	return needles
}

// forms are the ways in which bytes may be written: as they are, in hex, and in Base64,
// wherever in it they begin.
func forms(secret []byte) [][]byte {
	text := hex.EncodeToString(secret)
	out := [][]byte{secret, []byte(text), []byte(strings.ToUpper(text))}
	for shift := range 3 {
		encoded := base64.StdEncoding.EncodeToString(append(make([]byte, shift), secret...))
		// The first and the last characters have bits of what is before and after.
		out = append(out, []byte(encoded[4:len(encoded)-4]))
	}
	return out
}

// passwords are the words, in the forms in which they could be found.
func (r *secretRun) passwords() (needles [][]byte) {
	for _, word := range []string{r.password, r.wrong, r.passphrase} {
		wide := []byte{}
		for _, unit := range utf16.Encode([]rune(word)) {
			wide = append(wide, byte(unit>>8), byte(unit))
		}
		needles = append(needles, slices.Concat(forms([]byte(word)), forms(wide))...)
	}
	return needles
}

func (r *secretRun) files() (paths []string) {
	r.t.Helper()
	err := filepath.WalkDir(r.root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return paths
}

// look wants the keys in none but plain key files, which their owner alone can read, and the
// passwords nowhere but in their own files.
func (r *secretRun) look(keys [][]byte, isKeyFile func(path string) bool) {
	r.t.Helper()
	passwords := r.passwords()
	if len(keys) < 50 || len(passwords) != 36 {
		r.t.Fatalf("%d and %d forms of secrets are looked for", len(keys), len(passwords))
	}
	for what, text := range r.outputs {
		if holds([]byte(text), keys) || holds([]byte(text), passwords) {
			r.t.Errorf("a secret is in the output of %s", what)
		}
	}
	for _, path := range r.files() {
		data, err := os.ReadFile(path)
		info, err2 := os.Stat(path)
		if err != nil || err2 != nil {
			r.t.Fatal(err, err2)
		}
		private := info.Mode().Perm()&0o077 == 0
		switch hasKey := holds(data, keys); {
		case hasKey && (!isKeyFile(path) || !private):
			r.t.Errorf("a private key is in %s (mode %04o)", path, info.Mode().Perm())
		case hasKey:
			r.found++
		}
		if own := []string{r.passwordFile, r.wrongFile, r.pass}; holds(data, passwords) && !slices.Contains(own, path) {
			r.t.Errorf("a password is in %s", path)
		}
		if exported := filepath.Ext(path) == ".pfx" || strings.HasPrefix(filepath.Base(path), "export"); exported && !private {
			r.t.Errorf("%s can be read by others (mode %04o)", path, info.Mode().Perm())
		}
	}
}

// holds reports whether one of the needles is in the data, whose line ends do not count: they
// stand within the Base64 of PEM.
func holds(data []byte, needles [][]byte) bool {
	flat := bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r"), nil), []byte("\n"), nil)
	return slices.ContainsFunc(needles, func(needle []byte) bool { return bytes.Contains(data, needle) || bytes.Contains(flat, needle) })
}
