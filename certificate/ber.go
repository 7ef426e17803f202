package certificate

import (
	"encoding/asn1"
	"errors"
)

// Bounds of what is read of ASN.1.
const maxBERDepth = 32

// Octets of identifiers and lengths in BER (X.690 sections 8.1.2, 8.1.3).
const (
	constructedBit   = 0x20
	octetString      = 0x04
	indefiniteLength = 0x80
)

var errBER = errors.New("its ASN.1 is broken off or damaged")

// toDER rewrites BER with definite lengths and with octet strings in one piece (X.690 sections
// 8.1.3.6 and 8.7.3), which is as much of DER as encoding/asn1 asks for: NSS and OpenSSL's
// streaming write the other forms. What is DER comes back octet by octet. data is one element
// and nothing after it.
func toDER(data []byte) ([]byte, error) {
	out, rest, err := elementToDER(data, maxBERDepth)
	if err == nil && len(rest) > 0 {
		err = errors.New("there is something after its end")
	}
	return out, err
}

// elementToDER rewrites the first element of data.
func elementToDER(data []byte, depth int) (out, rest []byte, err error) {
	identifier, body, rest, err := splitElement(data)
	if err != nil {
		return nil, nil, err
	}
	if identifier[0]&constructedBit == 0 {
		return element(identifier, body.content), rest, nil
	}
	if depth == 0 {
		return nil, nil, errors.New("its ASN.1 is nested too deeply")
	}
	var content []byte
	for left := body.content; ; {
		if body.ended(left) {
			if body.indefinite {
				rest = left[2:]
			}
			break
		}
		var part []byte
		if part, left, err = elementToDER(left, depth-1); err != nil {
			return nil, nil, err
		}
		if identifier[0] == octetString|constructedBit {
			if part, err = octetsOf(part); err != nil {
				return nil, nil, err
			}
		}
		content = append(content, part...)
	}
	if identifier[0] == octetString|constructedBit {
		identifier = []byte{octetString}
	}
	return element(identifier, content), rest, nil
}

// octetsOf returns the content of an octet string in DER.
func octetsOf(der []byte) ([]byte, error) {
	var octets []byte
	if _, err := asn1.Unmarshal(der, &octets); err != nil {
		return nil, errBER
	}
	return octets, nil
}

// body is what stands after an identifier. With an indefinite length, content goes on to the
// end of the data, and the element ends at two zero octets.
type body struct {
	content    []byte
	indefinite bool
}

func (b body) ended(left []byte) bool {
	if b.indefinite {
		return len(left) >= 2 && left[0] == 0 && left[1] == 0
	}
	return len(left) == 0
}

// splitElement takes the first element of data apart. rest means nothing while the length is
// indefinite.
func splitElement(data []byte) (identifier []byte, b body, rest []byte, err error) {
	n := 1
	if len(data) > 0 && data[0]&0x1f == 0x1f { // a tag number above 30
		for n < len(data) && data[n]&0x80 != 0 && n < 4 {
			n++
		}
		n++
	}
	if len(data) < n+1 {
		return nil, body{}, nil, errBER
	}
	identifier, length, data := data[:n], int(data[n]), data[n+1:]
	switch {
	case length == indefiniteLength && identifier[0]&constructedBit != 0:
		return identifier, body{content: data, indefinite: true}, nil, nil
	case length >= indefiniteLength:
		octets := length &^ indefiniteLength
		if octets == 0 || octets > 4 || len(data) < octets {
			return nil, body{}, nil, errBER
		}
		length = 0
		for _, o := range data[:octets] {
			length = length<<8 | int(o)
		}
		data = data[octets:]
	}
	if length < 0 || len(data) < length {
		return nil, body{}, nil, errBER
	}
	return identifier, body{content: data[:length]}, data[length:], nil
}

// element writes an identifier and a content with its length in DER.
func element(identifier, content []byte) []byte {
	out := append([]byte(nil), identifier...)
	if n := len(content); n < 0x80 {
		out = append(out, byte(n))
	} else {
		var octets []byte
		for ; n > 0; n >>= 8 {
			octets = append([]byte{byte(n)}, octets...)
		}
		out = append(append(out, indefiniteLength|byte(len(octets))), octets...)
	}
	return append(out, content...)
}
