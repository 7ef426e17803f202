package cmd

// ownCertificateHints says what to do about a certificate of the organization that is not
// in its time, nil for another error.
func ownCertificateHints(id string) []string {
	switch id {
	case "CertificateExpiresSoon":
		return []string{"replace it: exfed update-federationcertificate makes a new one, waits for its proofs in DNS and publishes it"}
	case "CertificateNotYetValid":
		return []string{"compare this machine's clock with the right time: the certificate was made later than what it shows"}
	case "CertificateExpired":
		return []string{"if this machine's clock is right, the trust must be made anew, since the broker takes nothing signed with it: exfed repair-federationtrust does it in the order that works"}
	case "FederationKeyLost":
		return []string{
			"put the key file back from a backup, if there is one",
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
