package autodiscover

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"exfed/federation"
	"exfed/federation/soap"
)

// maxPrinted bounds a remote text in a reason, in characters.
const maxPrinted = 300

// diagnosis is a failed call in words.
type diagnosis struct {
	outcome      Outcome
	reason, hint string
	status       int // of HTTP, 0 where there was no answer
}

// unusable is an answer that was read and must not be used. Its text is printable.
type unusable struct{ reason string }

func (e *unusable) Error() string { return e.reason }

func diagnose(err error) diagnosis {
	var (
		transport *soap.TransportError
		status    *soap.StatusError
		answer    *soap.AnswerError
		fault     *soap.Fault
		bad       *unusable
	)
	switch {
	case errors.As(err, &transport):
		return diagnoseTransport(transport)
	case errors.As(err, &status):
		return diagnoseStatus(status)
	case errors.As(err, &answer) && answer.Title != "":
		return diagnosis{WebPage, fmt.Sprintf("a page with the title %q came back where SOAP was expected", answer.Title), pageHint, answer.Status}
	case errors.As(err, &answer):
		d := diagnosis{BadAnswer, answer.Reason, "", answer.Status}
		if strings.Contains(answer.Reason, "web page") {
			d.outcome, d.hint = WebPage, pageHint
		}
		return d
	case errors.As(err, &fault):
		return diagnosis{Fault, soap.Printable(fault.Error(), maxPrinted), "", fault.Status}
	case errors.As(err, &bad):
		return diagnosis{BadAnswer, bad.reason, "", http.StatusOK}
	}
	return diagnosis{NotReached, soap.Printable(err.Error(), maxPrinted), "", 0}
}

const (
	pageHint   = "a sign-in page or another site stands before Autodiscover, or it is not there; let /autodiscover/autodiscover.svc through without authentication"
	signInHint = "something before Autodiscover wants credentials; let /autodiscover/autodiscover.svc and what is below it through without authentication"
	proxyHint  = "the proxy wants credentials, which are not sent; let the host through or name it in NO_PROXY"
)

func diagnoseTransport(err *soap.TransportError) diagnosis {
	var (
		name  *net.DNSError
		proxy *soap.ProxyError
		ours  *federation.Error
	)
	switch {
	case err.Failure == soap.Canceled:
		return diagnosis{NotAsked, "the call was interrupted", "", 0}
	case err.Failure == soap.BadURL:
		return diagnosis{NotAsked, "the URL cannot be called: " + soap.Printable(err.Err.Error(), maxPrinted), "", 0}
	case errors.As(err, &proxy):
		return diagnoseProxy(proxy)
	case errors.As(err, &ours) && ours.ID == idHostNotFound:
		return diagnosis{NoAddress, "the host has no address in DNS", "", 0}
	case errors.As(err, &ours):
		return diagnosis{NameServerFailed, soap.Printable(ours.Reason, maxPrinted), "", 0}
	case errors.As(err, &name) && name.IsNotFound:
		return diagnosis{NoSuchName, "DNS does not know the host", "", 0}
	case errors.As(err, &name):
		return diagnosis{NameServerFailed, "DNS gave no answer: " + soap.Printable(name.Err, maxPrinted), "", 0}
	case err.Failure == soap.TLSFailed:
		return diagnoseTLS(err)
	case err.Failure == soap.Timeout:
		return diagnosis{TimedOut, "no answer in time", "a firewall may drop the connection", 0}
	case errors.Is(err, syscall.ECONNREFUSED):
		return diagnosis{ConnectionRefused, "the connection was refused: nobody listens there", "", 0}
	}
	return diagnosis{NotReached, "cannot be reached: " + soap.Printable(err.Err.Error(), maxPrinted), "", 0}
}

// idHostNotFound is the ID of errors by which a resolver says that a host has no address.
const idHostNotFound = "HostNotFound"

func diagnoseProxy(err *soap.ProxyError) diagnosis {
	d := diagnosis{ProxyRefused, fmt.Sprintf("the proxy %s answers HTTP status %d", err.Proxy, err.Status), "", err.Status}
	if err.Status == http.StatusProxyAuthRequired {
		d.hint = proxyHint
	}
	return d
}

func diagnoseTLS(err error) diagnosis {
	var (
		mismatch  x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &mismatch):
		return diagnosis{NameMismatch, "its certificate is for " + namesOf(mismatch.Certificate), "", 0}
	case errors.As(err, &authority):
		return diagnosis{CertificateUntrusted, "its certificate is of an authority that is not trusted here",
			"have the authority added to those of the system if it is to be trusted", 0}
	case errors.As(err, &invalid):
		return diagnosis{CertificateUntrusted, "its certificate is not valid: " + soap.Printable(invalid.Error(), maxPrinted), "", 0}
	}
	return diagnosis{TLSFailed, "no TLS connection: " + soap.Printable(err.Error(), maxPrinted), "", 0}
}

// namesOf names whom a certificate is for.
func namesOf(certificate *x509.Certificate) string {
	const most = 5
	var names []string
	for _, name := range certificate.DNSNames[:min(len(certificate.DNSNames), most)] {
		names = append(names, soap.Printable(name, 100))
	}
	if n := len(certificate.DNSNames) - most; n > 0 {
		names = append(names, fmt.Sprintf("%d more", n))
	}
	if len(names) == 0 {
		return "no host"
	}
	return strings.Join(names, ", ")
}

func diagnoseStatus(err *soap.StatusError) diagnosis {
	d := diagnosis{outcome: Status, reason: fmt.Sprintf("HTTP status %d", err.Status), status: err.Status}
	if text := http.StatusText(err.Status); text != "" {
		d.reason += " " + text
	}
	switch err.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		d.hint = signInHint
	case http.StatusNotFound:
		d.hint = "the virtual directory of Autodiscover is not there"
	case http.StatusMethodNotAllowed:
		d.hint = "the handler of .svc (svc-Integrated) is missing on the server"
	case http.StatusProxyAuthRequired:
		d.outcome, d.hint = ProxyRefused, proxyHint
	}
	for _, detail := range []struct{ what, text string }{
		{"a page with the title", err.Title}, {"it asks for", err.Challenge}, {"redirects to", err.Location}, {"from", err.Server},
	} {
		if detail.text != "" {
			d.reason += fmt.Sprintf(", %s %q", detail.what, detail.text)
		}
	}
	return d
}
