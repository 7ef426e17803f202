package server_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/broker/server"
)

// TestTokenDomainNotActive asks on behalf of a user, and for a target, whose domain waits.
func TestTokenDomainNotActive(t *testing.T) {
	t.Parallel()
	p := newPartners(t)
	p.open(func(o *server.Options) { o.ActivationDelay = time.Hour })
	p.mustAttach(p.contoso, "new.example")
	p.mustAttach(p.fabrikam, "coming.example")
	user, target := p.ask(), p.ask()
	user.user.EmailAddress = "sales@new.example"
	target.request.AppliesTo = "coming.example"
	requestor := p.ask()
	requestor.request.Requestor, requestor.user.Issuer = "new.example", "new.example"
	for fault, a := range map[string]asked{"MemberNameInvalid": user, "InvalidScope": target, "AuthenticationFailed": requestor} {
		_, body := p.postToken(a.message(t))
		if diff := cmp.Diff(tokenFaults()[fault], body); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	p.clock.advance(time.Hour)
	ran := 0
	for _, change := range []func(*asked){
		func(a *asked) { a.user.EmailAddress = "sales@new.example" },
		func(a *asked) { a.request.AppliesTo = "coming.example" },
		func(a *asked) { a.request.Requestor, a.user.Issuer = "new.example", "new.example" },
	} {
		a := p.ask()
		change(&a)
		if status, body := p.postToken(a.message(t)); !issuedBody(status, body) {
			t.Errorf("active: status %d, answer %s\n%s", status, body, p.log)
		}
		ran++
	}
	if ran != 3 {
		t.Errorf("%d ran", ran)
	}
}

// TestTokenCertificateExpired asks with a certificate that is registered and expired.
func TestTokenCertificateExpired(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	short := newPair(t, 1, func(c *x509.Certificate) { c.NotAfter = r.clock.Now().Add(time.Hour) })
	appID, err := r.client.CreateAppID(t.Context(), short, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &partners{rig: r, contoso: org{short, appID}, fabrikam: r.register(2)}
	p.federate(p.contoso, "contoso.com")
	p.federate(p.fabrikam, "fabrikam.com")
	for _, c := range []struct {
		after  time.Duration
		issued bool
	}{{0, true}, {time.Hour, true}, {time.Second, false}} {
		p.clock.advance(c.after)
		status, body := p.postToken(p.ask().message(t))
		if issuedBody(status, body) != c.issued || !c.issued && body != tokenFaults()["AuthenticationFailed"] {
			t.Errorf("%s later: status %d, answer %s", c.after, status, body)
		}
	}
}

// TestTokenReplay sends one request again and again, and parts of it in other requests.
func TestTokenReplay(t *testing.T) {
	t.Parallel()
	for _, profile := range profiles() {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			p := newPartners(t, func(o *server.Options) { o.Profile = profile })
			a := p.ask()
			message := a.message(t)
			if status, body := p.postToken(message); !issuedBody(status, body) {
				t.Fatalf("status %d, answer %s\n%s", status, body, p.log)
			}
			again := a // the same assertion of the user in a new request for something else
			again.request.Offer = "MSExchange.SharingCalendarFreeBusy"
			messages := [][]byte{message, again.message(t)}
			if profile == federation.Exchange { // the body is not signed there
				messages = append(messages, replaced(t, message, "MSExchange.MailTips", "MSExchange.SharingRead"))
			}
			before, refused := p.dump("signing_key"), 0 // the rig gives each process a signing key
			for _, step := range []func(){
				func() {},
				func() { p.open(func(o *server.Options) { o.Profile = profile }) }, // a new process
				func() { p.clock.advance(5*time.Minute - time.Second) },
				func() { p.clock.advance(time.Second) },
				func() { p.clock.advance(time.Hour) },
			} {
				step()
				for _, m := range messages {
					if _, body := p.postToken(m); body != tokenFaults()["AuthenticationFailed"] {
						t.Errorf("answer %s", body)
						continue
					}
					refused++
				}
			}
			if diff := cmp.Diff(before, p.dump("signing_key")); diff != "" {
				t.Errorf("the registry changed:\n%s", diff)
			}
			if want := 5 * len(messages); refused != want {
				t.Errorf("%d of %d replays were refused", refused, want)
			}
		})
	}
}
