package verify_test

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	mdns "github.com/miekg/dns"
)

// TestCollidingKeysAreBounded has a zone with many keys of one number, before the one that signs
// (CVE-2023-50387): only so many are tried, for each signature takes time to compute.
func TestCollidingKeysAreBounded(t *testing.T) {
	t.Parallel()
	for decoys, want := range map[int]string{10: "contoso.example Success", 40: "contoso.example Error P26 SignatureWrong"} {
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		header := func(kind uint16) mdns.RR_Header {
			return mdns.RR_Header{Name: "contoso.example.", Rrtype: kind, Class: mdns.ClassINET, Ttl: 60}
		}
		keyOf := func(raw []byte) *mdns.DNSKEY {
			return &mdns.DNSKEY{Hdr: header(mdns.TypeDNSKEY), Flags: 257, Protocol: 3, Algorithm: mdns.ED25519, PublicKey: base64.StdEncoding.EncodeToString(raw)}
		}
		key := keyOf(public)
		var keys []mdns.RR
		for i := range decoys { // two words swapped: the same sum, which is the number
			raw := slices.Clone([]byte(public))
			from, to := 2*(i%15), 2*(i%15+1+i/15)%32
			raw[from], raw[from+1], raw[to], raw[to+1] = raw[to], raw[to+1], raw[from], raw[from+1]
			keys = append(keys, keyOf(raw))
		}
		keys = append(keys, key)
		sign := func(set []mdns.RR) mdns.RR {
			sig := &mdns.RRSIG{Hdr: header(mdns.TypeRRSIG), Algorithm: key.Algorithm, KeyTag: key.KeyTag(), SignerName: "contoso.example.",
				Inception: uint32(time.Now().Add(-time.Hour).Unix()), Expiration: uint32(time.Now().Add(time.Hour).Unix())}
			if err := sig.Sign(crypto.Signer(private), set); err != nil {
				t.Fatal(err)
			}
			return sig
		}
		txt := []mdns.RR{&mdns.TXT{Hdr: header(mdns.TypeTXT), Txt: []string{proof}}}
		answers := map[uint16][]mdns.RR{mdns.TypeTXT: append(txt, sign(txt)), mdns.TypeDNSKEY: append(slices.Clone(keys), sign(keys)),
			mdns.TypeNS: {record("contoso.example. 60 IN NS n0.contoso.example.")}}
		serve := func(query *mdns.Msg) *mdns.Msg {
			answer := new(mdns.Msg).SetReply(query)
			answer.Authoritative, answer.Answer, answer.Compress = true, answers[query.Question[0].Qtype], true
			return answer
		}
		g := newGrove(t)
		g.put("192.0.2.100:53", listen(t, func(query *mdns.Msg) *mdns.Msg {
			answer := serve(query)
			answer.Truncate(1232)
			return answer
		}, serve))
		g.set(t, "contoso.example", "TXT", proof)
		parent := g.parent([]string{"n0.contoso.example."})
		g.put("192.0.2.53:53", listen(t, func(query *mdns.Msg) *mdns.Msg {
			answer := parent(query)
			answer.Ns = append(answer.Ns, key.ToDS(mdns.SHA256))
			return answer
		}, nil))
		if diff := cmp.Diff([]string{want}, brief(check(t, g.checker(), contoso()[:1]))); diff != "" {
			t.Errorf("%d decoys (-want +got):\n%s", decoys, diff)
		}
	}
}
