// Package serve answers HTTPS requests within bounds: on connections, per address and in
// all; on the time and the size of a request; and on how many are worked on at once. It
// knows nothing of what is asked.
package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// The bounds of a connection.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 30 * time.Second
	shutdownTimeout   = 15 * time.Second
	maxHeaderBytes    = 16 << 10
	maxConnections    = 512
	maxPerAddress     = 32 // connections from one address
)

// HTTPS has the handler answer on the listener over TLS until ctx ends; requests being worked on
// then have 15 seconds to finish. It closes the listener. It returns nil after an
// orderly end.
func HTTPS(ctx context.Context, listener net.Listener, identity tls.Certificate, handler http.Handler, log *slog.Logger) error {
	// HTTP/1.1 alone: where a connection carries one request at a time, the bounds on
	// connections bound requests.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	server := &http.Server{
		Handler: handler, Protocols: &protocols,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{identity}, MinVersion: tls.VersionTLS12},
		ErrorLog:  slog.NewLogLogger(log.Handler(), slog.LevelInfo),
	}
	ended := make(chan error, 1)
	listener = newPerAddress(netutil.LimitListener(listener, maxConnections), maxPerAddress)
	go func() { ended <- server.ServeTLS(listener, "", "") }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	orderly, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(orderly); err != nil {
		return errors.Join(err, server.Close())
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
