package federation

import (
	"errors"
	"time"
)

// FreeBusyAccessLevel says how much of a calendar a partner is shown at most.
type FreeBusyAccessLevel string

// The levels of free/busy access, from least to most.
const (
	FreeBusyNone             FreeBusyAccessLevel = "None"
	FreeBusyAvailabilityOnly FreeBusyAccessLevel = "AvailabilityOnly" // when somebody is busy
	FreeBusyLimitedDetails   FreeBusyAccessLevel = "LimitedDetails"   // subject and location as well
)

// MailTipsAccessLevel says how many MailTips a partner is given at most.
type MailTipsAccessLevel string

// The levels of MailTips access.
const (
	MailTipsNone    MailTipsAccessLevel = "None"
	MailTipsLimited MailTipsAccessLevel = "Limited" // those that avert a non-delivery report or an automatic reply
	MailTipsAll     MailTipsAccessLevel = "All"
)

// OrganizationRelationship is what the organization shares with one partner, and where
// that partner is reached. It is one-sided: the partner has one of its own. The fields are
// in the order in which Exchange shows them.
type OrganizationRelationship struct {
	Name                  string              `yaml:"name"`
	DomainNames           []Domain            `yaml:"domainNames"` // the partner's; sub-domains are not included
	FreeBusyAccessEnabled bool                `yaml:"freeBusyAccessEnabled,omitempty"`
	FreeBusyAccessLevel   FreeBusyAccessLevel `yaml:"freeBusyAccessLevel"`
	FreeBusyAccessScope   string              `yaml:"freeBusyAccessScope,omitempty"` // a group, the only one whose members are shown; empty: everybody is
	MailboxMoveEnabled    bool                `yaml:"mailboxMoveEnabled,omitempty"`
	DeliveryReportEnabled bool                `yaml:"deliveryReportEnabled,omitempty"`
	MailTipsAccessEnabled bool                `yaml:"mailTipsAccessEnabled,omitempty"`
	MailTipsAccessLevel   MailTipsAccessLevel `yaml:"mailTipsAccessLevel"`
	MailTipsAccessScope   string              `yaml:"mailTipsAccessScope,omitempty"`
	PhotosEnabled         bool                `yaml:"photosEnabled,omitempty"`
	TargetApplicationURI  string              `yaml:"targetApplicationUri,omitempty"`  // whom tokens for the partner are for, as it was given
	TargetSharingEPR      string              `yaml:"targetSharingEpr,omitempty"`      // EWS; when there is one, Autodiscover is not asked
	TargetOwaURL          string              `yaml:"targetOwaUrl,omitempty"`          // where people of the partner read their mail
	TargetAutodiscoverEPR string              `yaml:"targetAutodiscoverEpr,omitempty"` // .../autodiscover.svc/WSSecurity
	OrganizationContact   string              `yaml:"organizationContact,omitempty"`   // SMTP address
	Enabled               bool                `yaml:"enabled"`
	ArchiveAccessEnabled  bool                `yaml:"archiveAccessEnabled,omitempty"`
	Meta                  `yaml:",inline"`
}

// Key returns the name the object is looked up by.
func (r OrganizationRelationship) Key() string { return r.Name }

// CalendarPermission is what a mailbox's calendar shows to everybody who has no permission
// of his own: Exchange's "Default" user.
type CalendarPermission string

// The permissions, from least to most. Reviewer is everything, which nobody outside the
// organization is ever shown.
const (
	PermissionNone             CalendarPermission = "None"
	PermissionAvailabilityOnly CalendarPermission = "AvailabilityOnly"
	PermissionLimitedDetails   CalendarPermission = "LimitedDetails"
	PermissionReviewer         CalendarPermission = "Reviewer"
)

// SharingPolicy limits what users may share with people of other organizations, and with
// anybody.
type SharingPolicy struct {
	Name    string   `yaml:"name"`
	Domains []string `yaml:"domains,omitempty"` // rules as policy.SharingRule writes them: "contoso.com:CalendarSharingFreeBusyDetail, ContactsSharing"
	Enabled bool     `yaml:"enabled"`
	Default bool     `yaml:"default,omitempty"` // of every mailbox without one of its own; true for exactly one policy
	Meta    `yaml:",inline"`
}

// Key returns the name the object is looked up by.
func (p SharingPolicy) Key() string { return p.Name }

// Mailbox is somebody, or a room, that partners may ask about.
type Mailbox struct {
	Name                      string             `yaml:"name"`
	PrimarySMTPAddress        string             `yaml:"primarySmtpAddress"`
	OtherAddresses            []string           `yaml:"otherAddresses,omitempty"` // under which it is known as well
	DefaultCalendarPermission CalendarPermission `yaml:"defaultCalendarPermission"`
	MemberOf                  []string           `yaml:"memberOf,omitempty"`      // names of groups
	SharingPolicy             string             `yaml:"sharingPolicy,omitempty"` // name of one; empty: the default one
	CalendarSource            *CalendarSource    `yaml:"calendarSource,omitempty"`
	CalendarFolder            *CalendarFolder    `yaml:"calendarFolder,omitempty"` // nil: as DefaultCalendarFolder
	Meta                      `yaml:",inline"`
}

// Key returns the name the object is looked up by.
func (m Mailbox) Key() string { return m.Name }

// CalendarSource is where a mailbox's calendar is read from: exactly one of ICSPath, ICSURL
// and CalDAVURL is set. No secret is in it: it names a file or a variable that holds one.
type CalendarSource struct {
	ICSPath          string   `yaml:"icsPath,omitempty"` // a file or a folder of files; a relative one begins at the state file's folder
	ICSURL           string   `yaml:"icsUrl,omitempty"`
	CalDAVURL        string   `yaml:"calDavUrl,omitempty"`
	UserName         string   `yaml:"userName,omitempty"`
	PasswordFile     string   `yaml:"passwordFile,omitempty"`     // relative as ICSPath
	PasswordVariable string   `yaml:"passwordVariable,omitempty"` // the name of an environment variable
	RefreshInterval  Interval `yaml:"refreshInterval,omitempty"`  // zero: DefaultRefreshInterval
}

// Interval is a length of time that the state file has as a text, such as 15m0s.
type Interval time.Duration

// MarshalText implements encoding.TextMarshaler.
func (i Interval) MarshalText() ([]byte, error) { return []byte(time.Duration(i).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *Interval) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return errors.New("is not a length of time such as 15m or 1h30m")
	}
	*i = Interval(d)
	return nil
}
