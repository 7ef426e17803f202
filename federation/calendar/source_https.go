package calendar

import (
	"context"
	"net/http"
)

// NewHTTPS is the source that is an iCalendar file on a web server. It asks whether the
// file changed (RFC 9110 section 13.1, If-None-Match and If-Modified-Since) as often as
// server.Freshness says.
func NewHTTPS(server Server) (Source, error) {
	f, err := newFetcher(server)
	if err != nil {
		return nil, err
	}
	h := &webFile{fetcher: f}
	return newKeeper(f.server.Freshness, h.fetch), nil
}

// webFile remembers what the copy held was; the keeper lets one ask at a time.
type webFile struct {
	*fetcher
	etag, lastModified string
}

func (h *webFile) fetch(ctx context.Context, held *Calendar) (*Calendar, error) {
	headers := http.Header{"Accept": {"text/calendar"}}
	if held != nil && h.etag != "" {
		headers.Set("If-None-Match", h.etag)
	}
	if held != nil && h.lastModified != "" {
		headers.Set("If-Modified-Since", h.lastModified)
	}
	a, err := h.do(ctx, http.MethodGet, "", headers)
	switch {
	case err != nil:
		return nil, err
	case a.status == http.StatusNotModified && held != nil:
		return held, nil
	case a.status != http.StatusOK:
		return nil, h.statusFault(a.status)
	}
	c, err := Parse(a.body, h.server.Limits)
	if err != nil {
		return nil, about(h.object, err)
	}
	h.etag, h.lastModified = a.etag, a.lastModified
	return c, nil
}
