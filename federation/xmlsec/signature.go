package xmlsec

import "strings"

const maxInclusivePrefixes = 64

// signature is a ds:Signature whose structure and algorithms are acceptable. Nothing
// about its value has been checked.
type signature struct {
	signedInfo *Element
	inclusive  []string
	method     SignatureMethod
	references []reference
	value      []byte
	keyInfo    KeyInfo
	element    *Element
	room       []byte // for canonical forms, one after the other
}

type reference struct {
	id        string
	target    *Element
	omit      *Element // the signature when it is enveloped, else nil
	inclusive []string
	method    DigestMethod
	digest    []byte
}

// readSignature reads XML Signature §4.1: SignedInfo, SignatureValue and KeyInfo if
// any, in that order. A ds:Object is refused, because nothing here would look at it.
func readSignature(e *Element, allowed *policy) (*signature, error) {
	if !e.Is(NamespaceSignature, "Signature") {
		return nil, e.malformed("%s is no signature", e.Name)
	}
	parts, err := structureOf(e, "Id")
	if err != nil {
		return nil, err
	}
	s := &signature{element: e}
	if s.signedInfo, err = parts.take("SignedInfo"); err != nil {
		return nil, err
	}
	if err := s.readSignedInfo(allowed); err != nil {
		return nil, err
	}
	value, err := parts.take("SignatureValue")
	if err != nil {
		return nil, err
	}
	if s.value, err = readBase64(value); err != nil {
		return nil, err
	}
	if info := parts.takeIf(NamespaceSignature, "KeyInfo"); info != nil {
		if s.keyInfo, err = readKeyInfo(info); err != nil {
			return nil, err
		}
	}
	if err := parts.end(); err != nil {
		return nil, err
	}
	return s, s.checkTargets()
}

func (s *signature) readSignedInfo(allowed *policy) error {
	parts, err := structureOf(s.signedInfo, "Id")
	if err != nil {
		return err
	}
	if s.inclusive, err = readMethod(&parts, "CanonicalizationMethod", allowed.checkCanonicalization); err != nil {
		return err
	}
	if _, err = readMethod(&parts, "SignatureMethod", func(uri string) error {
		s.method = SignatureMethod(uri)
		return allowed.checkSignature(s.method)
	}); err != nil {
		return err
	}
	for parts.next() != nil {
		e, err := parts.take("Reference")
		if err != nil {
			return err
		}
		if len(s.references) == maxReferences {
			return failf(TooLarge, "more than %d references", maxReferences)
		}
		r, err := readReference(e, allowed)
		if err != nil {
			return err
		}
		if allowed.enveloped {
			r.omit = s.element
		}
		s.references = append(s.references, r)
	}
	if len(s.references) == 0 {
		return s.signedInfo.malformed("a signature over nothing")
	}
	return nil
}

// checkTargets refuses two references to one element: they say no more than one does,
// and cost as much again.
func (s *signature) checkTargets() error {
	for i, r := range s.references { // of which there are maxReferences at most
		for _, other := range s.references[:i] {
			if other.target == r.target {
				return failf(ReferenceRefused, "two references to the element %.64q", r.id)
			}
		}
	}
	return nil
}

func readReference(e *Element, allowed *policy) (r reference, err error) {
	parts, err := structureOf(e, "Id", "URI", "Type")
	if err != nil {
		return r, err
	}
	uri, _ := e.Attribute("", "URI")
	if r.target, err = e.referent(uri); err != nil {
		return r, err
	}
	r.id = strings.TrimPrefix(uri, "#")
	transforms, err := parts.take("Transforms")
	if err != nil {
		return r, err
	}
	if r.inclusive, err = readTransforms(transforms, allowed); err != nil {
		return r, err
	}
	if _, err = readMethod(&parts, "DigestMethod", func(uri string) error {
		r.method = DigestMethod(uri)
		return allowed.checkDigest(r.method)
	}); err != nil {
		return r, err
	}
	value, err := parts.take("DigestValue")
	if err != nil {
		return r, err
	}
	if r.digest, err = readBase64(value); err != nil {
		return r, err
	}
	return r, parts.end()
}

// readTransforms reads the one transform there may be, behind the one that leaves an
// enveloped signature out. Others would be chances to make something else of what the
// reference names.
func readTransforms(e *Element, allowed *policy) (inclusive []string, err error) {
	parts, err := structureOf(e)
	if err != nil {
		return nil, err
	}
	if allowed.enveloped {
		if _, err := readMethod(&parts, "Transform", checkEnveloped); err != nil {
			return nil, err
		}
	}
	if inclusive, err = readMethod(&parts, "Transform", allowed.checkTransform); err != nil {
		return nil, err
	}
	return inclusive, parts.end()
}

// readMethod takes the element of that name, has its algorithm checked, and returns
// the prefixes of its InclusiveNamespaces. Other parameters are refused, among them
// the length an HMAC may be cut to.
func readMethod(from *structure, local string, check func(uri string) error) (inclusive []string, err error) {
	e, err := from.take(local)
	if err != nil {
		return nil, err
	}
	uri, _ := e.Attribute("", "Algorithm")
	if err := check(uri); err != nil {
		return nil, err
	}
	parts, err := structureOf(e, "Algorithm")
	if err != nil {
		return nil, err
	}
	if uri == ExclusiveC14N {
		if inclusive, err = readInclusive(&parts); err != nil {
			return nil, err
		}
	}
	return inclusive, parts.end()
}

func readInclusive(parts *structure) ([]string, error) {
	e := parts.takeIf(ExclusiveC14N, "InclusiveNamespaces")
	if e == nil {
		return nil, nil
	}
	list, err := structureOf(e, "PrefixList")
	if err != nil {
		return nil, err
	}
	value, _ := e.Attribute("", "PrefixList")
	prefixes := strings.Fields(value)
	if len(prefixes) > maxInclusivePrefixes {
		return nil, failf(TooLarge, "more than %d inclusive prefixes", maxInclusivePrefixes)
	}
	return prefixes, list.end()
}
