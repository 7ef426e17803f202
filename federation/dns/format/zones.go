package format

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"exfed/federation"
	"exfed/federation/dns"
)

// Live tells what name servers show now.
type Live interface {
	// LiveSet returns the records of a type at a name. That a name is an alias and has no other
	// records is a *federation.Error AliasAtName; not to know for certain is an error too.
	LiveSet(ctx context.Context, name string, kind federation.DNSRecordType) (federation.LiveSet, error)
}

// Survey tells where records belong and what is there.
type Survey struct {
	// Zone returns the zone a name lies in.
	Zone func(ctx context.Context, name string) (string, error)
	Live Live // nil: nobody is asked
}

// surveyors is how many names are asked about at the same time.
const surveyors = 16

// errNotAsked stands for the answers that were not waited for any more.
var errNotAsked = errors.New("nobody was asked")

// place is a set with its zone, and what was found out about it.
type place struct {
	set   Set
	apex  string
	notes []string
	full  bool // there is no room for the record
	err   error
}

// Zones sorts the records of a plan by zone and set, in the order of the plan, and finds out
// what is live. An Autodiscover record for which there is no room is left out with a note; one
// that leads elsewhere is to be removed. For a format that does not replace sets, what cannot be
// found out is a note; otherwise it is an error.
func (s Survey) Zones(ctx context.Context, f Format, plan federation.DNSPlan) (zones []Zone, notes []string, err error) {
	places := group(plan)
	var over atomic.Bool // nothing will be written, or name servers do not answer
	next := make(chan *place)
	var workers sync.WaitGroup
	for range min(surveyors, len(places)) {
		workers.Go(func() {
			for p := range next {
				if p.apex, p.err = dns.ZoneOf(p.set.Name), errNotAsked; over.Load() {
					continue
				}
				p.err = s.look(ctx, p)
				if p.err != nil && (f.Replaces() || federation.IsKind(p.err, federation.Unavailable)) {
					over.Store(true)
				}
			}
		})
	}
	for _, p := range places {
		next <- p
	}
	close(next)
	workers.Wait()
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, nil, ctx.Err()
	}
	return collect(f, places)
}

// group gathers the records of each name and type.
func group(plan federation.DNSPlan) []*place {
	type key struct {
		name string
		kind federation.DNSRecordType
	}
	known := map[key]*place{}
	var places []*place
	for _, record := range plan.Records {
		k := key{record.Name, record.Type}
		p := known[k]
		if p == nil {
			p = &place{set: Set{Name: record.Name, Type: record.Type}}
			known[k], places = p, append(places, p)
		}
		if record.Remove {
			p.set.Remove = append(p.set.Remove, record)
		} else {
			p.set.Add = append(p.set.Add, record)
		}
	}
	return places
}

// look finds out where a set belongs and what is there.
func (s Survey) look(ctx context.Context, p *place) error {
	apex, err := s.Zone(ctx, p.set.Name)
	if err != nil {
		return err
	}
	if p.apex = apex; s.Live == nil {
		return nil
	}
	live, err := s.Live.LiveSet(ctx, p.set.Name, p.set.Type)
	if err != nil {
		return err
	}
	if p.set.Type == federation.TXTRecord {
		p.set.Live = &live
		return nil
	}
	if p.set.Type == federation.CNAMERecord && len(live.Records) == 0 {
		if beside, err := s.beside(ctx, p.set.Name); err != nil {
			return err
		} else if beside != "" {
			p.full = true
			p.notes = append(p.notes, fmt.Sprintf("no Autodiscover record of %s is written: it has %s, and no CNAME record can stand beside them; "+
				"if they lead elsewhere than to the endpoint, remove them first", p.set.Name, beside))
		}
	}
	p.set.Live = &live
	p.replaceAutodiscover()
	return nil
}

// beside describes what a name has that a CNAME record cannot stand beside (RFC 1034 section
// 3.6.2), "" if there is nothing.
func (s Survey) beside(ctx context.Context, name string) (string, error) {
	for _, kind := range []federation.DNSRecordType{federation.ARecord, federation.AAAARecord, federation.TXTRecord} {
		live, err := s.Live.LiveSet(ctx, name, kind)
		if err != nil {
			return "", err
		}
		if len(live.Records) > 0 {
			return fmt.Sprintf("%s records (%.80s)", kind, entry{DNSRecord: live.Records[0].DNSRecord, strings: live.Records[0].Strings}.zoneValue()), nil
		}
	}
	return "", nil
}

// replaceAutodiscover has records that lead elsewhere removed: partners would go there.
func (p *place) replaceAutodiscover() {
	for _, live := range p.set.Live.Records {
		if live.DNSRecord == p.set.Add[0].DNSRecord {
			continue
		}
		p.set.Remove = append(p.set.Remove, federation.PlannedRecord{DNSRecord: live.DNSRecord, Domain: p.set.Add[0].Domain, Purpose: federation.AutodiscoverPurpose, Remove: true})
		p.notes = append(p.notes, fmt.Sprintf("%s leads to %.300s now, and is to lead to %s", p.set.Name, live.Value(), p.set.Add[0].Value()))
	}
}

// collect puts the sets into their zones.
func collect(f Format, places []*place) (zones []Zone, notes []string, err error) {
	index := map[string]int{}
	unknown := 0
	for _, p := range places {
		switch {
		case p.err == nil:
		case p.err == errNotAsked:
			unknown++
		case f.Replaces():
			return nil, nil, p.err
		default:
			notes = append(notes, p.err.Error())
		}
		notes = append(notes, p.notes...)
		if p.full {
			continue
		}
		i, ok := index[p.apex]
		if !ok {
			i = len(zones)
			index[p.apex], zones = i, append(zones, Zone{Apex: p.apex})
		}
		zones[i].Sets = append(zones[i].Sets, p.set)
	}
	if unknown > 0 {
		notes = append(notes, fmt.Sprintf("the zone of %d other names is guessed, and what is live there not looked at", unknown))
	}
	return zones, notes, nil
}
