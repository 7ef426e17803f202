package soap

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"exfed/federation/xmlsec"
)

// ReadRequest reads the SOAP 1.1 call that an HTTP request is: a POST of text/xml in
// UTF-8 with at most max bytes, and a SOAPAction. The action comes back without its
// quotes; where the message has a wsa:Action, the two must be equal. Mandatory header
// blocks must be among the understood ones; wsa:Action need not be named.
//
// A failure is a *RequestError that says what HTTP status to answer with; when the
// message is to blame, its cause is a *MessageError.
func ReadRequest(r *http.Request, max int64, understood ...xmlsec.Name) (*Message, string, error) {
	if r.Method != http.MethodPost {
		return nil, "", &RequestError{Status: http.StatusMethodNotAllowed, Reason: "not a POST"}
	}
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "text/xml" || !isUTF8(parameters["charset"]) {
		return nil, "", &RequestError{Status: http.StatusUnsupportedMediaType, Reason: "not text/xml in UTF-8", Err: err}
	}
	action, err := readAction(r.Header.Values("SOAPAction"))
	if err != nil {
		return nil, "", err
	}
	body, err := readBody(r, max)
	if err != nil {
		return nil, "", err
	}
	addressing := xmlsec.Name{Space: NamespaceAddressing, Local: "Action"}
	known := append([]xmlsec.Name{addressing}, understood...)
	message, err := ParseMessage(body, xmlsec.Limits{Bytes: int(max)}, known...)
	if err == nil {
		err = checkAction(message, addressing, action)
	}
	if err != nil {
		return nil, "", &RequestError{Status: http.StatusBadRequest, Reason: "not a call", Err: err}
	}
	return message, action, nil
}

// readAction takes the quotes off the one SOAPAction. Some clients send none.
func readAction(values []string) (string, error) {
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

func readBody(r *http.Request, max int64) ([]byte, error) {
	tooLarge := &RequestError{Status: http.StatusRequestEntityTooLarge, Reason: "the request is too large"}
	if r.ContentLength > max {
		return nil, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, max+1))
	if err != nil {
		return nil, &RequestError{Status: http.StatusBadRequest, Reason: "the request did not arrive whole", Err: err}
	}
	if int64(len(body)) > max {
		return nil, tooLarge
	}
	return body, nil
}

// checkAction refuses a message that asks for one thing outside and another inside.
func checkAction(m *Message, addressing xmlsec.Name, action string) error {
	block, err := m.Block(addressing)
	if err != nil || block == nil {
		return err
	}
	value, err := block.Value()
	if err != nil {
		return messageFault(Malformed, "wsa:Action", err)
	}
	if strings.TrimSpace(value) != action {
		return messageFault(Malformed, "SOAPAction and wsa:Action differ", nil)
	}
	return nil
}

// Write answers a call with a message.
func Write(w http.ResponseWriter, e Envelope) error {
	return write(w, http.StatusOK, e)
}

// WriteFault answers a call with a fault, under HTTP status 500 as SOAP 1.1 §6.2
// demands.
func WriteFault(w http.ResponseWriter, f *Fault) error {
	return write(w, http.StatusInternalServerError, Envelope{Body: f.XML()})
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
	return WriteFault(w, faultFor(message))
}

// faultFor tells the sender the kind of fault that SOAP 1.1 §4.4.1 asks for, and no
// more.
func faultFor(message *MessageError) *Fault {
	switch message.Code {
	case VersionMismatch:
		return &Fault{Code: xmlsec.Name{Space: Namespace, Local: "VersionMismatch"}, String: "Only SOAP 1.1 is spoken here."}
	case NotUnderstood:
		return &Fault{Code: xmlsec.Name{Space: Namespace, Local: "MustUnderstand"}, String: "A mandatory header block is not understood."}
	}
	return &Fault{Code: ClientCode(), String: "The message is not acceptable."}
}

func write(w http.ResponseWriter, status int, e Envelope) error {
	body, err := e.Bytes()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}
