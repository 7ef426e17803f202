package federation

import (
	"encoding/hex"
	"net/url"
	"slices"
	"time"

	"exfed/policy"
)

// DateRange is how far from today a published calendar reaches (Set-MailboxCalendarFolder,
// PublishDateRangeFrom and -To).
type DateRange string

// The date ranges.
const (
	OneDay      DateRange = "OneDay"
	ThreeDays   DateRange = "ThreeDays"
	OneWeek     DateRange = "OneWeek"
	OneMonth    DateRange = "OneMonth"
	ThreeMonths DateRange = "ThreeMonths"
	SixMonths   DateRange = "SixMonths"
	OneYear     DateRange = "OneYear"
)

// DateRanges returns all date ranges, from the shortest to the longest.
func DateRanges() []DateRange {
	return []DateRange{OneDay, ThreeDays, OneWeek, OneMonth, ThreeMonths, SixMonths, OneYear}
}

// Add moves a day by the range, forward for sign 1 and back for -1.
func (r DateRange) Add(day time.Time, sign int) time.Time {
	switch r {
	case OneDay:
		return day.AddDate(0, 0, sign)
	case ThreeDays:
		return day.AddDate(0, 0, 3*sign)
	case OneWeek:
		return day.AddDate(0, 0, 7*sign)
	case OneMonth:
		return day.AddDate(0, sign, 0)
	case ThreeMonths:
		return day.AddDate(0, 3*sign, 0)
	case SixMonths:
		return day.AddDate(0, 6*sign, 0)
	case OneYear:
		return day.AddDate(sign, 0, 0)
	}
	return day
}

// CalendarFolder is how a mailbox's calendar is published on the Internet. PublishID and
// PublishSecret are the unguessable part of its address: who knows both reads the calendar.
type CalendarFolder struct {
	PublishEnabled       bool               `yaml:"publishEnabled,omitempty"`
	PublishDateRangeFrom DateRange          `yaml:"publishDateRangeFrom"` // back from today
	PublishDateRangeTo   DateRange          `yaml:"publishDateRangeTo"`   // on from today
	DetailLevel          policy.DetailLevel `yaml:"detailLevel"`
	SearchableURLEnabled bool               `yaml:"searchableUrlEnabled,omitempty"` // published under the mailbox's address as well
	PublishID            string             `yaml:"publishId,omitempty"`            // 32 hexadecimal digits, empty until published for the first time
	PublishSecret        string             `yaml:"publishSecret,omitempty"`        // the same, and drawn with it
}

// DefaultCalendarFolder is a calendar that was never published, with Exchange's defaults.
func DefaultCalendarFolder() CalendarFolder {
	return CalendarFolder{PublishDateRangeFrom: ThreeMonths, PublishDateRangeTo: ThreeMonths, DetailLevel: policy.PublishAvailabilityOnly}
}

// Folder returns how the mailbox's calendar is published.
func (m Mailbox) Folder() CalendarFolder {
	if m.CalendarFolder == nil {
		return DefaultCalendarFolder()
	}
	return *m.CalendarFolder
}

// Check refuses a folder with an unknown word, or a published one without its address.
func (f CalendarFolder) Check() error {
	for _, r := range []DateRange{f.PublishDateRangeFrom, f.PublishDateRangeTo} {
		if !slices.Contains(DateRanges(), r) {
			return Errorf(Invalid, "InvalidDateRange", "", "%.40q is no date range; there are %v", string(r), DateRanges())
		}
	}
	if f.DetailLevel.Level() == policy.None {
		return Errorf(Invalid, "InvalidDetailLevel", "", "%.40q is no detail level; there are %v", string(f.DetailLevel), policy.DetailLevels())
	}
	if f.PublishID == "" && f.PublishSecret == "" && !f.PublishEnabled {
		return nil
	}
	if !isPublishID(f.PublishID) || !isPublishID(f.PublishSecret) {
		return Errorf(Invalid, "InvalidPublishId", "", "publishId and publishSecret are %d lower-case hexadecimal digits each", 2*publishBytes)
	}
	return nil
}

// publishBytes is how many random bytes each half of an address has.
const publishBytes = 16

func isPublishID(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == publishBytes && hex.EncodeToString(raw) == text
}

// The files of a published calendar, below its path.
const (
	PublishedRoot = "/owa/calendar/"
	PublishedPage = "/calendar.html"
	PublishedICal = "/calendar.ics"
)

// PublishedPaths returns the paths under which the mailbox's calendar is published, without
// the file's name: the unguessable one, and with a searchable URL before it the one that is
// made of the address. None if it is not published.
func (m Mailbox) PublishedPaths() []string {
	folder := m.Folder()
	if !folder.PublishEnabled {
		return nil
	}
	paths := []string{PublishedRoot + folder.PublishID + "@" + string(DomainOf(m.PrimarySMTPAddress)) + "/" + folder.PublishSecret}
	if folder.SearchableURLEnabled {
		paths = slices.Insert(paths, 0, PublishedRoot+m.PrimarySMTPAddress+"/Calendar")
	}
	return paths
}

// PublishedURLs returns the addresses of the page and of the ICS file on the endpoint at
// base, both empty if the calendar is not published or base is empty.
func (m Mailbox) PublishedURLs(base string) (page, ical string) {
	paths := m.PublishedPaths()
	u, err := ParseEndpointURL(base)
	if len(paths) == 0 || err != nil {
		return "", ""
	}
	at := url.URL{Scheme: u.Scheme, Host: u.Host, Path: paths[0]}
	return at.String() + PublishedPage, at.String() + PublishedICal
}
