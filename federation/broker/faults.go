package broker

import (
	"strings"

	"exfed/federation"
)

// FaultName names a refusal of the broker. It is the first word of the fault's text
// and, on the client, the ID of the error.
type FaultName string

// The faults of the broker. AccessDenied, MaxUriReached and InternalError are known
// from the field; the published specification lists no others.
const (
	AccessDenied                 FaultName = "AccessDenied"
	DNSUnavailable               FaultName = "DnsUnavailable"
	DomainNotActive              FaultName = "DomainNotActive"
	DomainNotFound               FaultName = "DomainNotFound"
	InternalError                FaultName = "InternalError"
	InvalidArgument              FaultName = "InvalidArgument"
	InvalidCertificate           FaultName = "InvalidCertificate"
	InvalidURI                   FaultName = "InvalidUri"
	MaxURIReached                FaultName = "MaxUriReached"
	OrganizationDisabled         FaultName = "OrganizationDisabled"
	ProofOfDomainOwnershipFailed FaultName = "ProofOfDomainOwnershipFailed"
	ServiceUnavailable           FaultName = "ServiceUnavailable"
	URINotFound                  FaultName = "UriNotFound"
)

// FaultKind describes one fault the broker answers with.
type FaultKind struct {
	Name     FaultName
	Code     string          // ErrorCode in the fault's detail
	Text     string          // what the caller reads behind the name
	Meaning  string          // when it is sent, for the documentation
	Sender   bool            // faultcode Client: the request is at fault; otherwise Server
	TryLater bool            // the same request may succeed later
	Kind     federation.Kind // kind of the client's error
}

// FaultKinds returns every fault the broker answers with, sorted by name. The
// documentation is generated from it.
func FaultKinds() []FaultKind {
	refused := func(name FaultName, text, meaning string) FaultKind {
		return FaultKind{Name: name, Code: string(name), Text: text, Meaning: meaning, Sender: true, Kind: federation.Refused}
	}
	later := func(name FaultName, text, meaning string) FaultKind {
		return FaultKind{Name: name, Code: string(name), Text: text, Meaning: meaning, TryLater: true, Kind: federation.Unavailable}
	}
	denied := refused(AccessDenied, "Access Denied.",
		"The request is not signed by the current certificate of the AppID, its signature does not cover what it must, "+
			"the profile in force does not allow its algorithms, the certificate is not valid now, the clocks differ by five minutes or more, "+
			"the request was seen before, or it is for another broker. An AppID the broker does not know is answered the same way, so that nobody can try them out.")
	denied.Code = "1007"
	internal := refused(InternalError, "Internal error.", "The broker failed; its log has the reason under the request's number.")
	internal.Sender = false
	return []FaultKind{
		denied,
		later(DNSUnavailable, "The name servers of the domain could not be asked. Try again later.",
			"A name server failed, or gave no answer in time. Whether the proof is there is not known."),
		later(DomainNotActive, "The domain is not active yet. Try again later.",
			"The account namespace needs its primary domain, which is still pending activation."),
		refused(DomainNotFound, "The domain is not registered for this application identifier.",
			"The caller does not hold the domain. Whether somebody else does is not told."),
		internal,
		refused(InvalidArgument, "The request is not valid.",
			"The request is not the XML, the SOAP or the operation it should be, or an argument is missing or too long."),
		refused(InvalidCertificate, "The certificate does not meet the requirements.",
			"The certificate is no RSA certificate with a subject key identifier and client authentication, is larger than 16 KiB, or is registered for another AppID. "+
				"The broker's log names each unmet requirement."),
		refused(InvalidURI, "The URI is not a domain that can be federated.",
			"The URI is no domain in A-labels of at most 32 characters, nor the account namespace of one."),
		refused(MaxURIReached, "Same URI cannot be attached to different AppId on a single day.",
			"The domain went from one AppID to another too often within the last 24 hours."),
		refused(OrganizationDisabled, "The organization is disabled at this broker.",
			"The broker's operator has disabled the AppID that asks, or the one that holds the domain."),
		refused(ProofOfDomainOwnershipFailed, "Proof of domain ownership has failed. Make sure that the TXT record for the specified domain is available in DNS. "+
			`The format of the TXT record should be "example.com IN TXT hash-value"; Get-FederatedDomainProof shows the value for each certificate.`,
			"No TXT record of the domain is the proof sent with the request, no proof was sent, the proof is somebody else's "+
				"(not made with the key of the certificate, or used with another key before), "+
				"it came without its signature for a domain that another AppID held last, or an account namespace was asked for "+
				"whose primary domain the caller does not hold. The broker's log says which, and names records that are almost the proof."),
		later(ServiceUnavailable, "The service is busy. Try again later.",
			"The request could not be worked on in time, too many others wait for name servers, "+
				"or too many AppIDs were made that never had a domain; registering with a domain still works. A broker that has too much to do at once says so with HTTP status 503 and no fault."),
		refused(URINotFound, "The URI is not attached to this application identifier.",
			"The caller does not hold the URI. Whether somebody else does is not told."),
	}
}

// KindOfFault returns the description of the fault with that name; ok is false for a
// name this package does not know.
func KindOfFault(name FaultName) (kind FaultKind, ok bool) {
	for _, k := range FaultKinds() {
		if k.Name == name {
			return k, true
		}
	}
	return FaultKind{}, false
}

// Description returns what stands in the fault: the name and the text.
func (k FaultKind) Description() string { return string(k.Name) + ": " + k.Text }

// splitDescription takes "<Name>: <text>" apart; name is "" when it does not look so.
func splitDescription(description string) (name FaultName, text string) {
	head, tail, found := strings.Cut(description, ":")
	if !found || head == "" || len(head) > 64 || strings.ContainsFunc(head, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) {
		return "", description
	}
	return FaultName(head), strings.TrimSpace(tail)
}
