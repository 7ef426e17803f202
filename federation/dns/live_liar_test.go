package dns_test

import (
	"encoding/binary"
	"testing"

	mdns "github.com/miekg/dns"

	"exfed/federation"
)

// TestLiveSetsOfLiars has servers show less than there is, or what nobody can write again. A
// set that was taken from such an answer would replace, and so delete, what was not in it.
func TestLiveSetsOfLiars(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, record string
		change       func(packed []byte) []byte
		want         string
	}{
		{"announces two records, sends one", `contoso.com. 60 IN TXT "v=spf1 -all"`,
			func(b []byte) []byte { binary.BigEndian.PutUint16(b[6:], 2); return b }, "something that is not DNS"},
		{"answers about another name", `www.contoso.com. 60 IN TXT "v=spf1 -all"`,
			func(b []byte) []byte { return b }, "showed records of other names only"},
		{"has a TXT record without strings", `contoso.com. 60 IN TXT "abc"`,
			func(b []byte) []byte { return append(b[:len(b)-6], 0, 0) }, "showed a TXT record that holds nothing"},
	}
	for _, c := range cases {
		server := newFake(t, func(query []byte) [][]byte {
			q := new(mdns.Msg)
			if q.Unpack(query) != nil {
				return nil
			}
			a := new(mdns.Msg).SetReply(q)
			a.Authoritative = true
			record, err := mdns.NewRR(c.record)
			if err != nil {
				t.Error(err)
				return nil
			}
			a.Answer = []mdns.RR{record}
			packed, err := a.Pack()
			if err != nil {
				t.Error(err)
			}
			return [][]byte{c.change(packed)}
		}, nil)
		set, err := live(server.address).LiveSet(t.Context(), "contoso.com", "TXT")
		if err == nil {
			t.Errorf("%s: no error, and %d records", c.name, len(set.Records))
			continue
		}
		wantFault(t, err, federation.Unavailable, "LiveRecordsUnknown", c.want)
	}
}
