package federation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

// mailbox makes a mailbox with these addresses, the first of them the primary one.
func (p *party) mailbox(name string, addresses ...string) federation.Mailbox {
	p.t.Helper()
	others := addresses[1:]
	m, err := p.NewMailbox(p.t.Context(), federation.MailboxRequest{
		Name: &name, PrimarySMTPAddress: &addresses[0], EmailAddresses: federation.ListChange{Replace: &others},
	})
	p.must(err)
	return m
}

func TestMailboxIsKept(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p.Now = func() time.Time { return at }
	_, err := p.NewAcceptedDomain(t.Context(), "Books", "*.bücher.example", federation.InternalRelay)
	p.must(err)
	made, err := p.NewMailbox(t.Context(), federation.MailboxRequest{
		Name: new("Sales"), PrimarySMTPAddress: new("Sales@CONTOSO.com"), DefaultCalendarPermission: new(federation.PermissionReviewer),
		EmailAddresses: federation.ListChange{Replace: &[]string{"smtp:orders@contoso.ca", "SMTP:sales@contoso.com", "x@a.bücher.example", "ORDERS@contoso.ca"}},
		MemberOf:       federation.ListChange{Replace: &[]string{"Partners", "partners", "All of us"}},
	})
	p.must(err)
	want := federation.Mailbox{
		Name: "Sales", PrimarySMTPAddress: "Sales@contoso.com", OtherAddresses: []string{"orders@contoso.ca", "x@a.xn--bcher-kva.example"},
		DefaultCalendarPermission: "Reviewer", MemberOf: []string{"Partners", "All of us"},
		Meta: federation.Meta{GUID: made.GUID, WhenCreated: at, WhenChanged: at},
	}
	for _, identity := range []string{"SALES", made.GUID, "sales@contoso.com", "Orders@Contoso.CA", "smtp:orders@contoso.ca", "x@a.bücher.example"} {
		got, err := p.Mailbox(t.Context(), identity)
		p.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", identity, diff)
		}
	}
	if !want.InGroup("PARTNERS") || want.InGroup("Partner") {
		t.Error("groups are compared without case, and as a whole")
	}
	if diff := cmp.Diff([]string{"SMTP:Sales@contoso.com", "smtp:orders@contoso.ca", "smtp:x@a.xn--bcher-kva.example"}, want.EmailAddresses()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	before := p.file()
	p.Now = func() time.Time { return at.Add(time.Hour) }
	p.must(p.SetMailbox(t.Context(), "Sales", federation.MailboxRequest{DefaultCalendarPermission: new(federation.PermissionReviewer)}))
	p.unchanged(before)
	p.must(p.SetMailbox(t.Context(), "orders@contoso.ca", federation.MailboxRequest{Name: new("Orders"), MemberOf: federation.ListChange{Remove: []string{"all of US"}}}))
	want.Name, want.MemberOf, want.WhenChanged = "Orders", []string{"Partners"}, at.Add(time.Hour)
	all, err := p.Mailboxes(t.Context())
	p.must(err)
	if diff := cmp.Diff([]federation.Mailbox{want}, all); diff != "" {
		t.Errorf("after Set- (-want +got):\n%s", diff)
	}
	p.must(p.RemoveMailbox(t.Context(), "sales@contoso.com"))
	_, err = p.Mailbox(t.Context(), "Orders")
	fails(t, err, federation.NotFound, "MailboxNotFound")
}

