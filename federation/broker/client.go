package broker

import (
	"context"
	"crypto/x509"
	"io"
	"sync"
	"time"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// Client calls one trust broker. It may be used by several goroutines at once.
type Client struct {
	// MetadataURL is where the broker publishes its metadata.
	MetadataURL string
	// ManagementURL is where ManageDelegation2 is. When it is empty, the metadata has
	// to name it, and is read once to find out.
	ManagementURL string
	// SOAP carries the messages.
	SOAP *soap.Client
	// Profile says how requests are signed: RSA-SHA1 in the exchange profile, RSA-SHA256
	// otherwise.
	Profile federation.SecurityProfile
	// Extended says that the broker at ManagementURL knows what this project adds to the
	// protocol, and has it sent: the DomainSignature with every proof, and the Addressee.
	// The Microsoft gateway does not know them. When ManagementURL is empty they are sent
	// in any case: only the metadata of a broker that knows them says where it is.
	Extended bool
	// Reader reads the metadata.
	Reader MetadataReader
	// ProgramID is sent with ReserveDomain; the specification reserves it for future use.
	ProgramID string
	Now       func() time.Time // nil for the system's clock
	Rand      io.Reader        // nil for the randomness of the system

	// Checkpoint is called with "<Operation>.send" before a request goes out and with
	// "<Operation>.answered" after the answer was read, the operation being Metadata
	// for the document. An error ends the call and is returned as it is. May be nil.
	Checkpoint func(point string) error

	found sync.Mutex // guards management
	// management is what the metadata said when ManagementURL is empty.
	management string
}

var _ federation.Broker = (*Client)(nil)

// Metadata implements federation.Broker.
func (c *Client) Metadata(ctx context.Context) (federation.TokenIssuer, error) {
	var document []byte
	err := c.between("Metadata", func() (err error) {
		document, err = c.SOAP.Get(ctx, c.MetadataURL)
		return callError(c.MetadataURL, err)
	})
	if err != nil {
		return federation.TokenIssuer{}, err
	}
	root, err := xmlsec.Parse(document, xmlsec.Limits{})
	if err != nil {
		return federation.TokenIssuer{}, untrusted(c.MetadataURL, "the metadata is not acceptable XML", err)
	}
	issuer, err := c.Reader.Read(root)
	if err != nil {
		return federation.TokenIssuer{}, untrusted(c.MetadataURL, "the metadata is not usable", err)
	}
	return issuer, nil
}

// CreateAppID implements federation.Broker.
func (c *Client) CreateAppID(ctx context.Context, org certificate.Pair, uri string, proof *federation.DomainProof) (string, error) {
	answer, err := c.call(ctx, org, Request{Operation: CreateAppID, URI: uri}, proof)
	return answer.AppID, err
}

// ReserveDomain implements federation.Broker.
func (c *Client) ReserveDomain(ctx context.Context, org certificate.Pair, appID, namespace string, proof *federation.DomainProof) error {
	request := Request{Operation: ReserveDomain, AppID: appID, DomainName: namespace, ProgramID: c.ProgramID}
	_, err := c.call(ctx, org, request, proof)
	return err
}

// ReleaseDomain implements federation.Broker.
func (c *Client) ReleaseDomain(ctx context.Context, org certificate.Pair, appID, namespace string) error {
	_, err := c.call(ctx, org, Request{Operation: ReleaseDomain, AppID: appID, DomainName: namespace}, nil)
	return err
}

// AddURI implements federation.Broker.
func (c *Client) AddURI(ctx context.Context, org certificate.Pair, appID, uri string, proof *federation.DomainProof) error {
	_, err := c.call(ctx, org, Request{Operation: AddURI, AppID: appID, URI: uri}, proof)
	return err
}

// RemoveURI implements federation.Broker.
func (c *Client) RemoveURI(ctx context.Context, org certificate.Pair, appID, uri string) error {
	_, err := c.call(ctx, org, Request{Operation: RemoveURI, AppID: appID, URI: uri}, nil)
	return err
}

// DomainInfo implements federation.Broker.
func (c *Client) DomainInfo(ctx context.Context, org certificate.Pair, appID, domain string) (federation.DomainInfo, error) {
	answer, err := c.call(ctx, org, Request{Operation: GetDomainInfo, AppID: appID, DomainName: domain}, nil)
	return answer.Domain, err
}

// UpdateCertificate implements federation.Broker.
func (c *Client) UpdateCertificate(ctx context.Context, org certificate.Pair, appID string, next *x509.Certificate) error {
	_, err := c.call(ctx, org, Request{Operation: UpdateAppIDCertificate, AppID: appID, NewCertificate: next.Raw}, nil)
	return err
}

// UpdateProperties implements federation.Broker.
func (c *Client) UpdateProperties(ctx context.Context, org certificate.Pair, appID string, properties []federation.Property) error {
	_, err := c.call(ctx, org, Request{Operation: UpdateAppIDProperties, AppID: appID, Properties: properties}, nil)
	return err
}

// call signs and sends the request and reads the answer.
func (c *Client) call(ctx context.Context, org certificate.Pair, request Request, proof *federation.DomainProof) (Response, error) {
	endpoint, err := c.endpoint(ctx)
	if err != nil {
		return Response{}, err
	}
	signed, err := c.sign(org, endpoint, request, proof)
	if err != nil {
		return Response{}, &federation.Error{Kind: federation.Other, ID: "RequestNotSigned",
			Object: brokerObject(endpoint), Reason: string(request.Operation) + " could not be signed", Err: err}
	}
	var message *soap.Message
	err = c.between(string(request.Operation), func() (err error) {
		message, err = c.SOAP.Call(ctx, endpoint, request.Operation.SOAPAction(), signed)
		return c.withClock(callError(endpoint, err), err)
	})
	if err != nil {
		return Response{}, err
	}
	answer, err := ParseResponse(request.Operation, message.Payload)
	if err != nil {
		return Response{}, untrusted(endpoint, "the answer is not usable", err)
	}
	return answer, nil
}

// sign returns the message. The signature covers timestamp, body and all header blocks.
func (c *Client) sign(org certificate.Pair, endpoint string, request Request, proof *federation.DomainProof) ([]byte, error) {
	envelope := soap.Envelope{Headers: c.headers(endpoint, proof), Body: request.Marshal()}
	signing := soap.Signing{
		Signer: xmlsec.Signer{Key: org.Key, Method: signatureMethod(c.Profile), KeyInfo: xmlsec.X509DataKeyInfo(org.Certificate)},
		Now:    c.Now, Rand: c.Rand,
	}
	return signing.Sign(envelope)
}

func signatureMethod(profile federation.SecurityProfile) xmlsec.SignatureMethod {
	if profile == federation.Exchange {
		return xmlsec.RSASHA1
	}
	return xmlsec.RSASHA256
}

// headers returns the header blocks that say whom the request is for and prove a domain.
func (c *Client) headers(endpoint string, proof *federation.DomainProof) []soap.Block {
	extended := c.Extended || c.ManagementURL == ""
	var blocks []soap.Block
	if extended {
		blocks = append(blocks, soap.Block{XML: MarshalAddressee(endpoint), Signed: true})
	}
	if proof == nil {
		return blocks
	}
	blocks = append(blocks, soap.Block{XML: MarshalProofHeader(*proof), Signed: true})
	if extended && len(proof.Signature) > 0 {
		blocks = append(blocks, soap.Block{XML: MarshalDomainSignature(proof.Signature), Signed: true})
	}
	return blocks
}

// endpoint returns the URL of ManageDelegation2.
func (c *Client) endpoint(ctx context.Context) (string, error) {
	if c.ManagementURL != "" {
		return c.ManagementURL, nil
	}
	c.found.Lock()
	defer c.found.Unlock()
	if c.management != "" {
		return c.management, nil
	}
	issuer, err := c.Metadata(ctx)
	if err != nil {
		return "", err
	}
	if issuer.ManagementEPR == "" {
		return "", federation.Errorf(federation.Conflict, "ManagementEndpointUnknown", brokerObject(c.MetadataURL),
			"its metadata does not say where domains are registered")
	}
	c.management = issuer.ManagementEPR
	return c.management, nil
}

// between calls the checkpoints before and after.
func (c *Client) between(operation string, exchange func() error) error {
	if c.Checkpoint == nil {
		return exchange()
	}
	if err := c.Checkpoint(operation + ".send"); err != nil {
		return err
	}
	if err := exchange(); err != nil {
		return err
	}
	return c.Checkpoint(operation + ".answered")
}
