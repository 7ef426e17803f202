package autodiscover

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"exfed/federation/soap"
)

// WSSecurityURL returns where a service takes requests with a delegation token: below the
// base URL of an Autodiscover or Exchange Web Services service. A URL that says already how
// requests are secured is taken there from whatever it says.
func WSSecurityURL(base string) string {
	base, query, queried := strings.Cut(base, "?")
	base = strings.TrimRight(base, "/")
	for _, suffix := range []string{"/wssecurity/symmetrickey", "/wssecurity/x509cert", "/wssecurity"} {
		if cut := len(base) - len(suffix); cut >= 0 && strings.EqualFold(base[cut:], suffix) {
			if suffix == "/wssecurity" {
				return rejoin(base, query, queried) // as the other side spells it
			}
			base = base[:cut]
			break
		}
	}
	return rejoin(base+"/WSSecurity", query, queried)
}

func rejoin(base, query string, queried bool) string {
	if queried {
		return base + "?" + query
	}
	return base
}

// serviceURL is where the service of a host is.
func serviceURL(host string) string {
	return "https://" + host + "/autodiscover/autodiscover.svc"
}

// documentPath is where the older protocol is, and the path that a redirect without TLS has
// to lead to.
const documentPath = "/autodiscover/autodiscover.xml"

// printableURI reports whether text can be part of a URI (RFC 3986): ASCII without blanks,
// controls and what never stands in one. Nothing else is kept, shown or called.
func printableURI(text string) bool {
	if text == "" || len(text) > maxURI {
		return false
	}
	for _, b := range []byte(text) {
		if b <= ' ' || b > '~' || strings.IndexByte(`"<>\^`+"`{|}", b) >= 0 {
			return false
		}
	}
	return true
}

// isHost reports whether text is the name or the address of a host. A URI may have more
// there, which somebody would take to a shell with the advice to trust the host.
func isHost(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	return text != "" && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._") == ""
}

// secureTarget returns the URL that a redirect from another URL leads to. It must be https;
// the error says what it is instead.
func secureTarget(from, location string) (*url.URL, error) {
	if location == "" {
		return nil, fmt.Errorf("redirects nowhere")
	}
	refused := func(why string) error {
		return fmt.Errorf("redirects to %q, %s", soap.Printable(location, maxPrinted), why)
	}
	if !printableURI(location) {
		return nil, refused("which is not a URL")
	}
	base, err := url.Parse(from)
	if err != nil {
		return nil, refused("which cannot be followed")
	}
	target, err := base.Parse(location)
	switch {
	case err != nil:
		return nil, refused("which is not a URL")
	case target.Scheme != "https":
		return nil, refused("which is not https")
	case !isHost(target.Hostname()) || target.User != nil:
		return nil, refused("which is not an address to call")
	}
	target.Fragment, target.RawFragment = "", ""
	return target, nil
}
