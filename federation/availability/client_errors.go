package availability

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// IDs of errors that do not come from a response code of the partner.
const (
	idUnreachable = "PartnerUnreachable"
	idUntrusted   = "PartnerAnswerNotTrusted"
	idForbidden   = "PartnerForbidden"
	idToken       = "PartnerRefusedToken"
	idFault       = "PartnerFault" // a fault of no known kind
)

// maxFaultText bounds remote text in an error, in characters.
const maxFaultText = 1000

// partner names the other side in an error.
func partner(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "partner"
	}
	return "partner " + soap.Printable(u.Host, 255)
}

func badURL(address string, err error) error {
	return &federation.Error{Kind: federation.Invalid, ID: "InvalidPartnerUrl", Object: partner(address), Reason: "the address cannot be called", Err: err,
		Remedy: "give the URL of Exchange Web Services, https://mail.fabrikam.com/EWS/Exchange.asmx for one"}
}

func notMade(address string, err error) error {
	return &federation.Error{Kind: federation.Other, ID: "RequestNotMade", Object: partner(address), Reason: "the request for free/busy could not be made", Err: err}
}

// requestError is a request that was not even sent.
func requestError(address string, err error) error {
	var refused *RequestError
	if !errors.As(err, &refused) {
		return notMade(address, err)
	}
	return &federation.Error{Kind: federation.Invalid, ID: string(refused.Code), Object: "request to " + partner(address),
		Reason: refused.Reason, Remedy: refused.Code.NextAction()}
}

// untrusted is an answer that is not what it should be. The cause becomes text: it may
// quote what the other side sent.
func untrusted(address, reason string, err error) *federation.Error {
	return &federation.Error{Kind: federation.Untrusted, ID: idUntrusted, Object: partner(address),
		Reason: reason + ": " + soap.Printable(err.Error(), maxFaultText)}
}

// callError gives a failed call its kind. What it does not know, a checkpoint's error for
// one, it returns as it is.
func callError(address string, err error) error {
	var fault *soap.Fault
	var transport *soap.TransportError
	var status *soap.StatusError
	var answer *soap.AnswerError
	switch {
	case errors.As(err, &fault):
		return faultError(address, fault)
	case errors.As(err, &transport):
		return transportError(address, transport)
	case errors.As(err, &status):
		return statusError(address, status)
	case errors.As(err, &answer):
		e := untrusted(address, "the answer is not one", answer)
		if answer.Title != "" {
			e.Remedy = "have the partner let the path " + wsSecurity + " through without signing in: a page for people came back"
		}
		return e
	}
	return err
}

// faultError turns a fault into an error: one of the operation by its response code, one
// of the security of the message by what is known to cause it.
func faultError(address string, fault *soap.Fault) error {
	if f, ok := ParseFault(fault); ok {
		return f.Code.problem(partner(address), f.Message)
	}
	e := &federation.Error{Kind: federation.Refused, ID: idFault, Object: partner(address), Reason: soap.Printable(fault.Error(), maxFaultText)}
	if fault.Code.Space != xmlsec.NamespaceWSSE {
		return e
	}
	e.ID, e.Remedy = idToken, federation.RefusedTokenRemedy(fault.Code.Local)
	return e
}

// problem turns a response code into an error about the object. The partner's own words
// come after what they mean.
func (c ResponseCode) problem(object, text string) *federation.Error {
	facts := c.facts()
	e := &federation.Error{Kind: facts.kind, ID: string(c), Object: object, Reason: facts.meaning, Remedy: facts.action}
	text = soap.Printable(text, maxFaultText)
	switch {
	case e.Reason == "" && text == "":
		e.Reason = string(c)
	case e.Reason == "":
		e.Reason = fmt.Sprintf("%s: %s", c, text)
	case text != "":
		e.Reason += fmt.Sprintf(" (%s: %s)", c, text)
	default:
		e.Reason += fmt.Sprintf(" (%s)", c)
	}
	return e
}

// Problem returns what is wrong with the answer about the mailbox of that address, nil for
// nothing: a *federation.Error whose ID is the response code, with what to do about it.
func (r FreeBusyResponse) Problem(address string) error {
	if r.Class != ClassError {
		return nil
	}
	return r.Code.problem("mailbox "+soap.Printable(address, 320), r.MessageText)
}

func transportError(address string, err *soap.TransportError) error {
	e := &federation.Error{Kind: federation.Unavailable, ID: idUnreachable, Object: partner(address), Reason: "cannot be reached", Err: err}
	switch err.Failure {
	case soap.TLSFailed:
		e.Kind, e.ID, e.Reason = federation.Untrusted, idUntrusted, "its TLS certificate is not trusted"
	case soap.Canceled:
		e.Kind, e.ID, e.Reason = federation.Interrupted, "Interrupted", "the call was interrupted"
	case soap.BadURL:
		return badURL(address, err)
	}
	return e
}

// statusError reads a bare HTTP status: something in front of the service answers so, or
// a service that is not set up.
func statusError(address string, err *soap.StatusError) error {
	e := &federation.Error{Kind: federation.Untrusted, ID: idUntrusted, Object: partner(address), Reason: "the answer is not one", Err: err}
	refused := func(id, reason, remedy string) {
		e.Kind, e.ID, e.Reason, e.Remedy = federation.Refused, id, reason, remedy
	}
	switch {
	case err.Status == http.StatusUnauthorized:
		refused(idForbidden, "it wants another way of signing in than a token",
			"have the partner take "+wsSecurity+" out of what signs users in before they reach Exchange, and enable WSSecurity there")
	case err.Status == http.StatusForbidden:
		refused(idForbidden, "it lets nobody in here",
			"have the partner check what stands before Exchange, and whether Exchange Web Services are allowed to this program's user agent")
	case err.Status == http.StatusMethodNotAllowed:
		refused(idFault, "the service is not set up at this address", "have the partner check the handler mappings of his web server")
	case err.Status >= 300 && err.Status <= 399:
		e.Remedy = "give the URL of the service itself: redirects are not followed with a token"
	case err.Status == http.StatusNotFound:
		e.Remedy = "check the URL of Exchange Web Services; TargetSharingEpr takes it, TargetAutodiscoverEpr another"
	case err.Status == http.StatusTooManyRequests,
		err.Status == http.StatusBadGateway, err.Status == http.StatusServiceUnavailable, err.Status == http.StatusGatewayTimeout:
		e.Kind, e.ID, e.Reason, e.Remedy = federation.Unavailable, idUnreachable, "cannot answer now", "try again later"
	}
	return e
}
