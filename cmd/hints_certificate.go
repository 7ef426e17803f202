package cmd

// ownCertificateHints says what to do about a certificate of the organization that is not
// in its time, nil for another error.
func ownCertificateHints(id string) []string {
	switch id {
	case "CertificateExpiresSoon":
		return []string{"replace it: exfed new-exchangecertificate, then set-federationtrust NAME -Thumbprint NEW, the new proofs in DNS, and set-federationtrust NAME -PublishFederationCertificate"}
	case "CertificateNotYetValid":
		return []string{"compare this machine's clock with the right time: the certificate was made later than what it shows"}
	case "CertificateExpired":
		return []string{
			"exfed repair-federationtrust makes the trust anew with another certificate: first exfed repair-federationtrust -WhatIf, which shows its steps",
			"by hand, if this machine's clock is right, begin anew, since the broker takes nothing signed with it: exfed remove-federateddomain -DomainName DOMAIN -Force for each domain, the primary one last",
			"then exfed remove-federationtrust NAME, exfed new-exchangecertificate -DomainName DOMAIN -Services Federation, and exfed new-federationtrust -Name NAME -Thumbprint NEW",
		}
	}
	return nil
}
