package xmlsec

import "fmt"

// Code says what sort of failure an Error is.
type Code string

// The failures of this package.
const (
	Malformed         Code = "Malformed"         // not the XML this package accepts, or not the structure of a signature
	TooLarge          Code = "TooLarge"          // a limit on size, depth, nodes or references was passed
	AlgorithmRefused  Code = "AlgorithmRefused"  // an algorithm that the policy in force does not name
	ReferenceRefused  Code = "ReferenceRefused"  // a reference that names no element of the document, or not by "#id"
	DigestMismatch    Code = "DigestMismatch"    // a signed element is not what was signed
	SignatureMismatch Code = "SignatureMismatch" // the signature value was not made by the selected key over this SignedInfo
	KeyUnknown        Code = "KeyUnknown"        // the caller's KeySelector knows no such key
	KeyRefused        Code = "KeyRefused"        // a key that is not RSA of 1024 to 8192 bits, or not of the kind and length the algorithm takes
	SigningFailed     Code = "SigningFailed"     // the private key did not sign
	EncryptionFailed  Code = "EncryptionFailed"  // there was no randomness, or the key did not encrypt
	DecryptionFailed  Code = "DecryptionFailed"  // whatever goes wrong once a private key or secret is in use
)

// Error is a failure of this package. Error() holds the detail and is for the log
// of whoever checks; Public is for the sender.
type Error struct {
	Code   Code
	Offset int    // byte offset in the parsed document, -1 when there is none
	Detail string // what is wrong, no capital, no full stop
	Err    error  // cause, or nil
}

func (e *Error) Error() string {
	text := "xml: " + e.Detail
	if e.Offset >= 0 {
		text += fmt.Sprintf(" (at byte %d)", e.Offset)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Public returns a text that may go back to the sender of a message. It tells a
// malformed document from unacceptable security and nothing more, so that the
// steps of a verification or a decryption cannot be told apart from outside.
func (e *Error) Public() string {
	switch e.Code {
	case Malformed, TooLarge:
		return "the message is not acceptable XML"
	default:
		return "the security of the message could not be verified"
	}
}

func failf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Offset: -1, Detail: fmt.Sprintf(format, args...)}
}
