package certificate

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Bundle is what a file to be imported or exported holds: a certificate, perhaps with its
// private key, and the certificates of its issuers.
type Bundle struct {
	Certificate *x509.Certificate
	// Key belongs to Certificate; nil if there is none in the file.
	Key crypto.Signer
	// Chain has the others: the issuer of the certificate, the issuer's issuer and so on,
	// then what else the file holds.
	Chain []*x509.Certificate
	// FriendlyName is the name people gave the certificate, "" without one. It is text
	// from outside.
	FriendlyName string
}

// Bounds of what is read.
const (
	maxBundle       = 1 << 20 // octets
	maxCertificates = 32
	maxKeys         = 32
	maxFriendlyName = 256 // characters; more are cut off
)

// ReadBundle reads a certificate file: PKCS #12 (RFC 7292) in DER or BER, PKCS #7 (RFC 5652),
// one certificate in DER, PEM (RFC 7468), or any of these in Base64 without armour. The
// certificate is the one whose public key the private key has, in whatever order they
// stand. All of it is read or nothing. Errors have the codes BundleTooLarge,
// BundleUnreadable, BundleDamaged, BundleUnsupported, NoMAC, PasswordNeeded, WrongPassword,
// NoCertificate, SeveralKeys, SeveralCerts and KeyMismatch. Remedies call the file FILE.
func ReadBundle(data []byte, password string) (Bundle, error) {
	if len(data) > maxBundle {
		return Bundle{}, &Error{Code: BundleTooLarge, Object: "the file", Reason: fmt.Sprintf("is larger than %d bytes", maxBundle)}
	}
	d := &deriver{password: password, left: maxIterations}
	found, err := readContents(data, d)
	if err != nil {
		return Bundle{}, err
	}
	return found.bundle()
}

// readContents reads everything that is in a file of any kind.
func readContents(data []byte, d *deriver) (contents, error) {
	data = plainText(data)
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		return readPEM(data, d)
	}
	if len(data) > 0 && data[0] == 0x30 { // an ASN.1 SEQUENCE; text begins otherwise
		return readASN1(data, d)
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(data)), ""))
	if err != nil || len(der) == 0 || der[0] != 0x30 {
		return contents{}, unreadable("is none of PKCS #12, PKCS #7, a certificate in DER, PEM and Base64 of these", nil)
	}
	return readASN1(der, d)
}

// plainText turns UTF-16 with a byte order mark, as PowerShell redirects text, into UTF-8
// and takes the mark of UTF-8 off. Other data stays as it is.
func plainText(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(data, []byte("\ufeff"))
	}
	var units []uint16
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// readASN1 reads a file in DER or BER. What it is shows from what stands first in it.
func readASN1(data []byte, d *deriver) (contents, error) {
	// A certificate is taken as it stands: its signature is over these octets.
	if cert, err := x509.ParseCertificate(data); err == nil {
		return contents{certificates: []foundCertificate{{certificate: cert}}}, nil
	}
	der, err := toDER(data)
	if err != nil {
		return contents{}, unreadable("is not whole", err)
	}
	_, outer, _, err := splitElement(der)
	if err != nil || len(outer.content) == 0 {
		return contents{}, unreadable("is not whole", errBER)
	}
	switch outer.content[0] {
	case 0x02: // INTEGER, a version
		return readPFX(der, d)
	case 0x06: // OBJECT IDENTIFIER
		return readPKCS7(der)
	}
	return contents{}, unreadable("is none of PKCS #12, PKCS #7 and a certificate", nil)
}

func unreadable(reason string, cause error) error {
	return &Error{Code: BundleUnreadable, Object: "the file", Reason: reason, Err: cause}
}
