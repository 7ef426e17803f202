package token

import (
	"encoding/base64"
	"strings"
	"time"

	"exfed/federation/xmlsec"
)

// readToken reads a token whose signature holds.
func readToken(verified *xmlsec.Verified) (Token, error) {
	a, err := readAssertion(verified)
	if err != nil {
		return Token{}, err
	}
	return a.token()
}

// readAssertion reads an assertion whose signature holds, from the bytes that are signed.
// A comment or a CDATA section, which is not signed as such, is refused: two readers may
// see two values around it.
//
// Statements may come in either order and with white space between, as other issuers
// write them. What is not known here is refused, and so is what is there twice.
func readAssertion(verified *xmlsec.Verified) (assertion, error) {
	reference := verified.References[0]
	if reference.Source.Contains("<!") {
		return assertion{}, malformed("it holds a comment or a CDATA section")
	}
	e := reference.Element
	var a assertion
	steps := []func(*xmlsec.Element) error{a.readStart, a.readConditions, a.readAuthentication, a.readAttributes}
	for _, read := range steps {
		if err := read(e); err != nil {
			return assertion{}, err
		}
	}
	return a, nil
}

func (a *assertion) readStart(e *xmlsec.Element) (err error) {
	if !e.Is(Namespace, "Assertion") {
		return malformed("%s is no SAML assertion", e.Name)
	}
	if err := consistsOf(e, "MajorVersion MinorVersion AssertionID Issuer IssueInstant",
		"Conditions AuthenticationStatement AttributeStatement"); err != nil {
		return err
	}
	major, _ := e.Attribute("", "MajorVersion")
	minor, _ := e.Attribute("", "MinorVersion")
	if major != "1" || minor != "1" {
		return malformed("it is of SAML %.8q.%.8q, not 1.1", major, minor)
	}
	a.id, _ = e.Attribute("", "AssertionID")
	a.issuer, _ = e.Attribute("", "Issuer")
	if a.issueInstant, err = readInstant(e, "IssueInstant"); err == nil && a.issueInstant.IsZero() {
		return malformed("it has no IssueInstant")
	}
	return err
}

func (a *assertion) readConditions(e *xmlsec.Element) error {
	conditions, err := only(e, "Conditions", "NotBefore NotOnOrAfter", "AudienceRestrictionCondition")
	if err != nil {
		return err
	}
	if a.notBefore, err = readInstant(conditions, "NotBefore"); err != nil {
		return err
	}
	if a.notOnOrAfter, err = readInstant(conditions, "NotOnOrAfter"); err != nil {
		return err
	}
	if len(conditions.Elements()) == 0 {
		return nil // for anybody: the check of the audience refuses it
	}
	restriction, err := only(conditions, "AudienceRestrictionCondition", "", "Audience")
	if err != nil {
		return err
	}
	a.audience, err = text(restriction, "Audience", "")
	return err
}

func (a *assertion) readAuthentication(e *xmlsec.Element) error {
	statement, err := only(e, "AuthenticationStatement", "AuthenticationMethod AuthenticationInstant", "Subject")
	if err != nil {
		return err
	}
	subject, err := only(statement, "Subject", "", "NameIdentifier SubjectConfirmation")
	if err != nil {
		return err
	}
	if a.nameIdentifier, err = readName(subject); err != nil || len(subject.Elements()) == 1 {
		return err
	}
	a.proofKey, err = readProofKey(subject)
	return err
}

func readName(subject *xmlsec.Element) (string, error) {
	name, err := text(subject, "NameIdentifier", "Format")
	if err != nil {
		return "", err
	}
	if format, _ := subject.Named(Namespace, "NameIdentifier")[0].Attribute("", "Format"); format != formatUPN {
		return "", malformed("the name identifier has the format %.80q", format)
	}
	return name, nil
}

