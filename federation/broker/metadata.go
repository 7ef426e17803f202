package broker

import (
	"crypto/x509"
	"encoding/base64"

	"exfed/federation/xmlsec"
)

// Namespaces of the federation metadata document.
const (
	// NamespaceFederation is what the Microsoft gateway's document is written in.
	NamespaceFederation = "http://schemas.xmlsoap.org/ws/2006/03/federation"
	// NamespaceFederation200612 is that of the published schema; it is read as well.
	NamespaceFederation200612 = "http://schemas.xmlsoap.org/ws/2006/12/federation"
	// NamespaceAddressing is that of the addresses in the document.
	NamespaceAddressing = "http://www.w3.org/2005/08/addressing"

	// NamespaceExtension holds the one element this project adds to the document:
	// ManagementServiceEndpoint inside fed:Federation, with the URL of
	// ManageDelegation2 in a wsa:Address. Readers that do not know it pass over it.
	NamespaceExtension = "urn:exfed:federation-metadata:1"
	// ManagementEndpointName is the local name of that element.
	ManagementEndpointName = "ManagementServiceEndpoint"
)

// MetadataPath is where a broker publishes its metadata.
const MetadataPath = "/FederationMetadata/2006-12/FederationMetadata.xml"

// The wsu:Id values under which a broker of this project publishes its keys. No
// published source says which ones the Microsoft gateway uses.
const (
	CurrentKeyID  = "stscer"
	PreviousKeyID = "stsbcer"
)

// MetadataDocument is what a broker publishes about itself.
type MetadataDocument struct {
	FederationID         string // host name
	IssuerURI            string // urn:federation:...
	TokenEndpoint        string // URL of the token service
	WebRequestorRedirect string // URL
	ManagementEndpoint   string // URL of ManageDelegation2
	Current, Previous    *x509.Certificate
}

// Marshal returns the document. The current certificate stands first, and twice when
// there is no previous one: a reader expects two.
func (d MetadataDocument) Marshal() []byte {
	previous := d.Previous
	if previous == nil {
		previous = d.Current
	}
	var w writer
	w.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n")
	w.WriteString(`<FederationMetadata xmlns="` + NamespaceFederation + `" xmlns:wsa="` + NamespaceAddressing +
		`" xmlns:ds="` + xmlsec.NamespaceSignature + `" xmlns:wsse="` + xmlsec.NamespaceWSSE +
		`" xmlns:wsu="` + xmlsec.NamespaceWSU + `" xmlns:x="` + NamespaceExtension + `">`)
	w.attributed("Federation", "FederationID", d.FederationID)
	w.signingKey(CurrentKeyID, d.Current)
	w.signingKey(PreviousKeyID, previous)
	w.open("IssuerNamesOffered", "")
	w.attributed("IssuerName", "Uri", d.IssuerURI)
	w.close("IssuerName")
	w.close("IssuerNamesOffered")
	w.endpoint("TargetServiceEndpoint", d.TokenEndpoint)
	w.endpoint("WebRequestorRedirectEndpoint", d.WebRequestorRedirect)
	w.endpoint("x:"+ManagementEndpointName, d.ManagementEndpoint)
	w.close("Federation")
	w.close("FederationMetadata")
	w.WriteByte('\n')
	return w.Bytes()
}

// attributed writes a start tag with one attribute.
func (w *writer) attributed(name, attribute, value string) {
	w.WriteString("<" + name + " " + attribute + `="`)
	w.text(value)
	w.WriteString(`">`)
}

func (w *writer) signingKey(id string, cert *x509.Certificate) {
	w.attributed("TokenSigningKeyInfo", "wsu:Id", id)
	w.open("wsse:SecurityTokenReference", "")
	w.open("ds:X509Data", "")
	w.leaf("ds:X509Certificate", base64.StdEncoding.EncodeToString(cert.Raw))
	w.close("ds:X509Data")
	w.close("wsse:SecurityTokenReference")
	w.close("TokenSigningKeyInfo")
}

func (w *writer) endpoint(name, address string) {
	w.open(name, "")
	w.leaf("wsa:Address", address)
	w.close(name)
}
