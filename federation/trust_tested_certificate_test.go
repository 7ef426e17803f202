package federation_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/certificate"
	"exfed/federation"
)

// certificateFaults are those of the organization's own certificate, to the second.
func certificateFaults() []testedTrust {
	const invalid = "The certificate referenced by property OrgPrivCertificate in the FederationTrust object is not valid: "
	fault := func(text, cause string) []shown {
		return but(shown{"OrganizationCertificate", "Error", invalid + text + ".", cause},
			waiting("TokenRequest", "OrganizationCertificate"), waiting("TokenValidation", "OrganizationCertificate"))
	}
	over := steps(4, "Error.", 5, notRunOwn, 6, notRunOwn)
	soon := func(name string, left time.Duration, days string) testedTrust {
		return testedTrust{name, func(x *testedParty) (string, []shown) {
			x.now = x.own.Certificate.NotAfter.Add(-left)
			return "", but(shown{"OrganizationCertificate", "Warning",
				"Valid certificate referenced by property OrgPrivCertificate in the FederationTrust object. It expires on 2032-02-03T10:00:00Z, " +
					days + " days from now; after that the broker takes no change signed with it.", "CertificateExpiresSoon"})
		}, steps(4, "Warning.")}
	}
	const day = 24 * time.Hour
	return []testedTrust{
		{"sixty days to go", func(x *testedParty) (string, []shown) {
			x.now = x.own.Certificate.NotAfter.Add(-60 * day)
			return "", fine()
		}, soundSteps()},
		soon("a second less", 60*day-time.Second, "59"),
		soon("a week", 7*day, "7"),
		soon("the last second", 0, "0"),
		{"expired", func(x *testedParty) (string, []shown) {
			x.now = x.own.Certificate.NotAfter.Add(time.Second)
			text := `certificate "` + certificate.Thumbprint(x.own.Certificate) +
				`": is valid from ` + x.own.Certificate.NotBefore.Format(time.RFC3339) + " to 2032-02-03T10:00:00Z, and now it is 2032-02-03T10:00:01Z"
			return "", fault(text, "CertificateExpired")
		}, over},
		{"a clock that is months behind", func(x *testedParty) (string, []shown) {
			x.now = x.own.Certificate.NotBefore.Add(-time.Second)
			text := `certificate "` + certificate.Thumbprint(x.own.Certificate) + `": is valid from 2027-02-03T09:55:00Z to 2032-02-03T10:00:00Z, and now it is 2027-02-03T09:54:59Z`
			want := fault(text, "CertificateNotYetValid")
			want[2] = shown{"StsCertificate", "Error", "The certificate referenced by property TokenIssuerCertificate in the FederationTrust object is not valid: " +
				x.notInTime(x.broker.metadata.Certificate) + ".", "TokenIssuerExpired"}
			want[3] = shown{"StsPreviousCertificate", "Warning", "The certificate referenced by property TokenIssuerPrevCertificate in the FederationTrust object is not valid: " +
				x.notInTime(x.broker.metadata.PreviousCertificate) + ".", ""}
			want[5], want[6] = waitingFor("TokenRequest"), waitingFor("TokenValidation")
			return "", want
		}, steps(4, "Error.", 5, notRunBoth, 6, notRunBoth)},
		{"no key", func(x *testedParty) (string, []shown) {
			print := certificate.Thumbprint(x.own.Certificate)
			x.must(x.Keys.Delete(print))
			path := filepath.Join(filepath.Dir(x.path), "keys", print+".pem")
			return "", fault("key file "+path+": not found", "KeyNotFound")
		}, over},
	}
}

const notRunBoth = "Not run, because of the error of StsCertificate, OrganizationCertificate."

func waitingFor(id string) shown { return waiting(id, "StsCertificate, OrganizationCertificate") }

// TestTrustTestedToken: the token is asked for and judged as the organization itself, with
// every key it has.
func TestTrustTestedToken(t *testing.T) {
	t.Parallel()
	x := newTestedParty(t).federate()
	x.tested("", fine())
	x.tested("sales@contoso.ca", fine())
	want := []string{
		"FYDIBOHF25SPDLT.contoso.com at https://broker.example/tokens: MSExchange.Autodiscover as federation-test@contoso.com for FYDIBOHF25SPDLT.contoso.com to urn:federation:test",
		"FYDIBOHF25SPDLT.contoso.com at https://broker.example/tokens: MSExchange.Autodiscover as sales@contoso.ca for FYDIBOHF25SPDLT.contoso.com to urn:federation:test",
	}
	if diff := cmp.Diff(want, x.asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	own := certificate.Thumbprint(x.own.Certificate)
	if diff := cmp.Diff([]string{own, own}, x.askedBy); diff != "" {
		t.Errorf("asked by (-want +got):\n%s", diff)
	}
	presented := []federation.PresentedToken{
		{Encrypted: []byte("token of federation-test@contoso.com"), User: "federation-test@contoso.com", Offer: "MSExchange.Autodiscover", Profile: federation.Modern},
		{Encrypted: []byte("token of sales@contoso.ca"), User: "sales@contoso.ca", Offer: "MSExchange.Autodiscover", Profile: federation.Modern},
	}
	if diff := cmp.Diff(presented, x.judged); diff != "" {
		t.Errorf("judged (-want +got):\n%s", diff)
	}
	got := x.judgedBy[0]
	issuers := []string{x.print(x.broker.metadata.Certificate), x.print(x.broker.metadata.PreviousCertificate)}
	for i, c := range got.IssuerKeys {
		if certificate.Thumbprint(c) != issuers[i] {
			t.Errorf("issuer key %d is %s", i, certificate.Thumbprint(c))
		}
	}
	if got.Audience != "FYDIBOHF25SPDLT.contoso.com" || got.IssuerURI != "urn:federation:test" || len(got.IssuerKeys) != 2 ||
		len(got.Keys) != 1 || certificate.Thumbprint(got.Keys[0].Certificate) != own {
		t.Errorf("the judge is %s of %s with %d keys, %d of the broker", got.Audience, got.IssuerURI, len(got.Keys), len(got.IssuerKeys))
	}
}
