package broker

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// MetadataReader reads federation metadata documents. Its zero value takes the first
// signing certificate for the current one and the second for the previous one.
type MetadataReader struct {
	CurrentID  string // wsu:Id of the current TokenSigningKeyInfo
	PreviousID string // wsu:Id of the previous one
}

// Read takes from the document what a trust keeps of it. It finds elements by name
// anywhere below fed:Federation, of the 2006/03 or the 2006/12 namespace, and passes
// over those it does not know, an enclosing signature among them. At least one
// certificate, exactly one issuer name and exactly one token service are required,
// and every endpoint must be an https URL.
func (m MetadataReader) Read(root *xmlsec.Element) (federation.TokenIssuer, error) {
	fed, err := federationOf(root)
	if err != nil {
		return federation.TokenIssuer{}, err
	}
	keys, err := readKeys(fed)
	if err != nil {
		return federation.TokenIssuer{}, err
	}
	var issuer federation.TokenIssuer
	if issuer.Certificate, issuer.PreviousCertificate, err = m.choose(keys); err != nil {
		return federation.TokenIssuer{}, err
	}
	if issuer.URI, err = readIssuerName(fed); err != nil {
		return federation.TokenIssuer{}, err
	}
	if issuer.EPR, err = readTokenEndpoint(fed); err != nil {
		return federation.TokenIssuer{}, err
	}
	if issuer.WebRequestorRedirect, err = readEndpoint(below(fed, fed.Name.Space, "WebRequestorRedirectEndpoint")); err != nil {
		return federation.TokenIssuer{}, err
	}
	issuer.ManagementEPR, err = readEndpoint(below(fed, NamespaceExtension, ManagementEndpointName))
	return issuer, err
}

func federationOf(root *xmlsec.Element) (*xmlsec.Element, error) {
	space := root.Name.Space
	if root.Name.Local != "FederationMetadata" || space != NamespaceFederation && space != NamespaceFederation200612 {
		return nil, fmt.Errorf("the document is %s, not federation metadata", soap.Printable(root.Name.String(), maxFaultText))
	}
	return root.Only(space, "Federation")
}

// below returns all descendants of that name in document order.
func below(e *xmlsec.Element, space, local string) []*xmlsec.Element {
	var found []*xmlsec.Element
	for _, child := range e.Elements() {
		if child.Is(space, local) {
			found = append(found, child)
		}
		found = append(found, below(child, space, local)...)
	}
	return found
}

// signingKey is a TokenSigningKeyInfo: its wsu:Id and its certificate in Base64.
type signingKey struct{ id, certificate string }

func readKeys(fed *xmlsec.Element) ([]signingKey, error) {
	var keys []signingKey
	for _, info := range below(fed, fed.Name.Space, "TokenSigningKeyInfo") {
		id, _ := info.Attribute(xmlsec.NamespaceWSU, "Id")
		for _, holder := range below(info, xmlsec.NamespaceSignature, "X509Certificate") {
			text, err := holder.Value()
			if err != nil {
				return nil, err
			}
			der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
			if err != nil {
				return nil, fmt.Errorf("a signing certificate is not Base64: %w", err)
			}
			if _, err := x509.ParseCertificate(der); err != nil {
				return nil, fmt.Errorf("a signing certificate cannot be read: %w", err)
			}
			keys = append(keys, signingKey{id: id, certificate: base64.StdEncoding.EncodeToString(der)})
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("there is no signing certificate")
	}
	return keys, nil
}

// choose returns the current and the previous certificate.
func (m MetadataReader) choose(keys []signingKey) (current, previous string, err error) {
	current, previous = keys[0].certificate, keys[0].certificate
	if len(keys) > 1 {
		previous = keys[1].certificate
	}
	if m.CurrentID != "" {
		if current, err = withID(keys, m.CurrentID); err != nil {
			return "", "", err
		}
	}
	if m.PreviousID != "" {
		if previous, err = withID(keys, m.PreviousID); err != nil {
			return "", "", err
		}
	}
	return current, previous, nil
}

func withID(keys []signingKey, id string) (string, error) {
	i := slices.IndexFunc(keys, func(k signingKey) bool { return k.id == id })
	if i < 0 {
		return "", fmt.Errorf("there is no signing certificate with the id %q", id)
	}
	return keys[i].certificate, nil
}

// readIssuerName accepts the name in IssuerNamesOffered/IssuerName, as an attribute
// or as text, and in the older TokenIssuerName.
func readIssuerName(fed *xmlsec.Element) (string, error) {
	var names []string
	for _, local := range []string{"IssuerName", "TokenIssuerName"} {
		for _, e := range below(fed, fed.Name.Space, local) {
			name, present := e.Attribute("", "Uri")
			if !present {
				name = e.Text()
			}
			names = append(names, strings.TrimSpace(name))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) != 1 || names[0] == "" {
		return "", fmt.Errorf("there are %d issuer names where one belongs", len(names))
	}
	if name := names[0]; soap.Printable(name, maxFaultText) == name {
		return name, nil
	}
	return "", fmt.Errorf("the issuer name %q is not acceptable", soap.Printable(names[0], maxFaultText))
}

// readTokenEndpoint accepts the older TokenIssuerEndpoint when there is no
// TargetServiceEndpoint.
func readTokenEndpoint(fed *xmlsec.Element) (string, error) {
	endpoints := below(fed, fed.Name.Space, "TargetServiceEndpoint")
	if len(endpoints) == 0 {
		endpoints = below(fed, fed.Name.Space, "TokenIssuerEndpoint")
	}
	if len(endpoints) != 1 {
		return "", fmt.Errorf("there are %d token services where one belongs", len(endpoints))
	}
	return readEndpoint(endpoints)
}

// readEndpoint returns the address of the endpoint, "" when there is none.
func readEndpoint(endpoints []*xmlsec.Element) (string, error) {
	if len(endpoints) == 0 {
		return "", nil
	}
	addresses := below(endpoints[0], NamespaceAddressing, "Address")
	if len(endpoints) != 1 || len(addresses) != 1 {
		return "", fmt.Errorf("%s does not have one address", endpoints[0].Name.Local)
	}
	text, err := addresses[0].Value()
	if err != nil {
		return "", err
	}
	address := strings.TrimSpace(text)
	if err := checkEndpoint(address); err != nil {
		return "", fmt.Errorf("%s: %w", endpoints[0].Name.Local, err)
	}
	return address, nil
}

// checkEndpoint requires an https URL with a host and without credentials.
func checkEndpoint(address string) error {
	shown := soap.Printable(address, maxFaultText)
	if shown != address {
		return fmt.Errorf("%q is not a URL", shown)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || !strings.EqualFold(u.Scheme, "https") {
		return fmt.Errorf("%q is not an https URL", shown)
	}
	return nil
}
