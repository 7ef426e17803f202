package cmd

import (
	"slices"
	"strings"

	"exfed/federation"
)

// checksFailed ends a Test- cmdlet whose checks have found faults. The records say what
// they are; the error says what to do about each.
type checksFailed struct {
	summary *federation.Error
	causes  []*federation.Error
	told    []string // what is told in place of what to do about each
	next    string   // what to do once the causes are gone; "" where that goes without saying
}

// newChecksFailed returns nil when there are no causes.
func newChecksFailed(id, object string, causes []*federation.Error) error {
	if len(causes) == 0 {
		return nil
	}
	names := make([]string, len(causes))
	for i, c := range causes {
		names[i] = c.Object
	}
	return &checksFailed{summary: federation.Errorf(federation.ChecksFailed, id, object, "these checks failed: %s", strings.Join(names, ", ")), causes: causes}
}

func (c *checksFailed) Error() string { return c.summary.Error() }
func (c *checksFailed) Unwrap() error { return c.summary }

// hints are those of the causes, each once.
func (c *checksFailed) hints() []string {
	all := slices.Clone(c.told)
	for _, cause := range c.causes {
		if len(c.told) > 0 {
			break
		}
		for _, hint := range adviceOn(cause) {
			if !slices.Contains(all, hint) {
				all = append(all, hint)
			}
		}
	}
	if c.next != "" {
		all = append(all, c.next)
	}
	return all
}
