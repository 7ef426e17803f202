package cmd

// dnsRecordHint says what to do about an error of DNS records, "" for another error.
func dnsRecordHint(id string) string {
	switch id {
	case "InvalidAutodiscoverTarget":
		return "give -AutodiscoverTarget the name of the host where the endpoint answers, such as mail.contoso.com"
	case "LiveRecordsUnknown":
		return "nothing was written, so that no record is lost; name other servers of the zone with -DnsServer, or a format that only adds records: bind, nsupdate, azure, cloudflare, dnscontrol or powershell"
	case "NameServersDisagree":
		return "a change may not have reached all of them yet: try again later, or name only the servers you trust with -DnsServer"
	case "AliasAtName":
		return "a proof stands at the domain itself: replace the CNAME record there with the records it stands for, or federate another domain"
	case "RecordNotExpressible":
		return "write it by hand there, or choose another -Format"
	}
	return ""
}
