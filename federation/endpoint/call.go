package endpoint

import (
	"context"
	"errors"
	"net/http"

	"exfed/federation/availability"
	"exfed/federation/serve"
	"exfed/federation/soap"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

// operation is what a path answers to one action.
type operation struct {
	offers   []token.Offer // of which the token must be for one; empty where none is needed
	response string        // wsa:Action of the answer, "" for none
	headers  []soap.Block  // of the answer
	// do returns the body of the answer. Its error is the request's own fault
	// (*availability.RequestError), or that the endpoint failed.
	do func(ctx context.Context, c *call) ([]byte, error)
}

// call is one request that may be answered.
type call struct {
	message      *soap.Message
	organization *organization
	requester    requester // empty where no token is needed
}

// denial is a request whose token is not accepted. Error is for the log.
type denial struct{ cause error }

func (d *denial) Error() string { return d.cause.Error() }
func (d *denial) Unwrap() error { return d.cause }

// serve answers a request with one of the operations, by their actions.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, operations map[string]operation) {
	if !s.slots.Admit(w, r, maxRequestBytes, s.log) {
		return
	}
	defer s.slots.Release()
	ctx := r.Context()
	message, action, err := soap.ReadRequest(soap.SOAP11, r, maxRequestBytes, append(soap.AddressingNames(), soap.SecurityName())...)
	if err != nil {
		s.reject(ctx, w, err)
		return
	}
	op, known := operations[action]
	if !known {
		s.log.WarnContext(ctx, "no such operation", "request", serve.RequestID(ctx), "action", soap.Printable(action, maxLogged))
		s.unwritten(ctx, soap.WriteFault(w, actionNotSupported()))
		return
	}
	c, err := s.open(ctx, message, op)
	if err != nil {
		s.writeError(ctx, w, err)
		return
	}
	if len(op.offers) > 0 {
		partner := c.partner()
		if !s.shares.take(partner) {
			s.log.WarnContext(ctx, "too many requests of a partner at once", "request", serve.RequestID(ctx), "requester", c.requester.address, "relationship", partner)
			serve.Busy(w)
			return
		}
		defer s.shares.release(partner)
	}
	body, err := op.do(ctx, c)
	if err != nil {
		s.writeError(ctx, w, err)
		return
	}
	s.unwritten(ctx, soap.Write(w, soap.Envelope{Headers: answerHeaders(message, op), Body: body, Written: true}))
}

// open finds out who sends a request. Its error is a *denial, or that the endpoint failed.
func (s *Server) open(ctx context.Context, message *soap.Message, op operation) (*call, error) {
	organization, err := s.organization.get(ctx)
	if err != nil {
		return nil, err
	}
	c := &call{message: message, organization: organization}
	if len(op.offers) > 0 {
		if c.requester, err = organization.requester(message, s.now().UTC(), op.offers...); err != nil {
			return nil, &denial{err}
		}
	}
	return c, nil
}

// partner is the name of the relationship with who asks, "" if there is none.
func (c *call) partner() string {
	r, _ := c.organization.Directory.Relationship(c.requester.domain)
	return r.Name
}

// answerHeaders says which request is answered, when that has a number.
func answerHeaders(request *soap.Message, op operation) []soap.Block {
	if op.response == "" {
		return op.headers
	}
	addressing := soap.Addressing{Action: op.response}
	if asked, err := request.Addressing(); err == nil {
		addressing.RelatesTo = asked.MessageID
	}
	return append(addressing.Blocks(soap.SOAP11), op.headers...)
}

// reject answers what is no SOAP call.
func (s *Server) reject(ctx context.Context, w http.ResponseWriter, err error) {
	s.log.WarnContext(ctx, "request refused", "request", serve.RequestID(ctx), "reason", printable(err))
	var request *soap.RequestError
	if errors.As(err, &request) {
		s.unwritten(ctx, soap.WriteRequestError(w, request))
		return
	}
	s.unwritten(ctx, soap.WriteFault(w, internalError()))
}

// writeError answers a request that gets no answer. The sender learns what Exchange Server
// tells, which does not depend on what is wrong with a token.
func (s *Server) writeError(ctx context.Context, w http.ResponseWriter, err error) {
	var denied *denial
	var request *availability.RequestError
	switch {
	case errors.As(err, &denied):
		s.log.WarnContext(ctx, "token refused", "request", serve.RequestID(ctx), "reason", printable(denied.cause))
		s.unwritten(ctx, soap.WriteFault(w, denied.fault()))
	case errors.As(err, &request):
		s.log.WarnContext(ctx, "request refused", "request", serve.RequestID(ctx), "reason", printable(request))
		s.unwritten(ctx, soap.WriteFaultXML(w, soap.SOAP11, request.Fault().Marshal()))
	default:
		s.log.ErrorContext(ctx, "request failed", "request", serve.RequestID(ctx), "error", printable(err))
		s.unwritten(ctx, soap.WriteFault(w, internalError()))
	}
}

// fault is that of Windows Communication Foundation: one for a message whose security header
// is not what it must be or is stale, and one for a token that is not accepted.
func (d *denial) fault() *soap.Fault {
	var message *soap.MessageError
	if errors.As(d.cause, &message) {
		return &soap.Fault{Code: xmlsec.Name{Space: xmlsec.NamespaceWSSE, Local: "InvalidSecurity"},
			String: "An error occurred when verifying security for the message."}
	}
	return &soap.Fault{Code: xmlsec.Name{Space: xmlsec.NamespaceWSSE, Local: "InvalidSecurityToken"}, String: token.Refusal}
}

// actionNotSupported is the fault of WS-Addressing 1.0 SOAP Binding section 6.4.2.
func actionNotSupported() *soap.Fault {
	return &soap.Fault{Code: xmlsec.Name{Space: soap.NamespaceAddressing, Local: "ActionNotSupported"},
		String: "The action is not supported here."}
}

func internalError() *soap.Fault {
	return &soap.Fault{Code: soap.ServerCode(), String: "The server was unable to process the request due to an internal error."}
}

func (s *Server) unwritten(ctx context.Context, err error) {
	if err != nil {
		s.log.WarnContext(ctx, "answer not sent", "request", serve.RequestID(ctx), "error", printable(err))
	}
}
