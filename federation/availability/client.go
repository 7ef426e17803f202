package availability

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"exfed/federation/soap"
)

// wsSecurity is what the URL of a service ends in where it takes delegation tokens.
const wsSecurity = "/WSSecurity"

// What an answer may measure: a hundred mailboxes of some hundred detailed events, or ten
// of as many as there can be.
const (
	maxAnswerBytes = 16 << 20
	maxAnswerNodes = 600_000
)

// Client asks partners about free/busy. It may be used by several goroutines at once.
type Client struct {
	// SOAP carries the messages. Where it has no bounds for an answer they are those of
	// GetUserAvailability, and where it has no UserAgent it is "exfed".
	SOAP *soap.Client
	Rand io.Reader // nil for the randomness of the system
}

// GetUserAvailability asks the partner whose Exchange Web Services are at that URL, with a
// delegation token as it was issued. The answer has a part for each mailbox of the request,
// in its order; what is wrong with one mailbox is there, and Problem turns it into an error.
//
// A request without a Version is sent as one of DefaultVersion, in which the digits of the
// answer are to be read.
//
// The error is a *federation.Error, of kind Refused when the partner said no, Untrusted
// when the answer is not one, Unavailable when there was none, Invalid when there is
// something wrong with what was asked.
func (c *Client) GetUserAvailability(ctx context.Context, ews string, token []byte, request Request) (Response, error) {
	target, err := WSSecurityURL(ews)
	if err != nil {
		return Response{}, badURL(ews, err)
	}
	if request.Version == "" {
		request.Version = DefaultVersion
	}
	if err := checkRequest(request); err != nil {
		return Response{}, requestError(target, err)
	}
	id, err := soap.NewMessageID(c.Rand)
	if err != nil {
		return Response{}, notMade(target, err)
	}
	message, err := envelope(target, id, token, request).Bytes()
	if err != nil {
		return Response{}, notMade(target, err)
	}
	understood := append(soap.AddressingNames(), soap.SecurityName())
	answer, err := c.carrier().Call(ctx, target, Action, message, understood...)
	if err != nil {
		return Response{}, callError(target, err)
	}
	response, err := readAnswer(answer, id, request)
	if err != nil {
		return Response{}, untrusted(target, "the answer is not usable", err)
	}
	return response, nil
}

// WSSecurityURL returns where a service takes delegation tokens, given its URL as
// Autodiscover or an administrator says it, with or without that ending.
func WSSecurityURL(ews string) (string, error) {
	u, err := url.Parse(ews)
	if err != nil {
		return "", errors.New("not a URL")
	}
	if u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("not the URL of a service: a host is needed, and neither query nor fragment")
	}
	path := strings.TrimRight(u.Path, "/")
	if n := len(path) - len(wsSecurity); n >= 0 && strings.EqualFold(path[n:], wsSecurity) {
		path = path[:n]
	}
	u.Path, u.RawPath = path+wsSecurity, ""
	return u.String(), nil
}

// checkRequest refuses at home what the partner would refuse.
func checkRequest(request Request) error {
	switch n := len(request.Mailboxes); {
	case n == 0:
		return refuse(ErrorMissingArgument, "no mailbox is asked about")
	case n > MaxMailboxes:
		return refuse(ErrorIndividualMailboxLimitReached, "%d mailboxes, at most %d are allowed", n, MaxMailboxes)
	}
	return request.FreeBusy.Check(request.TimeZone)
}

func envelope(target, id string, token []byte, request Request) soap.Envelope {
	addressing := soap.Addressing{To: target, Action: Action, MessageID: id, ReplyTo: soap.AnonymousAddress}
	headers := append([]soap.Block{VersionBlock(request.Version)}, addressing.Blocks(soap.SOAP11)...)
	return soap.Envelope{
		Headers: append(headers, soap.TokenBlock(soap.SOAP11, token, time.Time{})), // Exchange Web Services take no Timestamp
		Body:    request.Marshal(),
	}
}

func (c *Client) carrier() *soap.Client {
	carrier := *c.SOAP
	carrier.Version = soap.SOAP11
	if carrier.UserAgent == "" {
		carrier.UserAgent = "exfed"
	}
	if carrier.MaxBytes == 0 {
		carrier.MaxBytes = maxAnswerBytes
	}
	if carrier.MaxNodes == 0 {
		carrier.MaxNodes = maxAnswerNodes
	}
	return &carrier
}

// readAnswer reads the answer that belongs to the request.
func readAnswer(message *soap.Message, id string, request Request) (Response, error) {
	addressing, err := message.Addressing()
	if err != nil {
		return Response{}, err
	}
	if addressing.RelatesTo != "" && addressing.RelatesTo != id {
		return Response{}, errors.New("it answers another request")
	}
	response, err := ParseResponse(message.Payload, request.TimeZone)
	if err != nil {
		return Response{}, err
	}
	if have, want := len(response.Mailboxes), len(request.Mailboxes); have != want {
		return Response{}, fmt.Errorf("it is about %d mailboxes, %d were asked about", have, want)
	}
	return response, nil
}
