package availability

import "exfed/federation"

// ResponseCode says how a request went, or the part of it for one mailbox
// ([MS-OXWSCDATA] ResponseCodeType).
type ResponseCode string

// The codes that requests for free/busy end with, from [MS-OXWAVLS] section 3.1.4.1 and
// from the schema. Meaning says what each stands for.
const (
	NoError                             ResponseCode = "NoError"
	ErrorMailRecipientNotFound          ResponseCode = "ErrorMailRecipientNotFound"
	ErrorNoFreeBusyAccess               ResponseCode = "ErrorNoFreeBusyAccess"
	ErrorFreeBusyGenerationFailed       ResponseCode = "ErrorFreeBusyGenerationFailed"
	ErrorFreeBusyDLLimitReached         ResponseCode = "ErrorFreeBusyDLLimitReached"
	ErrorIndividualMailboxLimitReached  ResponseCode = "ErrorIndividualMailboxLimitReached"
	ErrorInvalidFreeBusyViewType        ResponseCode = "ErrorInvalidFreeBusyViewType"
	ErrorInvalidTimeInterval            ResponseCode = "ErrorInvalidTimeInterval"
	ErrorTimeIntervalTooBig             ResponseCode = "ErrorTimeIntervalTooBig"
	ErrorInvalidMergedFreeBusyInterval  ResponseCode = "ErrorInvalidMergedFreeBusyInterval"
	ErrorMissingArgument                ResponseCode = "ErrorMissingArgument"
	ErrorProxyRequestProcessingFailed   ResponseCode = "ErrorProxyRequestProcessingFailed"
	ErrorProxyRequestNotAllowed         ResponseCode = "ErrorProxyRequestNotAllowed"
	ErrorProxyServiceDiscoveryFailed    ResponseCode = "ErrorProxyServiceDiscoveryFailed"
	ErrorPublicFolderProcessingFailed   ResponseCode = "ErrorPublicFolderRequestProcessingFailed"
	ErrorInvalidOrganizationRelation    ResponseCode = "ErrorInvalidOrganizationRelationshipForFreeBusy"
	ErrorInvalidFederatedOrganizationID ResponseCode = "ErrorInvalidFederatedOrganizationId"
	ErrorOrganizationNotFederated       ResponseCode = "ErrorOrganizationNotFederated"
	ErrorUserWithoutFederatedAddress    ResponseCode = "ErrorUserWithoutFederatedProxyAddress"
	ErrorSchemaValidation               ResponseCode = "ErrorSchemaValidation"
	ErrorServerBusy                     ResponseCode = "ErrorServerBusy"
	ErrorTimeZone                       ResponseCode = "ErrorTimeZone"
)

// codeFacts is what is known of a code.
type codeFacts struct {
	kind    federation.Kind
	meaning string // what has happened, as the end of a sentence about the mailbox or request
	action  string // what the one who asks can do
}

// Meaning says in words what a code stands for; "" for a code this package does not know.
func (c ResponseCode) Meaning() string { return c.facts().meaning }

// NextAction says what the administrator of the organization that asks can do about a
// code; "" where there is nothing to do, or nothing known.
func (c ResponseCode) NextAction() string { return c.facts().action }

func (c ResponseCode) facts() codeFacts {
	if facts, ok := c.factsOfMailbox(); ok {
		return facts
	}
	if facts, ok := c.factsOfRequest(); ok {
		return facts
	}
	return c.factsOfServer()
}

// factsOfMailbox knows the codes that are about one mailbox.
func (c ResponseCode) factsOfMailbox() (codeFacts, bool) {
	switch c {
	case NoError:
		return codeFacts{meaning: "the partner answered"}, true
	case ErrorMailRecipientNotFound:
		return codeFacts{federation.NotFound, "the partner has no mailbox with this address", "check the address"}, true
	case ErrorNoFreeBusyAccess:
		return codeFacts{federation.Refused, "the partner does not show you this calendar", "ask the partner whether an enabled organization relationship " +
			"has the domain of your address and grants free/busy, whether the mailbox is in its scope, and what the default permission of the calendar is"}, true
	case ErrorFreeBusyGenerationFailed:
		return codeFacts{federation.Unavailable, "the partner could not read the calendar, or it has too many entries in the window",
			"ask about fewer days, then ask the partner"}, true
	case ErrorFreeBusyDLLimitReached:
		return codeFacts{federation.Invalid, "the address is a group with too many members", "ask about its members instead"}, true
	case ErrorPublicFolderProcessingFailed:
		return codeFacts{federation.Unavailable, "the partner keeps this calendar in public folders and could not read it", "ask the partner"}, true
	}
	return codeFacts{}, false
}

// factsOfRequest knows the codes that are about what was asked.
func (c ResponseCode) factsOfRequest() (codeFacts, bool) {
	invalid := func(meaning, action string) (codeFacts, bool) {
		return codeFacts{federation.Invalid, meaning, action}, true
	}
	switch c {
	case ErrorIndividualMailboxLimitReached:
		return invalid("more mailboxes were asked about than one request may name", "ask about at most 100 mailboxes at a time")
	case ErrorInvalidFreeBusyViewType:
		return invalid("a view was asked for that nobody can ask for", "ask for MergedOnly, FreeBusy, FreeBusyMerged, Detailed or DetailedMerged")
	case ErrorInvalidTimeInterval:
		return invalid("the window ends before it starts, or when it starts", "ask with an end after the start")
	case ErrorTimeIntervalTooBig:
		return invalid("the window is longer than the partner allows", "ask about at most 42 days at a time")
	case ErrorInvalidMergedFreeBusyInterval:
		return invalid("the interval of the digits is out of bounds", "ask with an interval of 5 to 1440 minutes")
	case ErrorMissingArgument:
		return invalid("the request left out something it needs", "update the program that asked")
	case ErrorSchemaValidation:
		return invalid("the request is not what the schema says", "update the program that asked, or ask in an earlier version")
	case ErrorTimeZone:
		return invalid("the time zone of the request is not known", "ask in another time zone, UTC for one")
	}
	return codeFacts{}, false
}

// factsOfServer knows the codes that are about the two organizations and their servers.
func (c ResponseCode) factsOfServer() codeFacts {
	switch c {
	case ErrorProxyRequestProcessingFailed:
		return codeFacts{federation.Unavailable, "the partner passed the request on, and the server behind failed", "try again later, then ask the partner"}
	case ErrorProxyRequestNotAllowed:
		return codeFacts{federation.Refused, "the mailbox is in a third organization, to which the partner passes nothing on",
			"make an organization relationship with the organization that has the mailbox"}
	case ErrorProxyServiceDiscoveryFailed:
		return codeFacts{federation.Unavailable, "the partner could not find the server of the mailbox", "ask the partner to check his Autodiscover"}
	case ErrorInvalidOrganizationRelation:
		return codeFacts{federation.Conflict, "the asking side has no enabled organization relationship for this domain",
			"make or enable one that has the domain, with free/busy enabled"}
	case ErrorInvalidFederatedOrganizationID:
		return codeFacts{federation.Conflict, "a federated organization identifier is not valid", "check those of both organizations"}
	case ErrorOrganizationNotFederated:
		return codeFacts{federation.Conflict, "an organization is not federated", "set up and enable the federated organization identifier"}
	case ErrorUserWithoutFederatedAddress:
		return codeFacts{federation.Conflict, "the user who asks has no address in a federated domain", "federate the domain of his address, or ask with another address"}
	case ErrorServerBusy:
		return codeFacts{federation.Unavailable, "the partner's server is busy", "try again later"}
	}
	return codeFacts{kind: federation.Refused}
}
