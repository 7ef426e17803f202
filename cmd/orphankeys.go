package cmd

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"exfed/federation"
	"exfed/federation/state"
)

// warnOfOrphanKeys names the key files that go with none of the certificates, which are all
// of the state file. A key file is written before its certificate, so a killed process may
// leave one.
func (e *env) warnOfOrphanKeys(certificates []federation.OwnCertificate) error {
	path, err := e.statePath()
	if err != nil {
		return err
	}
	keys, err := e.keyStore(path).List()
	if err != nil {
		return federation.FromCertificate(err)
	}
	keys = slices.DeleteFunc(keys, func(print string) bool {
		return slices.ContainsFunc(certificates, func(c federation.OwnCertificate) bool { return c.Thumbprint == print })
	})
	for _, print := range keys {
		if !namedBeside(path, print) {
			e.warn("key file %s goes with no certificate of the state file: unless new-exchangecertificate runs just now, it was cut short; "+
				"to remove the file: exfed remove-exchangecertificate -Thumbprint %s", filepath.Join(keysFolder(path), print+".pem"), print)
		}
	}
	return nil
}

// namedBeside reports whether a file in the folder of the state file names the certificate:
// that of another organization, which shares the folder of the keys, or a copy of this one.
// Such a key is not to be given up. What is too large to be a state file is not read.
func namedBeside(path, thumbprint string) bool {
	entries, _ := os.ReadDir(filepath.Dir(path)) // a folder that cannot be listed has shown no keys either
	return slices.ContainsFunc(entries, func(entry fs.DirEntry) bool {
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > state.MaxSize {
			return false
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), entry.Name()))
		return err != nil || bytes.Contains(text, []byte(thumbprint))
	})
}
