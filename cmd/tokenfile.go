package cmd

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// maxTokenFile bounds a file with a token or certificates, in bytes. A token is a few
// thousand, and the message around it a few more.
const maxTokenFile = 1 << 20

// readToken reads the one token of a file, "-" for standard input.
func (e *env) readToken(path string) (*xmlsec.Element, error) {
	content, err := e.readBounded(path)
	if err != nil {
		return nil, err
	}
	corrupt := func(reason string, err error) error {
		return &federation.Error{Kind: federation.Corrupt, ID: "TokenFileCorrupt", Object: fileObject(path), Reason: reason, Err: err}
	}
	switch {
	case len(content) > maxTokenFile:
		return nil, corrupt(fmt.Sprintf("is larger than the %d bytes a token may have", maxTokenFile), nil)
	case len(bytes.TrimSpace(content)) == 0:
		return nil, corrupt("is empty", nil)
	case bytes.HasPrefix(content, []byte("-----BEGIN ")):
		return nil, corrupt("is PEM, a certificate or a key, and no token", nil)
	}
	document, err := xmlsec.Parse(content, xmlsec.Limits{Bytes: maxTokenFile})
	if err != nil {
		return nil, corrupt("is not XML that may hold a token", err)
	}
	return token.Find(document)
}

// fileObject names a file in an error, "-" for standard input.
func fileObject(path string) string {
	if path == "-" {
		return "standard input"
	}
	return "file " + path
}

// readBounded reads a file or standard input, one byte more than it may have at most.
func (e *env) readBounded(path string) ([]byte, error) {
	if path == "-" {
		content, err := io.ReadAll(io.LimitReader(e.process.Streams.In, maxTokenFile+1))
		return content, fileError(path, err)
	}
	return readFile(path)
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxTokenFile+1))
	return content, fileError(path, errors.Join(err, file.Close()))
}

func fileError(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return federation.Errorf(federation.NotFound, "FileNotFound", fileObject(path), "not found")
	}
	return &federation.Error{Kind: federation.Other, ID: "FileNotRead", Object: fileObject(path), Reason: "cannot be read", Err: err}
}

// readCertificates reads the certificates of a file: one in DER, or PEM with one or more.
func readCertificates(path string) ([]*x509.Certificate, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	der := content
	if bytes.Contains(content, []byte("-----BEGIN")) {
		der = nil
		for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
			if block.Type == "CERTIFICATE" {
				der = append(der, block.Bytes...)
			}
		}
	}
	certificates, err := x509.ParseCertificates(der)
	if err == nil && len(certificates) == 0 {
		err = errors.New("there is none in it")
	}
	if err != nil {
		return nil, &federation.Error{Kind: federation.Corrupt, ID: "CertificateFileCorrupt", Object: "file " + path, Reason: "holds no certificate that can be read", Err: err}
	}
	return certificates, nil
}
