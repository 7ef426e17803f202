// Package xmlsec parses XML strictly, brings it into exclusive canonical form, makes and
// checks XML signatures over parts of a document, and encrypts and decrypts elements.
//
//	root, err := xmlsec.Parse(message, xmlsec.Limits{})
//	signature, err := xmlsec.Signer{Key: key, Method: xmlsec.RSASHA256, KeyInfo: xmlsec.X509DataKeyInfo(cert)}.
//		Sign(root, "timestamp", "body")
//	signed := security.WithChild(signature) // security is an element of root
//
//	verified, err := xmlsec.Verify(signatureElement, xmlsec.ModernAlgorithms(), selectKey)
//	body, ok := verified.Of(bodyElement)    // the bytes that were signed, parsed afresh
//
//	token, err := signer.SignEnveloped(assertion, "uuid-1")           // the signature within
//	sealed, err := xmlsec.Encrypter{Method: xmlsec.AES256CBC, Public: key}.Encrypt(token)
//	opened, err := xmlsec.Decrypt(encryptedData, xmlsec.ModernAlgorithms(), selectDecrypter)
//	verified, err := xmlsec.VerifyEnveloped(opened.Element, xmlsec.ModernAlgorithms(), selectKey)
//
// The package knows bytes and keys only. It trusts no certificate a message
// carries: whoever verifies says which certificate speaks for the sender. What it
// hands back after a verification was parsed from the very octets whose digest
// matched, so nothing that the signature does not cover can be mistaken for it.
//
// Input is bounded in size, depth and number of nodes, and everything that makes
// two parsers see two documents is refused: document types, processing
// instructions, undeclared prefixes, duplicate identifiers, invalid characters.
package xmlsec
