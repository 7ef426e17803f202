package broker

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"exfed/federation"
	"exfed/federation/soap"
)

// IDs of errors that do not come from a fault of the broker.
const (
	idUnreachable = "BrokerUnreachable"
	idUntrusted   = "BrokerAnswerNotTrusted"
	idForbidden   = "BrokerForbidden"
	idTLS         = "BrokerTlsNotTrusted"
	idClock       = "ClockOff"
	idFault       = "BrokerFault" // a fault without a name
)

// maxFaultText bounds remote text in an error, in characters.
const maxFaultText = 1000

// brokerObject names the broker in an error.
func brokerObject(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "trust broker"
	}
	return "trust broker " + soap.Printable(u.Host, 255)
}

// untrusted is an answer that is not what it should be. The cause becomes text: it may
// quote what the other side sent.
func untrusted(address, reason string, err error) error {
	return &federation.Error{Kind: federation.Untrusted, ID: idUntrusted, Object: brokerObject(address),
		Reason: reason + ": " + soap.Printable(err.Error(), maxFaultText)}
}

// callError gives a failed call its kind. What it does not know, a checkpoint's error
// for one, it returns as it is.
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
		return untrusted(address, "the answer is not one", answer)
	}
	return err
}

// faultError turns the broker's refusal into an error whose text is what
// administrators know and search for, "1007 AccessDenied: Access Denied." for one.
func faultError(address string, fault *soap.Fault) error {
	description := fault.ErrorDescription
	if description == "" {
		description = fault.String
	}
	description = soap.Printable(description, maxFaultText)
	code := soap.Printable(fault.ErrorCode, maxAppID)
	name, _ := splitDescription(description)
	if name == "" && code == "1007" {
		name = AccessDenied
	}
	e := &federation.Error{Kind: federation.Refused, ID: string(name), Object: brokerObject(address), Reason: description}
	if code != "" && code != string(name) { // a number such as 1007; most codes are the name again
		e.Reason = strings.TrimSpace(code + " " + description)
	}
	if e.Reason == "" {
		e.Reason = "a fault without a text"
	}
	if e.ID == "" {
		e.ID = idFault
	}
	if kind, known := KindOfFault(name); known {
		e.Kind = kind.Kind
	}
	return e
}

func transportError(address string, err *soap.TransportError) error {
	e := &federation.Error{Kind: federation.Unavailable, ID: idUnreachable, Object: brokerObject(address), Reason: "cannot be reached", Err: err}
	switch err.Failure {
	case soap.TLSFailed:
		e.Kind, e.ID, e.Reason = federation.Untrusted, idTLS, "its TLS certificate is not trusted"
	case soap.Canceled:
		e.Kind, e.ID, e.Reason = federation.Interrupted, "Interrupted", "the call was interrupted"
	case soap.BadURL:
		e.Kind, e.ID, e.Reason = federation.Invalid, "InvalidBrokerUrl", "the address cannot be called"
	}
	return e
}

// statusError reads a bare HTTP status. 403 is what the Microsoft gateway answers to
// a certificate it does not take, and for half an hour after a preceding step.
func statusError(address string, err *soap.StatusError) error {
	e := &federation.Error{Kind: federation.Untrusted, ID: idUntrusted, Object: brokerObject(address), Reason: "the answer is not one", Err: err}
	switch {
	case err.Status == http.StatusForbidden:
		e.Kind, e.ID, e.Reason = federation.Refused, idForbidden, "The request failed with HTTP status 403: Forbidden."
		e.Err = nil
	case err.Status == http.StatusTooManyRequests,
		err.Status == http.StatusBadGateway, err.Status == http.StatusServiceUnavailable, err.Status == http.StatusGatewayTimeout:
		e.Kind, e.ID, e.Reason = federation.Unavailable, idUnreachable, "cannot answer now"
	}
	return e
}