func readProofKey(subject *xmlsec.Element) ([]byte, error) {
	confirmation, err := subject.Only(Namespace, "SubjectConfirmation")
	if err != nil {
		return nil, malformedBecause(err)
	}
	if len(confirmation.Attributes) > 0 || len(confirmation.Elements()) != 2 {
		return nil, malformed("the subject is not confirmed by one method and one key")
	}
	method, err := text(confirmation, "ConfirmationMethod", "")
	if err != nil {
		return nil, err
	}
	if method != holderOfKey {
		return nil, malformed("the subject is confirmed by %.80q", method)
	}
	info, err := confirmation.Only(xmlsec.NamespaceSignature, "KeyInfo")
	if err != nil {
		return nil, malformedBecause(err)
	}
	secret, err := info.Only(namespaceTrust, "BinarySecret")
	if err != nil {
		return nil, malformedBecause(err)
	}
	value, err := secret.Value()
	if err != nil {
		return nil, malformedBecause(err)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil || len(info.Elements()) != 1 || len(key) < minProofKey || len(key) > maxProofKey {
		return nil, malformed("the subject is not confirmed by one key of %d to %d bytes", minProofKey, maxProofKey)
	}
	return key, nil
}

// readAttributes reads the statement that has the claims; it is about the same subject.
func (a *assertion) readAttributes(e *xmlsec.Element) error {
	statement, err := only(e, "AttributeStatement", "", "Subject Attribute")
	if err != nil {
		return err
	}
	subject, err := only(statement, "Subject", "", "NameIdentifier")
	if err != nil {
		return err
	}
	name, err := readName(subject)
	if err != nil {
		return err
	}
	if name != a.nameIdentifier {
		return malformed("its statements are about two subjects")
	}
	for _, attribute := range statement.Named(Namespace, "Attribute") {
		if err := a.readAttribute(attribute); err != nil {
			return err
		}
	}
	return nil
}

func (a *assertion) readAttribute(e *xmlsec.Element) error {
	if err := consistsOf(e, "AttributeName AttributeNamespace", "AttributeValue"); err != nil {
		return err
	}
	var read Attribute
	read.Name, _ = e.Attribute("", "AttributeName")
	read.Namespace, _ = e.Attribute("", "AttributeNamespace")
	for _, have := range a.attributes {
		if have.Name == read.Name && have.Namespace == read.Namespace {
			return malformed("it has the attribute %.80q twice", read.Name)
		}
	}
	var err error
	if read.Value, err = text(e, "AttributeValue", ""); err != nil {
		return err
	}
	a.attributes = append(a.attributes, read)
	return nil
}

// only returns the one child of that name, which has no attributes and children but
// those named, separated by blanks.
func only(parent *xmlsec.Element, local, attributes, children string) (*xmlsec.Element, error) {
	child, err := parent.Only(Namespace, local)
	if err != nil {
		return nil, malformedBecause(err)
	}
	return child, consistsOf(child, attributes, children)
}

// text returns the text of the one child of that name.
func text(parent *xmlsec.Element, local, attributes string) (string, error) {
	child, err := only(parent, local, attributes, "")
	if err != nil {
		return "", err
	}
	return child.Text(), nil
}

// consistsOf refuses attributes and children other than those named, and text beside
// children.
func consistsOf(e *xmlsec.Element, attributes, children string) error {
	for _, a := range e.Attributes {
		if a.Name.Space != "" || !isAmong(a.Name.Local, attributes) {
			return malformed("%s has an attribute %s", e.Name.Local, a.Name)
		}
	}
	for _, child := range e.Elements() {
		if child.Name.Space != Namespace || !isAmong(child.Name.Local, children) {
			return malformed("%s has a child %s", e.Name.Local, child.Name)
		}
	}
	if children != "" && strings.Trim(e.Text(), " \t\r\n") != "" {
		return malformed("%s holds text beside its children", e.Name.Local)
	}
	return nil
}

// isAmong reports whether a name is one of those named, separated by blanks.
func isAmong(name, names string) bool {
	for one := range strings.SplitSeq(names, " ") {
		if one == name {
			return name != ""
		}
	}
	return false
}

// readInstant reads an attribute of type xs:dateTime in UTC. One that is not there is
// the zero time.
func readInstant(e *xmlsec.Element, name string) (time.Time, error) {
	value, present := e.Attribute("", name)
	if !present {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil || !isStrict(value, t) {
		return time.Time{}, malformed("%s %.80q is no time in UTC", name, value)
	}
	return t.UTC(), nil
}

// isStrict refuses what time.Parse takes beyond RFC 3339, a comma for the point and
// hours of one digit, and zones other than Z.
func isStrict(value string, t time.Time) bool {
	fraction, sameSeconds := strings.CutPrefix(value, t.Format("2006-01-02T15:04:05"))
	return sameSeconds && (fraction == "Z" || strings.HasPrefix(fraction, ".") && strings.HasSuffix(fraction, "Z"))
}
