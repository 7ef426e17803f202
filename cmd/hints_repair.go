package cmd

// repairHints say what to do about a trust that was to be made anew, nil for another error.
func repairHints(id string) []string {
	switch id {
	case "FederationTrustHealthy":
		return []string{
			"a certificate that is valid is replaced without giving the trust up: exfed update-federationcertificate",
			"exfed test-federationtrust says what else may be wrong",
		}
	case "TrustRepairUnfinished":
		return []string{"go on with it: exfed repair-federationtrust, which finishes what was begun"}
	case "TrustMadeToday":
		return []string{
			"wait until then; if the key is lost, look for a backup of it meanwhile",
			"-Force (repair-federationtrust) goes on all the same; a domain that the broker locks can be registered a day later",
		}
	case "TrustRepairEnded":
		return []string{"exfed get-federationtrust -Output list shows what there is now"}
	}
	return nil
}
