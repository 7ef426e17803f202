package federation_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
)

const minimumTestedTrusts = 25

// testedTrust is a trust with one fault, and what is told of it.
type testedTrust struct {
	name  string
	spoil func(x *testedParty) (user string, want []shown)
	steps []string // of each step, its result
}

// The results of the six steps when all goes well, and when one fault keeps others waiting.
func soundSteps() []string {
	return []string{"Success.", "Success.", "Success.", "Success.", "Success. Token retrieved.", "Success."}
}

// steps is soundSteps with other results: pairs of a number, counted from one, and a result.
func steps(pairs ...any) []string {
	all := soundSteps()
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i].(int)-1] = pairs[i+1].(string)
	}
	return all
}

const (
	notRunConfiguration = "Not run, because of the error of FederationTrustConfiguration."
	notRunOwn           = "Not run, because of the error of OrganizationCertificate."
	notRunRequest       = "Not run, because of the error of TokenRequest."
)

func configuration(text, cause string) []shown {
	return but(
		shown{"FederationTrustConfiguration", "Error", "The FederationTrust object is not valid: " + text + ".", cause},
		waiting("TokenRequest", "FederationTrustConfiguration"), waiting("TokenValidation", "FederationTrustConfiguration"))
}

// TestTrustTested: each fault is told under the check that found it, with its own cause, and
// the steps of -Verbose agree with the checks.
func TestTrustTested(t *testing.T) {
	t.Parallel()
	var cases []testedTrust
	cases = append(cases, configurationFaults()...)
	cases = append(cases, issuerFaults()...)
	cases = append(cases, certificateFaults()...)
	cases = append(cases, tokenFaults()...)
	if len(cases) < minimumTestedTrusts {
		t.Errorf("%d cases, at least %d are expected", len(cases), minimumTestedTrusts)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newTestedParty(t).federate()
			user, want := c.spoil(x)
			before := x.file()
			if diff := cmp.Diff(c.steps, x.tested(user, want)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			x.unchanged(before)
		})
	}
}

func configurationFaults() []testedTrust {
	begun := steps(2, "Error.", 5, notRunConfiguration, 6, notRunConfiguration)
	unready := steps(1, "Error.", 5, notRunConfiguration, 6, notRunConfiguration)
	byHand := func(name, before, after, text, cause string, results []string) testedTrust {
		return testedTrust{name, func(x *testedParty) (string, []shown) {
			x.replace(before, after)
			return "", configuration(text, cause)
		}, results}
	}
	return []testedTrust{
		{"sound", func(*testedParty) (string, []shown) { return "", fine() }, soundSteps()},
		{"another user", func(*testedParty) (string, []shown) { return "sales@contoso.ca", fine() }, soundSteps()},
		{"a user of an unknown domain", func(*testedParty) (string, []shown) {
			return "sales@contoso.co.uk", configuration(`domain "contoso.co.uk": is not federated, so nobody vouches for its users`, "UserDomainNotFederated")
		}, unready},
		byHand("switched off", "enabled: true", "enabled: false", "federated organization identifier: federation is switched off", "FederationDisabled", unready),
		{"a domain begun", func(x *testedParty) (string, []shown) {
			x.replace("- domain: contoso.ca", "- domain: contoso.ca\n        pending: add")
			return "sales@contoso.ca", configuration(`domain "contoso.ca": is not registered completely (add was begun)`, "DomainUnfinished")
		}, unready},
		byHand("not registered", "    applicationIdentifier: APPID1\n", "    provisionedElsewhere: true\n",
			`federation trust "Contoso": is not registered with the broker`, "FederationTrustNotProvisioned", begun),
		byHand("another application URI", "applicationUri: FYDIBOHF25SPDLT.contoso.com", "applicationUri: FYDIBOHF25SPDLT.fabrikam.com",
			`federation trust "Contoso": its application URI is FYDIBOHF25SPDLT.fabrikam.com, and the account namespace is FYDIBOHF25SPDLT.contoso.com`, "ApplicationUriDiffers", begun),
		byHand("a publication begun", "    tokenIssuer:", "    pending: UpdateAppIdCertificate\n    tokenIssuer:",
			`federation trust "Contoso": the publication of its next certificate is begun and not finished`, "PublishUnfinished", begun),
	}
}

