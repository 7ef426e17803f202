package calendar

import (
	"errors"
	"fmt"
	"strings"
	"time"

	_ "time/tzdata" // not every system has a database of time zones
)

// zones finds the time zones that a VCALENDAR object speaks of.
type zones struct {
	defined map[string]*component // VTIMEZONE components by TZID
	found   map[string]zone       // what became of names asked for; nil if nothing did
	made    map[string]zone       // by definition or name, for all objects: most have the same few
	budget  *budget
}

func newZones(defined map[string]*component, made map[string]zone, budget *budget) *zones {
	return &zones{defined: defined, found: map[string]zone{}, made: made, budget: budget}
}

const maxZones = 1000 // names asked for in one VCALENDAR object

// find looks a name up among the definitions of the object, in the IANA database, and
// among the names Windows has.
func (z *zones) find(tzid string) (zone, error) {
	found, known := z.found[tzid]
	if !known {
		if len(z.found) >= maxZones {
			return nil, errors.New("the calendar names too many time zones")
		}
		found = z.look(tzid)
		z.found[strings.Clone(tzid)] = found
	}
	if found == nil {
		return nil, fmt.Errorf("time zone %.60q is neither defined in the calendar nor known", tzid)
	}
	return found, nil
}

func (z *zones) look(tzid string) zone {
	if definition, ok := z.defined[tzid]; ok {
		if own := z.make(definition); own != nil {
			return own
		}
	}
	return z.named(tzid)
}

// named finds a zone by its name alone, once for all objects.
func (z *zones) named(tzid string) zone {
	key := "\x00" + tzid // which no definition begins with
	if known, ok := z.made[key]; ok {
		return known
	}
	var found zone
	if location := namedLocation(tzid); location != nil {
		found = locationZone{location}
	}
	z.made[key] = found
	return found
}

// make works a definition out, once for all that say the same.
func (z *zones) make(definition *component) zone {
	key := definition.text()
	if own, ok := z.made[key]; ok {
		return own
	}
	own, err := definition.zone(z.budget)
	if err != nil {
		return nil
	}
	z.made[key] = own
	return own
}

// text writes out what a VTIMEZONE component says.
func (c *component) text() string {
	var b strings.Builder
	for _, observance := range c.children {
		for _, name := range []string{"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"} {
			for _, p := range observance.props[name] {
				b.WriteString(name + ";" + p.params + ":" + p.value + "\n")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// namedLocation knows zones by their names alone. Globally unique names have a slash in
// front and may have the path of a registry before the name of the database, as in
// /citadel.org/20210210_1/Europe/Berlin.
func namedLocation(tzid string) *time.Location {
	name := strings.Trim(tzid, "\" /")
	if iana := windowsZone(name); iana != "" {
		return loadLocation(iana)
	}
	for range 8 {
		if location := loadLocation(name); location != nil {
			return location
		}
		_, rest, ok := strings.Cut(name, "/")
		if !ok || !strings.HasPrefix(tzid, "/") {
			return nil
		}
		name = rest
	}
	return nil
}

// Location returns the location that a name stands for, one of the IANA database or one that
// Windows has, "Eastern Standard Time" for example; nil if it stands for none.
func Location(name string) *time.Location {
	if iana := windowsZone(name); iana != "" {
		return loadLocation(iana)
	}
	return loadLocation(name)
}

// loadLocation asks the database. "Local" would be the zone of this machine, which no
// calendar can mean.
func loadLocation(name string) *time.Location {
	if name == "" || strings.EqualFold(name, "Local") || len(name) > 60 {
		return nil
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return location
}
