package state

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// validSharing is a document with relationships and mailboxes in which everything is right.
func validSharing() string {
	return `version: 1
acceptedDomains:
  - name: A
    domainName: a.example
    domainType: Authoritative
    default: true
    matchSubDomains: true
    addressBookEnabled: true
    guid: ` + testGUID(1) + `
organizationRelationships:
  - name: P
    domainNames: [p.example, q.example]
    freeBusyAccessEnabled: true
    freeBusyAccessLevel: LimitedDetails
    mailTipsAccessLevel: None
    targetApplicationUri: http://outlook.com/
    targetSharingEpr: https://p.example/EWS/Exchange.asmx
    targetOwaUrl: http://p.example/owa
    targetAutodiscoverEpr: https://p.example/autodiscover/autodiscover.svc/WSSecurity
    enabled: true
    guid: ` + testGUID(2) + `
  - name: R
    domainNames:
      - r.example
    freeBusyAccessLevel: None
    mailTipsAccessLevel: All
    enabled: false
    guid: ` + testGUID(3) + `
mailboxes:
  - name: M
    primarySmtpAddress: m@a.example
    otherAddresses: [n@b.a.example]
    defaultCalendarPermission: AvailabilityOnly
    memberOf: [G]
    calendarSource:
      calDavUrl: https://dav.example/m/
      userName: u
      passwordFile: secret
      refreshInterval: 1h30m
    calendarFolder:
      publishEnabled: true
      publishDateRangeFrom: OneDay
      publishDateRangeTo: OneYear
      detailLevel: FullDetails
      searchableUrlEnabled: true
      publishId: 000102030405060708090a0b0c0d0e0f
      publishSecret: f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
    guid: ` + testGUID(4) + `
  - name: N
    primarySmtpAddress: o@a.example
    defaultCalendarPermission: None
    calendarFolder:
      publishDateRangeFrom: ThreeMonths
      publishDateRangeTo: ThreeDays
      detailLevel: LimitedDetails
    guid: ` + testGUID(5) + `
    sharingPolicy: s
sharingPolicies:
  - name: S
    domains: ["p.example:CalendarSharingFreeBusyDetail, ContactsSharing", "*:CalendarSharingFreeBusySimple"]
    enabled: true
    guid: ` + testGUID(6) + `
  - name: T
    enabled: false
    default: true
    guid: ` + testGUID(7) + `
`
}

