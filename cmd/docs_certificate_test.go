package cmd

import (
	"fmt"
	"strings"

	"exfed/certificate"
)

// certificateRequirementsPage lists what a federation certificate must be.
func certificateRequirementsPage() string {
	var b strings.Builder
	b.WriteString("# Requirements for federation certificates\n\n" + generatedNote)
	b.WriteString("The same requirements are looked at by [new-federationtrust](cmdlets/new-federationtrust.md), [set-federationtrust](cmdlets/set-federationtrust.md) " +
		"when a certificate is staged, [import-exchangecertificate](cmdlets/import-exchangecertificate.md) and " +
		"[test-federationtrustcertificate](cmdlets/test-federationtrustcertificate.md). All that are not met are told at once, by these Ids, which are stable.\n\n")
	b.WriteString("| Id | what is required | if it is not |\n| --- | --- | --- |\n")
	for _, r := range certificate.Requirements() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", code(r.ID), markdown(r.Meaning), markdown(r.Remedy))
	}
	b.WriteString("\nA certificate that [new-exchangecertificate](cmdlets/new-exchangecertificate.md) makes with `-Services Federation` meets them all.\n\n" +
		"Exchange also wants the key kept by a CryptoAPI provider of Windows, not by a CNG one (key storage provider). That cannot be seen from a file: a certificate that is to be used " +
		"in Exchange as well must be imported there with a CryptoAPI provider, such as with `certutil -csp`.\n\n")
	b.WriteString("## Revocation\n\n" +
		"With `-CheckRevocation` the certificate's authority is asked: its OCSP responders first, then its CRLs, at the addresses in the certificate that begin with `http://`, three of each kind at most, " +
		"ten seconds each, without following redirects, through proxies and `EXFED_CONNECT_TO` as everywhere. An answer counts that is of now and signed by the issuer, or, for OCSP, with a certificate that " +
		"the issuer made for that purpose. Without one that counts the result is unknown, which is a warning and refuses nothing. The authorities further up the chain are not asked about.\n\n" +
		"The addresses stand in a certificate that an administrator has chosen. Authorities within a company have addresses in private networks, so those are asked as well; who must not be led to them " +
		"leaves `-CheckRevocation` out for certificates of strangers. Of an answer only what its signed statement says is shown.\n")
	return b.String()
}
