package soap

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// ConnectTo says where connections really go: from the host:port of a URL to the
// host:port to dial. The name in the URL stays the one that is sent and that the
// certificate must be for.
type ConnectTo map[string]string

// ParseConnectTo reads HOST:PORT:ADDR:PORT[,...], as in curl's --connect-to except
// that no part may be empty. IPv6 addresses stand in brackets. An empty text is no
// rule.
func ParseConnectTo(text string) (ConnectTo, error) {
	rules := ConnectTo{}
	if strings.TrimSpace(text) == "" {
		return rules, nil
	}
	for _, rule := range strings.Split(text, ",") {
		parts, err := splitRule(strings.TrimSpace(rule))
		if err != nil {
			return nil, fmt.Errorf("%q is not of the form HOST:PORT:ADDR:PORT: %w", rule, err)
		}
		from := hostPort(parts[0], parts[1])
		if _, taken := rules[from]; taken {
			return nil, fmt.Errorf("%q: there is another rule for %s", rule, from)
		}
		rules[from] = hostPort(parts[2], parts[3])
	}
	return rules, nil
}

// splitRule returns host, port, address, port.
func splitRule(rule string) ([4]string, error) {
	var parts [4]string
	rest := rule
	for i := range parts {
		var err error
		if parts[i], rest, err = cutPart(rest, i == len(parts)-1); err != nil {
			return parts, err
		}
	}
	for _, port := range []string{parts[1], parts[3]} {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return parts, fmt.Errorf("%q is not a port", port)
		}
	}
	return parts, nil
}

// cutPart takes what stands before the next colon, or all of the rest if it is the
// last part. Brackets around an IPv6 address are taken off.
func cutPart(text string, last bool) (part, rest string, err error) {
	if strings.HasPrefix(text, "[") {
		end := strings.IndexByte(text, ']')
		if end < 0 {
			return "", "", fmt.Errorf("a bracket is not closed")
		}
		part, rest = text[1:end], text[end+1:]
		if net.ParseIP(part) == nil {
			return "", "", fmt.Errorf("%q is not an address", part)
		}
		if last && rest == "" {
			return part, "", nil
		}
		rest, found := strings.CutPrefix(rest, ":")
		if !found {
			return "", "", fmt.Errorf("a colon must follow %q", part)
		}
		return part, rest, nil
	}
	part, rest, found := strings.Cut(text, ":")
	switch {
	case part == "":
		return "", "", fmt.Errorf("a part is missing")
	case found == last:
		return "", "", fmt.Errorf("it must have four parts, IPv6 addresses in brackets")
	}
	return part, rest, nil
}

func hostPort(host, port string) string {
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(host, ".")), port)
}

// covers reports whether there is a rule for the host of a URL.
func (c ConnectTo) covers(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	_, found := c[hostPort(u.Hostname(), port)]
	return found
}

// Target returns what to dial for host:port.
func (c ConnectTo) Target(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if to, found := c[hostPort(host, port)]; found {
		return to
	}
	return address
}
