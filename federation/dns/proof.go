package dns

import (
	"time"

	"exfed/federation"
)

// ProofRecord returns the TXT record that proves the ownership of a domain.
func ProofRecord(domain federation.Domain, proof string, ttl time.Duration) string { return "" }

// Match is what the TXT records of a domain say about its proof.
type Match struct {
	Found      bool
	NearMisses []NearMiss
}

// NearMiss is a TXT record that looks like a proof and is not the one wanted.
type NearMiss struct {
	Text   string // as the name server gave it: untrusted
	Reason MissReason
}

// MissReason says why a record is not the proof.
type MissReason string

// The reasons.
const (
	LegacyAppID  MissReason = "LegacyAppID"  // the form of Exchange 2010 RTM: AppID=...
	Damaged      MissReason = "Damaged"      // the proof, with blanks, quotes or backslashes in it
	WrongCase    MissReason = "WrongCase"    // the proof, but for the case of its letters
	Cut          MissReason = "Cut"          // a part of the proof
	AnotherProof MissReason = "AnotherProof" // a proof of another certificate or domain
)

// MatchProof looks for the proof among the TXT records of a domain.
func MatchProof(texts []string, proof string) Match { return Match{} }
