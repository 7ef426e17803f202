package server

import (
	"net/url"
	"strings"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/soap"
)

// checkAddressee refuses a request that was signed for another broker: somebody passed it
// on. Clients of the exchange profile need not say whom their request is for.
func (s *Server) checkAddressee(sender *soap.Sender) error {
	block := sender.Block(broker.AddresseeHeader())
	if block == nil && s.profile == federation.Exchange {
		return nil
	}
	if block == nil {
		return refuse(broker.AccessDenied, "the request does not say for which broker it is (wsa:To)")
	}
	address, err := block.Value()
	if err != nil {
		return refuse(broker.InvalidArgument, "wsa:To: %v", err)
	}
	if !sameEndpoint(strings.TrimSpace(address), s.metadata.ManagementEndpoint) {
		return refuse(broker.AccessDenied, "the request is for %q, this broker is %s", soap.Printable(address, maxURI), s.metadata.ManagementEndpoint)
	}
	return nil
}

// sameEndpoint reports whether two https URLs are the same but for letter case of scheme
// and host and a default port.
func sameEndpoint(a, b string) bool {
	keyA, okA := endpointKey(a)
	keyB, okB := endpointKey(b)
	return okA && okB && keyA == keyB
}

// endpointKey returns what is the same for the same endpoint.
func endpointKey(address string) (url.URL, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
		return url.URL{}, false
	}
	u.Host = strings.ToLower(strings.TrimSuffix(u.Host, ":443"))
	return *u, true
}
