// Package verify looks in the public DNS whether the records federation needs are live: at
// every authoritative server of a name, found by delegation, and at the resolvers given.
package verify

import (
	"exfed/federation/dns"
)

// Checker looks at records. It asks nobody but the servers it is given and those the
// delegation names.
type Checker struct {
	Client *dns.Client
	// Servers, host:port, stand for all of DNS when there are any: every one of them is asked
	// in place of the authoritative servers, and no delegation is followed.
	Servers []string
	// Resolvers, host:port, are asked besides: what they show users and the broker.
	Resolvers []string
}
