package soap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"exfed/federation/xmlsec"
)

// DefaultMaxBytes is how much of an answer, or of a request, is read at most.
const DefaultMaxBytes = 1 << 20

// The points at which a Client calls its Checkpoint.
const (
	CheckpointSend     = "soap.send"     // before a request goes out
	CheckpointAnswered = "soap.answered" // after the whole answer came in
)

// Client calls SOAP services and fetches documents. Nothing a server does costs more
// than MaxBytes of memory and the time that the HTTP client or the context allows.
type Client struct {
	Version Version // of the messages of Call

	HTTP      *http.Client // nil for NewHTTPClient(Options{}); redirects are never followed
	MaxBytes  int64        // of an answer; 0 for DefaultMaxBytes
	MaxNodes  int          // of XML in an answer; 0 for xmlsec.DefaultNodes
	UserAgent string
	AllowHTTP bool // whether http:// URLs are allowed besides https://

	// Checkpoint is called with the name of each point of a call at which a crash
	// would leave the two sides apart. An error ends the call. May be nil.
	Checkpoint func(point string) error
}

// answer is an HTTP answer that was read whole.
type answer struct {
	url    string
	status int
	header http.Header
	body   []byte
}

// Call posts a message to a service and returns the message it answers with.
// Mandatory header blocks of the answer must be among the understood ones.
//
// The error is a *TransportError when there was no answer, a *Fault when the service
// said no, a *StatusError for a bare HTTP status, and an *AnswerError when what came
// is no SOAP message.
func (c *Client) Call(ctx context.Context, target, action string, message []byte, understood ...xmlsec.Name) (*Message, error) {
	request, err := c.request(ctx, http.MethodPost, target, bytes.NewReader(message))
	if err != nil {
		return nil, err
	}
	if c.Version == SOAP12 { // RFC 3902 §2: the action is a parameter of the media type
		request.Header.Set("Accept", c.Version.mediaType())
		request.Header.Set("Content-Type", c.Version.contentType()+`; action="`+action+`"`)
	} else {
		request.Header.Set("Content-Type", c.Version.contentType())
		request.Header.Set("SOAPAction", `"`+action+`"`)
	}
	a, err := c.exchange(request)
	if err != nil {
		return nil, err
	}
	return a.message(c.Version, xmlsec.Limits{Bytes: max(len(a.body), 1), Nodes: c.MaxNodes}, understood) // the size was bounded before
}

// Get fetches an XML document. The error is one of those of Call, but no *Fault.
func (c *Client) Get(ctx context.Context, target string) ([]byte, error) {
	request, err := c.request(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	a, err := c.exchange(request)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, a.statusFault()
	}
	if err := a.checkXML(); err != nil {
		return nil, err
	}
	return a.body, nil
}

func (c *Client) request(ctx context.Context, method, target string, body io.Reader) (*http.Request, error) {
	parsed, err := url.Parse(target)
	if err != nil {
		return nil, &TransportError{Failure: BadURL, URL: Printable(target, maxFaultText), Err: errors.New("not a URL")}
	}
	if fault := c.checkURL(parsed); fault != "" {
		return nil, &TransportError{Failure: BadURL, URL: parsed.Redacted(), Err: errors.New(fault)}
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, &TransportError{Failure: BadURL, URL: parsed.Redacted(), Err: err}
	}
	request.Header.Set("Accept", "text/xml, application/xml")
	if c.UserAgent != "" {
		request.Header.Set("User-Agent", c.UserAgent)
	}
	return request, nil
}

func (c *Client) checkURL(u *url.URL) string {
	switch {
	case u.Scheme == "http" && !c.AllowHTTP:
		return "only https is allowed"
	case u.Scheme != "https" && u.Scheme != "http":
		return "not an https URL"
	case u.Hostname() == "":
		return "no host"
	case u.User != nil:
		return "a URL here holds no credentials"
	}
	return ""
}

// exchange sends a request and reads the whole answer.
func (c *Client) exchange(request *http.Request) (*answer, error) {
	if err := c.checkpoint(CheckpointSend); err != nil {
		return nil, err
	}
	target := request.URL.Redacted()
	response, err := c.client().Do(request)
	if err != nil {
		return nil, transportFault(target, err)
	}
	defer response.Body.Close()
	a := &answer{url: target, status: response.StatusCode, header: response.Header}
	if a.body, err = c.read(response, target); err != nil {
		return nil, err
	}
	return a, c.checkpoint(CheckpointAnswered)
}

// client returns a copy of the HTTP client that follows no redirect: a request that
// is signed for one service is not to be carried to another.
func (c *Client) client() *http.Client {
	if c.HTTP == nil {
		return NewHTTPClient(Options{})
	}
	bounded := *c.HTTP
	bounded.CheckRedirect = followNone
	return &bounded
}

func (c *Client) checkpoint(point string) error {
	if c.Checkpoint == nil {
		return nil
	}
	return c.Checkpoint(point)
}

func (c *Client) read(response *http.Response, target string) ([]byte, error) {
	most := c.MaxBytes
	if most == 0 {
		most = DefaultMaxBytes
	}
	tooLong := &AnswerError{
		URL: target, Status: response.StatusCode, Reason: fmt.Sprintf("an answer of more than %d bytes", most),
	}
	if response.ContentLength > most {
		return nil, tooLong
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	if err != nil {
		return nil, transportFault(target, err)
	}
	if int64(len(body)) > most {
		return nil, tooLong
	}
	return body, nil
}