func issuerFaults() []testedTrust {
	stale := func(text, cause string) []shown {
		return but(shown{"FederationMetadata", "Error",
			`The federation metadata of the security token service does not match the federation trust: federation trust "Contoso": ` + text + ".", cause})
	}
	failed := func(err error, text, cause string) func(*testedParty) (string, []shown) {
		return func(x *testedParty) (string, []shown) {
			x.broker.before = func(string) error { return err }
			return "", but(shown{"FederationMetadata", "Error",
				"Unable to retrieve federation metadata from the security token service: " + text + ".", cause})
		}
	}
	untrusted := federation.Errorf(federation.Untrusted, "BrokerTlsNotTrusted", "trust broker broker.example", "its TLS certificate is not trusted")
	return []testedTrust{
		{"a broker that is away", failed(unreachable(), "trust broker: cannot be reached", "BrokerUnreachable"), steps(3, "Error.")},
		{"a broker with another name", failed(untrusted, "trust broker broker.example: its TLS certificate is not trusted", "BrokerTlsNotTrusted"), steps(3, "Error.")},
		{"another instance", func(x *testedParty) (string, []shown) {
			x.broker.metadata.URI = "urn:federation:other"
			return "", stale("this is the metadata of the broker urn:federation:other, and the trust is with urn:federation:test", "TokenIssuerAnother")
		}, steps(3, "Error.")},
		{"another address for tokens", func(x *testedParty) (string, []shown) {
			x.broker.metadata.EPR = "https://broker.example/new"
			return "", stale("the broker issues tokens at https://broker.example/new, and not at https://broker.example/tokens", "TokenIssuerStale")
		}, steps(3, "Error.")},
		{"stale keys", func(x *testedParty) (string, []shown) {
			old := x.print(x.broker.metadata.Certificate) + ", " + x.print(x.broker.metadata.PreviousCertificate)
			x.broker.metadata.Certificate = issuerCertificate(x.t, x.now)
			x.verdict = federation.Errorf(federation.Untrusted, "TokenSignerUnknown", "delegation token", "is signed with an unknown key")
			want := stale("the broker signs with certificate "+x.print(x.broker.metadata.Certificate)+", and the trust has "+old+
				", read on 2027-04-03T10:00:00Z", "TokenIssuerStale")
			want[6] = shown{"TokenValidation", "Error", "Failed to validate delegation token: delegation token: is signed with an unknown key.", "TokenSignerUnknown"}
			return "", want
		}, steps(3, "Error.", 6, "Error.")},
		{"a next key", func(x *testedParty) (string, []shown) {
			x.broker.metadata.PreviousCertificate = issuerCertificate(x.t, x.now)
			return "", but(shown{"FederationMetadata", "Warning",
				"The security token service publishes another certificate, with which it may sign in a few days: refresh the metadata of the trust.", "TokenIssuerStale"})
		}, steps(3, "Warning.")},
		{"a previous key that is over", func(x *testedParty) (string, []shown) {
			x.broker.metadata.PreviousCertificate = issuerCertificate(x.t, testedDay().AddDate(-5, 0, 0))
			x.must(x.SetTrust(x.t.Context(), "Contoso", federation.SetTrustRequest{RefreshMetadata: true}))
			x.told = nil
			return "", but(shown{"StsPreviousCertificate", "Warning",
				"The certificate referenced by property TokenIssuerPrevCertificate in the FederationTrust object is not valid: " +
					x.notInTime(x.broker.metadata.PreviousCertificate) + ".", ""})
		}, steps(4, "Warning.")},
		{"a key that is over", func(x *testedParty) (string, []shown) {
			x.broker.metadata.Certificate = issuerCertificate(x.t, testedDay().AddDate(-5, 0, 0))
			x.must(x.SetTrust(x.t.Context(), "Contoso", federation.SetTrustRequest{RefreshMetadata: true}))
			x.told = nil
			return "", but(shown{"StsCertificate", "Error",
				"The certificate referenced by property TokenIssuerCertificate in the FederationTrust object is not valid: " +
					x.notInTime(x.broker.metadata.Certificate) + ".", "TokenIssuerExpired"})
		}, steps(4, "Error.")},
	}
}

