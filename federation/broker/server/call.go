package server

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"time"

	"exfed/federation"
	"exfed/federation/broker"
)

// call is one request whose signature holds: what is asked, by whoever has the
// private key of the certificate.
type call struct {
	broker.Request
	ID          string // of the request, for log and audit
	Certificate *x509.Certificate
	Proof       *federation.DomainProof // nil when none was sent
	Digest      []byte                  // of the signature; the same request has the same
	Expires     time.Time               // from when on the request is stale
	Now         time.Time

	fingerprint string
	uri         federatedURI // what URI or DomainName names, if anything
	argument    error        // why an argument is not acceptable, or nil
	made        bool         // the proof was made with the key of the certificate: its signature holds
}

// fingerprintOf returns the SHA-256 of a certificate, or of a public key, by which the
// registry knows it.
func fingerprintOf(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// keyFingerprint returns the SHA-256 of the caller's public key, by which the registry
// knows who made a proof: every certificate of a key makes the same one.
func (c *call) keyFingerprint() string { return fingerprintOf(c.Certificate.RawSubjectPublicKeyInfo) }

// The bounds of what is kept with an AppID.
const (
	maxProperties    = 32
	maxPropertyName  = 128
	maxPropertyValue = 1024
	maxProgramID     = 64
)

// prepare looks at everything that needs no registry.
func (c *call) prepare() {
	c.fingerprint = fingerprintOf(c.Certificate.Raw)
	c.argument = c.checkArguments()
	name := c.URI
	if name == "" {
		name = c.DomainName
	}
	if c.argument != nil || name == "" {
		return
	}
	c.uri, c.argument = parseURI(name)
}

func (c *call) checkArguments() error {
	missing := func(name string) error { return refuse(broker.InvalidArgument, "%s is missing", name) }
	switch c.Operation {
	case broker.AddURI, broker.RemoveURI:
		if c.URI == "" {
			return missing("uri")
		}
	case broker.GetDomainInfo, broker.ReleaseDomain, broker.ReserveDomain:
		if c.DomainName == "" {
			return missing("domainName")
		}
	case broker.UpdateAppIDCertificate:
		if len(c.NewCertificate) == 0 {
			return missing("newCertificate")
		}
	}
	if len(c.ProgramID) > maxProgramID {
		return refuse(broker.InvalidArgument, "programId is longer than %d bytes", maxProgramID)
	}
	if len(c.Properties) > maxProperties {
		return refuse(broker.InvalidArgument, "more than %d properties", maxProperties)
	}
	for _, p := range c.Properties {
		if len(p.Name) > maxPropertyName || len(p.Value) > maxPropertyValue {
			return refuse(broker.InvalidArgument, "a property is too long")
		}
	}
	return nil
}

// subject names what the call is about, for the audit trail.
func (c *call) subject() string {
	switch {
	case c.uri.name != "":
		return c.uri.name
	case c.Operation == broker.UpdateAppIDCertificate:
		return "certificate sha256 " + fingerprintOf(c.NewCertificate)
	}
	return ""
}
