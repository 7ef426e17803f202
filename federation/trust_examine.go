package federation

import (
	"context"
	"strings"

	"exfed/certificate"
)

// testUser is who a test token is for when nobody is named. No mailbox is needed, and the
// token never leaves the organization.
const testUser = "federation-test"

// testOffer is what a test token is for.
const testOffer = "MSExchange.Autodiscover"

// PresentedToken is a token and what it must be.
type PresentedToken struct {
	Encrypted []byte
	User      string
	Offer     string
	Profile   SecurityProfile
}

// TrustTest asks for the trust to be tested.
type TrustTest struct {
	User string // in whose name the test token is asked for; empty for an address nobody has
	// Judge opens a token as the organization it was presented to. Its errors say why it
	// is not accepted.
	Judge func(presented PresentedToken, party RelyingParty) error
}

// TestTrust checks the organization's trust from end to end: what is configured, what the
// broker publishes, the certificates, and a token for the organization itself, which is
// then opened. Nothing is changed. There is a result for each of TrustCheckIDs, and an
// error only when the test could not be made.
func (o *Organization) TestTrust(ctx context.Context, test TrustTest) ([]TrustCheck, error) {
	if test.User != "" {
		if _, err := domainOfUser(test.User); err != nil {
			return nil, err
		}
	}
	id, err := o.Identifier(ctx)
	if err != nil {
		return nil, err
	}
	if test.User == "" {
		test.User = id.testAddress()
	}
	x := &trustExamination{o: o, id: id, test: test, results: map[TrustCheckID]TrustCheck{}}
	if err := x.run(ctx); err != nil {
		return nil, err
	}
	return x.report(), nil
}

// testAddress is an address in the domain that the organization's users have in tokens.
func (id OrganizationIdentifier) testAddress() string {
	domain := id.DefaultDomain
	if domain == "" {
		domain = PrimaryDomain(id.AccountNamespace)
	}
	if domain == "" {
		return ""
	}
	return testUser + "@" + string(domain)
}

// trustExamination is a test under way.
type trustExamination struct {
	o       *Organization
	id      OrganizationIdentifier
	test    TrustTest
	trust   FederationTrust
	pair    certificate.Pair
	token   TokenResponse
	results map[TrustCheckID]TrustCheck
}

// trustStep is one of the six steps that Exchange tells of. It returns how it went, ""
// when it could not be taken.
type trustStep struct {
	title string
	take  func(context.Context) EventType
	fruit string // what a success brings
}

func (x *trustExamination) steps() []trustStep {
	return []trustStep{
		{"Getting ADUser information for " + x.test.User + "...", x.checkUser, ""},
		{"Getting FederationTrust object for " + x.test.User + "...", x.checkTrust, ""},
		{"Validating that the FederationTrust has the same STS certificates as the actual certificates published by the STS in the federation metadata.", x.checkMetadata, ""},
		{"Getting STS and Organization certificates from the federation trust object...", x.checkCertificates, ""},
		{"Requesting delegation token...", x.requestToken, " Token retrieved."},
		{"Validating delegation token...", x.validateToken, ""},
	}
}

