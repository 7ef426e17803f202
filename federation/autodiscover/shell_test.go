package autodiscover_test

import (
	"net"
	"net/http"
	"testing"
)

// TestHostsForTheShell: a host that is no name is not asked about. The advice to trust it is
// copied to a shell.
func TestHostsForTheShell(t *testing.T) {
	t.Parallel()
	hosts := []string{"a;reboot", "$(reboot)", "a&reboot", "a'b", "mail.fabrikam.example/x?"}
	for _, host := range hosts {
		w := newWorld(t)
		w.host("http", subdomain, redirecting(http.StatusFound, "https://"+host+document))
		client := w.client()
		client.Resolver = records{services: map[string][]net.SRV{"_autodiscover._tcp." + apex: {{Target: host, Port: 443}}}}
		client.Trust = w.agreeing(true)
		if got, err := client.Discover(t.Context(), apex); err == nil || len(w.asked) > 0 {
			t.Errorf("%s: %v, questions %q", host, got.Attempts, w.asked)
		}
	}
	if len(hosts) < 5 {
		t.Errorf("%d cases", len(hosts))
	}
}
