package token

import (
	"exfed/federation"
	"exfed/federation/xmlsec"
)

// Find returns the one token of a document: the document itself, or what a token
// service's answer or a message of any kind carries. It is for documents that people
// hand over; where in a message a token has to stand is for the reader of that message
// to say.
//
// A document without a token is a *federation.Error of kind NotFound and ID
// TokenNotFound, one with several of kind Invalid and ID TokenAmbiguous.
func Find(document *xmlsec.Element) (*xmlsec.Element, error) {
	switch tokens := tokensIn(document); len(tokens) {
	case 0:
		return nil, federation.Errorf(federation.NotFound, "TokenNotFound", object, "there is none in the document, which is %s", document.Name)
	case 1:
		return tokens[0], nil
	default:
		return nil, federation.Errorf(federation.Invalid, "TokenAmbiguous", object, "there are %d in the document, and one is wanted", len(tokens))
	}
}

// tokensIn does not look into tokens. How deep it goes is bounded where documents are parsed.
func tokensIn(e *xmlsec.Element) []*xmlsec.Element {
	if isToken(e) {
		return []*xmlsec.Element{e}
	}
	var found []*xmlsec.Element
	for _, child := range e.Elements() {
		found = append(found, tokensIn(child)...)
	}
	return found
}

// isToken reports whether the element may be a token: an assertion, or something encrypted.
func isToken(e *xmlsec.Element) bool {
	return e.Is(Namespace, "Assertion") || e.Is(xmlsec.NamespaceEncryption, "EncryptedData")
}
