package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"exfed/federation"
)

// systemTXT asks through the system where it does not say which name servers it uses, as
// Windows does not.
func systemTXT(ctx context.Context, name string) ([]string, error) {
	texts, err := new(net.Resolver).LookupTXT(ctx, rooted(name))
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, systemError(fmt.Sprintf("DNS name %.260q", name), err)
	}
	return texts, nil
}

// systemHost is systemTXT for addresses.
func systemHost(ctx context.Context, host string) ([]netip.Addr, error) {
	addresses, err := new(net.Resolver).LookupNetIP(ctx, "ip", host)
	if notFound(err) {
		return nil, hostNotFound(host)
	}
	if err != nil {
		return nil, systemError(fmt.Sprintf("host %.260q", host), err)
	}
	for i := range addresses {
		addresses[i] = addresses[i].Unmap()
	}
	return addresses, nil
}

// rooted ends a name in a dot, so that the system adds no suffix of its own.
func rooted(name string) string {
	if name == "" || name[len(name)-1] == '.' {
		return name
	}
	return name + "."
}

func notFound(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound
}

func systemError(object string, err error) error {
	var e *net.DNSError
	reason := "the system's resolver did not answer"
	if errors.As(err, &e) {
		reason += ": " + e.Err
	}
	return &federation.Error{Kind: federation.Unavailable, ID: "DnsUnavailable", Object: object, Reason: reason}
}
