package federation

// RefusedTokenRemedy says what to do when a partner answers a token with a fault of
// WS-Security 1.0 (section 12), by the local name of its code; "" when nothing is known.
func RefusedTokenRemedy(fault string) string {
	switch fault {
	case "InvalidSecurityToken", "FailedAuthentication", "FailedCheck":
		return "have the partner run set-federationtrust -RefreshMetadata, twice when the broker's key was changed, and check that his current certificate " +
			"is the one the broker has: he could not decrypt the token, or does not know who signed it"
	case "InvalidSecurity":
		return "compare the clocks of both sides, and have the partner check that WSSecurity is enabled on his Autodiscover and Exchange Web Services"
	}
	return ""
}
