package soap

import (
	"bytes"
	"mime"
	"net/http"
	"strings"

	"exfed/federation/xmlsec"
)

// message returns the message that the answer is, or the error that it means.
func (a *answer) message(v Version, limits xmlsec.Limits, understood []xmlsec.Name) (*Message, error) {
	notXML := a.checkXML()
	if notXML != nil && a.status != http.StatusOK {
		return nil, a.statusFault()
	}
	if notXML != nil {
		return nil, notXML
	}
	message, err := ParseMessage(v, a.body, limits, understood...)
	if err != nil && a.status != http.StatusOK {
		return nil, a.statusFault()
	}
	if err != nil {
		return nil, a.fault("the answer is not a SOAP message", err)
	}
	if fault := message.Fault(); fault != nil {
		fault.Status = a.status
		fault.Date, _ = http.ParseTime(a.header.Get("Date")) // zero when it has none that can be read
		return nil, fault
	}
	if a.status != http.StatusOK {
		return nil, a.statusFault()
	}
	return message, nil
}

// checkXML refuses what does not pass for XML in UTF-8, a page for people first of
// all: that is what proxies, sign-in portals and wrong addresses answer with.
func (a *answer) checkXML() error {
	mediaType, parameters, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch {
	case a.isPage():
		return a.fault("a web page came back where XML was expected", nil)
	case err != nil && a.header.Get("Content-Type") != "":
		return a.fault("a content type that makes no sense", err)
	case mediaType != "" && !isXML(mediaType):
		return a.fault("the answer is "+Printable(mediaType, maxTitle)+" where XML was expected", nil)
	case !isUTF8(parameters["charset"]):
		return a.fault("the answer is in "+Printable(parameters["charset"], maxTitle)+", not in UTF-8", nil)
	case len(bytes.TrimSpace(a.body)) == 0:
		return a.fault("an empty answer", nil)
	}
	return nil
}

func isXML(mediaType string) bool {
	return mediaType == "text/xml" || mediaType == "application/xml" ||
		strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+xml") && mediaType != "application/xhtml+xml"
}

// isUTF8 reports whether text in a character set can be read as UTF-8.
func isUTF8(charset string) bool {
	switch strings.ToLower(charset) {
	case "", "utf-8", "utf8", "us-ascii":
		return true
	}
	return false
}

// isPage reports whether the answer is HTML, by its type or by how it begins.
func (a *answer) isPage() bool {
	mediaType, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")) // what it cannot read is no page
	if mediaType == "text/html" || mediaType == "application/xhtml+xml" {
		return true
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(a.body, []byte("\uFEFF")), " \t\r\n")
	start = bytes.ToLower(start[:min(len(start), len("<!doctype html"))])
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

func (a *answer) fault(reason string, err error) *AnswerError {
	return &AnswerError{URL: a.url, Status: a.status, Reason: reason, Title: a.title(), Err: err}
}

func (a *answer) statusFault() *StatusError {
	target, challenge := a.header.Get("Location"), "WWW-Authenticate"
	if a.status < 300 || a.status > 399 {
		target = ""
	}
	if a.status == http.StatusProxyAuthRequired {
		challenge = "Proxy-Authenticate"
	}
	return &StatusError{
		URL: a.url, Status: a.status, Location: Printable(target, maxFaultText), Title: a.title(), Target: target,
		Challenge: Printable(a.header.Get(challenge), maxTitle), Server: Printable(a.header.Get("Server"), maxTitle),
	}
}

func (a *answer) title() string {
	if !a.isPage() {
		return ""
	}
	return pageTitle(a.body)
}
