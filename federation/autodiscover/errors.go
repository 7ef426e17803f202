package autodiscover

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// ErrNotAvailable says that a service does not have the operation, as old ones do not have
// GetOrganizationRelationshipSettings.
var ErrNotAvailable = errors.New("the operation is not available there")

// IDApplicationURIOfOthers is the ID of the error of a discovery whose answer has the
// application URI of another organization.
const IDApplicationURIOfOthers = "ApplicationUriOfAnotherOrganization"

// IDs of errors.
const (
	idNotReceived = "FederationInformationNotReceived"
	idUnreachable = "AutodiscoverUnreachable"
	idUntrusted   = "AutodiscoverAnswerNotTrusted"
	idForbidden   = "AutodiscoverForbidden"
	idFault       = "AutodiscoverFault"
	idToken       = "PartnerRefusedToken" // as of Exchange Web Services: what is to be done is the same
	idUnavailable = "OperationNotAvailable"
	idRequest     = "InvalidAutodiscoverRequest"
	idEndpoint    = "NotAutodiscoverEndpoint"
)

// notReceived says that nobody answered for a domain.
func notReceived(ctx context.Context, domain federation.Domain, attempts []Attempt) error {
	if ctx.Err() != nil {
		return interrupted(ctx, domain)
	}
	e := &federation.Error{
		Kind: federation.Unavailable, ID: idNotReceived, Object: fmt.Sprintf("domain %q", domain),
		Reason: "federation information could not be received from the external organization", Err: &AttemptsError{attempts},
	}
	for _, a := range attempts {
		switch a.Outcome {
		case Declined, Fault:
			e.Kind = federation.Refused
			return e
		case NameMismatch, CertificateUntrusted, TLSFailed, Status, WebPage, BadAnswer, RedirectRefused, NotConsented:
			e.Kind = federation.Untrusted
		}
	}
	return e
}

func interrupted(ctx context.Context, domain federation.Domain) error {
	e := &federation.Error{Kind: federation.Interrupted, ID: "Interrupted", Object: fmt.Sprintf("domain %q", domain),
		Reason: "the discovery was interrupted", Err: ctx.Err()}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e.Kind, e.ID, e.Reason = federation.Unavailable, idUnreachable, "the discovery took too long"
	}
	return e
}

// endpointObject names a service in an error.
func endpointObject(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return "Autodiscover service"
	}
	return "Autodiscover service of " + soap.Printable(u.Host, 255)
}

// callError gives a failed call with a token its kind.
func callError(endpoint string, err error) error {
	var fault *soap.Fault
	if errors.As(err, &fault) && isNotAvailable(fault) {
		return &federation.Error{Kind: federation.Refused, ID: idUnavailable, Object: endpointObject(endpoint), Err: ErrNotAvailable}
	}
	var message *soap.MessageError
	if errors.As(err, &message) {
		return &federation.Error{Kind: federation.Invalid, ID: idRequest, Object: endpointObject(endpoint), Reason: "the request cannot be sent", Err: err}
	}
	d := diagnose(err)
	e := &federation.Error{Kind: federation.Untrusted, ID: idUntrusted, Object: endpointObject(endpoint), Reason: d.reason, Remedy: d.hint}
	switch d.outcome {
	case NoSuchName, NoAddress, NameServerFailed, ConnectionRefused, TimedOut, NotReached, ProxyRefused:
		e.Kind, e.ID = federation.Unavailable, idUnreachable
	case Fault:
		e.Kind, e.ID = federation.Refused, idFault
		if errors.As(err, &fault) && fault.Code.Space == xmlsec.NamespaceWSSE {
			e.ID, e.Remedy = idToken, federation.RefusedTokenRemedy(fault.Code.Local)
		}
	case NotAsked:
		e.Kind, e.ID = federation.Invalid, "InvalidAutodiscoverUrl"
	case Status:
		statusError(e, d.status)
	}
	var transport *soap.TransportError
	if errors.As(err, &transport) && transport.Failure == soap.Canceled {
		e.Kind, e.ID = federation.Interrupted, "Interrupted"
	}
	return e
}

func statusError(e *federation.Error, status int) {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		e.Kind, e.ID = federation.Refused, idForbidden
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.Kind, e.ID = federation.Unavailable, idUnreachable
	}
}

// isNotAvailable reports whether a fault says that there is no such action (WS-Addressing
// 1.0 SOAP Binding section 6.4.2.3).
func isNotAvailable(fault *soap.Fault) bool {
	return fault.Code.Local == "ActionNotSupported" || fault.Subcode.Local == "ActionNotSupported"
}

// codeError is an answer that says no.
func codeError(object string, code ErrorCode, message string) error {
	e := &federation.Error{Kind: federation.Refused, ID: string(code), Object: object, Reason: (&declined{code, message}).Error()}
	switch code {
	case ServerBusy, InternalServerError:
		e.Kind = federation.Unavailable
	}
	return e
}
