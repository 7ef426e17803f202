package soap_test

import (
	"testing"
	"time"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

const (
	anotherToken   = `<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"/>`
	encryptedToken = `<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Id="Assertion0" ><xenc:CipherData/></xenc:EncryptedData>`
	freshTimestamp = `<u:Timestamp><u:Created>2030-01-01T12:00:00Z</u:Created><u:Expires>2030-01-01T12:05:00Z</u:Expires></u:Timestamp>`
)

// bearing returns a message with these Security headers.
func bearing(headers ...string) string {
	var all string
	for _, h := range headers {
		all += `<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" ` +
			`xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">` + h + `</o:Security>`
	}
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>` + all + `</s:Header><s:Body><Ask/></s:Body></s:Envelope>`
}

func TestTokenBlock(t *testing.T) {
	t.Parallel()
	for _, created := range []time.Time{{}, noon().Add(time.Second / 3)} {
		block := soap.TokenBlock(soap.SOAP11, []byte(encryptedToken), created)
		message, err := soap.Envelope{Headers: []soap.Block{block}, Body: []byte(`<Ask/>`)}.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		m, err := soap.ParseMessage(soap.SOAP11, message, xmlsec.Limits{}, soap.SecurityName())
		if err != nil {
			t.Fatal(err)
		}
		token, err := m.Token(noon())
		if err != nil || string(token.Source()) != encryptedToken {
			t.Errorf("created %s: token %v, error %v", created, token, err)
		}
		const want = `<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" ` +
			`xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:mustUnderstand="1">`
		timestamp := `<u:Timestamp u:Id="_0"><u:Created>2030-01-01T12:00:00Z</u:Created><u:Expires>2030-01-01T12:05:00Z</u:Expires></u:Timestamp>`
		if created.IsZero() {
			timestamp = ""
		}
		if got := string(block.XML); got != want+timestamp+encryptedToken+`</o:Security>` {
			t.Errorf("created %s: %s", created, got)
		}
	}
}

func TestMessageToken(t *testing.T) {
	t.Parallel()
	const signature = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>`
	cases := map[string]struct {
		message string
		now     time.Duration // after noon
		code    soap.MessageCode
	}{
		"a token":                          {bearing(encryptedToken), 0, ""},
		"with a timestamp":                 {bearing(freshTimestamp + encryptedToken), 0, ""},
		"and a signature":                  {bearing(freshTimestamp + encryptedToken + signature), 0, ""},
		"a signature alone":                {bearing(encryptedToken + signature), 0, ""},
		"just fresh":                       {bearing(freshTimestamp + encryptedToken), 5*time.Minute - 1, ""},
		"stale":                            {bearing(freshTimestamp + encryptedToken), 5 * time.Minute, soap.Stale},
		"of the future":                    {bearing(freshTimestamp + encryptedToken), -5 * time.Minute, soap.Stale},
		"no header":                        {bearing(), 0, soap.Unsigned},
		"two headers":                      {bearing(encryptedToken, anotherToken), 0, soap.Unsigned},
		"an empty header":                  {bearing(""), 0, soap.Unsigned},
		"two tokens":                       {bearing(encryptedToken + anotherToken), 0, soap.Unsigned},
		"a signature first":                {bearing(signature + encryptedToken), 0, soap.Unsigned},
		"a timestamp behind":               {bearing(encryptedToken + freshTimestamp), 0, soap.Unsigned},
		"two timestamps":                   {bearing(freshTimestamp + freshTimestamp + encryptedToken), 0, soap.Unsigned},
		"an assertion that is not hidden":  {bearing(`<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"/>`), 0, soap.Unsigned},
		"EncryptedData of another kind":    {bearing(`<EncryptedData xmlns="urn:x"/>`), 0, soap.Unsigned},
		"a timestamp that is none":         {bearing(`<u:Timestamp/>` + encryptedToken), 0, soap.Unsigned},
		"a timestamp without an end":       {bearing(`<u:Timestamp><u:Created>2030-01-01T12:00:00Z</u:Created></u:Timestamp>` + encryptedToken), 0, soap.Unsigned},
		"a token, a signature, a stranger": {bearing(encryptedToken + signature + `<x/>`), 0, soap.Unsigned},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := mustRead(t, c.message).Token(noon().Add(c.now))
			if codeOf(err) != c.code || (err == nil) != (c.code == "") || (err == nil) != (token != nil) {
				t.Errorf("Token = %v, %v, want code %q", token, err, c.code)
			}
		})
	}
	if len(cases) < 19 {
		t.Fatalf("%d cases", len(cases))
	}
}
