package cmd

// recordHints says what to do about errors of looking for DNS records.
func recordHints(id string) []string {
	switch id {
	case "NoResolver":
		return []string{"this machine does not say which resolver it uses: name one with -Resolver HOST, or name servers that stand for all of DNS with -DnsServer HOST"}
	case "InvalidProof":
		return []string{"exfed get-federateddomainproof -DomainName DOMAIN prints it; a terminal may have broken it, so read it from a file or a pipe"}
	case "ProofsUnpaired":
		return []string{"name as many domains with -DomainName as proofs with -Proof, in the same order, or one domain with all of its proofs"}
	}
	return nil
}
