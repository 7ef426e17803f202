package certificate

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
)

// Requested is a request to an authority for a certificate, with the private key it is for.
type Requested struct {
	Request *x509.CertificateRequest
	Key     crypto.Signer
}

// The extensions that are asked for (RFC 5280 section 4.2.1).
const (
	oidSubjectKeyID = "2.5.29.14"
	oidKeyUsage     = "2.5.29.15"
	oidExtKeyUsage  = "2.5.29.37"
	oidServerAuth   = "1.3.6.1.5.5.7.3.1"
	oidClientAuth   = "1.3.6.1.5.5.7.3.2"
)

// NewRequest makes an RSA key and a certificate request (PKCS #10, RFC 2986) signed with it,
// which asks for the subject, the alternative names, digital signature and key encipherment,
// client and server authentication and, if one is given, the subject key identifier. The
// key's randomness comes from the system.
func NewRequest(request Request, rand io.Reader) (Requested, error) {
	size, err := request.keySize()
	if err != nil {
		return Requested{}, err
	}
	subject, names, err := namesOf(request)
	if err != nil {
		return Requested{}, err
	}
	extensions, err := requestedExtensions(request, rand)
	if err != nil {
		return Requested{}, err
	}
	key, err := rsa.GenerateKey(rand, size)
	if err != nil {
		return Requested{}, notMade(err)
	}
	template := &x509.CertificateRequest{RawSubject: subject, DNSNames: names, ExtraExtensions: extensions, SignatureAlgorithm: x509.SHA256WithRSA}
	der, err := x509.CreateCertificateRequest(rand, template, key)
	if err != nil {
		return Requested{}, notMade(err)
	}
	made, err := ParseRequest(der)
	if err != nil {
		return Requested{}, notMade(err)
	}
	return Requested{Request: made, Key: key}, nil
}

func requestedExtensions(request Request, rand io.Reader) ([]pkix.Extension, error) {
	// digitalSignature and keyEncipherment are bits 0 and 2.
	values := []struct {
		id       string
		critical bool
		value    any
	}{
		{oidKeyUsage, true, asn1.BitString{Bytes: []byte{0xa0}, BitLength: 3}},
		{oidExtKeyUsage, false, []asn1.ObjectIdentifier{oid(oidClientAuth), oid(oidServerAuth)}},
	}
	if request.SubjectKeyIdentifier != "" {
		identifier, err := subjectKeyID(request.SubjectKeyIdentifier, rand)
		if err != nil {
			return nil, err
		}
		values = append(values, struct {
			id       string
			critical bool
			value    any
		}{oidSubjectKeyID, false, identifier})
	}
	var out []pkix.Extension
	for _, v := range values {
		der, err := asn1.Marshal(v.value)
		if err != nil {
			return nil, notMade(err)
		}
		out = append(out, pkix.Extension{Id: oid(v.id), Critical: v.critical, Value: der})
	}
	return out, nil
}

// ParseRequest reads a certificate request in DER and checks that it is signed with the
// private key it is for. Errors have the code InvalidRequest.
func ParseRequest(der []byte) (*x509.CertificateRequest, error) {
	request, err := x509.ParseCertificateRequest(der)
	if err == nil {
		err = request.CheckSignature()
	}
	if err != nil {
		return nil, &Error{Code: InvalidRequest, Object: "the certificate request", Reason: "cannot be read", Err: err}
	}
	return request, nil
}

// RequestThumbprint returns the SHA-1 hash of a request's DER encoding in 40 upper-case hex
// digits. It names a pending request as Thumbprint names a certificate.
func RequestThumbprint(request *x509.CertificateRequest) string {
	sum := sha1.Sum(request.Raw)
	return upperHex(sum[:])
}
