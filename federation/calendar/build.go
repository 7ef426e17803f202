package calendar

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

const maxSkipped = 100 // that are remembered one by one

// builder makes a calendar of objects.
type builder struct {
	calendar *Calendar
	byUID    map[string][]*item
	uids     []string // in the order they appeared
	budget   budget
}

// build makes a calendar of objects that were so many bytes; what was skipped before is kept in mind.
func build(objects []object, skipped []Skipped, bytes int, limits Limits) (*Calendar, error) {
	b := builder{calendar: &Calendar{limits: limits, bytes: bytes}, byUID: map[string][]*item{}, budget: budget{left: limits.Steps, ctx: context.Background()}}
	for _, s := range skipped {
		b.skip(s.UID, s.Reason)
	}
	made, count := map[string]zone{}, 0
	for _, o := range objects {
		r := &itemReader{newZones(o.zones, made, &b.budget), limits}
		for _, c := range o.events {
			if count += b.take(r, c); count > limits.Components {
				return nil, tooLarge("has more than %d events", limits.Components)
			}
		}
	}
	// What comes after the one that took the last step cannot be understood for want of
	// steps, and would look free.
	if b.budget.left < 0 {
		return nil, tooCostly(limits.Steps)
	}
	for _, uid := range b.uids {
		b.join(b.byUID[uid])
	}
	b.index()
	return b.calendar, nil
}

func (b *builder) skip(uid, reason string) {
	if b.calendar.count++; b.calendar.count <= maxSkipped {
		b.calendar.skipped = append(b.calendar.skipped, Skipped{uid, reason})
	}
}

// take understands a component and returns how many items it was.
func (b *builder) take(r *itemReader, c *component) int {
	if c.name == "VFREEBUSY" {
		periods, err := r.busyPeriods(c)
		if err != nil {
			b.skip(unescape(c.first("UID").value, r.limits.Text), err.Error())
		}
		for _, it := range periods {
			b.single(it)
		}
		return len(periods)
	}
	it, err := r.event(c)
	if err != nil {
		b.skip(unescape(c.first("UID").value, r.limits.Text), err.Error())
		return 1
	}
	if it.key == "" {
		b.join([]*item{it})
		return 1
	}
	if b.byUID[it.key] == nil {
		b.uids = append(b.uids, it.key)
	}
	b.byUID[it.key] = append(b.byUID[it.key], it)
	return 1
}

// join makes a series of the items of one UID.
func (b *builder) join(items []*item) {
	master, overrides := latest(items)
	if master != nil && master.cancelled {
		return
	}
	for _, it := range overrides {
		if !it.cancelled && (!it.andFuture || master == nil) {
			b.single(it)
		}
	}
	switch {
	case master == nil:
	case len(overrides) == 0 && !master.event.Recurring && len(master.without) == 0:
		b.single(master)
	default:
		b.calendar.series = append(b.calendar.series, newSeries(master, overrides))
	}
}

// latest picks the last version of the event and of each of its instances, by SEQUENCE
// and then by the stamp (RFC 5546 section 2.1.5).
func latest(items []*item) (master *item, overrides []*item) {
	type instance struct {
		kind momentKind
		at   int64
		from bool
	}
	versions := map[instance]int{}
	for _, it := range items {
		if it.recurrenceID == nil {
			if master == nil || it.replaces(master) {
				master = it
			}
			continue
		}
		id := instance{it.recurrenceID.kind, int64(it.recurrenceID.at), it.andFuture}
		if id.kind == zonedMoment {
			id.at = it.recurrenceID.instant()
		}
		if i, known := versions[id]; !known {
			versions[id] = len(overrides)
			overrides = append(overrides, it)
		} else if it.replaces(overrides[i]) {
			overrides[i] = it
		}
	}
	return master, overrides
}

func (it *item) replaces(other *item) bool {
	return cmp.Or(cmp.Compare(it.sequence, other.sequence), strings.Compare(it.stamp, other.stamp)) >= 0
}

func (b *builder) single(it *item) {
	if it.cancelled {
		return
	}
	start := int64(it.start.at)
	if it.start.kind == zonedMoment {
		start = it.start.instant()
	}
	b.calendar.singles = append(b.calendar.singles, single{start, start + it.length.upperBound(), it})
}

// index prepares for finding what overlaps a window.
func (b *builder) index() {
	c := b.calendar
	slices.SortStableFunc(c.singles, func(a, b single) int { return cmp.Compare(a.start, b.start) })
	latest := int64(never)
	for _, s := range c.singles {
		latest = max(latest, s.end)
		c.reach = append(c.reach, latest)
	}
}
