package cmd

import "exfed/federation"

// requirementHints says how each of the requirements is met that a certificate does not meet.
func requirementHints(r *federation.RequirementsUnmet) []string {
	var lines []string
	for _, u := range r.Unmet {
		lines = append(lines, u.ID+": "+u.Remedy)
	}
	return append(lines, hints(r.Summary)...)
}

// ownCertificateHints says what to do about a certificate of the organization that is not
// in its time, nil for another error.
func ownCertificateHints(id string) []string {
	switch id {
	case "CertificateExpiresSoon":
		return []string{"replace it: exfed update-federationcertificate makes a new one, waits for its proofs in DNS and publishes it"}
	case "NextCertificateUnpublished":
		return []string{"publish it once its proofs are in DNS, which exfed test-federateddnsrecord shows: exfed set-federationtrust NAME -PublishFederationCertificate"}
	case "NextCertificateExpiresSoon", "NextCertificateExpired", "NextKeyMissing":
		return []string{"unstage it and begin again: exfed set-federationtrust NAME -Thumbprint null, then exfed update-federationcertificate"}
	case "CertificateKeyMissing", "CertificateKeyMismatch":
		return []string{"put the key file back from a backup, or import the certificate with its key from one: exfed import-exchangecertificate -FileName FILE; without the key the trust has to be made anew: exfed repair-federationtrust"}
	case "PreviousKeyMissing":
		return []string{"put the key file back from a backup, or wait: tokens run out after an hour, those of invitations after 15 days"}
	case "RevocationUnknown":
		return []string{"look whether this machine reaches the addresses, which may need HTTP_PROXY, and run the same command again"}
	case "CertificateNotYetValid":
		return []string{"compare this machine's clock with the right time: the certificate was made later than what it shows"}
	case "CertificateExpired":
		return []string{"if this machine's clock is right, the trust must be made anew, since the broker takes nothing signed with it: exfed repair-federationtrust does it in the order that works; -WhatIf shows its steps"}
	case "FederationKeyLost":
		return []string{
			"put the key file back from a backup, or import the certificate with its key from one: exfed import-exchangecertificate -FileName FILE",
			"without it the trust must be made anew: exfed repair-federationtrust does it in the order that works",
		}
	case "RolloverElsewhere":
		return []string{
			"stage it: exfed set-federationtrust TRUST -Thumbprint NEW, upload it to the broker and publish its proofs (exfed get-federateddnsrecord)",
			"when the broker has it: exfed set-federationtrust TRUST -PublishFederationCertificate",
		}
	case "AnotherCertificateStaged":
		return []string{
			"-Thumbprint with the one that is staged goes on with that",
			"to take another: exfed set-federationtrust TRUST -Thumbprint null, then the same command again",
		}
	case "AnotherRollover":
		return []string{
			"leave -Thumbprint out to go on with it",
			"to give it up: exfed set-federationtrust TRUST -Thumbprint null, then the same command again",
		}
	case "ReplacedCertificateNeeded":
		return []string{"run the same command again after that; -Force does not wait, and tokens that partners hold from before are lost"}
	case "OperationRuns":
		return []string{"wait for it to end, or look whether that process still runs"}
	}
	return nil
}
