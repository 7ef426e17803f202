package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"exfed/federation/broker"
	"exfed/federation/serve"
	"exfed/federation/soap"
	"exfed/federation/token"
)

// serveTokens answers one request for a token.
func (s *Server) serveTokens(w http.ResponseWriter, r *http.Request) {
	if !s.tokenSlots.Admit(w, r, maxRequestBytes, s.log) {
		return
	}
	defer s.tokenSlots.Release()
	ctx := r.Context()
	message, action, err := soap.ReadRequest(soap.SOAP12, r, maxRequestBytes, append(soap.AddressingNames(), soap.SecurityName())...)
	if err != nil {
		s.logRefused(ctx, err)
		s.rejectTokenRequest(ctx, w, err)
		return
	}
	c := &tokenCall{ID: serve.RequestID(ctx), Message: message, Action: action, Now: s.now().UTC()}
	issued, err := s.tokens.do(ctx, c)
	s.logToken(ctx, c, err)
	if err != nil {
		s.writeTokenFault(ctx, w, tokenFaultOf(err))
		return
	}
	s.logUnwritten(ctx, soap.Write(w, tokenAnswer(message, issued)))
}

// tokenAnswer returns the message with the token. It says which request it answers when
// the request had a number.
func tokenAnswer(request *soap.Message, issued token.Issued) soap.Envelope {
	addressing := soap.Addressing{Action: broker.IssuedAction}
	if asked, err := request.Addressing(); err == nil {
		addressing.RelatesTo = asked.MessageID
	}
	response := broker.RequestSecurityTokenResponse{
		AppliesTo: issued.Token.Audience, Created: issued.Token.NotBefore, Expires: issued.Token.NotOnOrAfter,
		Encrypted: issued.EncryptedData, AssertionID: issued.Token.AssertionID, ProofKey: issued.Token.ProofKey,
	}
	return soap.Envelope{Version: soap.SOAP12, Headers: addressing.Blocks(soap.SOAP12), Body: response.Marshal(), Written: true}
}

func tokenFaultOf(err error) broker.TokenFault {
	var refused *tokenRefusal
	if errors.As(err, &refused) {
		return refused.fault
	}
	return broker.TokenRequestFailed
}

// rejectTokenRequest answers what is no SOAP 1.2 call.
func (s *Server) rejectTokenRequest(ctx context.Context, w http.ResponseWriter, err error) {
	var message *soap.MessageError
	if errors.As(err, &message) && message.Code == soap.Malformed {
		s.writeTokenFault(ctx, w, broker.TokenInvalidRequest)
		return
	}
	var request *soap.RequestError
	if errors.As(err, &request) {
		s.logUnwritten(ctx, soap.WriteRequestError(w, request))
		return
	}
	s.writeTokenFault(ctx, w, broker.TokenRequestFailed)
}

// writeTokenFault sends the fault with the texts that belong to its name.
func (s *Server) writeTokenFault(ctx context.Context, w http.ResponseWriter, name broker.TokenFault) {
	kind, ok := broker.KindOfTokenFault(name)
	if !ok {
		kind, _ = broker.KindOfTokenFault(broker.TokenRequestFailed)
	}
	s.logUnwritten(ctx, soap.WriteFault(w, kind.Fault()))
}

// logToken says who asked for whom and what came of it. Nothing of the token is in it.
func (s *Server) logToken(ctx context.Context, c *tokenCall, err error) {
	attributes := make([]slog.Attr, 0, 10)
	attributes = append(attributes, slog.String("request", c.ID))
	if c.authenticated() {
		attributes = append(attributes, slog.String("appId", c.appID), slog.String("thumbprint", c.thumbprint), slog.String("user", c.user.EmailAddress),
			slog.String("appliesTo", soap.Printable(c.request.AppliesTo, maxURI)), slog.String("audience", c.audience),
			slog.String("offer", soap.Printable(c.request.Offer, maxOffer)))
	}
	var refused *tokenRefusal
	switch {
	case err == nil:
		s.log.LogAttrs(ctx, slog.LevelInfo, "token issued", attributes...)
	case errors.As(err, &refused):
		attributes = append(attributes, slog.String("fault", string(refused.fault)), slog.String("reason", soap.Printable(refused.detail, maxLogged)))
		s.log.LogAttrs(ctx, slog.LevelWarn, "token refused", attributes...)
	default:
		s.log.LogAttrs(ctx, slog.LevelError, "token request failed", append(attributes, slog.Any("error", printable(err)))...)
	}
}
