package server

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"

	"exfed/certificate"
	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/serve"
	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// maxRequestBytes bounds a ManageDelegation2 request. The largest that clients send has a
// few kilobytes.
const maxRequestBytes = 256 << 10

// serveDelegation answers one ManageDelegation2 request.
func (s *Server) serveDelegation(w http.ResponseWriter, r *http.Request) {
	if !s.slots.Admit(w, r, maxRequestBytes, s.log) {
		return
	}
	defer s.slots.Release()
	ctx := r.Context()
	message, action, err := soap.ReadRequest(soap.SOAP11, r, maxRequestBytes, soap.SecurityName())
	if err != nil {
		s.logRefused(ctx, err)
		s.rejectRequest(ctx, w, err)
		return
	}
	answer, fault := s.answer(ctx, message, action)
	if fault != "" {
		s.writeFault(ctx, w, fault)
		return
	}
	s.logUnwritten(ctx, soap.Write(w, soap.Envelope{Body: answer}))
}

// rejectRequest answers what is no SOAP call.
func (s *Server) rejectRequest(ctx context.Context, w http.ResponseWriter, err error) {
	var message *soap.MessageError
	if errors.As(err, &message) && message.Code == soap.Malformed {
		s.writeFault(ctx, w, broker.InvalidArgument)
		return
	}
	var request *soap.RequestError
	if errors.As(err, &request) {
		s.logUnwritten(ctx, soap.WriteRequestError(w, request))
		return
	}
	s.writeFault(ctx, w, broker.InternalError)
}

// answer returns the body of the answer, or the fault.
func (s *Server) answer(ctx context.Context, message *soap.Message, action string) ([]byte, broker.FaultName) {
	c, err := s.readCall(ctx, message, action)
	var r *refusal
	if errors.As(err, &r) {
		s.logRefused(ctx, err)
		return nil, r.fault
	}
	result, err := s.service.do(ctx, c)
	if err != nil {
		s.log.ErrorContext(ctx, "operation failed", append(callAttributes(c), "error", printable(err))...)
		if ctx.Err() != nil {
			return nil, broker.ServiceUnavailable
		}
		return nil, broker.InternalError
	}
	if result.refusal != nil {
		s.log.WarnContext(ctx, "operation refused", append(callAttributes(c),
			"fault", result.refusal.fault, "reason", soap.Printable(result.refusal.detail, maxLogged))...)
		return nil, result.refusal.fault
	}
	s.log.InfoContext(ctx, "operation carried out", append(callAttributes(c), "appId", result.appID)...)
	return result.response.Marshal(), ""
}

// readCall returns what was verified of the message and nothing else. Every error is
// a refusal.
func (s *Server) readCall(ctx context.Context, message *soap.Message, action string) (*call, error) {
	now := s.now().UTC()
	sender, err := s.verify(message)
	if err != nil {
		return nil, err
	}
	if now.Before(sender.Certificate.NotBefore) || now.After(sender.Certificate.NotAfter) {
		return nil, refuse(broker.AccessDenied, "the certificate %s is valid from %s to %s",
			certificate.Thumbprint(sender.Certificate), sender.Certificate.NotBefore, sender.Certificate.NotAfter)
	}
	if err := s.checkAddressee(sender); err != nil {
		return nil, err
	}
	request, err := broker.ParseRequest(sender.Payload)
	if err != nil {
		return nil, refuse(broker.InvalidArgument, "%v", err)
	}
	if action != request.Operation.SOAPAction() {
		return nil, refuse(broker.InvalidArgument, "the SOAPAction %q is not that of %s", action, request.Operation)
	}
	proof, err := readProof(sender)
	if err != nil {
		return nil, err
	}
	return &call{
		Request: request, ID: serve.RequestID(ctx), Certificate: sender.Certificate, Proof: proof,
		Digest: sender.ReplayKey[:], Expires: sender.ReplayUntil, Now: now,
	}, nil
}

func (s *Server) verify(message *soap.Message) (*soap.Sender, error) {
	verification := soap.Verification{
		Algorithms: algorithms(s.profile), SelectKey: claimedCertificate, Now: s.now,
		Covered: []xmlsec.Name{broker.AddresseeHeader(), broker.ProofHeader(), broker.DomainSignatureHeader()},
	}
	sender, err := verification.Verify(message)
	if err == nil {
		return sender, nil
	}
	var m *soap.MessageError
	if errors.As(err, &m) && !m.SecurityFailed() {
		return nil, refuse(broker.InvalidArgument, "%v", err)
	}
	return nil, refuse(broker.AccessDenied, "%v", err)
}

func algorithms(profile federation.SecurityProfile) xmlsec.Algorithms {
	if profile == federation.Exchange {
		return xmlsec.ExchangeAlgorithms()
	}
	return xmlsec.ModernAlgorithms()
}

// claimedCertificate returns the certificate that the message carries. The signature
// then proves that the sender has its key; whom the certificate stands for is decided
// by the registry, in authenticate.
func claimedCertificate(info xmlsec.KeyInfo) (*x509.Certificate, error) {
	if len(info.Certificates) != 1 {
		return nil, errors.New("the message does not carry exactly one certificate")
	}
	return info.Certificates[0], nil
}

func callAttributes(c *call) []any {
	return []any{
		"request", c.ID, "operation", string(c.Operation), "subject", c.subject(),
		"callerAppId", soap.Printable(c.AppID, 64), "thumbprint", certificate.Thumbprint(c.Certificate),
	}
}

// maxLogged bounds a text in the log, in characters: parts of it come from the caller, or
// from name servers.
const maxLogged = 1000

func printable(err error) string { return soap.Printable(err.Error(), maxLogged) }

func (s *Server) logRefused(ctx context.Context, err error) {
	s.log.WarnContext(ctx, "request refused", "request", serve.RequestID(ctx), "reason", printable(err))
}

// writeFault sends the fault with the texts that belong to its name: nothing of the
// request and nothing of the broker's inside is in them.
func (s *Server) writeFault(ctx context.Context, w http.ResponseWriter, name broker.FaultName) {
	kind, ok := broker.KindOfFault(name)
	if !ok {
		kind, _ = broker.KindOfFault(broker.InternalError)
	}
	fault := &soap.Fault{Code: soap.ServerCode(), String: kind.Description(), ErrorCode: kind.Code, ErrorDescription: kind.Description()}
	if kind.Sender {
		fault.Code = soap.ClientCode()
	}
	s.logUnwritten(ctx, soap.WriteFault(w, fault))
}

// logUnwritten notes that an answer did not go out, mostly because the client went.
func (s *Server) logUnwritten(ctx context.Context, err error) {
	if err != nil {
		s.log.InfoContext(ctx, "answer not written", "request", serve.RequestID(ctx), "error", printable(err))
	}
}
