package broker

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"exfed/federation"
	"exfed/federation/xmlsec"
)

// Request is a request of ManageDelegation2: the operation and its arguments. Each
// operation has only some of them; the others are not sent.
type Request struct {
	Operation      Operation
	AppID          string
	URI            string
	DomainName     string
	ProgramID      string // reserved for future use ([MS-OXWSLVID] 3.2.4.6)
	NewCertificate []byte // DER
	Properties     []federation.Property
}

// Marshal returns the child of the SOAP body. Its namespace is declared on itself.
func (r Request) Marshal() []byte {
	var w writer
	w.open(string(r.Operation), Namespace)
	for _, name := range r.Operation.arguments() {
		switch {
		case name == argProperties:
			r.writeProperties(&w)
		case name == argURI && r.URI == "": // CreateAppId before any domain is proven
		default:
			w.leaf(name, *r.text(name))
		}
	}
	w.close(string(r.Operation))
	return w.Bytes()
}

func (r Request) writeProperties(w *writer) {
	w.open(argProperties, "")
	for _, p := range r.Properties {
		w.open("Property", "")
		w.leaf("Name", p.Name)
		w.leaf("Value", p.Value)
		w.close("Property")
	}
	w.close(argProperties)
}

// text returns the argument of that name as text that can be read and set.
func (r *Request) text(name string) *string {
	switch name {
	case argAppID:
		return &r.AppID
	case argURI:
		return &r.URI
	case argDomainName:
		return &r.DomainName
	case argProgramID:
		return &r.ProgramID
	}
	encoded := base64.StdEncoding.EncodeToString(r.NewCertificate)
	return &encoded
}

// ParseRequest reads the child of the SOAP body. Arguments may be missing; those an
// operation does not have, or one given twice, are an error.
func ParseRequest(body *xmlsec.Element) (Request, error) {
	request := Request{Operation: Operation(body.Name.Local)}
	known := request.Operation.arguments()
	if body.Name.Space != Namespace || known == nil {
		return Request{}, fmt.Errorf("no operation %s", body.Name)
	}
	seen := make(map[string]bool, len(known))
	for _, argument := range body.Elements() {
		name := argument.Name.Local
		if argument.Name.Space != Namespace || !slices.Contains(known, name) {
			return Request{}, fmt.Errorf("%s has no argument %s", request.Operation, argument.Name)
		}
		if seen[name] {
			return Request{}, fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		if err := request.parseArgument(argument); err != nil {
			return Request{}, err
		}
	}
	return request, nil
}

func (r *Request) parseArgument(argument *xmlsec.Element) (err error) {
	name := argument.Name.Local
	if name == argProperties {
		r.Properties, err = parseProperties(argument)
		return err
	}
	text, err := argument.Value()
	if err != nil {
		return err
	}
	if name != argNewCertificate {
		*r.text(name) = strings.TrimSpace(text)
		return nil
	}
	r.NewCertificate, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return fmt.Errorf("%s is not Base64: %w", name, err)
	}
	return nil
}

func parseProperties(list *xmlsec.Element) ([]federation.Property, error) {
	var properties []federation.Property
	for _, e := range list.Elements() {
		if !e.Is(Namespace, "Property") {
			return nil, fmt.Errorf("properties hold the element %s", e.Name)
		}
		name, err := optionalText(e, Namespace, "Name")
		if err != nil {
			return nil, err
		}
		value, err := optionalText(e, Namespace, "Value")
		if err != nil {
			return nil, err
		}
		properties = append(properties, federation.Property{Name: name, Value: value})
	}
	return properties, nil
}

// optionalText returns the text of the only child of that name, "" when there is none.
func optionalText(parent *xmlsec.Element, space, local string) (string, error) {
	child, err := parent.Optional(space, local)
	if err != nil || child == nil {
		return "", err
	}
	return child.Value()
}
