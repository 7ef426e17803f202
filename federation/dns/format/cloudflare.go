package format

import (
	"strings"

	"exfed/federation"
)

const (
	// maxCloudflareBatch is how many records one call takes on any plan.
	maxCloudflareBatch = 200
	// The time to live that Cloudflare takes on any plan, in seconds.
	minCloudflareTTL, maxCloudflareTTL = 60, 86400
)

type cloudflareBatch struct {
	Posts []cloudflareRecord `json:"posts"`
}

type cloudflareRecord struct {
	Name    string          `json:"name"`
	Type    string          `json:"type"`
	TTL     uint32          `json:"ttl"`
	Content string          `json:"content,omitempty"`
	Data    *cloudflareData `json:"data,omitempty"`
	Proxied *bool           `json:"proxied,omitempty"`
	Comment string          `json:"comment"`
}

type cloudflareData struct {
	Priority uint16 `json:"priority"`
	Weight   uint16 `json:"weight"`
	Port     uint16 `json:"port"`
	Target   string `json:"target"`
}

// cloudflare writes the body of POST /zones/ZONE_ID/dns_records/batch for each zone, or several
// for one with very many records, each a JSON object of its own. It adds records and touches no
// others.
func (w *writer) cloudflare(zones []Zone) error {
	for _, zone := range zones {
		var batch cloudflareBatch
		for _, set := range zone.Sets {
			for _, e := range set.missing() {
				if batch.Posts = append(batch.Posts, w.cloudflareRecord(set, e)); len(batch.Posts) == maxCloudflareBatch {
					w.json(batch)
					batch.Posts = nil
				}
			}
			w.cloudflareRemovals(set)
		}
		if len(batch.Posts) > 0 {
			w.json(batch)
		}
	}
	return nil
}

// cloudflareRemovals says what is not written: Cloudflare deletes records by an identifier of
// its own, which only it can tell.
func (w *writer) cloudflareRemovals(set Set) {
	for _, e := range set.remove() {
		w.note("%s does not remove the %s record of %s (%s): %.300s", w.format, e.Type, e.Name, e.label, e.zoneValue())
	}
}

func (w *writer) cloudflareRecord(set Set, e entry) cloudflareRecord {
	record := cloudflareRecord{Name: e.Name, Type: string(e.Type), TTL: w.cloudflareTTL(set), Comment: "Exchange federation: " + e.label}
	switch e.Type {
	case federation.SRVRecord:
		record.Data = &cloudflareData{Priority: e.Priority, Weight: e.Weight, Port: e.Port, Target: e.Target}
	case federation.CNAMERecord:
		proxied := false // a proxy in between answers Autodiscover with its own certificate
		record.Content, record.Proxied = e.Target, &proxied
	default:
		record.Content = strings.TrimSuffix(e.zoneValue(), ".")
	}
	return record
}

func (w *writer) cloudflareTTL(set Set) uint32 {
	ttl := w.ttlOf(set)
	taken := min(max(ttl, minCloudflareTTL), maxCloudflareTTL)
	if taken != ttl {
		w.note("Cloudflare takes a time to live of %d to %d seconds: %d stands for %d", minCloudflareTTL, maxCloudflareTTL, taken, ttl)
	}
	return uint32(taken)
}
