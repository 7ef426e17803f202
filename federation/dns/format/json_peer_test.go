package format_test

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"exfed/federation/dns/format"
)

// documents reads JSON objects one after the other, and wants no field that T does not have.
func documents[T any](t *testing.T, text string) []T {
	t.Helper()
	var all []T
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	for {
		var one T
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

type resourceRecordSet struct {
	Name, Type      string
	TTL             uint32
	ResourceRecords []struct{ Value string }
}

type changeBatch struct {
	Comment string
	Changes []struct {
		Action            string
		ResourceRecordSet resourceRecordSet
	}
}

// octal undoes the escapes of Route 53's TXT values, which are octal where those of zone files
// are decimal.
func octal(t *testing.T, value string) string {
	t.Helper()
	return regexp.MustCompile(`\\([0-3][0-7]{2})`).ReplaceAllStringFunc(value, func(code string) string {
		n, err := strconv.ParseUint(code[1:], 8, 8)
		if err != nil {
			t.Fatal(err)
		}
		return `\` + string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
	})
}

// TestChangeBatchesAreRoute53s has botocore, the core of Amazon's own tools, judge each change
// batch by its model of the service, and compares what the batches say.
func TestChangeBatchesAreRoute53s(t *testing.T) {
	t.Parallel()
	w := newWorld(4, true, nil)
	zones := w.zones(100)
	w.enough(t, 20)
	text, _ := write(t, format.Route53, zones)
	var got []record
	for _, batch := range documents[changeBatch](t, text) {
		for _, change := range batch.Changes {
			set := change.ResourceRecordSet
			if change.Action != "UPSERT" {
				t.Errorf("%s of %s", change.Action, set.Name)
			}
			for _, r := range set.ResourceRecords {
				got = append(got, record{strings.TrimSuffix(set.Name, "."), set.Type, parseValue(t, set.Type, octal(t, r.Value), false), set.TTL})
			}
		}
	}
	same(t, "change batches", expectation{}.expect(zones).wholes, got)
	if out := run(t, text, python(t, "botocore"), "testdata/route53.py"); out != "100 of Route 53\n" {
		t.Errorf("botocore says %q", out)
	}
}

// TestChangeBatchesAreBounded splits a zone that is too large for one, and deletes a set of
// which nothing stays.
func TestChangeBatchesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(5, true, func(text string) bool { return len(text) < 200 })
	zone := format.Zone{Apex: "big.example"}
	for i := range 400 {
		zone.Sets = append(zone.Sets, w.leads("CNAME", "autodiscover.d"+strconv.Itoa(i)+".big.example"), w.texts("d"+strconv.Itoa(i)+".big.example"))
	}
	zone.Sets[0].Remove = append(zone.Sets[0].Remove, zone.Sets[0].Add...)
	zone.Sets[0].Live.Records = zone.Sets[0].Live.Records[:0]
	for _, r := range zone.Sets[0].Add {
		zone.Sets[0].Live.Records = append(zone.Sets[0].Live.Records, liveRecord(r))
	}
	zone.Sets[0].Add, zone.Sets[0].Live.TTL = nil, 77
	text, _ := write(t, format.Route53, []format.Zone{zone})
	batches := documents[changeBatch](t, text)
	changes := 0
	for _, batch := range batches {
		records, size := 0, 0
		for _, change := range batch.Changes {
			changes++
			for _, r := range change.ResourceRecordSet.ResourceRecords {
				records, size = records+2, size+2*len(r.Value)
			}
		}
		if records > 1000 || size > 32000 || records == 0 {
			t.Errorf("a batch has %d records of %d bytes", records, size)
		}
	}
	if len(batches) < 4 || changes != 800 {
		t.Errorf("%d batches with %d changes", len(batches), changes)
	}
	first := batches[0].Changes[0]
	if first.Action != "DELETE" || first.ResourceRecordSet.TTL != 77 || len(first.ResourceRecordSet.ResourceRecords) != 1 {
		t.Errorf("a set of which nothing stays: %+v", first)
	}
}

type cloudflareBatch struct {
	Posts []struct {
		Name, Type, Content, Comment string
		TTL                          uint32
		Proxied                      *bool
		Data                         *struct {
			Priority, Weight, Port uint16
			Target                 string
		}
	}
}

// TestCloudflareBatches compares what the bodies for Cloudflare's API say, and what is noted to
// be left out.
func TestCloudflareBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(6, true, nil)
	zones := w.zones(60)
	big := format.Zone{Apex: "big.example"}
	for i := range 250 {
		big.Sets = append(big.Sets, w.sets("d"+strconv.Itoa(i)+".big.example")...)
	}
	zones = append(zones, big)
	w.enough(t, 10)
	text, notes := write(t, format.Cloudflare, zones)
	var got []record
	for _, batch := range documents[cloudflareBatch](t, text) {
		if len(batch.Posts) == 0 || len(batch.Posts) > 200 {
			t.Errorf("a batch of %d", len(batch.Posts))
		}
		for _, p := range batch.Posts {
			r := record{Name: p.Name, Type: p.Type, TTL: p.TTL, Value: p.Content + "."}
			if p.Type == "TXT" {
				r.Value = parseValue(t, "TXT", p.Content, false)
			}
			if p.Data != nil {
				r.Value = srvValue(p.Data.Priority, p.Data.Weight, p.Data.Port, p.Data.Target)
			}
			if len(p.Comment) > 100 || p.Type == "CNAME" && (p.Proxied == nil || *p.Proxied) {
				t.Errorf("%+v", p)
			}
			got = append(got, r)
		}
	}
	e := expectation{onlyNew: true}.expect(zones)
	same(t, "bodies", e.additions, got)
	if len(notes) != len(e.removals) || len(notes) < 20 {
		t.Errorf("%d notes for %d removals", len(notes), len(e.removals))
	}
}
