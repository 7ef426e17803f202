package certificate_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"

	"exfed/certificate"

	"github.com/google/go-cmp/cmp"
)

func cn(value string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: value}
}

func attr(value string, oid ...int) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: oid, Value: value}
}

func TestParseName(t *testing.T) {
	t.Parallel()
	cases := map[string]pkix.RDNSequence{
		"CN=Federation": {{cn("Federation")}},
		// The last RDN of the text comes first in the encoding.
		"C=US, S=Washington,L=Redmond,O=Contoso,OU=IT,CN=mail.contoso.com": {
			{cn("mail.contoso.com")}, {attr("IT", 2, 5, 4, 11)}, {attr("Contoso", 2, 5, 4, 10)},
			{attr("Redmond", 2, 5, 4, 7)}, {attr("Washington", 2, 5, 4, 8)}, {attr("US", 2, 5, 4, 6)},
		},
		"cn=a;ST=b":                          {{attr("b", 2, 5, 4, 8)}, {cn("a")}},
		"OU=Sales+CN=J.  Smith,DC=example":   {{attr("example", 0, 9, 2342, 19200300, 100, 1, 25)}, {attr("Sales", 2, 5, 4, 11), cn("J.  Smith")}},
		`CN=James \"Jim\" Smith\, III`:       {{cn(`James "Jim" Smith, III`)}},
		`CN=Lu\C4\8Di\C4\87`:                 {{cn("Lučić")}},
		`CN=\ a\ `:                           {{cn(" a ")}},
		`CN= a  `:                            {{cn("a")}},
		`CN=\#a\20`:                          {{cn("#a ")}},
		`CN="Contoso, ""the"" \ Company" `:   {{cn(`Contoso, "the" \ Company`)}},
		`CN=a=b`:                             {{cn("a=b")}},
		"OID.1.3.6.1.4.1.32473.1=x,CN=a":     {{cn("a")}, {attr("x", 1, 3, 6, 1, 4, 1, 32473, 1)}},
		"2.5.4.3=a":                          {{cn("a")}},
		"emailAddress=a@b.example,CN=Müller": {{cn("Müller")}, {attr("a@b.example", 1, 2, 840, 113549, 1, 9, 1)}},
	}
	for text, want := range cases {
		got, err := certificate.ParseName(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseNameRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"":                                "is empty",
		"  ":                              "is empty",
		"Federation":                      "write TYPE=value",
		"CN=a,":                           `no = in ""`,
		"CN=":                             "CN has no value",
		`CN=""`:                           "CN has no value",
		"XY=a":                            `"XY" is no attribute type`,
		"=a":                              `"" is no attribute type`,
		"3.1=a":                           "is no attribute type",
		"1.40=a":                          "is no attribute type",
		"C=USA,CN=a":                      "the value of C has 3 characters",
		"C=U,CN=a":                        "two letters",
		"C=ÜÜ,CN=a":                       "ASCII",
		"E=ü@b.example,CN=a":              "ASCII",
		"CN=" + strings.Repeat("a", 65):   "has 65 characters, at most 64 fit",
		`CN=a\b`:                          `a backslash is written \\`,
		`CN=a\`:                           "is no escape",
		`CN=a\xx`:                         "is no escape",
		`CN=\ff`:                          "is not UTF-8",
		"CN=\xff":                         "is not UTF-8",
		`CN="a`:                           "never closed",
		`CN="a" b`:                        "a quote inside is written twice",
		`CN="a\"b"`:                       "a quote inside is written twice",
		`CN=a"b`:                          "quotes around the value",
		"CN=<a>":                          "quotes around the value",
		"CN=#04024869":                    "encoded values are not read",
		"CN=" + strings.Repeat("a", 5000): "is longer than 4096 bytes",
	}
	for text, reason := range cases {
		_, err := certificate.ParseName(text)
		if !certificate.IsCode(err, certificate.InvalidSubject) || !strings.Contains(err.Error(), reason) {
			t.Errorf("ParseName(%.40q): %v, want an error with %q", text, err, reason)
		}
	}
}

func TestFormatName(t *testing.T) {
	t.Parallel()
	cases := map[string]pkix.RDNSequence{
		"": nil,
		"CN=mail.contoso.com, O=Contoso, S=Washington, C=US": {
			{attr("US", 2, 5, 4, 6)}, {attr("Washington", 2, 5, 4, 8)}, {attr("Contoso", 2, 5, 4, 10)}, {cn("mail.contoso.com")}},
		`CN="Contoso, ""the"" Company" + OU=IT`: {{cn(`Contoso, "the" Company`), attr("IT", 2, 5, 4, 11)}},
		`CN=" a"`:                               {{cn(" a")}},
		`CN="a\b"`:                              {{cn(`a\b`)}},
		"OID.1.3.6.1.4.1.32473.1=x":             {{attr("x", 1, 3, 6, 1, 4, 1, 32473, 1)}},
		"OID.1.3.6.1.4.1.32473.1=#020105":       {{{Type: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1}, Value: 5}}},
	}
	for want, name := range cases {
		if got := certificate.FormatName(name); got != want {
			t.Errorf("FormatName = %s, want %s", got, want)
		}
	}
}

// FuzzName checks that a name that was read and written is read again as the same name.
func FuzzName(f *testing.F) {
	for _, seed := range []string{
		"CN=Federation", "C=US,S=WA,O=Contoso\\, Ltd.,CN=mail.contoso.com", `CN="a ""b""; c"+OU=\#x`, `CN=Lu\C4\8Di\C4\87`,
		"OID.1.2.3=x,2.5.4.3=a", `CN=\ `, "CN=a;E=b@c", `CN=a\\b`, "CN=a\nb", "CN=\u00a0a", "C=\t,", `C=US+S=000\00`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := certificate.ParseName(text)
		if err != nil {
			if !certificate.IsCode(err, certificate.InvalidSubject) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		written := certificate.FormatName(name)
		again, err := certificate.ParseName(written)
		if err != nil {
			t.Fatalf("%q was written as %q: %v", text, written, err)
		}
		if diff := cmp.Diff(name, again); diff != "" {
			t.Fatalf("%q was written as %q and read as another name:\n%s", text, written, diff)
		}
	})
}
