package autodiscover

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"exfed/federation/soap"
)

// search is what the walks of one discovery share.
type search struct {
	client        *Client
	carrier       *soap.Client // for hosts with names: takes a certificate of a trusted host
	strict, plain *soap.Client // for addresses in place of names; for the one question without TLS
	mu            sync.Mutex   // guards the rest, and calls of Observe
	agreed        map[string]bool
	misnamed      map[string]bool // hosts, as of hostKey, whose certificate is for others and was accepted
	hosts         map[string]resolution
}

// resolution is what DNS says about a host.
type resolution struct {
	aliases   []string
	addresses []netip.Addr
	known     bool // whether somebody said so
	exists    bool
}

func (c *Client) newSearch() *search {
	s := &search{client: c, strict: c.carrier(), agreed: map[string]bool{}, misnamed: map[string]bool{}, hosts: map[string]resolution{}}
	carrier, plain := *s.strict, *s.strict
	carrier.HTTP = soap.AcceptNames(s.strict.HTTP, s.accepts)
	plain.AllowHTTP = true
	s.carrier, s.plain = &carrier, &plain
	return s
}

func (s *search) close() { s.carrier.HTTP.CloseIdleConnections() }

// further returns the search for further domains: nothing holds there that was agreed to for
// the one asked about, no connection either.
func (s *search) further() *search {
	f := s.client.newSearch()
	f.hosts = s.hosts
	return f
}

// carrierTo returns what to send to a host with. An address has no name that somebody could
// agree to trust.
func (s *search) carrierTo(host string) *soap.Client {
	if _, err := netip.ParseAddr(host); err == nil {
		return s.strict
	}
	return s.carrier
}

// leadKey and certificateKey say what was agreed to: that a host is the organization's,
// though nobody vouches for the way that led to it, or that a certificate is the host's,
// though it is for others.
func leadKey(host string) string { return hostKey(host) }

func hostKey(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

func certificateKey(host string, certificate *x509.Certificate) string {
	return fmt.Sprintf("%s %x", hostKey(host), sha256.Sum256(certificate.Raw))
}

// accepts reports whether a certificate that does not name its host will do: the two were
// agreed to, or the certificate is for a host that is trusted.
func (s *search) accepts(host string, certificate *x509.Certificate) bool {
	yes := s.isTrusted(host, certificateKey(host, certificate)) ||
		slices.ContainsFunc(s.client.TrustedHostnames, func(trusted string) bool { return certificate.VerifyHostname(trusted) == nil })
	if yes {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.misnamed[hostKey(host)] = true
	}
	return yes
}

// mayLead reports whether a host may redirect to another one without a question: it has shown
// that it is who it is.
func (s *search) mayLead(from, to string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return hostKey(from) == hostKey(to) || !s.misnamed[hostKey(from)]
}

// isTrusted reports whether a host is in TrustedHostnames or this of it was agreed to.
func (s *search) isTrusted(host, key string) bool {
	same := func(trusted string) bool { return hostKey(trusted) == hostKey(host) }
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agreed[key] || slices.ContainsFunc(s.client.TrustedHostnames, same)
}

// isKnown reports whether a way that is not protected may lead to a host.
func (s *search) isKnown(host string) bool {
	return slices.ContainsFunc(s.client.KnownHosts, func(known string) bool { return hostKey(known) == hostKey(host) })
}

// consent asks whether a host is to be trusted, unless that was asked before.
func (s *search) consent(host, key, reason string) (bool, error) {
	s.mu.Lock()
	yes, asked := s.agreed[key]
	s.mu.Unlock()
	if asked || s.client.Trust == nil {
		return yes, nil
	}
	yes, err := s.client.Trust(strings.ToLower(host), reason)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agreed[key] = yes
	return yes, nil
}

// resolve returns what DNS says about a host; what it does not say is left out.
func (s *search) resolve(ctx context.Context, host string) resolution {
	_, err := netip.ParseAddr(host)
	if s.client.Resolver == nil || host == "" || err == nil {
		return resolution{}
	}
	s.mu.Lock()
	r, found := s.hosts[host]
	s.mu.Unlock()
	if found {
		return r
	}
	r.aliases, r.exists, err = s.client.Resolver.LookupAliases(ctx, host)
	r.known = err == nil
	for i, alias := range r.aliases {
		r.aliases[i] = soap.Printable(alias, maxName)
	}
	if r.known && r.exists {
		if r.addresses, err = s.client.Resolver.LookupHost(ctx, host); err != nil {
			r.addresses = nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[host] = r
	return r
}

// services returns the hosts that the SRV record of a domain names for HTTPS, the ones to
// try first first.
func (s *search) services(ctx context.Context, name string) ([]string, error) {
	const most = 4
	records, err := s.client.Resolver.LookupSRV(ctx, name)
	records = slices.DeleteFunc(records, func(r net.SRV) bool { return r.Port != 443 || !isHost(r.Target) })
	var hosts []string
	for _, record := range records[:min(len(records), most)] {
		hosts = append(hosts, record.Target)
	}
	return hosts, err
}
