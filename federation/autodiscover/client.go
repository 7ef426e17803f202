package autodiscover

import (
	"context"
	"io"
	"net"
	"net/netip"
	"time"

	"exfed/federation/soap"
)

// userAgent is what clients of Exchange call themselves here; some services answer no other.
const userAgent = "AutodiscoverClient"

// schemaVersion is the version of the schema that has all that is asked for.
const schemaVersion = "Exchange2010"

// Resolver finds names in DNS. No such name and no such record are no error.
type Resolver interface {
	// LookupAliases returns the names that CNAME records lead to from a host on, and
	// whether the last of them, or the host itself, exists.
	LookupAliases(ctx context.Context, host string) (aliases []string, exists bool, err error)
	// LookupHost returns the addresses of a host.
	LookupHost(ctx context.Context, host string) ([]netip.Addr, error)
	// LookupSRV returns SRV records, the ones to try first first.
	LookupSRV(ctx context.Context, name string) ([]net.SRV, error)
}

// Client asks Autodiscover services. It may be used by several goroutines at once.
type Client struct {
	SOAP *soap.Client // carries the messages; nil for the zero value. AllowHTTP and UserAgent are not obeyed

	// Resolver says in the attempts how a host was found, and finds the SRV record. Without
	// one neither is done.
	Resolver Resolver
	// TrustedHostnames are hosts that may answer for any domain: by a certificate for one of
	// them, by a redirect without TLS, or by a record in DNS.
	TrustedHostnames []string
	// KnownHosts are hosts that a redirect or a record in DNS may lead to for any domain
	// though nobody vouches for it, and no more than that: their certificates have to name them.
	KnownHosts []string
	// Trust is asked whether a host may answer for the domain that is asked about, with the
	// reason why that is a question: its certificate, a way to it that is not protected, or a
	// redirect of a host that was trusted with the certificate of others. It is asked once for
	// each, never by two goroutines of one discovery, and what it says holds for no further
	// domain. The reason
	// reads on after the host: "mail.fabrikam.example: its certificate is for ...". An error
	// ends the discovery and is returned as it is. nil trusts nobody.
	Trust func(host, reason string) (bool, error)
	// Observe is called with each attempt as it ends, never by two goroutines of one
	// discovery. May be nil.
	Observe func(Attempt)
	// BypassAdditionalDomainValidation has Discover believe an organization about all of
	// its domains.
	BypassAdditionalDomainValidation bool
	// LimitValidation bounds the look-up of all further domains together, which is told of as
	// DroppedDomain; nil for 60 seconds. What it returns ends with the context given.
	LimitValidation func(context.Context) (context.Context, context.CancelFunc)

	Now  func() time.Time // nil for the system's clock
	Rand io.Reader        // nil for the randomness of the system
}

// call asks one question. The answer belongs to it.
func (c *Client) call(ctx context.Context, carrier *soap.Client, o Operation, target string, body []byte, security ...soap.Block) (*soap.Message, error) {
	id, err := soap.NewMessageID(c.Rand)
	if err != nil {
		return nil, err
	}
	addressing := soap.Addressing{To: target, Action: o.Action(), MessageID: id, ReplyTo: soap.AnonymousAddress}
	headers := append(addressing.Blocks(soap.SOAP11), RequestedServerVersion(schemaVersion))
	request, err := soap.Envelope{Headers: append(headers, security...), Body: body}.Bytes()
	if err != nil {
		return nil, err
	}
	// Services that were sent a Timestamp answer with a mandatory Security header.
	understood := append(soap.AddressingNames(), soap.SecurityName())
	message, err := carrier.Call(ctx, target, o.Action(), request, understood...)
	if err != nil {
		return nil, err
	}
	return message, belongs(message, id)
}

// belongs refuses an answer to another request.
func belongs(message *soap.Message, id string) error {
	addressing, err := message.Addressing()
	switch {
	case err != nil:
		return &unusable{soap.Printable(err.Error(), maxPrinted)}
	case addressing.RelatesTo != "" && addressing.RelatesTo != id:
		return &unusable{"the answer is to another request"}
	}
	return nil
}

// carrier returns what to send with over TLS.
func (c *Client) carrier() *soap.Client {
	carrier := soap.Client{}
	if c.SOAP != nil {
		carrier = *c.SOAP
	}
	if carrier.HTTP == nil {
		carrier.HTTP = soap.NewHTTPClient(soap.Options{})
	}
	carrier.Version, carrier.AllowHTTP, carrier.UserAgent = soap.SOAP11, false, userAgent
	return &carrier
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
