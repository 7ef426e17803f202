package autodiscover

// Namespaces of the messages. Pages that print the first with https are wrong about it.
const (
	Namespace   = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
	namespaceXI = "http://www.w3.org/2001/XMLSchema-instance"
)

// Operation is the name of an operation of Autodiscover as it stands on the wire.
type Operation string

// The operations that organizations call ([MS-OXWSADISC] section 3.1.4).
const (
	GetDomainSettings                   Operation = "GetDomainSettings"
	GetFederationInformation            Operation = "GetFederationInformation"
	GetOrganizationRelationshipSettings Operation = "GetOrganizationRelationshipSettings"
	GetUserSettings                     Operation = "GetUserSettings"
)

// Operations returns all operations in the order of the specification.
func Operations() []Operation {
	return []Operation{GetDomainSettings, GetFederationInformation, GetOrganizationRelationshipSettings, GetUserSettings}
}

// Action returns the value of SOAPAction, without its quotes, and of wsa:Action.
func (o Operation) Action() string { return Namespace + "/Autodiscover/" + string(o) }

// ResponseAction returns the wsa:Action of the answer.
func (o Operation) ResponseAction() string { return o.Action() + "Response" }

// request and response are the names of the elements in the body.
func (o Operation) request() string  { return string(o) + "RequestMessage" }
func (o Operation) response() string { return string(o) + "ResponseMessage" }

// ErrorCode says how an operation, or the part of it for one user, domain or setting, ended.
type ErrorCode string

// The error codes ([MS-OXWSADISC] section 2.2.5.1).
const (
	NoError               ErrorCode = "NoError"
	RedirectAddress       ErrorCode = "RedirectAddress"
	RedirectURL           ErrorCode = "RedirectUrl"
	InvalidUser           ErrorCode = "InvalidUser"
	InvalidRequest        ErrorCode = "InvalidRequest"
	InvalidSetting        ErrorCode = "InvalidSetting"
	SettingIsNotAvailable ErrorCode = "SettingIsNotAvailable"
	ServerBusy            ErrorCode = "ServerBusy"
	InvalidDomain         ErrorCode = "InvalidDomain"
	NotFederated          ErrorCode = "NotFederated"
	InternalServerError   ErrorCode = "InternalServerError"
)

// ErrorCodes returns all error codes in the order of the schema.
func ErrorCodes() []ErrorCode {
	return []ErrorCode{
		NoError, RedirectAddress, RedirectURL, InvalidUser, InvalidRequest, InvalidSetting,
		SettingIsNotAvailable, ServerBusy, InvalidDomain, NotFederated, InternalServerError,
	}
}

// Meaning says in words what the code means, "" for one there is not.
func (c ErrorCode) Meaning() string {
	switch c {
	case NoError:
		return "the request was carried out"
	case RedirectAddress:
		return "the user is to be asked for under another address"
	case RedirectURL:
		return "another service is to be asked"
	case InvalidUser:
		return "there is no such user"
	case InvalidRequest:
		return "the request is not a valid one"
	case InvalidSetting:
		return "there is no such setting"
	case SettingIsNotAvailable:
		return "the setting has no value here"
	case ServerBusy:
		return "the server is too busy to answer"
	case InvalidDomain:
		return "the organization does not know the domain"
	case NotFederated:
		return "the organization is not federated"
	case InternalServerError:
		return "the server failed"
	}
	return ""
}

// Settings that say where Exchange Web Services are.
const (
	ExternalEwsURL      = "ExternalEwsUrl"     // of users and domains: for callers from outside
	ExternalEwsVersion  = "ExternalEwsVersion" // of users and domains: the version there, such as 15.20.0000.000
	EwsSupportedSchemas = "EwsSupportedSchemas"
)

// Bounds of lists, in items, for both directions.
const (
	MaxUsers         = 101  // of one request
	MaxDomains       = 1000 // of a request, an answer, a relationship
	MaxSettings      = 100  // asked for at once, or answered for one user
	MaxTokenIssuers  = 20
	MaxRelationships = 250
)

// Bounds of texts, in bytes.
const (
	maxName = 1000 // domains, addresses, names
	maxURI  = 2048
	maxText = 8192 // messages for people and values of settings
)