// TestAddressesChange tries each way to change the addresses of a mailbox that has
// a@contoso.com, b@contoso.com and c@contoso.com.
func TestAddressesChange(t *testing.T) {
	t.Parallel()
	list := func(texts ...string) federation.ListChange { return federation.ListChange{Replace: &texts} }
	edit := func(add, remove string) federation.ListChange {
		change := federation.ListChange{}
		if add != "" {
			change.Add = []string{add}
		}
		if remove != "" {
			change.Remove = []string{remove}
		}
		return change
	}
	cases := []struct {
		name    string
		primary *string
		list    federation.ListChange
		want    string // without @contoso.com, or the identifier of the error
	}{
		{"nothing", nil, list(), "A"},
		{"others", nil, list("d@contoso.com", "smtp:b@contoso.com"), "A d b"},
		{"the primary one among the others", nil, list("d@contoso.com", "A@contoso.com"), "A d"},
		{"marked", nil, list("smtp:d@contoso.com", "SMTP:e@contoso.com"), "E d"},
		{"another primary", new("d@contoso.com"), federation.ListChange{}, "D a b c"},
		{"one of the others primary", new("b@contoso.com"), federation.ListChange{}, "B a c"},
		{"added", nil, edit("d@contoso.com", ""), "A b c d"},
		{"added as primary", nil, edit("SMTP:d@contoso.com", ""), "D a b c"},
		{"removed", nil, edit("", "smtp:b@contoso.com"), "A c"},
		{"one for another", nil, edit("d@contoso.com", "b@contoso.com"), "A c d"},
		{"primary for another", nil, edit("SMTP:d@contoso.com", "a@contoso.com"), "D b c"},
		{"both the same", new("d@contoso.com"), list("SMTP:d@contoso.com"), "D"},
		{"primary removed", nil, edit("", "a@contoso.com"), "PrimaryAddressStays"},
		{"two marked", nil, list("SMTP:d@contoso.com", "SMTP:e@contoso.com"), "TwoPrimaryAddresses"},
		{"marked and given", new("d@contoso.com"), list("SMTP:e@contoso.com"), "TwoPrimaryAddresses"},
		{"another's", nil, edit("Other@contoso.com", ""), "AddressInUse"},
		{"another's as primary", new("other@contoso.com"), federation.ListChange{}, "AddressInUse"},
		{"not accepted", nil, edit("a@fabrikam.com", ""), "AddressNotAccepted"},
		{"a sub-domain", nil, edit("a@sales.contoso.com", ""), "AddressNotAccepted"},
		{"another type", nil, edit("X500:/o=Contoso", ""), "InvalidSmtpAddress"},
		{"no address", nil, edit("contoso.com", ""), "InvalidSmtpAddress"},
		{"blank", nil, edit("a b@contoso.com", ""), "InvalidSmtpAddress"},
		{"nothing before the @", nil, edit("@contoso.com", ""), "InvalidSmtpAddress"},
	}
	p, _ := newParty(t)
	p.mailbox("M", "a@contoso.com", "b@contoso.com", "c@contoso.com")
	p.mailbox("Other", "other@contoso.com")
	start := p.file()
	for _, c := range cases {
		p.write(start)
		err := p.SetMailbox(t.Context(), "M", federation.MailboxRequest{PrimarySMTPAddress: c.primary, EmailAddresses: c.list})
		if strings.Contains(c.want, "Address") {
			kind := map[string]federation.Kind{"PrimaryAddressStays": federation.Conflict, "AddressInUse": federation.Exists, "AddressNotAccepted": federation.Conflict}[c.want]
			if kind == 0 {
				kind = federation.Invalid
			}
			fails(t, err, kind, c.want)
			p.unchanged(start)
			continue
		}
		p.must(err)
		m, err := p.Mailbox(t.Context(), "M")
		p.must(err)
		m.PrimarySMTPAddress = strings.ToUpper(m.PrimarySMTPAddress[:1]) + m.PrimarySMTPAddress[1:]
		if got := strings.ReplaceAll(strings.Join(m.Addresses(), " "), "@contoso.com", ""); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if len(cases) < 23 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestMailboxRefused(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	p.mailbox("Sales", "sales@contoso.com")
	p.mailbox("Other", "other@contoso.com")
	before := p.file()
	attempt := func(name, address string) error {
		_, err := p.NewMailbox(t.Context(), federation.MailboxRequest{Name: &name, PrimarySMTPAddress: &address})
		return err
	}
	fails(t, attempt("SALES", "x@contoso.com"), federation.Exists, "MailboxExists")
	fails(t, attempt("New", "Sales@contoso.com"), federation.Exists, "AddressInUse")
	fails(t, attempt("New", ""), federation.Invalid, "NoPrimaryAddress")
	fails(t, attempt("New\u202e", "x@contoso.com"), federation.Invalid, "InvalidName")
	fails(t, p.SetMailbox(t.Context(), "Sales", federation.MailboxRequest{Name: new("other")}), federation.Exists, "MailboxExists")
	group := federation.ListChange{Add: []string{" blank"}}
	fails(t, p.SetMailbox(t.Context(), "Sales", federation.MailboxRequest{MemberOf: group}), federation.Invalid, "InvalidName")
	p.unchanged(before)
}

// TestAcceptedDomainOfMailboxes keeps the domain of an address accepted.
func TestAcceptedDomainOfMailboxes(t *testing.T) {
	t.Parallel()
	p, _ := newParty(t)
	p.must(p.SetAcceptedDomain(t.Context(), "contoso.ca", federation.SetAcceptedDomainRequest{MatchSubDomains: new(true)}))
	p.mailbox("Sales", "sales@contoso.com", "sales@west.contoso.ca")
	before := p.file()
	fails(t, p.RemoveAcceptedDomain(t.Context(), "contoso.ca"), federation.Conflict, "AcceptedDomainInUse")
	err := p.SetAcceptedDomain(t.Context(), "contoso.ca", federation.SetAcceptedDomainRequest{MatchSubDomains: new(false)})
	fails(t, err, federation.Conflict, "AcceptedDomainInUse")
	want := `accepted domain "contoso.ca": mailbox "Sales" has the address sales@west.contoso.ca, which no other accepted domain covers`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	p.unchanged(before)
	_, err = p.NewAcceptedDomain(t.Context(), "West", "west.contoso.ca", federation.Authoritative)
	p.must(err)
	p.must(p.RemoveAcceptedDomain(t.Context(), "contoso.ca"))
}
