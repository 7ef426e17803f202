package server_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker/server"
)

// get returns status and body of a page.
func (r *rig) get(path string) (int, string) {
	w := httptest.NewRecorder()
	r.server.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// TestSigningKeysAreLoaded spoils the file of the current and of the next key while a broker
// runs: its health check and the start of another one say which key it is and why, until
// the file is as it was. For the current one they fail, for the next one they warn.
func TestSigningKeysAreLoaded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	keys := r.openWithKeyFiles()
	staged := r.roll(false)
	foreign := newPair(t, 7, nil)
	if err := keys.Save(foreign); err != nil {
		t.Fatal(err)
	}
	file := func(thumbprint string) string { return filepath.Join(keys.Dir, thumbprint+".pem") }
	other, err := os.ReadFile(file(certificate.Thumbprint(foreign.Certificate)))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		spoil      func(path string) error
		id, reason string
	}{
		"gone":             {os.Remove, "SigningKeyMissing", "put it back from a backup"},
		"somebody else's":  {func(path string) error { return os.WriteFile(path, other, 0o600) }, "SigningKeyUnusable", "holds the certificate with thumbprint"},
		"cut":              {func(path string) error { return os.Truncate(path, 100) }, "SigningKeyUnusable", "cannot be read"},
		"open to others":   {func(path string) error { return os.Chmod(path, 0o644) }, "SigningKeyUnusable", "run: chmod 600"},
		"another user's":   {func(path string) error { return os.Chown(path, 12345, -1) }, "SigningKeyUnusable", "number 12345"},
		"nothing the less": {func(string) error { return nil }, "<nil>", ""},
	}
	ran := 0
	for name, c := range cases {
		for _, key := range staged {
			path := file(key.Thumbprint)
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.spoil(path); err != nil || runtime.GOOS == "windows" && strings.Contains(c.reason, "chmod") {
				t.Logf("%s is left out: %v", name, err) // only root gives files away, and Windows has no modes
				continue
			}
			if key.Slot == server.NextSlot && c.id != "<nil>" {
				wantNextUnusable(t, r, name, key.Thumbprint, c.reason)
			} else {
				wantUnusable(t, r, name+", "+string(key.Slot), key.Thumbprint, c.id, c.reason)
			}
			_ = os.Remove(path)
			if err := os.WriteFile(path, good, 0o600); err != nil {
				t.Fatal(err)
			}
			ran++
		}
	}
	if ran < 8 {
		t.Errorf("%d cases ran", ran)
	}
}

func wantUnusable(t *testing.T, r *rig, what, thumbprint, id, reason string) {
	t.Helper()
	before := len(r.log.String())
	status, body := r.get(server.HealthPath)
	logged := r.log.String()[before:]
	_, err := server.New(t.Context(), r.started)
	if id == "<nil>" {
		if status != http.StatusOK || body != "ok\n" || err != nil {
			t.Errorf("%s: status %d, %q, %v", what, status, body, err)
		}
		return
	}
	if want := "the signing key " + thumbprint + " cannot be used\n"; status != http.StatusServiceUnavailable || body != want {
		t.Errorf("%s: status %d, %q, want %q", what, status, body, want)
	}
	if !strings.Contains(logged, thumbprint) || !strings.Contains(logged, reason) {
		t.Errorf("%s: the log says %s", what, logged)
	}
	if idOf(err) != id || !federation.IsKind(err, federation.Corrupt) || !strings.Contains(err.Error(), thumbprint) || !strings.Contains(err.Error(), reason) {
		t.Errorf("%s: starting another: %v, want %s", what, err, id)
	}
}

func wantNextUnusable(t *testing.T, r *rig, what, thumbprint, reason string) {
	t.Helper()
	before := len(r.log.String())
	status, body := r.get(server.HealthPath)
	if want := "ok\nthe signing key " + thumbprint + ", which is the next one, cannot be used\n"; status != http.StatusOK || body != want {
		t.Errorf("%s, next: status %d, %q, want %q", what, status, body, want)
	}
	health := r.log.String()[before:]
	if _, err := server.New(t.Context(), r.started); err != nil {
		t.Errorf("%s, next: starting another: %v", what, err)
	}
	for when, logged := range map[string]string{"health": health, "start": r.log.String()[before+len(health):]} {
		for _, want := range []string{`"level":"WARN"`, thumbprint, reason, "exfed update-federationbrokerkey"} {
			if !strings.Contains(logged, want) {
				t.Errorf("%s, next, %s: the log does not say %s: %s", what, when, want, logged)
			}
		}
	}
}
