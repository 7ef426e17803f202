package server_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"exfed/federation/broker"
	"exfed/federation/xmlsec"
)

const (
	evilBody    = `<s:Body><AddUri xmlns="` + broker.Namespace + `"><appId>X</appId><uri>evil.example</uri></AddUri></s:Body>`
	closeHeader = `</s:Header>`
	openBody    = `<s:Body`
	closeBody   = `</s:Body>`
)

// attackList returns every way in which a request must not get through.
func attackList() map[string]func(t *testing.T, a *attacks) []byte {
	variant := func(change func(a *attacks, s *signed)) func(*testing.T, *attacks) []byte {
		return func(t *testing.T, a *attacks) []byte {
			s := a.good
			change(a, &s)
			return s.message(t)
		}
	}
	list := map[string]func(*testing.T, *attacks) []byte{
		"created five minutes ago":          variant(func(a *attacks, s *signed) { s.at = s.at.Add(-5 * time.Minute) }),
		"created five minutes from now":     variant(func(a *attacks, s *signed) { s.at = s.at.Add(5 * time.Minute) }),
		"created last year":                 variant(func(a *attacks, s *signed) { s.at = s.at.AddDate(-1, 0, 0) }),
		"key of nobody":                     variant(func(a *attacks, s *signed) { s.key = newPair(a.t, 3, nil) }),
		"key of another organization":       variant(func(a *attacks, s *signed) { s.key = a.attacker.pair }),
		"certificate of the victim claimed": variant(func(a *attacks, s *signed) { s.key, s.claim = a.attacker.pair, a.victim.pair.Certificate }),
		"another certificate of its key":    variant(func(a *attacks, s *signed) { s.key = newPair(a.t, 1, nil) }),
		"AppID of nobody":                   variant(func(a *attacks, s *signed) { s.request.AppID = "0000000000000000" }),
		"no AppID":                          variant(func(a *attacks, s *signed) { s.request.AppID = "" }),
		"RSA-SHA1":                          variant(func(a *attacks, s *signed) { s.method = xmlsec.RSASHA1 }),
		"SHA-1 digests":                     variant(func(a *attacks, s *signed) { s.digest = xmlsec.SHA1 }),
		"proof not covered":                 variant(func(a *attacks, s *signed) { s.proofUnsigned = true }),
		"no addressee":                      variant(func(a *attacks, s *signed) { s.to = "none" }),
		"for another broker":                variant(func(a *attacks, s *signed) { s.to = "https://other.example/service/managedelegation2.asmx" }),
		"for another port":                  variant(func(a *attacks, s *signed) { s.to = "https://broker.example:8443/service/managedelegation2.asmx" }),
		"for another path":                  variant(func(a *attacks, s *signed) { s.to = "https://broker.example/service/other.asmx" }),
		"for an address that is none":       variant(func(a *attacks, s *signed) { s.to = "%zz" }),
		"addressee not covered":             variant(func(a *attacks, s *signed) { s.toUnsigned = true }),
		"domain signature not covered":      variant(func(a *attacks, s *signed) { s.signatureUnsigned = true }),
	}
	for name, attack := range tampered() {
		list[name] = attack
	}
	for name, attack := range wrapped() {
		list[name] = attack
	}
	return list
}

// tampered changes a signed message, or takes something away.
func tampered() map[string]func(*testing.T, *attacks) []byte {
	swap := func(old, new string) func(*testing.T, *attacks) []byte {
		return func(t *testing.T, a *attacks) []byte { return replaced(t, a.good.message(t), old, new) }
	}
	return map[string]func(*testing.T, *attacks) []byte{
		"another domain":       swap("<uri>fabrikam.com", "<uri>contoso.net"),
		"another proof domain": swap("<Domain>fabrikam.com", "<Domain>contoso.net"),
		"another AppID": func(t *testing.T, a *attacks) []byte {
			return replaced(t, a.good.message(t), a.victim.appID, a.attacker.appID)
		},
		"another addressee":        swap("https://broker.example/", "https://broker.example:443/"),
		"another time":             swap("Created>2030-05-01T12:00:00Z", "Created>2030-05-01T12:00:01Z"),
		"another expiry":           swap("Expires>2030-05-01T12:05:00Z", "Expires>2039-05-01T12:05:00Z"),
		"another proof":            swap("</Signature></Domain", "AA==</Signature></Domain"),
		"another domain signature": swap("</DomainSignature>", "AA==</DomainSignature>"),
		"a blank in the body":      swap("<uri>", " <uri>"),
		"a header block more":      swap(closeHeader, `<DomainOwnershipProofHeader xmlns="`+broker.Namespace+`"><HashAlgorithm>SHA-512</HashAlgorithm><Signature>x</Signature></DomainOwnershipProofHeader>`+closeHeader),
		"a domain signature more":  swap(closeHeader, `<DomainSignature xmlns="urn:exfed:domain-ownership:1">AA==</DomainSignature>`+closeHeader),
		"algorithm name swapped":   swap("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512"),
		"signature value gone":     swap("<SignatureValue>", "<SignatureValue>AAAA"),
		"unsigned": func(t *testing.T, a *attacks) []byte {
			rest, _ := cut(t, a.good.message(t), `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">`, `</KeyInfo></Signature>`)
			return rest
		},
		"no domain signature": func(t *testing.T, a *attacks) []byte {
			rest, _ := cut(t, a.good.message(t), `<DomainSignature`, `</DomainSignature>`)
			return rest
		},
		"no Security header": func(t *testing.T, a *attacks) []byte {
			rest, _ := cut(t, a.good.message(t), `<o:Security`, `</o:Security>`)
			return rest
		},
		"no timestamp": func(t *testing.T, a *attacks) []byte {
			rest, _ := cut(t, a.good.message(t), `<u:Timestamp`, `</u:Timestamp>`)
			return rest
		},
		"no key information": func(t *testing.T, a *attacks) []byte {
			rest, _ := cut(t, a.good.message(t), `<KeyInfo`, `</KeyInfo>`)
			return rest
		},
		"another signer's certificate": func(t *testing.T, a *attacks) []byte {
			own := base64.StdEncoding.EncodeToString(a.victim.pair.Certificate.Raw)
			return replaced(t, a.good.message(t), own, base64.StdEncoding.EncodeToString(a.attacker.pair.Certificate.Raw))
		},
		"two certificates, the right one first": func(t *testing.T, a *attacks) []byte {
			more := `<X509Certificate>` + base64.StdEncoding.EncodeToString(a.attacker.pair.Certificate.Raw) + `</X509Certificate>`
			return replaced(t, a.good.message(t), `</X509Data>`, more+`</X509Data>`)
		},
		"two certificates": func(t *testing.T, a *attacks) []byte {
			more := `<X509Certificate>` + base64.StdEncoding.EncodeToString(a.attacker.pair.Certificate.Raw) + `</X509Certificate>`
			return replaced(t, a.good.message(t), `<X509Data>`, `<X509Data>`+more)
		},
	}
}

