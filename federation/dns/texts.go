package dns

import mdns "github.com/miekg/dns"

// Texts returns the content of the TXT records among others: raw bytes, the strings of one
// record joined without a separator (RFC 7208 section 3.3).
func Texts(records []mdns.RR) []string {
	var texts []string
	for _, record := range records {
		if txt, ok := record.(*mdns.TXT); ok {
			texts = append(texts, rawText(txt))
		}
	}
	return texts
}

// SystemServers returns the name servers this machine is configured to ask, as host:port;
// none where the system does not say, as Windows does not.
func SystemServers() []string { return new(Resolver).systemServers() }
