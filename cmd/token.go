package cmd

import (
	"context"
	"crypto"
	"encoding/hex"
	"errors"
	"strings"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
	"exfed/federation/token"
	"exfed/federation/xmlsec"
)

type getTokenParams struct{ user, target, offer, path, profile opt[string] }

func getDelegationToken() spec[getTokenParams] {
	return spec[getTokenParams]{
		name:  "Get-DelegationToken",
		short: "Asks the broker for a token with which a user is known to another organization",
		long: `The user is an address in one of the federated domains; no mailbox is needed. The token is
encrypted to the organization it is for, so what it says is for test-delegationtoken there.
The key that goes with it is neither shown nor kept.`,
		view: render.View{Kind: render.AsList, Key: "Audience"},
		examples: []string{
			"exfed get-delegationtoken -UserIdentity sales@contoso.com -Target fabrikam.com",
			"exfed get-delegationtoken -UserIdentity sales@contoso.com -Target http://FYDIBOHF25SPDLT.fabrikam.com -Offer MSExchange.Autodiscover -Path token.xml",
		},
		declare: func(p *getTokenParams, d *declaration) {
			p.offer.value = string(token.SharingCalendarFreeBusy)
			d.text(&p.user, "UserIdentity", "SmtpAddress", "The user to get the token for, an address in a federated domain.", required, at(1))
			d.text(&p.target, "Target", "String", "Who the token is for: a domain of the other organization, or its application URI.", required, at(2))
			d.text(&p.offer, "Offer", "String", "What the token may be used for: "+offerList()+", or another the broker has.", completesOffers(), defaults(p.offer.value))
			d.text(&p.path, "Path", "Path", "Writes the encrypted token to this new file.", filePath)
			d.securityProfile(&p.profile, defaults("the trust's"))
		},
		check: func(p *getTokenParams) error {
			if p.path.value == "-" {
				return &psargs.UsageError{ID: "PathIsOutput", Param: "Path", Msg: "-Path names a new file; standard output shows what is known about the token",
					Hints: []string{"exfed get-delegationtoken ... -Path token.xml, then exfed test-delegationtoken -Path token.xml where it is for"}}
			}
			return refuseEmpty(given{"Offer", p.offer}, given{"Path", p.path})
		},
		run: runGetToken,
	}
}

func runGetToken(ctx context.Context, e *env, p *getTokenParams) ([]render.Record, error) {
	if err := refuseExisting(p.path.value); err != nil {
		return nil, err
	}
	org, err := e.organization()
	if err != nil {
		return nil, err
	}
	request := federation.DelegationTokenRequest{User: p.user.value, Target: p.target.value, Offer: p.offer.value}
	if p.profile.given {
		profile := federation.SecurityProfile(p.profile.value)
		request.SecurityProfile = &profile
	}
	answer, err := org.DelegationToken(ctx, request)
	if err != nil {
		return nil, adviseOnOffer(err, request.Offer)
	}
	if p.path.value != "" {
		if err := writeNewFile(p.path.value, answer.Encrypted); err != nil {
			return nil, err
		}
	}
	record, err := tokenAnswerRecord(request, answer, p.path.value)
	return []render.Record{record}, err
}

// tokenAnswerRecord shows a token to the organization that asked for it. The proof key is
// a secret and not shown.
func tokenAnswerRecord(request federation.DelegationTokenRequest, answer federation.TokenResponse, path string) (render.Record, error) {
	element, err := xmlsec.Parse(answer.Encrypted, xmlsec.Limits{})
	if err != nil {
		return render.Record{}, &federation.Error{Kind: federation.Untrusted, ID: "TokenNotRead", Object: "token for " + answer.Audience, Reason: "is not XML", Err: err}
	}
	fields := []render.Field{
		render.Text("UserIdentity", request.User),
		render.Text("Target", request.Target),
		render.Text("Audience", answer.Audience),
		render.Text("Offer", request.Offer),
		render.Time("NotBefore", answer.NotBefore),
		render.Time("NotOnOrAfter", answer.NotOnOrAfter),
	}
	fields = append(fields, sealOf(element).fields()...)
	return render.New(append(fields, render.OptionalText("Path", path))...), nil
}

// seal is what an encrypted token says about its encryption to somebody who cannot open it.
type seal struct {
	method    xmlsec.EncryptionMethod
	keyMethod xmlsec.KeyEncryptionMethod
	recipient xmlsec.KeyInfo
}

// sealOf reads the seal of a token; it is empty for an assertion in the clear.
func sealOf(element *xmlsec.Element) seal {
	var s seal
	// The recipient is named where its key is asked for. There is none, so the token stays closed.
	_, _ = xmlsec.Decrypt(element, xmlsec.ExchangeAlgorithms(), func(info xmlsec.KeyInfo) (crypto.Decrypter, error) {
		s.recipient = info
		return nil, errors.New("nothing is to be opened")
	})
	if element.Is(xmlsec.NamespaceEncryption, "EncryptedData") {
		s.method = xmlsec.EncryptionMethod(algorithmOf(element))
		if info, err := element.Only(xmlsec.NamespaceSignature, "KeyInfo"); err == nil {
			if key, err := info.Only(xmlsec.NamespaceEncryption, "EncryptedKey"); err == nil {
				s.keyMethod = xmlsec.KeyEncryptionMethod(algorithmOf(key))
			}
		}
	}
	return s
}

// algorithmOf returns the algorithm an encrypted element or key names, "" for none.
func algorithmOf(element *xmlsec.Element) string {
	method, err := element.Only(xmlsec.NamespaceEncryption, "EncryptionMethod")
	if err != nil {
		return ""
	}
	algorithm, _ := method.Attribute("", "Algorithm")
	return algorithm
}

func (s seal) fields() []render.Field {
	recipient := ""
	if s.method != "" {
		recipient = token.KeyName(s.recipient)
	}
	return []render.Field{
		render.OptionalText("EncryptionMethod", s.method),
		render.OptionalText("KeyEncryptionMethod", s.keyMethod),
		render.OptionalText("EncryptedTo", recipient),
		render.OptionalText("SubjectKeyIdentifier", hexKey(s.recipient.SubjectKeyIdentifier)),
	}
}

// hexKey writes a key identifier as get-exchangecertificate shows it.
func hexKey(identifier []byte) string { return strings.ToUpper(hex.EncodeToString(identifier)) }