// wrapped leaves what was signed in the message and puts something else where the
// broker might look.
func wrapped() map[string]func(*testing.T, *attacks) []byte {
	// move takes the signed body away and returns the message with other parts.
	move := func(arrange func(head, body, tail string) string) func(*testing.T, *attacks) []byte {
		return func(t *testing.T, a *attacks) []byte {
			message := string(a.good.message(t))
			start, end := strings.Index(message, openBody), strings.Index(message, closeBody)+len(closeBody)
			return []byte(arrange(message[:start], message[start:end], message[end:]))
		}
	}
	return map[string]func(*testing.T, *attacks) []byte{
		"signed body in the header": move(func(head, body, tail string) string {
			return strings.Replace(head, closeHeader, `<w xmlns="urn:w">`+body+`</w>`+closeHeader, 1) + evilBody + tail
		}),
		"signed body in the security header": move(func(head, body, tail string) string {
			return strings.Replace(head, `</o:Security>`, body+`</o:Security>`, 1) + evilBody + tail
		}),
		"signed body in the signature": move(func(head, body, tail string) string {
			return strings.Replace(head, `</KeyInfo>`, `</KeyInfo><Object>`+body+`</Object>`, 1) + evilBody + tail
		}),
		"signed body within the other": move(func(head, body, tail string) string {
			return head + strings.Replace(evilBody, `</AddUri>`, body+`</AddUri>`, 1) + tail
		}),
		"the same id on another body": move(func(head, body, tail string) string {
			open := body[:strings.Index(body, ">")+1]
			evil := strings.Replace(evilBody, `<s:Body>`, open, 1)
			return strings.Replace(head, closeHeader, `<w xmlns="urn:w">`+body+`</w>`+closeHeader, 1) + evil + tail
		}),
		"the timestamp elsewhere": func(t *testing.T, a *attacks) []byte {
			rest, stamp := cut(t, a.good.message(t), `<u:Timestamp`, `</u:Timestamp>`)
			fresh := `<u:Timestamp><u:Created>2030-05-01T12:00:00Z</u:Created><u:Expires>2030-05-01T12:05:00Z</u:Expires></u:Timestamp>`
			rest = replaced(t, rest, `<Signature xmlns="http://www.w3`, fresh+`<Signature xmlns="http://www.w3`)
			stamp = replaced(t, stamp, `<u:Timestamp`, `<u:Timestamp xmlns:u="`+xmlsec.NamespaceWSU+`"`)
			return replaced(t, rest, closeHeader, `<w xmlns="urn:w">`+string(stamp)+`</w>`+closeHeader)
		},
		"the proof elsewhere": func(t *testing.T, a *attacks) []byte {
			rest, proof := cut(t, a.good.message(t), `<DomainOwnershipProofHeader`, `</DomainOwnershipProofHeader>`)
			evil := broker.MarshalProofHeader(*newProof(t, a.attacker.pair, "fabrikam.com", a.profile))
			return replaced(t, rest, `<o:Security`, string(evil)+`<w xmlns="urn:w">`+string(proof)+`</w><o:Security`)
		},
		"the domain signature elsewhere": func(t *testing.T, a *attacks) []byte {
			rest, genuine := cut(t, a.good.message(t), `<DomainSignature`, `</DomainSignature>`)
			evil := broker.MarshalDomainSignature(newProof(t, a.attacker.pair, "fabrikam.com", a.profile).Signature)
			return replaced(t, rest, `<o:Security`, string(evil)+`<w xmlns="urn:w">`+string(genuine)+`</w><o:Security`)
		},
		"a second security header first": func(t *testing.T, a *attacks) []byte {
			return replaced(t, a.good.message(t), `<o:Security`, `<o:Security xmlns:o="`+xmlsec.NamespaceWSSE+`"/><o:Security`)
		},
	}
}

// malformed are the attacks that end before any signature is looked at: identifiers
// or headers that two readers could choose differently among make no message.
func malformed() map[string]bool {
	return map[string]bool{"the same id on another body": true, "a header block more": true, "a domain signature more": true}
}
