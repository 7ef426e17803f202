package broker

import "exfed/federation/xmlsec"

// AddresseeHeader returns the name of the header block that says which broker a request
// is for: wsa:To (WS-Addressing 1.0 SOAP Binding section 2). Without it whoever gets a
// signed request could pass it on to another broker, in the name of its sender.
func AddresseeHeader() xmlsec.Name { return xmlsec.Name{Space: NamespaceAddressing, Local: "To"} }

// MarshalAddressee returns the header block for the broker whose ManageDelegation2 is at
// the URL.
func MarshalAddressee(managementURL string) []byte {
	var w writer
	w.open("To", NamespaceAddressing)
	w.text(managementURL)
	w.close("To")
	return w.Bytes()
}
