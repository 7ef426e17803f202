package broker

// Namespace is the namespace of ManageDelegation2, of its operations and of the
// DomainOwnershipProofHeader.
const Namespace = "http://domains.live.com/Service/ManageDelegation2/V1.0"

// Operation is the name of an operation of ManageDelegation2, as it stands on the wire.
type Operation string

// The operations ([MS-OXWSLVID] 3.2.4).
const (
	AddURI                 Operation = "AddUri"
	CreateAppID            Operation = "CreateAppId"
	GetDomainInfo          Operation = "GetDomainInfo"
	ReleaseDomain          Operation = "ReleaseDomain"
	RemoveURI              Operation = "RemoveUri"
	ReserveDomain          Operation = "ReserveDomain"
	UpdateAppIDCertificate Operation = "UpdateAppIdCertificate"
	UpdateAppIDProperties  Operation = "UpdateAppIdProperties"
)

// Operations returns all operations in the order of the specification.
func Operations() []Operation {
	return []Operation{
		AddURI, CreateAppID, GetDomainInfo, ReleaseDomain,
		RemoveURI, ReserveDomain, UpdateAppIDCertificate, UpdateAppIDProperties,
	}
}

// SOAPAction returns the value of the SOAPAction header, without its quotes.
func (o Operation) SOAPAction() string { return Namespace + "/" + string(o) }

// The names of the arguments.
const (
	argAppID          = "appId"
	argURI            = "uri"
	argDomainName     = "domainName"
	argProgramID      = "programId"
	argNewCertificate = "newCertificate"
	argProperties     = "properties"
)

// arguments returns the names of the operation's arguments in the order of the
// specification, nil for an operation there is not.
func (o Operation) arguments() []string {
	switch o {
	case AddURI, RemoveURI:
		return []string{argAppID, argURI}
	case CreateAppID:
		return []string{argURI, argProperties}
	case GetDomainInfo, ReleaseDomain:
		return []string{argAppID, argDomainName}
	case ReserveDomain:
		return []string{argAppID, argDomainName, argProgramID}
	case UpdateAppIDCertificate:
		return []string{argAppID, argNewCertificate}
	case UpdateAppIDProperties:
		return []string{argAppID, argProperties}
	}
	return nil
}
