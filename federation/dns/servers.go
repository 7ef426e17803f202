package dns

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

const (
	defaultPort = "53"
	// maxServers bounds how many name servers one question may be put to.
	maxServers = 16
)

// ParseServers reads name servers separated by commas, as the values of every list are, with
// or without blanks beside them: a host or an address, with or without a port (53 if none is
// given), an IPv6 address with a port in brackets. It returns each once, as host:port.
func ParseServers(text string) ([]string, error) {
	var servers []string
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			return nil, federation.Errorf(federation.Invalid, "InvalidDnsServer", "name servers", "none is named; write HOST:PORT, with commas between several")
		}
		server, reason := parseServer(word)
		if reason != "" {
			return nil, federation.Errorf(federation.Invalid, "InvalidDnsServer", fmt.Sprintf("name server %.80q", word), "%s", reason)
		}
		if !slices.Contains(servers, server) {
			servers = append(servers, server)
		}
	}
	if len(servers) > maxServers {
		return nil, federation.Errorf(federation.Invalid, "InvalidDnsServer", "name servers", "%d are too many, at most %d are asked", len(servers), maxServers)
	}
	return servers, nil
}

// parseServer returns host:port, or what is wrong with the word.
func parseServer(word string) (server, reason string) {
	if strings.ContainsFunc(word, unicode.IsSpace) {
		return "", "holds a blank; write a comma between name servers: HOST:PORT,HOST:PORT"
	}
	if strings.Contains(word, "/") {
		return "", "is a URL or a network; write HOST:PORT"
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(word, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil && (bare == word || addr.Is6() && len(bare)+2 == len(word)) {
		return net.JoinHostPort(bare, defaultPort), ""
	}
	if !strings.Contains(word, ":") {
		word += ":" + defaultPort
	}
	host, port, err := net.SplitHostPort(word)
	if err != nil {
		return "", "is not HOST:PORT; an IPv6 address with a port stands in brackets, [2001:db8::1]:53"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", fmt.Sprintf("%.20q is not a port, 1 to 65535", port)
	}
	addr, err := netip.ParseAddr(host)
	if strings.HasPrefix(word, "[") && !addr.Is6() || err != nil && !hostName(host) {
		return "", fmt.Sprintf("%.80q is neither a host name nor an address", host)
	}
	return net.JoinHostPort(host, port), ""
}

// hostName reports whether text is letters, digits, hyphens and dots, and no mistyped IPv4
// address.
func hostName(text string) bool {
	letters := false
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			letters = true
		case r >= '0' && r <= '9', r == '-', r == '.':
		default:
			return false
		}
	}
	_, ok := mdns.IsDomainName(text)
	return ok && letters
}

// resolvConf is where Unix systems keep their configuration of DNS.
const resolvConf = "/etc/resolv.conf"

// systemServers returns the name servers that questions of this machine are put to directly;
// none where the system is asked instead, as on Windows, whose rules may choose others for
// some names.
func (r *Resolver) systemServers() []string {
	switch {
	case r.resolvConf != "":
		return serversIn(r.resolvConf)
	case runtime.GOOS == "windows":
		return nil
	}
	return serversIn(resolvConf)
}

// SystemServers returns the name servers this machine is configured to ask, as host:port.
func SystemServers() []string { return machineServers() }

// serversIn returns the name servers in a file of the form of resolv.conf(5).
func serversIn(path string) []string {
	config, err := mdns.ClientConfigFromFile(path)
	if err != nil {
		return nil
	}
	var servers []string
	for _, server := range config.Servers {
		servers = append(servers, net.JoinHostPort(server, config.Port))
	}
	return servers[:min(len(servers), maxServers)]
}
