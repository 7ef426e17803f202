package soap

import "exfed/federation/xmlsec"

// Version is a version of SOAP. The zero value is SOAP 1.1.
type Version int

// The versions: the broker's management services and Exchange's own speak 1.1, token
// services 1.2.
const (
	SOAP11 Version = iota
	SOAP12
)

// Namespaces of messages.
const (
	Namespace           = "http://schemas.xmlsoap.org/soap/envelope/" // of SOAP 1.1
	Namespace12         = "http://www.w3.org/2003/05/soap-envelope"
	NamespaceAddressing = "http://www.w3.org/2005/08/addressing"
)

func (v Version) String() string {
	if v == SOAP12 {
		return "SOAP 1.2"
	}
	return "SOAP 1.1"
}

// Namespace returns the namespace of envelopes of the version.
func (v Version) Namespace() string {
	if v == SOAP12 {
		return Namespace12
	}
	return Namespace
}

// mediaType is that of messages over HTTP.
func (v Version) mediaType() string {
	if v == SOAP12 {
		return "application/soap+xml"
	}
	return "text/xml"
}

func (v Version) contentType() string { return v.mediaType() + "; charset=utf-8" }

// mandatory returns the attribute, with the declaration of its prefix, that marks a
// header block as one that must be understood.
func (v Version) mandatory() string {
	return ` xmlns:s="` + v.Namespace() + `" s:mustUnderstand="1"`
}

// ClientCode returns the code of a SOAP 1.1 fault that is the sender's.
func ClientCode() xmlsec.Name { return xmlsec.Name{Space: Namespace, Local: "Client"} }

// ServerCode returns the code of a SOAP 1.1 fault that is the receiver's.
func ServerCode() xmlsec.Name { return xmlsec.Name{Space: Namespace, Local: "Server"} }

// SenderCode returns the code of a SOAP 1.2 fault that is the sender's.
func SenderCode() xmlsec.Name { return xmlsec.Name{Space: Namespace12, Local: "Sender"} }

// ReceiverCode returns the code of a SOAP 1.2 fault that is the receiver's.
func ReceiverCode() xmlsec.Name { return xmlsec.Name{Space: Namespace12, Local: "Receiver"} }

// senderCode is the code of a fault of the version for which the sender is to blame.
func (v Version) senderCode() xmlsec.Name {
	if v == SOAP12 {
		return SenderCode()
	}
	return ClientCode()
}
