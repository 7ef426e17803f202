package cmd

// publishingHints says what to do next about an error of published calendars; none for other
// errors.
func publishingHints(id string) []string {
	const giveAnother = `or give the mailbox another one: exfed new-sharingpolicy Internet -Domains "Anonymous: CalendarSharingFreeBusySimple", then exfed set-mailbox MAILBOX -SharingPolicy Internet`
	one := func(text string) []string { return []string{text} }
	switch id {
	case "FolderWithoutBackslash":
		return []string{
			`put it in quotes, since a shell takes a bare backslash away: 'sales@contoso.com:\Calendar'`,
			"or name the mailbox alone: its calendar is meant",
		}
	case "FolderNotFound":
		return one(`name the calendar, 'sales@contoso.com:\Calendar', or the mailbox alone`)
	case "CalendarNotPublished":
		return one("publish it in the same command, with -PublishEnabled true")
	case "NoSharingPolicy":
		return one(`make one, which is that of every mailbox: exfed new-sharingpolicy Internet -Domains "Anonymous: CalendarSharingFreeBusySimple"`)
	case "SharingPolicyDisabled":
		return []string{
			"have it share again what its rules say: exfed set-sharingpolicy NAME -Enabled true",
			giveAnother,
		}
	case "PublishingNotAllowed":
		return []string{
			`allow it to all with this policy: exfed set-sharingpolicy NAME -Domains '@{Add="Anonymous: CalendarSharingFreeBusySimple"}'`,
			giveAnother,
		}
	case "DetailLevelNotAllowed":
		return []string{
			"give that -DetailLevel",
			`or let the policy allow more: exfed set-sharingpolicy NAME -Domains '@{Remove="Anonymous";Add="Anonymous: CalendarSharingFreeBusyReviewer"}'`,
		}
	}
	return nil
}
