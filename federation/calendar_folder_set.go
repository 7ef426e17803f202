package federation

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"exfed/policy"
)

// CalendarFolderRequest changes how a calendar is published; a nil field stays as it is.
type CalendarFolderRequest struct {
	PublishEnabled       *bool
	DetailLevel          *policy.DetailLevel
	PublishDateRangeFrom *DateRange
	PublishDateRangeTo   *DateRange
	SearchableURLEnabled *bool
	ResetURL             bool // another unguessable address takes the place of the one there is
}

// needsPublishing reports whether the request sets what only a published calendar has.
func (r CalendarFolderRequest) needsPublishing() bool {
	return r.DetailLevel != nil || r.PublishDateRangeFrom != nil || r.PublishDateRangeTo != nil || r.SearchableURLEnabled != nil || r.ResetURL
}

// CalendarFolderState is a mailbox's calendar as it is published now.
type CalendarFolderState struct {
	Mailbox           Mailbox
	CalendarURL, ICal string // empty when it is not published, or the endpoint's address is not known
}

// CalendarFolder returns how a calendar is published. identity is a mailbox, or its calendar
// as MAILBOX:\Calendar. What keeps a published calendar from being read is warned of.
func (o *Organization) CalendarFolder(ctx context.Context, identity string) (CalendarFolderState, error) {
	var state CalendarFolderState
	err := o.Store.View(ctx, func(tx Tx) error {
		m, err := calendarIn(tx, identity)
		if err != nil {
			return err
		}
		base, _, err := tx.EndpointURL.Get()
		if err != nil {
			return err
		}
		state.Mailbox = m
		state.CalendarURL, state.ICal = m.PublishedURLs(base)
		if !m.Folder().PublishEnabled {
			return nil
		}
		if base == "" {
			o.Warn("%s: its addresses are not known before start-federationendpoint -ExternalUrl has run once", folderObject(m.Name))
		}
		return o.warnOfFolder(tx, m)
	})
	return state, err
}

// SetCalendarFolder changes how a calendar is published, see CalendarFolder for identity. Its
// errors are FolderNotFound and FolderWithoutBackslash for the identity, CalendarNotPublished
// for what only a published calendar has, NoSharingPolicy and SharingPolicyDisabled where nothing
// is shared, PublishingNotAllowed and DetailLevelNotAllowed where the mailbox's sharing policy
// allows nothing, or less, for Anonymous.
func (o *Organization) SetCalendarFolder(ctx context.Context, identity string, request CalendarFolderRequest) error {
	return o.updateFound(ctx, func(tx Tx) (Mailbox, error) { return calendarIn(tx, identity) },
		func(tx Tx, m *Mailbox) error { return o.changeFolder(tx, m, request) })
}

// changeFolder makes the changes and refuses what cannot be.
func (o *Organization) changeFolder(tx Tx, m *Mailbox, request CalendarFolderRequest) error {
	folder := m.Folder()
	set(&folder.PublishEnabled, request.PublishEnabled)
	if !folder.PublishEnabled && request.needsPublishing() {
		return Errorf(Conflict, "CalendarNotPublished", folderObject(m.Name), "is not published; what is given is of published calendars")
	}
	set(&folder.DetailLevel, request.DetailLevel)
	set(&folder.PublishDateRangeFrom, request.PublishDateRangeFrom)
	set(&folder.PublishDateRangeTo, request.PublishDateRangeTo)
	set(&folder.SearchableURLEnabled, request.SearchableURLEnabled)
	if request.PublishEnabled != nil && *request.PublishEnabled || request.DetailLevel != nil {
		if err := refuseAbovePolicy(tx, *m, folder.DetailLevel); err != nil {
			return err
		}
	}
	if request.ResetURL || folder.PublishEnabled && folder.PublishID == "" {
		if err := o.drawAddress(&folder); err != nil {
			return err
		}
	}
	if request.ResetURL && folder.SearchableURLEnabled {
		o.Warn("%s: it is still published under the mailbox's address, which anybody can guess", folderObject(m.Name))
	}
	if folder == m.Folder() {
		return nil
	}
	m.CalendarFolder = &folder
	if folder.PublishEnabled {
		return o.warnOfFolder(tx, *m)
	}
	return nil
}

