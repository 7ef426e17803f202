package server

import (
	"io"
	"time"

	"exfed/federation"
)

// Operator decides about a broker, for whoever runs it: about organizations and about the
// signing keys. Brokers that run on the registry see what it changes. It works without any
// signing key, so that a lost one can be replaced.
type Operator struct {
	Registry Registry            // of a broker that was started before, see OpenExistingSQLite
	Keys     federation.KeyStore // holds the private keys of the signing certificates
	Now      func() time.Time
	Rand     io.Reader
}