func TestSharingIsRead(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	write(t, f.Path(), validSharing())
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	var relationships []federation.OrganizationRelationship
	var mailboxes []federation.Mailbox
	var policies []federation.SharingPolicy
	err := f.View(context.Background(), func(tx federation.Tx) (err error) {
		if relationships, err = tx.Relationships.All(); err != nil {
			return err
		}
		if policies, err = tx.SharingPolicies.All(); err != nil {
			return err
		}
		mailboxes, err = tx.Mailboxes.All()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantRelationships := []federation.OrganizationRelationship{
		{Name: "P", DomainNames: []federation.Domain{"p.example", "q.example"}, FreeBusyAccessEnabled: true, FreeBusyAccessLevel: "LimitedDetails",
			MailTipsAccessLevel: "None", TargetApplicationURI: "http://outlook.com/", TargetSharingEPR: "https://p.example/EWS/Exchange.asmx",
			TargetOwaURL: "http://p.example/owa", TargetAutodiscoverEPR: "https://p.example/autodiscover/autodiscover.svc/WSSecurity",
			Enabled: true, Meta: federation.Meta{GUID: testGUID(2)}},
		{Name: "R", DomainNames: []federation.Domain{"r.example"}, FreeBusyAccessLevel: "None", MailTipsAccessLevel: "All", Meta: federation.Meta{GUID: testGUID(3)}},
	}
	wantMailboxes := []federation.Mailbox{
		{Name: "M", PrimarySMTPAddress: "m@a.example", OtherAddresses: []string{"n@b.a.example"}, DefaultCalendarPermission: "AvailabilityOnly", MemberOf: []string{"G"},
			CalendarSource: &federation.CalendarSource{CalDAVURL: "https://dav.example/m/", UserName: "u", PasswordFile: "secret", RefreshInterval: federation.Interval(90 * time.Minute)},
			CalendarFolder: &federation.CalendarFolder{PublishEnabled: true, PublishDateRangeFrom: "OneDay", PublishDateRangeTo: "OneYear", DetailLevel: "FullDetails",
				SearchableURLEnabled: true, PublishID: "000102030405060708090a0b0c0d0e0f", PublishSecret: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"},
			Meta: federation.Meta{GUID: testGUID(4)}},
		{Name: "N", PrimarySMTPAddress: "o@a.example", DefaultCalendarPermission: "None",
			CalendarFolder: &federation.CalendarFolder{PublishDateRangeFrom: "ThreeMonths", PublishDateRangeTo: "ThreeDays", DetailLevel: "LimitedDetails"}, SharingPolicy: "s", Meta: federation.Meta{GUID: testGUID(5)}},
	}
	if diff := cmp.Diff(wantRelationships, relationships); diff != "" {
		t.Errorf("relationships (-want +got):\n%s", diff)
	}
	wantPolicies := []federation.SharingPolicy{
		{Name: "S", Domains: []string{"p.example:CalendarSharingFreeBusyDetail, ContactsSharing", "*:CalendarSharingFreeBusySimple"}, Enabled: true, Meta: federation.Meta{GUID: testGUID(6)}},
		{Name: "T", Default: true, Meta: federation.Meta{GUID: testGUID(7)}},
	}
	if diff := cmp.Diff(wantPolicies, policies); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantMailboxes, mailboxes); diff != "" {
		t.Errorf("mailboxes (-want +got):\n%s", diff)
	}
}

// TestSharingIsWritten puts one of each into an empty file.
func TestSharingIsWritten(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	putDomains(t, f, 0)
	before := read(t, f.Path())
	err := update(f, func(tx federation.Tx) error {
		m := federation.Mailbox{Name: "M", PrimarySMTPAddress: "m@d0000.example", OtherAddresses: []string{"n@d0000.example"}, DefaultCalendarPermission: "Reviewer",
			CalendarSource: &federation.CalendarSource{ICSPath: "m.ics", RefreshInterval: federation.Interval(2 * time.Minute)},
			CalendarFolder: &federation.CalendarFolder{PublishEnabled: true, PublishDateRangeFrom: "OneDay", PublishDateRangeTo: "OneWeek", DetailLevel: "LimitedDetails",
				PublishID: "000102030405060708090a0b0c0d0e0f", PublishSecret: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"}, Meta: testMeta(2)}
		if err := tx.Mailboxes.Put(m); err != nil {
			return err
		}
		return tx.Relationships.Put(federation.OrganizationRelationship{Name: "P", DomainNames: []federation.Domain{"p.example"},
			FreeBusyAccessLevel: "None", MailTipsAccessLevel: "None", TargetApplicationURI: "outlook.com", Enabled: true, Meta: testMeta(3)})
	})
	if err != nil {
		t.Fatal(err)
	}
	want := before + `organizationRelationships:
  - name: P
    domainNames:
      - p.example
    freeBusyAccessLevel: None
    mailTipsAccessLevel: None
    targetApplicationUri: outlook.com
    enabled: true
    guid: ` + testGUID(3) + `
    whenCreated: 2026-01-31T12:00:00Z
    whenChanged: 2026-01-31T12:00:00Z
mailboxes:
  - name: M
    primarySmtpAddress: m@d0000.example
    otherAddresses:
      - n@d0000.example
    defaultCalendarPermission: Reviewer
    calendarSource:
      icsPath: m.ics
      refreshInterval: 2m0s
    calendarFolder:
      publishEnabled: true
      publishDateRangeFrom: OneDay
      publishDateRangeTo: OneWeek
      detailLevel: LimitedDetails
      publishId: 000102030405060708090a0b0c0d0e0f
      publishSecret: f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
    guid: ` + testGUID(2) + `
    whenCreated: 2026-01-31T12:00:00Z
    whenChanged: 2026-01-31T12:00:00Z
`
	if diff := cmp.Diff(want, read(t, f.Path())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryRuleOfSharingIsChecked(t *testing.T) {
	t.Parallel()
	const p, r, m, n, s = "organizationRelationships[0] (P).", "organizationRelationships[1] (R).", "mailboxes[0] (M).", "mailboxes[1] (N).", "sharingPolicies[0] (S)."
	cases := []struct{ name, old, new, want string }{
		{"domain twice", "- r.example", "- q.example", "line 24, column 9: " + r + `domainNames[0]: q.example is in "P" already`},
		{"domain twice in one", "[p.example, q.example]", "[p.example, p.example]", "line 12, column 30: " + p + `domainNames[1]: p.example is in "P" already`},
		{"domain's spelling", "- r.example", "- R.example", "line 24, column 9: " + r + `domainNames[0]: "R.example" is written "r.example" here`},
		{"no domain", "[p.example, q.example]", "[]", "line 12, column 18: " + p + "domainNames: 0 domains; it has between 1 and 240"},
		{"free/busy level", "LimitedDetails", "Everything", "line 14, column 26: " + p + `freeBusyAccessLevel: "Everything" is not one of None, AvailabilityOnly, LimitedDetails`},
		{"MailTips level", "mailTipsAccessLevel: All", "mailTipsAccessLevel: Some", "line 26, column 26: " + r + `mailTipsAccessLevel: "Some" is not one of None, Limited, All`},
		{"GUID of a relationship", testGUID(3), "3", "line 28, column 11: " + r + `guid: "3" is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e`},
		{"application URI", "http://outlook.com/", "out look", "line 16, column 27: " + p + `targetApplicationUri: TargetApplicationUri "out look": is not an application URI such as outlook.com or FYDIBOHF25SPDLT.contoso.com`},
		{"EWS", "https://p.example/EWS", "http://p.example/EWS", "line 17, column 23: " + p + `targetSharingEpr: TargetSharingEpr "http://p.example/EWS/Exchange.asmx": begins with http://; only https will do`},
		{"OWA", "http://p.example/owa", "p.example/owa", "line 18, column 19: " + p + `targetOwaUrl: TargetOwaURL "p.example/owa": is not a URL such as https://mail.contoso.com/path`},
		{"Autodiscover", "autodiscover/autodiscover.svc/WSSecurity", "EWS/Exchange.asmx", "line 19, column 28: " + p + `targetAutodiscoverEpr: TargetAutodiscoverEpr "https://p.example/EWS/Exchange.asmx": is an EWS URL, which belongs in TargetSharingEpr`},
		{"address twice", "o@a.example", "N@b.a.example", "line 50, column 25: " + n + `primarySmtpAddress: N@b.a.example is an address of "M" already`},
		{"address not accepted", "n@b.a.example", "n@b.example", "line 32, column 22: " + m + "otherAddresses[0]: no accepted domain covers b.example"},
		{"address's spelling", "m@a.example", "m@A.example", "line 31, column 25: " + m + `primarySmtpAddress: "m@A.example" is written "m@a.example" here; line 31, column 25: ` + m + "primarySmtpAddress: no accepted domain covers A.example"},
		{"no address", "o@a.example", "o", "line 50, column 25: " + n + `primarySmtpAddress: address "o": is not an SMTP address; line 50, column 25: ` + n + "primarySmtpAddress: no accepted domain covers o"},
		{"permission", "defaultCalendarPermission: None", "defaultCalendarPermission: Owner", "line 51, column 32: " + n + `defaultCalendarPermission: "Owner" is not one of None, AvailabilityOnly, LimitedDetails, Reviewer`},
		{"GUID of a mailbox", testGUID(5), "5", "line 56, column 11: " + n + `guid: "5" is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e`},
		{"source", "      userName: u\n", "", "line 36, column 7: " + m + "calendarSource: the password has no UserName"},
		{"source's interval", "1h30m", "1s", "line 36, column 7: " + m + "calendarSource: RefreshInterval 1s: is not between 1m0s and 168h0m0s"},
		{"interval's spelling", "1h30m", "often", "line 39, column 24: " + m + "calendarSource.refreshInterval: is not a length of time such as 15m or 1h30m"},
		{"date range", "OneDay", "TwoDays", "line 41, column 7: " + m + `calendarFolder: "TwoDays" is no date range; there are [OneDay ThreeDays OneWeek OneMonth ThreeMonths SixMonths OneYear]`},
		{"other date range", "ThreeDays", "''", "line 53, column 7: " + n + `calendarFolder: "" is no date range; there are [OneDay ThreeDays OneWeek OneMonth ThreeMonths SixMonths OneYear]`},
		{"detail level", "detailLevel: FullDetails", "detailLevel: Reviewer", "line 41, column 7: " + m + `calendarFolder: "Reviewer" is no detail level; there are [AvailabilityOnly LimitedDetails FullDetails]`},
		{"publish id", "0e0f", "0E0F", "line 41, column 7: " + m + "calendarFolder: publishId and publishSecret are 32 lower-case hexadecimal digits each"},
		{"publish secret", "      publishSecret: f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff\n", "", "line 41, column 7: " + m + "calendarFolder: publishId and publishSecret are 32 lower-case hexadecimal digits each"},
		{"publish id twice", "publishDateRangeTo: ThreeDays\n", "publishDateRangeTo: ThreeDays\n      publishId: 000102030405060708090a0b0c0d0e0f\n      publishSecret: 000102030405060708090a0b0c0d0e0f\n",
			"line 55, column 18: " + n + `calendarFolder.publishId: is that of "M" already`},
		{"rule", "*:CalendarSharingFreeBusySimple", "*:Everything", "line 60, column 14: " + s + `domains: rules "p.example:CalendarSharingFreeBusyDetail, ContactsSharing,*:Everything", at character 60: there is no such action; there are CalendarSharingFreeBusySimple, CalendarSharingFreeBusyDetail, CalendarSharingFreeBusyReviewer, ContactsSharing`},
		{"rule's spelling", "p.example:CalendarSharingFreeBusyDetail, ContactsSharing", "P.example: ContactsSharing", "line 60, column 14: " + s + `domains: "P.example: ContactsSharing,*:CalendarSharingFreeBusySimple" is written "p.example:ContactsSharing,*:CalendarSharingFreeBusySimple" here`},
		{"two default policies", "enabled: true\n    guid: " + testGUID(6), "enabled: true\n    default: true\n    guid: " + testGUID(6), "line 66, column 14: sharingPolicies[1] (T).default: S is the default policy already"},
		{"no default policy", "    default: true\n    guid: " + testGUID(7), "    guid: " + testGUID(7), "sharingPolicies: none is the default policy; set default: true for one"},
		{"policy that is not there", "sharingPolicy: s", "sharingPolicy: U", "line 57, column 20: " + n + `sharingPolicy: no policy "U" in sharingPolicies`},
		{"GUID of a policy", testGUID(6), "6", "line 62, column 11: " + s + `guid: "6" is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e`},
		{"unknown key", "userName", "password", `line 37, column 7: mailboxes[0] (M).calendarSource: unknown key "password"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(validSharing(), c.old, c.new, 1)
			if text == validSharing() {
				t.Fatalf("%q is not in the document", c.old)
			}
			f := Open(statePath(t), Options{})
			write(t, f.Path(), text)
			checkCorrupt(t, f, c.want)
		})
	}
	if len(cases) < 33 {
		t.Errorf("only %d cases", len(cases))
	}
}