// notInTime is what is said of a certificate that is not valid now.
func (x *testedParty) notInTime(text string) string {
	c, err := federation.DecodeCertificate(text)
	x.must(err)
	return `certificate "` + certificate.Thumbprint(c) + `": is valid from ` + c.NotBefore.Format(time.RFC3339) + " to " +
		c.NotAfter.Format(time.RFC3339) + ", and now it is " + x.now.Format(time.RFC3339)
}

// TestTrustTestedWithoutOne tells an organization that has nothing yet what is missing first.
func TestTrustTestedWithoutOne(t *testing.T) {
	t.Parallel()
	x := newTestedParty(t)
	want := []shown{{"FederationTrustConfiguration", "Error", "The FederationTrust object is not valid: federation trust: there is none yet.", "NoFederationTrust"}}
	for _, s := range fine()[1:] {
		want = append(want, waiting(s.ID, "FederationTrustConfiguration"))
	}
	results := []string{"Error.", "Error.", notRunConfiguration, notRunConfiguration, notRunConfiguration, notRunConfiguration}
	if diff := cmp.Diff(results, x.tested("", want)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	x.told = nil
	x.trust(certificate.Thumbprint(x.own.Certificate))
	x.tested("", configuration("federated organization identifier: has no account namespace yet", "NoAccountNamespace"))
	if len(x.asked)+len(x.judged) != 0 {
		t.Errorf("asked for %q, judged %d", x.asked, len(x.judged))
	}
	_, err := x.TestTrust(t.Context(), federation.TrustTest{User: "nobody", Judge: x.judge})
	fails(t, err, federation.Invalid, "InvalidSmtpAddress")
}

func tokenFaults() []testedTrust {
	refused := func(name string, err *federation.Error, text, cause string) testedTrust {
		return testedTrust{name, func(x *testedParty) (string, []shown) {
			x.refusal = err
			return "", but(shown{"TokenRequest", "Error", "Failed to request delegation token: " + text + ".", cause}, waiting("TokenValidation", "TokenRequest"))
		}, steps(5, "Error.", 6, notRunRequest)}
	}
	service := func(kind federation.Kind, id, reason string) *federation.Error {
		return federation.Errorf(kind, id, "token service", "%s", reason)
	}
	judged := func(name, id, reason string) testedTrust {
		return testedTrust{name, func(x *testedParty) (string, []shown) {
			x.verdict = federation.Errorf(federation.Untrusted, id, "delegation token", "%s", reason)
			return "", but(shown{"TokenValidation", "Error", "Failed to validate delegation token: delegation token: " + reason + ".", id})
		}, steps(6, "Error.")}
	}
	return []testedTrust{
		refused("an unknown certificate", service(federation.Refused, "FailedAuthentication", "Authentication Failure"),
			"token service: Authentication Failure", "FailedAuthentication"),
		refused("a wrong clock", service(federation.Refused, "ClockOff", "Authentication Failure; this machine's clock is 5m0s ahead of the broker's"),
			"token service: Authentication Failure; this machine's clock is 5m0s ahead of the broker's", "ClockOff"),
		refused("not active at the broker", service(federation.Refused, "InvalidScope", "The request scope is invalid."),
			`federation trust "Contoso": the broker does not have FYDIBOHF25SPDLT.contoso.com as active: token service: The request scope is invalid.`, "OrganizationNotActive"),
		refused("a page in the place of a token", service(federation.Untrusted, "BrokerAnswerNotTrusted", "a web page came back where XML was expected"),
			"token service: a web page came back where XML was expected", "BrokerAnswerNotTrusted"),
		judged("another audience", "TokenAudience", `it is for "http://FYDIBOHF25SPDLT.fabrikam.com", not for "http://FYDIBOHF25SPDLT.contoso.com"`),
		judged("a token of another time", "TokenNotYetValid", "it is valid from 2027-04-03T10:05:00Z on"),
		{"a foreign error", func(x *testedParty) (string, []shown) {
			x.verdict = errors.New("no")
			return "", but(shown{"TokenValidation", "Error", "Failed to validate delegation token: no.", ""})
		}, steps(6, "Error.")},
	}
}
