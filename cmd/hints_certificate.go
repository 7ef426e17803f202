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
		return []string{"replace it: exfed new-exchangecertificate, then set-federationtrust NAME -Thumbprint NEW, the new proofs in DNS, and set-federationtrust NAME -PublishFederationCertificate"}
	case "NextCertificateUnpublished":
		return []string{"publish it once its proofs are in DNS, which exfed test-federateddnsrecord shows: exfed set-federationtrust NAME -PublishFederationCertificate"}
	case "NextCertificateExpiresSoon", "NextCertificateExpired", "NextKeyMissing":
		return []string{"stage another one in its place: exfed new-exchangecertificate, then set-federationtrust NAME -Thumbprint NEW"}
	case "CertificateKeyMissing", "CertificateKeyMismatch":
		return []string{"put the key file back from a backup, or import the certificate with its key from one; without the key the trust has to be made anew, as after an expiry"}
	case "PreviousKeyMissing":
		return []string{"put the key file back from a backup, or wait: tokens run out after an hour, those of invitations after 15 days"}
	case "RevocationUnknown":
		return []string{"look whether this machine reaches the addresses, which may need HTTP_PROXY, and run the same command again"}
	case "CertificateNotYetValid":
		return []string{"compare this machine's clock with the right time: the certificate was made later than what it shows"}
	case "CertificateExpired":
		return []string{
			"if this machine's clock is right, begin anew, since the broker takes nothing signed with it: exfed remove-federateddomain -DomainName DOMAIN -Force for each domain, the primary one last",
			"then exfed remove-federationtrust NAME, exfed new-exchangecertificate -DomainName DOMAIN -Services Federation, and exfed new-federationtrust -Name NAME -Thumbprint NEW",
		}
	}
	return nil
}
