package soap_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"exfed/federation/soap"
)

// TestReadBody gives a call a body that was read before: it says the same as one that was not.
func TestReadBody(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken off")
	const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><x/></s:Body></s:Envelope>`
	for name, c := range map[string]struct {
		data   string
		end    error
		max    int64
		status int
	}{
		"whole":      {envelope, nil, int64(len(envelope)), 0},
		"longer":     {envelope, nil, int64(len(envelope)) - 1, http.StatusRequestEntityTooLarge},
		"broken off": {envelope, broken, 1000, http.StatusBadRequest},
		"empty":      {"", nil, 1000, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{
				Method: http.MethodPost, ContentLength: -1, Header: http.Header{"Content-Type": {"text/xml"}, "Soapaction": {`"x"`}},
				Body: soap.NewReadBody([]byte(c.data), c.end, http.NoBody),
			}
			_, _, err := soap.ReadRequest(soap.SOAP11, r, c.max)
			var refused *soap.RequestError
			if status := 0; errors.As(err, &refused) {
				if status = refused.Status; status != c.status {
					t.Errorf("status %d, %v; want %d", status, err, c.status)
				}
			} else if err != nil || c.status != 0 {
				t.Errorf("%v; want status %d", err, c.status)
			}
			if c.end != nil && c.status == http.StatusBadRequest && !errors.Is(err, broken) {
				t.Errorf("%v does not say why", err)
			}
		})
	}
}

// TestReadBodyReads reads one piece by piece, as anybody else would.
func TestReadBodyReads(t *testing.T) {
	t.Parallel()
	body := soap.NewReadBody([]byte("abc"), nil, http.NoBody)
	var got strings.Builder
	if _, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{body}, make([]byte, 2)); err != nil || got.String() != "abc" {
		t.Errorf("%q, %v", got.String(), err)
	}
}
