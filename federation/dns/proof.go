package dns

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"time"

	"exfed/federation"
)

// ProofRecord returns the TXT record that proves the ownership of a domain as a line for a
// zone file: `contoso.com. IN TXT "<proof>"`, with the time to live in seconds before IN
// unless it is less than a second. Bytes that are not printable ASCII are escaped.
func ProofRecord(domain federation.Domain, proof string, ttl time.Duration) string {
	var line strings.Builder
	line.WriteString(strings.TrimSuffix(string(domain), ".") + ". ")
	if seconds := min(int64(ttl/time.Second), math.MaxInt32); seconds > 0 { // RFC 2181 section 8
		fmt.Fprintf(&line, "%d ", seconds)
	}
	line.WriteString("IN TXT " + QuoteStrings(CharacterStrings(proof)))
	return line.String()
}

// Match is what the TXT records of a domain say about its proof.
type Match struct {
	Found      bool       // one of them is the proof
	NearMisses []NearMiss // those that look like a proof and are not the one wanted
}

// NearMiss is a TXT record that looks like a proof and is not the one wanted.
type NearMiss struct {
	Text   string // as the name server gave it: untrusted
	Reason MissReason
}

// MissReason says why a record is not the proof.
type MissReason string

// The reasons, the first that applies.
const (
	LegacyAppID  MissReason = "LegacyAppID"  // the form of Exchange 2010 RTM: AppID=...
	Damaged      MissReason = "Damaged"      // the proof, with blanks, quotes or backslashes in it
	WrongCase    MissReason = "WrongCase"    // the proof, but for the case of its letters
	Cut          MissReason = "Cut"          // the beginning or the end of the proof
	AnotherProof MissReason = "AnotherProof" // a proof of another certificate or domain
)

const (
	// proofBytes is the length of a proof before it becomes Base64: a SHA-512 hash.
	proofBytes = 64
	// leastCut is the least of a proof that cannot be chance.
	leastCut = 12
)

// MatchProof looks for the proof among the TXT records of a domain, by the rule of
// federation.TXTIsProof. Records that have nothing to do with it are passed over.
func MatchProof(texts []string, proof string) Match {
	var match Match
	for _, text := range texts {
		if federation.TXTIsProof(text, proof) {
			match.Found = true
		} else if reason := miss(text, proof); reason != "" {
			match.NearMisses = append(match.NearMisses, NearMiss{Text: text, Reason: reason})
		}
	}
	return match
}

// miss returns why a text that is not the proof looks like it, "" if it does not.
func miss(text, proof string) MissReason {
	bare := strings.Map(dropDamage, text)
	switch {
	case len(bare) >= len("AppID=") && strings.EqualFold(bare[:len("AppID=")], "AppID="):
		return LegacyAppID
	case bare == "" || proof == "":
		return ""
	case bare == proof:
		return Damaged
	case strings.EqualFold(bare, proof):
		return WrongCase
	case len(bare) >= leastCut && (strings.HasPrefix(proof, bare) || strings.HasSuffix(proof, bare)):
		return Cut
	case looksLikeProof(bare):
		return AnotherProof
	}
	return ""
}

// dropDamage drops what terminals and forms put into a proof; none of it is Base64.
func dropDamage(r rune) rune {
	if strings.ContainsRune(" \t\r\n\"'\\\u00a0\u200b\u200e\ufeff", r) {
		return -1
	}
	return r
}

func looksLikeProof(text string) bool {
	raw, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(raw) == proofBytes
}
