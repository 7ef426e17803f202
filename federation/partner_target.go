package federation

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
)

// Target names a property of an organization relationship that says where the partner is.
type Target string

// The targets, by the names of Exchange's properties.
const (
	TargetApplicationURI  Target = "TargetApplicationUri"
	TargetSharingEPR      Target = "TargetSharingEpr"
	TargetOwaURL          Target = "TargetOwaURL"
	TargetAutodiscoverEPR Target = "TargetAutodiscoverEpr"
)

// Targets returns the targets that are set.
func (r OrganizationRelationship) Targets() map[Target]string {
	targets := map[Target]string{}
	for target, value := range map[Target]string{
		TargetApplicationURI: r.TargetApplicationURI, TargetSharingEPR: r.TargetSharingEPR,
		TargetOwaURL: r.TargetOwaURL, TargetAutodiscoverEPR: r.TargetAutodiscoverEPR,
	} {
		if value != "" {
			targets[target] = value
		}
	}
	return targets
}

// CheckTarget refuses what cannot be the target: an application URI with blanks, a URL that
// is not an absolute https one (of TargetOwaURL also http), one that carries a password, and
// an EWS URL where Autodiscover's is wanted or the other way round.
func CheckTarget(target Target, text string) error {
	object := string(target) + " " + quote(text)
	if target == TargetApplicationURI {
		if text == "" || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || steersText(r) }) {
			return Errorf(Invalid, "InvalidApplicationUri", object, "is not an application URI such as outlook.com or FYDIBOHF25SPDLT.contoso.com")
		}
		return nil
	}
	u, err := checkURL(object, text)
	if err != nil {
		return err
	}
	if u.Scheme != "https" && (target != TargetOwaURL || u.Scheme != "http") {
		return Errorf(Invalid, "InsecureUrl", object, "begins with %s; only https will do", u.Scheme+"://")
	}
	path := strings.ToLower(u.Path)
	ews := strings.Contains(path, "/ews/") || strings.Contains(path, "exchange.asmx")
	discovery := strings.Contains(path, "/autodiscover/") || strings.Contains(path, "autodiscover.svc")
	switch {
	case target == TargetAutodiscoverEPR && ews:
		return Errorf(Invalid, "EwsUrlForAutodiscover", object, "is an EWS URL, which belongs in %s", TargetSharingEPR)
	case target == TargetSharingEPR && discovery:
		return Errorf(Invalid, "AutodiscoverUrlForSharing", object, "is an Autodiscover URL, which belongs in %s", TargetAutodiscoverEPR)
	}
	return nil
}

// checkURL reads an absolute URL with a host and without a user, a password or a fragment.
func checkURL(object, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "" || u.Hostname() == "" || u.Opaque != "" || strings.ContainsFunc(text, steersText):
		return nil, Errorf(Invalid, "InvalidUrl", object, "is not a URL such as https://mail.contoso.com/path")
	case u.User != nil:
		return nil, &Error{Kind: Invalid, ID: "UrlWithUser", Object: strings.SplitN(object, " ", 2)[0], Reason: "a user or a password cannot stand in the URL"}
	case u.Fragment != "":
		return nil, Errorf(Invalid, "InvalidUrl", object, "ends in a fragment, #%s, which no server is ever sent", u.Fragment)
	}
	return u, nil
}

// isLoopback reports whether the host is this machine, whatever DNS says.
func isLoopback(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// SameApplicationURI reports whether two application URIs mean the same organization: they
// are compared without regard to case, to a scheme of http or https and to slashes at the
// end, for outlook.com is written http://outlook.com/ as well.
func SameApplicationURI(a, b string) bool { return plainURI(a) == plainURI(b) }

func plainURI(text string) string {
	text = strings.ToLower(text)
	for _, scheme := range []string{"http://", "https://"} {
		text = strings.TrimPrefix(text, scheme)
	}
	return strings.TrimRight(text, "/")
}

// AudienceDomain returns the primary domain of the organization that an application URI in any
// of its spellings is the account namespace of. "" is none; a text with an account namespace
// somewhere else in it, which somebody may read as one, comes back whole.
func AudienceDomain(uri string) Domain {
	plain := plainURI(uri)
	if d := PrimaryDomain(plain); d != "" || !strings.Contains(plain, strings.ToLower(AccountNamespacePrefix)) {
		return d
	}
	return Domain(plain)
}

// IsAudienceWithin reports whether an application URI is a domain or a host below it.
func IsAudienceWithin(uri string, domain Domain) bool {
	host, err := ParseDomain(plainURI(uri))
	return err == nil && (host == domain || strings.HasSuffix(string(host), "."+string(domain)))
}
