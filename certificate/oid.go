package certificate

import (
	"encoding/asn1"
	"strconv"
	"strings"
)

// Object identifiers, in text, so that they can be constants.
const (
	oidData          = "1.2.840.113549.1.7.1" // PKCS #7, RFC 5652
	oidSignedData    = "1.2.840.113549.1.7.2"
	oidEncryptedData = "1.2.840.113549.1.7.6"

	oidKeyBag           = "1.2.840.113549.1.12.10.1.1" // PKCS #12, RFC 7292 appendix D
	oidShroudedKeyBag   = "1.2.840.113549.1.12.10.1.2"
	oidCertificateBag   = "1.2.840.113549.1.12.10.1.3"
	oidSafeContentsBag  = "1.2.840.113549.1.12.10.1.6"
	oidX509Certificate  = "1.2.840.113549.1.9.22.1"
	oidFriendlyName     = "1.2.840.113549.1.9.20" // PKCS #9, RFC 2985
	oidLocalKeyID       = "1.2.840.113549.1.9.21"
	oidExtensionRequest = "1.2.840.113549.1.9.14"

	oidSHAAnd3DES     = "1.2.840.113549.1.12.1.3" // RFC 7292 appendix C
	oidSHAAndRC2      = "1.2.840.113549.1.12.1.5"
	oidSHAAnd40BitRC2 = "1.2.840.113549.1.12.1.6"

	oidPBES2  = "1.2.840.113549.1.5.13" // PKCS #5, RFC 8018 appendix C
	oidPBKDF2 = "1.2.840.113549.1.5.12"
	oidPBMAC1 = "1.2.840.113549.1.5.14"

	oidHMACWithSHA1   = "1.2.840.113549.2.7"
	oidHMACWithSHA224 = "1.2.840.113549.2.8"
	oidHMACWithSHA256 = "1.2.840.113549.2.9"
	oidHMACWithSHA384 = "1.2.840.113549.2.10"
	oidHMACWithSHA512 = "1.2.840.113549.2.11"

	oidDESEDE3CBC = "1.2.840.113549.3.7"
	oidAES128CBC  = "2.16.840.1.101.3.4.1.2"
	oidAES192CBC  = "2.16.840.1.101.3.4.1.22"
	oidAES256CBC  = "2.16.840.1.101.3.4.1.42"

	oidSHA1   = "1.3.14.3.2.26"
	oidSHA224 = "2.16.840.1.101.3.4.2.4"
	oidSHA256 = "2.16.840.1.101.3.4.2.1"
	oidSHA384 = "2.16.840.1.101.3.4.2.2"
	oidSHA512 = "2.16.840.1.101.3.4.2.3"
)

// oid returns an identifier for encoding/asn1. text is one of the constants.
func oid(text string) asn1.ObjectIdentifier {
	var id asn1.ObjectIdentifier
	for _, arc := range strings.Split(text, ".") {
		n, err := strconv.Atoi(arc)
		if err != nil {
			panic("certificate: " + text + " is no object identifier")
		}
		id = append(id, n)
	}
	return id
}
