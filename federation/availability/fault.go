package availability

import (
	"fmt"
	"strings"

	"exfed/federation/soap"
)

// Fault is the refusal of a whole request, as Exchange Web Services put it into a SOAP
// fault. What is wrong with one mailbox is in the answer instead.
type Fault struct {
	Code    ResponseCode
	Message string // for people
}

// Marshal returns the child of the SOAP 1.1 body, to be sent with HTTP status 500.
func (f Fault) Marshal() []byte {
	var w writer
	w.WriteString(`<s:Fault xmlns:s="` + soap.Namespace + `"><faultcode xmlns:t="` + NamespaceTypes + `">t:`)
	w.text(string(f.Code))
	w.WriteString(`</faultcode><faultstring xml:lang="en-US">`)
	w.text(f.Message)
	w.WriteString(`</faultstring><detail xmlns:e="` + NamespaceErrors + `">`)
	w.leaf("e:ResponseCode", string(f.Code))
	w.leaf("e:Message", f.Message)
	w.WriteString(`</detail></s:Fault>`)
	return w.Bytes()
}

// ParseFault reads the detail of a fault. Without a ResponseCode in it, which faults of
// anything but the operation lack, it returns false.
func ParseFault(fault *soap.Fault) (Fault, bool) {
	if fault.Detail == nil {
		return Fault{}, false
	}
	var r reader
	p := r.parts(fault.Detail, "e:ResponseCode", "e:Message?")
	f := Fault{Code: ResponseCode(r.token(p[0])), Message: remark(p[1])}
	if f.Message == "" {
		f.Message = soap.Printable(fault.String, maxText)
	}
	return f, r.err == nil && isCode(string(f.Code))
}

// isCode reports whether the text has the form of a response code.
func isCode(text string) bool {
	letters := strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") == ""
	return text != "" && len(text) <= 100 && letters
}

// RequestError is a request that cannot be answered, for the sender to know.
type RequestError struct {
	Code   ResponseCode
	Reason string // remote text in it is printable
}

func (e *RequestError) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Reason) }

// Fault returns the fault by which the sender is told.
func (e *RequestError) Fault() Fault { return Fault{Code: e.Code, Message: e.Reason} }

func refuse(code ResponseCode, format string, args ...any) *RequestError {
	return &RequestError{Code: code, Reason: fmt.Sprintf(format, args...)}
}
