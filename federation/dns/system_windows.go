package dns

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// machineServers returns the name servers of the network adapters that are up.
func machineServers() []string {
	const skip = windows.GAA_FLAG_SKIP_UNICAST | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	size := uint32(15_000) // what the documentation of GetAdaptersAddresses recommends to begin with
	for range 4 {          // the list may grow between two calls
		buffer := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buffer[0]))
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, skip, 0, first, &size)
		if errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) {
			continue
		}
		if err != nil {
			return nil
		}
		return adapterServers(first)
	}
	return nil
}

func adapterServers(first *windows.IpAdapterAddresses) []string {
	// Windows lists these, which are nobody's, for adapters without name servers.
	placeholders := netip.MustParsePrefix("fec0::/10")
	var servers []string
	for adapter := first; adapter != nil; adapter = adapter.Next {
		if adapter.OperStatus != windows.IfOperStatusUp {
			continue
		}
		for server := adapter.FirstDnsServerAddress; server != nil; server = server.Next {
			addr, ok := netip.AddrFromSlice(server.Address.IP())
			if ok = ok && !placeholders.Contains(addr); !ok {
				continue
			}
			if text := net.JoinHostPort(addr.Unmap().String(), defaultPort); !slices.Contains(servers, text) {
				servers = append(servers, text)
			}
		}
	}
	return servers[:min(len(servers), maxServers)]
}
