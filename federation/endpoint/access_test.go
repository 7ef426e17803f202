package endpoint_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/availability"
	"exfed/federation/token"
)

// TestLevels: each level of a relationship with each permission of a calendar and each view
// that is asked for, the whole answer.
func TestLevels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.has("anna", tea(), doctor())
	pass := issue(t)
	granted := map[federation.FreeBusyAccessLevel]map[federation.CalendarPermission]string{
		"None":             {"None": "", "AvailabilityOnly": "", "LimitedDetails": "", "Reviewer": ""},
		"AvailabilityOnly": {"None": "", "AvailabilityOnly": "times", "LimitedDetails": "times", "Reviewer": "times"},
		"LimitedDetails":   {"None": "", "AvailabilityOnly": "times", "LimitedDetails": "details", "Reviewer": "details"},
	}
	views := map[string]map[availability.ViewType]string{
		"": {"MergedOnly": noAccess, "FreeBusy": noAccess, "FreeBusyMerged": noAccess, "Detailed": noAccess, "DetailedMerged": noAccess},
		"times": {
			"MergedOnly": shown("MergedOnly", digits), "FreeBusy": shown("FreeBusy", plainEvents), "FreeBusyMerged": shown("FreeBusyMerged", digits+plainEvents),
			"Detailed": shown("FreeBusy", plainEvents), "DetailedMerged": shown("FreeBusyMerged", digits+plainEvents),
		},
		"details": {
			"MergedOnly": shown("MergedOnly", digits), "FreeBusy": shown("FreeBusy", plainEvents), "FreeBusyMerged": shown("FreeBusyMerged", digits+plainEvents),
			"Detailed": shown("Detailed", fullEvents), "DetailedMerged": shown("DetailedMerged", digits+fullEvents),
		},
	}
	cases := 0
	for level, permissions := range granted {
		for permission, what := range permissions {
			shared := relationships()
			shared[0].FreeBusyAccessLevel = level
			w.change(func() {
				w.published, w.stamp = publishedBy(t, shared, []federation.Mailbox{mailbox("anna", permission)}), fmt.Sprint(level, permission)
			})
			for view, want := range views[what] {
				cases++
				request := asking("anna@fabrikam.com")
				request.FreeBusy.RequestedView = view
				got := w.freeBusy(pass, request)
				if diff := cmp.Diff(availabilityOf(want), got.body); diff != "" || got.status != http.StatusOK {
					t.Errorf("%s, %s, %s: %d (-want +got):\n%s", level, permission, view, got.status, diff)
				}
			}
		}
	}
	if cases != 60 {
		t.Fatalf("%d cases", cases)
	}
}

// TestWhoIsAPartner: whose domain it is decides, and nothing that looks like it does.
func TestWhoIsAPartner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.calendars.has("anna")
	const seen = `<t:MergedFreeBusy>0000</t:MergedFreeBusy><t:CalendarEventArray></t:CalendarEventArray>`
	cases := map[string]string{
		"carol@contoso.com":                availabilityOf(shown("DetailedMerged", seen)),
		"Carol@CONTOSO.com":                availabilityOf(shown("DetailedMerged", seen)),
		"carol@xn--bcher-kva.example":      availabilityOf(shown("DetailedMerged", seen)),
		"carol@XN--BCHER-KVA.example":      availabilityOf(shown("DetailedMerged", seen)),
		"carol@adatum.com":                 availabilityOf(noAccess), // disabled
		"carol@tailspin.com":               availabilityOf(noAccess), // no relationship
		"carol@fabrikam.com":               availabilityOf(noAccess), // not even oneself
		"carol@sales.contoso.com":          availabilityOf(noAccess),
		"carol@com":                        tokenRefused(),
		"carol@contoso.com.evil.com":       availabilityOf(noAccess),
		"carol@evilcontoso.com":            availabilityOf(noAccess),
		"carol@c0ntoso.com":                availabilityOf(noAccess),
		"carol@xn--contos-m6a.com":         availabilityOf(noAccess), // a look-alike
		"carol@xn--a.com":                  tokenRefused(),           // no A-label
		"carol@contoso.com.":               tokenRefused(),
		"carol@bücher.example":             tokenRefused(),
		"carol@ｃontoso.com":                tokenRefused(),
		"carol@\u0441ontoso.com":           tokenRefused(), // Cyrillic
		"carol@contoso.com@tailspin.com":   tokenRefused(),
		"\"x@tailspin.com\"@contoso.com":   tokenRefused(),
		"carol@contoso.com,x@tailspin.com": tokenRefused(),
		" carol@contoso.com":               tokenRefused(),
		"contoso.com":                      tokenRefused(),
		"@contoso.com":                     tokenRefused(),
		"":                                 tokenRefused(),
	}
	for address, want := range cases {
		sealed := forge(t, federation.Modern, func(claims *token.Token) { claims.EmailAddress = address })
		if diff := cmp.Diff(want, w.freeBusy(sealed, asking("anna@fabrikam.com")).body); diff != "" {
			t.Errorf("%q (-want +got):\n%s", address, diff)
		}
	}
	if len(cases) != 25 {
		t.Fatalf("%d cases", len(cases))
	}
	if w.calendars.asked != 4 {
		t.Errorf("calendars were read %d times, for 4 who may see one", w.calendars.asked)
	}
}

// TestStrangersLearnNothing: whether there is a mailbox is told only to those who might be
// shown what is in it.
func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nobodys := []string{"anna@fabrikam.com", "nobody@fabrikam.com", "someone@elsewhere.example", "no address", ""}
	refused := availabilityOf(noAccess, noAccess, noAccess, noAccess, noAccess)
	for _, stranger := range []string{"carol@tailspin.com", "carol@adatum.com"} {
		if diff := cmp.Diff(refused, w.freeBusy(issue(t, from(stranger)), asking(nobodys...)).body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", stranger, diff)
		}
	}
	if w.calendars.asked != 0 {
		t.Errorf("calendars were read %d times", w.calendars.asked)
	}
	w.calendars.has("anna", tea(), doctor())
	want := availabilityOf(shown("DetailedMerged", digits+fullEvents), notFound(), notFound(), notFound(), notFound())
	if diff := cmp.Diff(want, w.freeBusy(issue(t), asking(nobodys...)).body); diff != "" {
		t.Errorf("a partner (-want +got):\n%s", diff)
	}
	// Of a group that is shown, he who is outside is as unknown as he who does not exist.
	shared := relationships()
	shared[0].FreeBusyAccessScope = "Sales"
	seller := mailbox("anna", federation.PermissionReviewer)
	seller.MemberOf = []string{"sales"}
	w.change(func() {
		w.published, w.stamp = publishedBy(t, shared, []federation.Mailbox{seller, mailbox("bob", federation.PermissionReviewer)}), "2"
	})
	want = availabilityOf(shown("DetailedMerged", digits+fullEvents), noAccess, noAccess)
	if diff := cmp.Diff(want, w.freeBusy(issue(t), asking("smtp:ANNA@Fabrikam.com", "bob@fabrikam.com", "nobody@fabrikam.com")).body); diff != "" {
		t.Errorf("scope (-want +got):\n%s", diff)
	}
}
