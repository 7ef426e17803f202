package certificate

import "errors"

// Code says what sort of failure an Error is. It is stable, for scripts and searches.
type Code string

// The codes.
const (
	InvalidThumbprint Code = "InvalidThumbprint" // not 40 hex digits
	InvalidSubject    Code = "InvalidSubject"    // not a distinguished name, or one without a common name
	InvalidName       Code = "InvalidName"       // a host name that cannot stand in a certificate
	InvalidKeySize    Code = "InvalidKeySize"    // not 1024, 2048 or 4096
	InvalidValidity   Code = "InvalidValidity"   // a validity that is negative or too long
	InvalidIdentifier Code = "InvalidIdentifier" // a subject key identifier that is not hex digits
	InvalidRequest    Code = "InvalidRequest"    // not a certificate request, or not signed by its key
	InvalidService    Code = "InvalidService"    // no such service, or None with others
	NotMade           Code = "NotMade"           // no randomness, or the standard library refused

	BundleTooLarge    Code = "BundleTooLarge"    // more octets or certificates than are read
	BundleUnreadable  Code = "BundleUnreadable"  // none of the formats, or broken off
	BundleDamaged     Code = "BundleDamaged"     // the password is right, the content was changed
	BundleUnsupported Code = "BundleUnsupported" // a form or an algorithm that is not read
	NoMAC             Code = "NoMAC"             // a PKCS #12 file that nothing protects against changes
	PasswordNeeded    Code = "PasswordNeeded"    // it is encrypted and there is no password
	WrongPassword     Code = "WrongPassword"     // the password is another
	NoCertificate     Code = "NoCertificate"     // there is no certificate in it
	SeveralKeys       Code = "SeveralKeys"       // more than one private key with its certificate
	SeveralCerts      Code = "SeveralCerts"      // no key, and more than one certificate it could be
	NotEncoded        Code = "NotEncoded"        // it cannot be put into a file of that kind

	KeyNotFound   Code = "KeyNotFound"   // there is no key file
	KeyTooOpen    Code = "KeyTooOpen"    // the key file can be read by others, or is another user's
	KeyMismatch   Code = "KeyMismatch"   // name, key and certificate do not belong together
	KeyExists     Code = "KeyExists"     // the key file is there, with another key
	KeyPending    Code = "KeyPending"    // the key file holds a request, and no certificate yet
	KeyDamaged    Code = "KeyDamaged"    // the key file is not what we write
	KeyUnreadable Code = "KeyUnreadable" // the system does not let us read it
	KeyNotWritten Code = "KeyNotWritten" // disk full, read-only, no permission
	KeyNotDeleted Code = "KeyNotDeleted" // the system does not let us delete it

	KeyEncrypted    Code = "KeyEncrypted"    // the key file is encrypted and there is no passphrase
	WrongPassphrase Code = "WrongPassphrase" // the key file is encrypted with another passphrase

	PasswordFileNotFound   Code = "PasswordFileNotFound"   // there is no such file
	PasswordFileTooOpen    Code = "PasswordFileTooOpen"    // it can be read by others, or is another user's
	PasswordFileDamaged    Code = "PasswordFileDamaged"    // it is not one line
	PasswordFileUnreadable Code = "PasswordFileUnreadable" // the system does not let us read it
)

// Error is a failure of this package.
type Error struct {
	Code   Code
	Object string // what it concerns, as a person would name it: `key file /etc/exfed/keys/AC00….pem`
	Reason string // what is wrong, no capital, no full stop
	Remedy string // what to do about it, a command if there is one; may be empty
	Err    error  // cause, or nil
}

func (e *Error) Error() string {
	text := e.Object + ": " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Remedy != "" {
		text += " (" + e.Remedy + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// IsCode reports whether the first Error in err's tree has the code.
func IsCode(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// IsNotFound reports whether err says that there is no such key.
func IsNotFound(err error) bool { return IsCode(err, KeyNotFound) }
