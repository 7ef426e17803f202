//go:build !windows

package dns

// machineServers returns the name servers in resolv.conf(5).
func machineServers() []string { return serversIn(resolvConf) }
