package federation

// TrustCheckID names a check of Test-FederationTrust, as Exchange does.
type TrustCheckID string

// The checks, in the order of the report.
const (
	CheckConfiguration     TrustCheckID = "FederationTrustConfiguration"
	CheckMetadata          TrustCheckID = "FederationMetadata"
	CheckIssuerCertificate TrustCheckID = "StsCertificate"
	CheckIssuerPrevious    TrustCheckID = "StsPreviousCertificate"
	CheckOwnCertificate    TrustCheckID = "OrganizationCertificate"
	CheckTokenRequest      TrustCheckID = "TokenRequest"
	CheckTokenValidation   TrustCheckID = "TokenValidation"
)

// TrustCheckIDs returns the checks in the order of the report.
func TrustCheckIDs() []TrustCheckID {
	return []TrustCheckID{CheckConfiguration, CheckMetadata, CheckIssuerCertificate, CheckIssuerPrevious, CheckOwnCertificate,
		CheckTokenRequest, CheckTokenValidation}
}

// The properties of a trust whose certificates are checked, as Exchange names them.
const (
	issuerCertificateProperty = "TokenIssuerCertificate"
	issuerPreviousProperty    = "TokenIssuerPrevCertificate"
)

// EventType says how a check went.
type EventType string

// The event types. A Warning is no fault: the trust works, or the check could not be made
// because another failed. About Information nothing need be done.
const (
	EventSuccess     EventType = "Success"
	EventInformation EventType = "Information"
	EventWarning     EventType = "Warning"
	EventError       EventType = "Error"
)

// TrustCheck is the result of a check.
type TrustCheck struct {
	ID      TrustCheckID
	Type    EventType
	Message string
	Cause   error // of an Error, and of a Warning about which something is to be done
}

// okMessage is what a check says when it is passed.
func (id TrustCheckID) okMessage() string {
	valid := func(property string) string {
		return "Valid certificate referenced by property " + property + " in the FederationTrust object."
	}
	switch id {
	case CheckConfiguration:
		return "FederationTrust object in ActiveDirectory is valid."
	case CheckMetadata:
		return "The federation trust has the certificates that the security token service publishes in its federation metadata."
	case CheckIssuerCertificate:
		return valid(issuerCertificateProperty)
	case CheckIssuerPrevious:
		return valid(issuerPreviousProperty)
	case CheckOwnCertificate:
		return valid(string(CurrentSlot))
	case CheckTokenRequest:
		return "A delegation token was requested and received."
	}
	return "The delegation token was opened with the organization's key and is valid."
}

// faultMessage is what it says, before the cause, when it is not.
func (id TrustCheckID) faultMessage() string {
	invalid := func(property string) string {
		return "The certificate referenced by property " + property + " in the FederationTrust object is not valid"
	}
	switch id {
	case CheckConfiguration:
		return "The FederationTrust object is not valid"
	case CheckMetadata:
		return "The federation metadata of the security token service does not match the federation trust"
	case CheckIssuerCertificate:
		return invalid(issuerCertificateProperty)
	case CheckIssuerPrevious:
		return invalid(issuerPreviousProperty)
	case CheckOwnCertificate:
		return invalid(string(CurrentSlot))
	case CheckTokenRequest:
		return "Failed to request delegation token."
	}
	return "Failed to validate delegation token."
}
