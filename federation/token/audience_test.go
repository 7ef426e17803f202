package token_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation/token"
)

func TestNormalAudience(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"FYDIBOHF25SPDLT.fabrikam.com":         "http://fydibohf25spdlt.fabrikam.com",
		"http://FYDIBOHF25SPDLT.fabrikam.com":  "http://fydibohf25spdlt.fabrikam.com",
		"HTTP://fydibohf25spdlt.FABRIKAM.com/": "http://fydibohf25spdlt.fabrikam.com",
		"outlook.com":                          "http://outlook.com",
		"outlook.com/":                         "http://outlook.com",
		"http://outlook.office.com/":           "http://outlook.office.com",
		"https://outlook.office.com":           "https://outlook.office.com",
		"http://a.example/Path/":               "http://a.example/Path",
		"http://a.example//":                   "http://a.example/",
		"http://A.example?Q":                   "http://a.example?Q",
		"http://a.example:8080":                "http://a.example:8080",
		"urn:federation:MicrosoftOnline":       "urn:federation:MicrosoftOnline",
		"uri:WindowsLiveID":                    "uri:WindowsLiveID",
		"http://\u212Aontoso.com":              "http://\u212Aontoso.com", // the Kelvin sign is no k
		"":                                     "",
	}
	got := map[string]string{}
	for uri := range want {
		got[uri] = token.NormalAudience(uri)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if token.SameAudience("", "") {
		t.Error("nobody is the same as nobody")
	}
	if token.SameAudience("a\x9d", "a\x9c") {
		t.Error("two that are not text are the same")
	}
}

func FuzzSameAudience(f *testing.F) {
	for _, seed := range []string{"FYDIBOHF25SPDLT.a.com", "http://A.com/", "urn:x:Y", "", "\x9d", "://", "a/b", "http://"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		normal := token.NormalAudience(uri)
		if token.SameAudience(uri, uri) != (uri != "") {
			t.Errorf("%q is not the same as itself", uri)
		}
		if strings.HasPrefix(uri, "http://") && !strings.HasPrefix(normal, "http://") {
			t.Errorf("%q became %q", uri, normal)
		}
		if uri != "" && !strings.Contains(uri, ":") && !token.SameAudience(uri, "http://"+uri) {
			t.Errorf("%q is not the same as with a scheme", uri)
		}
		if len(normal) > len(uri)+len("http://") {
			t.Errorf("%q grew to %q", uri, normal)
		}
	})
}

func TestAddressDomain(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	want := map[string]string{
		"sales@contoso.com": "contoso.com", "a.b+c@Contoso.COM": "contoso.com", "o'neil@mail.contoso.co.uk": "mail.contoso.co.uk",
		long + "@contoso.com": "contoso.com", "{x}@xn--bcher-kva.example": "xn--bcher-kva.example",
	}
	for address, domain := range want {
		if got, err := token.AddressDomain(address); err != nil || string(got) != domain {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
	refused := []string{
		"", "@", "a@", "@b.com", "a", "a@b", "a@b@c.com", `"a"@b.com`, "a b@c.com", "a@b .com", " a@b.com", "a@b.com ", ".a@b.com", "a.@b.com",
		"a..b@c.com", "a@b.com.", "a@.b.com", "a@[127.0.0.1]", "a@b_c.com", "a@*.com", "ä@b.com", "a@bücher.example", "a@b.com\n", "a\x00@b.com",
		"<a@b.com>", "a@b.com,c@d.com", "a;b@c.com", "a(x)@b.com", long + "a@b.com", "a@" + strings.Repeat("b.", 130) + "com",
		"XGuNpVunD0afQeVNfyoUIQ==",
	}
	for _, address := range refused {
		if got, err := token.AddressDomain(address); err == nil || got != "" {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
	if len(want) < 5 || len(refused) < 31 {
		t.Fatalf("%d and %d addresses, want 5 and 31", len(want), len(refused))
	}
}
