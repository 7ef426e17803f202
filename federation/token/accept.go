package token

import (
	"errors"
	"time"

	"exfed/federation"
	"exfed/federation/xmlsec"
)

// Open decrypts a token with the own key that it names, and verifies that one of the
// issuer's certificates, valid at that time, signed it. Nothing of it comes back when
// one of that fails, or when it has not the shape of a token.
//
// A failure is a *federation.Error of kind Untrusted whose ID is a reason of the first
// three checks, or of kind Invalid with the ID InvalidSecurityProfile. The sender gets
// to know Refusal only.
func (v Verifier) Open(e *xmlsec.Element, now time.Time) (*Opened, error) {
	opened, _, err := v.open(e, now)
	return opened, err
}

// Accept opens a token and makes every check. The token may be used exactly when there
// is no error.
//
// A failure is a *federation.Error as those of Open, its ID the reason of the first check
// that did not pass.
func (v Verifier) Accept(e *xmlsec.Element, x Expectation) (*Opened, error) {
	opened, _, err := v.open(e, x.At)
	if err == nil {
		err = x.Accept(opened)
	}
	if err != nil {
		return nil, err
	}
	return opened, nil
}

// Accept makes every check of what an opened token claims. A failure is a
// *federation.Error, its ID the reason of the first check that did not pass.
func (x Expectation) Accept(o *Opened) error {
	x.brief = true
	return firstRefused(x.check(o.Token))
}

// Examine makes every check and says what came of each, for people. Opened is nil when
// the token could not be opened. Else it holds what the token claims, be that right or
// wrong: whether to use it is for Accept to say.
func (v Verifier) Examine(e *xmlsec.Element, x Expectation) (*Opened, []Finding) {
	opened, findings, err := v.open(e, x.At)
	if err == nil {
		return opened, append(findings, x.check(opened.Token)...)
	}
	stopped := findings[len(findings)-1].Check
	for _, check := range Checks()[len(findings):] {
		findings = append(findings, Finding{Check: check, Reason: ReasonNotReached, Text: "not checked, since " + string(stopped) + " failed"})
	}
	return nil, findings
}

// AcceptOnBehalfOf verifies the assertion by which an organization names its user, one
// of whose certificates are those of the Verifier, and makes the checks of what it
// claims. It comes in the clear. Expectation.Issuer is the organization, Audience the
// broker, Domains what the organization has registered.
//
// A failure is a *federation.Error as those of Accept.
func (v Verifier) AcceptOnBehalfOf(e *xmlsec.Element, x Expectation) (OnBehalfOf, error) {
	allowed, err := allowedIn(v.Profile)
	if err != nil {
		return OnBehalfOf{}, err
	}
	verified, err := v.verify(e, allowed, x.At)
	if err != nil {
		return OnBehalfOf{}, err
	}
	a, err := readAssertion(verified)
	if err != nil {
		return OnBehalfOf{}, err
	}
	x.brief = true
	o, err := a.onBehalfOf()
	if err == nil {
		err = firstRefused(x.checkOnBehalfOf(o))
	}
	if err != nil {
		return OnBehalfOf{}, err
	}
	return o, nil
}

// open makes the first three checks. There is a finding for each that was made.
func (v Verifier) open(e *xmlsec.Element, now time.Time) (*Opened, []Finding, error) {
	allowed, err := allowedIn(v.Profile)
	if err != nil {
		return nil, []Finding{refused(CheckDecryption, err)}, err
	}
	plain, encryption, err := v.decrypt(e, allowed)
	if err != nil {
		return nil, []Finding{refused(CheckDecryption, err)}, err
	}
	findings := append(make([]Finding, 0, len(Checks())), decrypted(encryption))
	verified, err := v.verify(plain, allowed, now)
	if err != nil {
		return nil, append(findings, refused(CheckSignature, err)), err
	}
	findings = append(findings, passed(CheckSignature, "it is signed with the key of %s, %s", KeyName(verified.KeyInfo), verified.Method))
	t, err := readToken(verified)
	if err != nil {
		return nil, append(findings, refused(CheckStructure, err)), err
	}
	findings = append(findings, passed(CheckStructure, "it is a SAML 1.1 assertion about one subject and for one audience at most"))
	return &Opened{Token: t, Signature: signatureOf(verified), Encryption: encryption}, findings, nil
}

func decrypted(e *Encryption) Finding {
	if e == nil {
		return passed(CheckDecryption, "it is not encrypted")
	}
	return passed(CheckDecryption, "it is encrypted to the key of %s, %s, %s", KeyName(e.KeyInfo), e.Method, e.KeyMethod)
}

// refused is the finding of a check that ended in an error.
func refused(check Check, err error) Finding {
	finding := Finding{Check: check, Outcome: Failed, Text: err.Error()}
	var fault *federation.Error
	if errors.As(err, &fault) {
		finding.Reason, finding.Text = fault.ID, fault.Reason
		if fault.Err != nil {
			finding.Text += ": " + fault.Err.Error()
		}
	}
	return finding
}

// firstRefused makes an error of the first finding that has not passed.
func firstRefused(findings []Finding) error {
	for _, f := range findings {
		if f.Outcome != Passed {
			return federation.Errorf(federation.Untrusted, f.Reason, object, "%s", f.Text)
		}
	}
	return nil
}