// drawAddress gives a folder an address that it never had.
func (o *Organization) drawAddress(folder *CalendarFolder) error {
	var random [2 * publishBytes]byte
	if _, err := io.ReadFull(o.Rand, random[:]); err != nil {
		return fmt.Errorf("random numbers: %w", err)
	}
	folder.PublishID = hex.EncodeToString(random[:publishBytes])
	folder.PublishSecret = hex.EncodeToString(random[publishBytes:])
	return nil
}

// refuseAbovePolicy holds a level to what the mailbox's policy allows for Anonymous.
func refuseAbovePolicy(tx Tx, m Mailbox, level policy.DetailLevel) error {
	policies, err := sharingPoliciesIn(tx)
	if err != nil {
		return err
	}
	shown, decision := policy.Published(policies, m.SharingPolicy, level)
	switch {
	case decision.Reason == policy.SharingNoPolicy, decision.Reason == policy.SharingDisabled:
		return Errorf(Conflict, string(decision.Reason), folderObject(m.Name), "%s", decision.Explanation)
	case shown == policy.None:
		return Errorf(Conflict, "PublishingNotAllowed", folderObject(m.Name), "%s Publishing needs a rule for Anonymous.", decision.Explanation)
	case shown != level.Level():
		return Errorf(Conflict, "DetailLevelNotAllowed", folderObject(m.Name), "sharing policy %s allows Anonymous %s and not %s",
			quote(decision.Policy), policy.DetailLevelOf(shown), level)
	}
	return nil
}

// warnOfFolder tells what keeps a published calendar from being read as it is set.
func (o *Organization) warnOfFolder(tx Tx, m Mailbox) error {
	policies, err := sharingPoliciesIn(tx)
	if err != nil {
		return err
	}
	level := m.Folder().DetailLevel
	shown, decision := policy.Published(policies, m.SharingPolicy, level)
	switch {
	case shown == policy.None:
		o.Warn("%s: nobody can read it: %s", folderObject(m.Name), decision.Explanation)
	case shown != level.Level():
		o.Warn("%s: it shows %s only: sharing policy %s allows no more", folderObject(m.Name), policy.DetailLevelOf(shown), quote(decision.Policy))
	}
	if m.CalendarSource == nil {
		o.Warn("%s: nobody can read it: the mailbox has no calendar source; set one with set-calendarsource", folderObject(m.Name))
	}
	return nil
}

func folderObject(mailbox string) string { return "calendar of " + mailboxObject(mailbox) }

// CalendarFolderName is the one folder that can be published.
const CalendarFolderName = "Calendar"

// calendarIn finds the mailbox of a folder, given as MAILBOX:\Calendar or as the mailbox alone.
func calendarIn(tx Tx, identity string) (Mailbox, error) {
	mailbox, folder, found := strings.Cut(identity, `:\`)
	if !found {
		m, err := mailboxIn(tx, identity)
		if i := strings.LastIndexByte(identity, ':'); i > 0 && IsKind(err, NotFound) {
			if _, other := mailboxIn(tx, identity[:i]); other == nil {
				return m, Errorf(Invalid, "FolderWithoutBackslash", "folder "+quote(identity), `is not of the form MAILBOX:\%s`, CalendarFolderName)
			}
		}
		return m, err
	}
	m, err := mailboxIn(tx, mailbox)
	if err == nil && !strings.EqualFold(folder, CalendarFolderName) {
		err = Errorf(NotFound, "FolderNotFound", "folder "+quote(folder)+" of "+mailboxObject(m.Name), `not found; what can be published is \%s`, CalendarFolderName)
	}
	return m, err
}
