package soap

import (
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"exfed/federation/xmlsec"
)

// ReadRequest reads the SOAP call that an HTTP request is: a POST in UTF-8 with at most
// max bytes. In SOAP 1.1 it is of text/xml and has a SOAPAction. In SOAP 1.2 it is of
// application/soap+xml, and the action is the parameter of that name, the wsa:Action, or
// both. The action comes back without quotes; where a message has a wsa:Action besides,
// the two must be equal. Mandatory header blocks must be among the understood ones;
// wsa:Action need not be named.
//
// A failure is a *RequestError that says what HTTP status to answer with; when the
// message is to blame, its cause is a *MessageError.
func ReadRequest(v Version, r *http.Request, max int64, understood ...xmlsec.Name) (*Message, string, error) {
	message, action, refused := readRequest(v, r, max, understood)
	if refused != nil {
		refused.Version = v
		return nil, "", refused
	}
	return message, action, nil
}

func readRequest(v Version, r *http.Request, max int64, understood []xmlsec.Name) (*Message, string, *RequestError) {
	if r.Method != http.MethodPost {
		return nil, "", &RequestError{Status: http.StatusMethodNotAllowed, Reason: "not a POST"}
	}
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != v.mediaType() || !isUTF8(parameters["charset"]) {
		return nil, "", &RequestError{Status: http.StatusUnsupportedMediaType, Reason: "not " + v.mediaType() + " in UTF-8", Err: err}
	}
	action := parameters["action"]
	if v == SOAP11 {
		var refused *RequestError
		if action, refused = readAction(r.Header.Values("SOAPAction")); refused != nil {
			return nil, "", refused
		}
	}
	body, refused := readBody(r, max)
	if refused != nil {
		return nil, "", refused
	}
	known := append([]xmlsec.Name{addressingName("Action")}, understood...)
	message, err := ParseMessage(v, body, xmlsec.Limits{Bytes: int(max)}, known...)
	if err == nil {
		action, err = agreedAction(message, action)
	}
	if err != nil {
		return nil, "", &RequestError{Status: http.StatusBadRequest, Reason: "not a call", Err: err}
	}
	return message, action, nil
}

// readAction takes the quotes off the one SOAPAction. Some clients send none.
func readAction(values []string) (string, *RequestError) {
	if len(values) != 1 {
		return "", &RequestError{Status: http.StatusBadRequest, Reason: "not exactly one SOAPAction"}
	}
	action := strings.TrimSpace(values[0])
	if unquoted, opened := strings.CutPrefix(action, `"`); opened {
		closed := false
		if action, closed = strings.CutSuffix(unquoted, `"`); !closed {
			return "", &RequestError{Status: http.StatusBadRequest, Reason: "a SOAPAction with one quote"}
		}
	}
	if action == "" || strings.Contains(action, `"`) {
		return "", &RequestError{Status: http.StatusBadRequest, Reason: "an empty or strangely quoted SOAPAction"}
	}
	return action, nil
}

func readBody(r *http.Request, most int64) ([]byte, *RequestError) {
	tooLarge := &RequestError{Status: http.StatusRequestEntityTooLarge, Reason: "the request is too large"}
	if r.ContentLength > most {
		return nil, tooLarge
	}
	body, err := readAll(r.Body, most+1, r.ContentLength)
	if err != nil {
		return nil, &RequestError{Status: http.StatusBadRequest, Reason: "the request did not arrive whole", Err: err}
	}
	if int64(len(body)) > most {
		return nil, tooLarge
	}
	return body, nil
}

// agreedAction returns the action of a message. It refuses one that asks for one thing
// outside and another inside, and one that asks for nothing.
func agreedAction(m *Message, outside string) (string, error) {
	addressing, err := m.Addressing()
	if err != nil {
		return "", err
	}
	switch inside := addressing.Action; {
	case outside == "" && inside == "":
		return "", messageFault(Malformed, "no action", nil)
	case outside != "" && inside != "" && inside != outside:
		return "", messageFault(Malformed, "the action of the request and wsa:Action differ", nil)
	case outside == "":
		return inside, nil
	}
	return outside, nil
}

// Write answers a call with a message.
func Write(w http.ResponseWriter, e Envelope) error {
	return write(w, http.StatusOK, e)
}

// WriteFault answers a call with a fault, under the HTTP status that SOAP demands: 500,
// or 400 for one of SOAP 1.2 that is the sender's (SOAP 1.1 §6.2, SOAP 1.2 part 2
// §7.5.2.2).
func WriteFault(w http.ResponseWriter, f *Fault) error {
	status := http.StatusInternalServerError
	if f.Code == SenderCode() {
		status = http.StatusBadRequest
	}
	return write(w, status, Envelope{Version: f.Version, Body: f.XML()})
}

// WriteFaultXML answers a call with a fault that the caller wrote, the child of the body, under
// HTTP status 500 (SOAP 1.1 §6.2).
func WriteFaultXML(w http.ResponseWriter, v Version, fault []byte) error {
	return write(w, http.StatusInternalServerError, Envelope{Version: v, Body: fault})
}

// WriteRequestError answers what is no call with a bare status and no reason, or,
// when there was a message, with a fault.
func WriteRequestError(w http.ResponseWriter, err *RequestError) error {
	var message *MessageError
	if !errors.As(err, &message) {
		w.Header().Set("Connection", "close") // there may be more of the request than anybody wants
		if err.Status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodPost)
		}
		w.WriteHeader(err.Status)
		return nil
	}
	return WriteFault(w, faultFor(err.Version, message))
}

// faultFor tells the sender the kind of fault that SOAP 1.1 §4.4.1 and SOAP 1.2 §5.4.6
// ask for, and no more.
func faultFor(v Version, message *MessageError) *Fault {
	switch message.Code {
	case VersionMismatch:
		return &Fault{Version: v, Code: xmlsec.Name{Space: v.Namespace(), Local: "VersionMismatch"}, String: "Only " + v.String() + " is spoken here."}
	case NotUnderstood:
		return &Fault{Version: v, Code: xmlsec.Name{Space: v.Namespace(), Local: "MustUnderstand"}, String: "A mandatory header block is not understood."}
	}
	return &Fault{Version: v, Code: v.senderCode(), String: "The message is not acceptable."}
}

func write(w http.ResponseWriter, status int, e Envelope) error {
	body, err := e.Bytes()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", e.Version.contentType())
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // without it a long answer goes out in chunks, which take one packet more
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}
