// Package token writes and reads delegation tokens: SAML 1.1 assertions in which a broker
// tells one organization who is asking on the other side, for which purpose and until
// when. A token is signed within by the broker and encrypted to the organization it is
// for. The package also has the assertion by which an organization names its user to the
// broker (OnBehalfOf).
//
//	issued, err := token.Issuer{URI: uri, Pair: brokerPair, Profile: federation.Modern}.Issue(request, target, now)
//
//	verifier := token.Verifier{Profile: federation.Modern, Keys: ours, Certificates: brokers}
//	element, err := token.Find(document)
//	opened, err := verifier.Accept(element, token.Expectation{At: now, Issuer: uri, Audience: us, Offers: served})
//	opened, report := verifier.Examine(element, expectation) // every check, for people
//
// Nothing is believed that the signature of a configured issuer does not cover, and no
// certificate of a message is. Whatever could be read in two ways (a second audience, an
// attribute twice, a comment within an address) is refused.
package token
