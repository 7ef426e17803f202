package server

import (
	"strings"

	"exfed/federation"
	"exfed/federation/broker"
)

// federatedURI is a URI that can be attached: a domain or an account namespace.
type federatedURI struct {
	name      string            // canonical, the key in the registry
	domain    federation.Domain // the domain itself, or that of the namespace
	namespace bool
}

// maxURI bounds a URI, in bytes, before anything else looks at it.
const maxURI = 300

// parseURI accepts what a client of this protocol sends: A-labels, any letter case.
// Nothing is mapped, so that one name has one meaning.
func parseURI(text string) (federatedURI, error) {
	if len(text) > maxURI {
		return federatedURI{}, refuse(broker.InvalidURI, "%d bytes long", len(text))
	}
	uri := federatedURI{domain: federation.PrimaryDomain(text)}
	uri.namespace = uri.domain != ""
	if !uri.namespace {
		uri.domain = federation.Domain(strings.ToLower(text))
	}
	parsed, err := federation.ParseFederatedDomain(string(uri.domain))
	if err != nil {
		return federatedURI{}, refuse(broker.InvalidURI, "%v", err)
	}
	if parsed != uri.domain {
		return federatedURI{}, refuse(broker.InvalidURI, "%.80q is not written in A-labels", text)
	}
	if federation.PrimaryDomain(string(parsed)) != "" {
		return federatedURI{}, refuse(broker.InvalidURI, "%.80q is the account namespace of an account namespace", text)
	}
	uri.name = string(parsed)
	if uri.namespace {
		uri.name = parsed.AccountNamespace()
	}
	return uri, nil
}
