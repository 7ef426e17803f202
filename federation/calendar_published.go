package federation

import "exfed/policy"

// PublishedCalendar is a mailbox whose calendar anybody may read, and how much of it.
type PublishedCalendar struct {
	Mailbox  Mailbox
	Level    policy.Level           // what is shown: the lower of the policy's and the folder's, never None
	Decision policy.SharingDecision // of the mailbox's sharing policy
}

// Published returns the calendars that anybody may read as of the directory's moment: those
// that are published by a folder, and by the mailbox's sharing policy.
func (d *Directory) Published() []PublishedCalendar { return d.published }

// publishedIn decides about every mailbox.
func publishedIn(tx Tx, mailboxes []Mailbox) ([]PublishedCalendar, error) {
	policies, err := sharingPoliciesIn(tx)
	if err != nil {
		return nil, err
	}
	var published []PublishedCalendar
	for _, m := range mailboxes {
		folder := m.Folder()
		if !folder.PublishEnabled {
			continue
		}
		if level, decision := policy.Published(policies, m.SharingPolicy, folder.DetailLevel); level != policy.None {
			published = append(published, PublishedCalendar{Mailbox: m, Level: level, Decision: decision})
		}
	}
	return published, nil
}
