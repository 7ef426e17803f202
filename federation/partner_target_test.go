package federation_test

import (
	"errors"
	"testing"

	"exfed/federation"
)

func TestTargets(t *testing.T) {
	t.Parallel()
	const (
		uri, ews, owa, discovery = federation.TargetApplicationURI, federation.TargetSharingEPR, federation.TargetOwaURL, federation.TargetAutodiscoverEPR
	)
	cases := []struct {
		target federation.Target
		text   string
		id     string // "" when it is right
	}{
		{uri, "outlook.com", ""},
		{uri, "http://outlook.com/", ""},
		{uri, "FYDIBOHF25SPDLT.contoso.com", ""},
		{uri, "urn:contoso:sharing", ""},
		{uri, "out look.com", "InvalidApplicationUri"},
		{uri, "outlook.com\u202e", "InvalidApplicationUri"},
		{ews, "https://outlook.office365.com/EWS/Exchange.asmx", ""},
		{ews, "https://mail.contoso.com:8443/ews/exchange.asmx/wssecurity", ""},
		{ews, "https://mail.contoso.com/autodiscover/autodiscover.svc/wssecurity", "AutodiscoverUrlForSharing"},
		{ews, "https://mail.contoso.com/AutoDiscover.svc", "AutodiscoverUrlForSharing"},
		{ews, "http://mail.contoso.com/EWS/Exchange.asmx", "InsecureUrl"},
		{ews, "mail.contoso.com/EWS/Exchange.asmx", "InvalidUrl"},
		{ews, "https:///EWS/Exchange.asmx", "InvalidUrl"},
		{ews, "https://mail.contoso.com/EWS/Exchange.asmx#top", "InvalidUrl"},
		{ews, "https://mail.contoso.com/EWS/\u202eExchange.asmx", "InvalidUrl"},
		{ews, "https://mail.contoso.com/%zz", "InvalidUrl"},
		{ews, "https://me:secret@mail.contoso.com/EWS/Exchange.asmx", "UrlWithUser"},
		{discovery, "https://mail.fourthcoffee.com/autodiscover/autodiscover.svc/wssecurity", ""},
		{discovery, "https://mail.contoso.com/EWS/Exchange.asmx", "EwsUrlForAutodiscover"},
		{discovery, "https://mail.contoso.com/ews/", "EwsUrlForAutodiscover"},
		{discovery, "ftp://mail.contoso.com/autodiscover", "InsecureUrl"},
		{owa, "http://mail.contoso.com/owa", ""},
		{owa, "https://mail.contoso.com/owa", ""},
		{owa, "ftp://mail.contoso.com/owa", "InsecureUrl"},
	}
	for _, c := range cases {
		err := federation.CheckTarget(c.target, c.text)
		if c.id != "" {
			fails(t, err, federation.Invalid, c.id)
		} else if err != nil {
			t.Errorf("%s %q: %v", c.target, c.text, err)
		}
		var fault *federation.Error
		if errors.As(err, &fault) && c.id == "UrlWithUser" && fault.Error() != "TargetSharingEpr: a user or a password cannot stand in the URL" {
			t.Errorf("%q", fault)
		}
	}
	if len(cases) < 24 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestApplicationURIsAreCompared(t *testing.T) {
	t.Parallel()
	cases := []struct {
		a, b string
		same bool
	}{
		{"outlook.com", "http://outlook.com/", true},
		{"outlook.com", "HTTPS://Outlook.com", true},
		{"FYDIBOHF25SPDLT.contoso.com", "fydibohf25spdlt.contoso.com", true},
		{"FYDIBOHF25SPDLT.contoso.com", "contoso.com", false},
		{"outlook.com", "outlook.com.example", false},
		{"urn:contoso", "contoso", false},
		{"outlook.com", "", false},
	}
	for _, c := range cases {
		if federation.SameApplicationURI(c.a, c.b) != c.same || federation.SameApplicationURI(c.b, c.a) != c.same {
			t.Errorf("%q and %q: the same is %t", c.a, c.b, !c.same)
		}
	}
	if len(cases) < 7 {
		t.Errorf("only %d cases", len(cases))
	}
}
