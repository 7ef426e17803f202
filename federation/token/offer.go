package token

import (
	"slices"
	"time"
)

// Offer is what a token may be used for, the action claim. Offers are told apart by case.
type Offer string

// The offers of Exchange.
const (
	Autodiscover            Offer = "MSExchange.Autodiscover"            // settings of a user or an organization
	SharingCalendarFreeBusy Offer = "MSExchange.SharingCalendarFreeBusy" // GetUserAvailability
	MailTips                Offer = "MSExchange.MailTips"                // GetMailTips
	SharingInviteMessage    Offer = "MSExchange.SharingInviteMessage"    // travels in an invitation
	SharingRead             Offer = "MSExchange.SharingRead"             // a shared folder
)

// Grace is added to the life of every assertion, as the Microsoft gateway does: a token
// that is used in its last second is still good when it arrives.
const Grace = 3 * time.Minute

// Offers returns the offers there are.
func Offers() []Offer {
	return []Offer{Autodiscover, SharingCalendarFreeBusy, MailTips, SharingInviteMessage, SharingRead}
}

// Known reports whether it is one of Offers.
func (o Offer) Known() bool { return slices.Contains(Offers(), o) }

// Duration is for how long a requester may keep a token for the offer at most, within
// the token's own life.
func (o Offer) Duration() time.Duration { return 8 * time.Hour }

// Life is how long a token for the offer is good for, without Grace, when a broker has
// no other rule: an hour, or 15 days when it travels in mail.
func (o Offer) Life() time.Duration {
	if o == SharingInviteMessage {
		return 15 * 24 * time.Hour
	}
	return time.Hour
}