// run takes the steps. An interruption ends it.
func (x *trustExamination) run(ctx context.Context) error {
	steps := x.steps()
	for i, step := range steps {
		x.o.Step("STEP %d of %d: %s", i+1, len(steps), step.title)
		outcome := step.take(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		switch outcome {
		case "":
			x.o.Step("RESULT: %s", x.notRun())
		case EventSuccess:
			x.o.Step("RESULT: %s.%s", outcome, step.fruit)
		default:
			x.o.Step("RESULT: %s.", outcome)
		}
	}
	return nil
}

func (x *trustExamination) faults() []TrustCheckID {
	var ids []TrustCheckID
	for _, id := range TrustCheckIDs() {
		if x.results[id].Type == EventError {
			ids = append(ids, id)
		}
	}
	return ids
}

// report returns the results in order. What was not reached says which failure it waits for.
func (x *trustExamination) report() []TrustCheck {
	var all []TrustCheck
	for _, id := range TrustCheckIDs() {
		result, made := x.results[id]
		if !made {
			result = TrustCheck{ID: id, Type: EventWarning, Message: x.notRun()}
		}
		all = append(all, result)
	}
	return all
}

// notRun says which failures a check waits for.
func (x *trustExamination) notRun() string {
	var names []string
	for _, fault := range x.faults() {
		names = append(names, string(fault))
	}
	return "Not run, because of the error of " + strings.Join(names, ", ") + "."
}

// conclude keeps the result of a check: passed without an error.
func (x *trustExamination) conclude(id TrustCheckID, err error) EventType {
	result := TrustCheck{ID: id, Type: EventSuccess, Message: id.okMessage()}
	if err != nil {
		result = TrustCheck{ID: id, Type: EventError, Message: sentence(id.faultMessage(), err), Cause: err}
	}
	x.results[id] = result
	return result.Type
}

// warn keeps the result of a check that found something other than a fault; cause is nil
// when nothing is to be done about it.
func (x *trustExamination) warn(id TrustCheckID, message string, cause error) EventType {
	x.results[id] = TrustCheck{ID: id, Type: EventWarning, Message: message, Cause: cause}
	return EventWarning
}

// sentence puts the cause behind the message.
func sentence(message string, cause error) string {
	return strings.TrimSuffix(message, ".") + ": " + cause.Error() + "."
}

// passed reports whether a check was made and found no fault.
func (x *trustExamination) passed(id TrustCheckID) bool {
	result, made := x.results[id]
	return made && result.Type != EventError
}

// checkUser finds out whether the broker would vouch for the user. What is wrong about
// that is a fault of the configuration.
func (x *trustExamination) checkUser(context.Context) EventType {
	if err := x.id.CheckUser(x.test.User); err != nil {
		return x.conclude(CheckConfiguration, err)
	}
	return EventSuccess
}

// checkTrust finds the trust, also one that a faulty configuration will not use. That there
// is none comes before what is wrong with the user.
func (x *trustExamination) checkTrust(ctx context.Context) EventType {
	trust, err := x.o.onlyTrust(ctx)
	if err != nil {
		return x.conclude(CheckConfiguration, err)
	}
	x.trust = trust
	err = requireProvisioned(trust, x.id)
	if x.results[CheckConfiguration].Type != EventError {
		return x.conclude(CheckConfiguration, err)
	}
	if err != nil {
		return EventError
	}
	return EventSuccess
}

// requireProvisioned refuses a trust that is not set up to its end.
func requireProvisioned(trust FederationTrust, id OrganizationIdentifier) error {
	refuse := func(reason string) error {
		return Errorf(Conflict, "FederationTrustNotProvisioned", trustObject(trust.Name), "%s", reason)
	}
	switch {
	case trust.ApplicationIdentifier == "":
		return refuse("is not registered with the broker")
	case trust.ApplicationURI == "":
		return refuse("has no application URI")
	case trust.Pending == pendingUpdate:
		return Errorf(Conflict, "PublishUnfinished", trustObject(trust.Name), "the publication of its next certificate is begun and not finished")
	case id.AccountNamespace != "" && !strings.EqualFold(trust.ApplicationURI, id.AccountNamespace):
		return Errorf(Conflict, "ApplicationUriDiffers", trustObject(trust.Name), "its application URI is %s, and the account namespace is %s", trust.ApplicationURI, id.AccountNamespace)
	case !strings.EqualFold(id.DelegationTrust, trust.Name):
		return Errorf(Conflict, "FederationTrustNotLinked", trustObject(trust.Name), "is not the one of the federated organization identifier")
	}
	return nil
}

// requestToken asks for a token for the organization itself. Where the broker is asked
// does not depend on its metadata of now, which another step judges.
func (x *trustExamination) requestToken(ctx context.Context) EventType {
	if !x.passed(CheckConfiguration) || !x.passed(CheckOwnCertificate) {
		return ""
	}
	var err error
	x.token, err = x.o.askForToken(ctx, x.trust, x.pair, DelegationTokenRequest{User: x.test.User, Target: x.trust.ApplicationURI, Offer: testOffer})
	if idOf(err) == "InvalidScope" {
		// Who asks for a token for itself is its own target.
		err = &Error{Kind: Refused, ID: "OrganizationNotActive", Object: trustObject(x.trust.Name),
			Reason: "the broker does not have " + x.trust.ApplicationURI + " as active", Err: err}
	}
	return x.conclude(CheckTokenRequest, err)
}

// validateToken opens it as whoever it was presented to.
func (x *trustExamination) validateToken(context.Context) EventType {
	if !x.passed(CheckTokenRequest) {
		return ""
	}
	party, err := x.o.relyingParty(x.trust)
	if err == nil {
		err = x.test.Judge(PresentedToken{Encrypted: x.token.Encrypted, User: x.test.User, Offer: testOffer, Profile: x.trust.SecurityProfile}, party)
	}
	return x.conclude(CheckTokenValidation, err)
}
