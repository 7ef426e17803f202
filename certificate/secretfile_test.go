package certificate_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"exfed/certificate"
)

func TestReadPasswordFile(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, content, want string
		code                certificate.Code
	}{
		{"a line", "s3cret\n", "s3cret", ""},
		{"no line end", " s3 cret ", " s3 cret ", ""},
		{"Windows", "s3cret\r\n", "s3cret", ""},
		{"empty", "", "", certificate.PasswordFileDamaged},
		{"a line end", "\n", "", certificate.PasswordFileDamaged},
		{"two lines", "s3cret\nother\n", "", certificate.PasswordFileDamaged},
		{"too large", strings.Repeat("x", 4097), "", certificate.PasswordFileDamaged},
		{"as large as may be", strings.Repeat("x", 4096), strings.Repeat("x", 4096), ""},
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "password")
	for _, c := range cases {
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := certificate.ReadPasswordFile(path)
		if got != c.want || c.code == "" && err != nil || c.code != "" && !certificate.IsCode(err, c.code) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "s3cret") || !strings.HasPrefix(err.Error(), "password file "+path+": ")) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if len(cases) < 8 {
		t.Errorf("only %d cases", len(cases))
	}
	if _, err := certificate.ReadPasswordFile(folder); !certificate.IsCode(err, certificate.PasswordFileDamaged) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := certificate.ReadPasswordFile(path + "x"); !certificate.IsCode(err, certificate.PasswordFileNotFound) {
		t.Errorf("nothing: %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := certificate.ReadPasswordFile(path); !certificate.IsCode(err, certificate.PasswordFileTooOpen) || !strings.Contains(err.Error(), "(run: chmod 600 ") {
		t.Errorf("readable by the group: %v", err)
	}
}
