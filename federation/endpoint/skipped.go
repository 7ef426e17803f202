package endpoint

import (
	"context"
	"fmt"
	"strings"

	"exfed/federation"
	"exfed/federation/calendar"
	"exfed/federation/serve"
	"exfed/federation/soap"
)

const (
	reportedReasons = 3   // of a calendar's components that were left out
	maxReason       = 300 // characters of each
)

// report logs what was left out of a calendar that was read: time that may look free and is
// not. Of a calendar that is read again only what is new is logged. The source's address is
// not logged, for that of a published calendar is a secret. Who calls has the source's turn.
func (c *CalendarSources) report(ctx context.Context, k *keptSource, mailbox federation.Mailbox) {
	count, reasons := k.read.SkippedCount(), reasonsOf(k.read.Skipped())
	reported := fmt.Sprint(count, " ", reasons)
	if reported == k.reported || c.Log == nil {
		return
	}
	if k.reported = reported; count > 0 {
		c.Log.WarnContext(ctx, "calendar entries left out", "request", serve.RequestID(ctx),
			"mailbox", soap.Printable(mailbox.PrimarySMTPAddress, maxLogged), "count", count, "first", reasons)
	}
}

func reasonsOf(skipped []calendar.Skipped) []string {
	var reasons []string
	for _, s := range skipped[:min(len(skipped), reportedReasons)] {
		reasons = append(reasons, soap.Printable(strings.TrimPrefix(s.UID+": "+s.Reason, ": "), maxReason))
	}
	return reasons
}
