package certificate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// secretFile is a kind of file that nobody but its owner may read.
type secretFile struct {
	noun                                   string
	max                                    int // the largest that is read, in bytes
	notFound, tooOpen, damaged, unreadable Code
}

func keyFile() secretFile {
	return secretFile{"key file ", maxKeyFile, KeyNotFound, KeyTooOpen, KeyDamaged, KeyUnreadable}
}

// ReadKeyFile reads a file with a private key, of 64 KiB at most, that nobody but its owner,
// this user or root, can read. A symbolic link is followed; what it leads to is what must be
// closed to others. Errors have the codes KeyNotFound, KeyTooOpen, KeyDamaged and
// KeyUnreadable.
func ReadKeyFile(path string) ([]byte, error) { return keyFile().read(path) }

// read reads a file that nobody but its owner, this user or root, can read. A symbolic link is
// followed; what it leads to is what must be closed to others.
func (s secretFile) read(path string) ([]byte, error) {
	object := s.noun + path
	// Asked before opening: opening a named pipe would wait for a writer.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Code: s.notFound, Object: object, Reason: "not found"}
	case err != nil:
		return nil, &Error{Code: s.unreadable, Object: object, Reason: "cannot be read", Err: err}
	case !info.Mode().IsRegular():
		return nil, &Error{Code: s.damaged, Object: object, Reason: "is not a file"}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, &Error{Code: s.unreadable, Object: object, Reason: "cannot be read", Err: err}
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil {
		return nil, &Error{Code: s.unreadable, Object: object, Reason: "cannot be read", Err: err}
	}
	if openToOthers(info) {
		return nil, &Error{Code: s.tooOpen, Object: object,
			Reason: fmt.Sprintf("others than its owner can use it (mode %04o)", info.Mode().Perm()),
			Remedy: "run: chmod 600 " + shellQuote(path)}
	}
	if user, foreign := foreignOwner(info); foreign {
		return nil, &Error{Code: s.tooOpen, Object: object,
			Reason: fmt.Sprintf("it belongs to another user, with the number %d, who can use and replace it", user),
			Remedy: fmt.Sprintf("run: chown %d %s", os.Geteuid(), shellQuote(path))}
	}
	data, err := io.ReadAll(io.LimitReader(file, int64(s.max)+1))
	switch {
	case err != nil:
		return nil, &Error{Code: s.unreadable, Object: object, Reason: "cannot be read", Err: err}
	case len(data) > s.max:
		return nil, &Error{Code: s.damaged, Object: object, Reason: fmt.Sprintf("is larger than %d bytes", s.max)}
	}
	return data, nil
}

// shellQuote writes a path so that a POSIX shell reads it as one word.
func shellQuote(path string) string {
	plain := func(r rune) bool { return !notLDH(r) || strings.ContainsRune("/._", r) }
	if strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// maxPasswordFile is the largest password file that is read, in bytes.
const maxPasswordFile = 4 << 10

// ReadPasswordFile returns the password in a file: its only line, without the line end. As a
// key file it must be closed to others. Errors have the codes PasswordFileNotFound,
// PasswordFileTooOpen, PasswordFileDamaged and PasswordFileUnreadable.
func ReadPasswordFile(path string) (string, error) {
	kind := secretFile{"password file ", maxPasswordFile, PasswordFileNotFound, PasswordFileTooOpen, PasswordFileDamaged, PasswordFileUnreadable}
	data, err := kind.read(path)
	if err != nil {
		return "", err
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if password == "" || strings.ContainsAny(password, "\r\n\x00") {
		return "", &Error{Code: PasswordFileDamaged, Object: kind.noun + path, Reason: "is not one line with the password"}
	}
	return password, nil
}
