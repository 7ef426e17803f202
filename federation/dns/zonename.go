package dns

import "golang.org/x/net/publicsuffix"

// ZoneOf returns the zone that a name most likely lies in: the registrable domain by the
// public suffix list. A name that is a public suffix itself is its own zone. The name is in
// lower case, as A-labels, without the final dot, and so is the zone.
func ZoneOf(name string) string {
	zone, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return name
	}
	return zone
}
