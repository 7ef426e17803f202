// Package soap builds and reads SOAP 1.1 and 1.2 messages, signs and verifies them with a
// WS-Security header, and carries them over HTTP within bounds.
//
// A client signs an envelope, sends it and reads the answer:
//
//	request, err := soap.Signing{Signer: signer, Now: time.Now}.Sign(soap.Envelope{
//		Headers: []soap.Block{{XML: proof, Signed: true}},
//		Body:    body,
//	})
//	answer, err := client.Call(ctx, url, action, request)
//
// A server reads the request, verifies it, and goes on with what was verified only:
//
//	message, action, err := soap.ReadRequest(soap.SOAP11, r, soap.DefaultMaxBytes, soap.SecurityName())
//	sender, err := verification.Verify(message)
//	handle(action, sender.Payload)
//
// Every failure has a type that says whose fault it is: TransportError (nobody
// answered), StatusError (a bare HTTP status), AnswerError (an answer that is not
// what it should be), Fault (the other side said no), MessageError (a message that
// is not acceptable) and RequestError (an HTTP request that is not a SOAP call).
package soap
