package calendar

import (
	"fmt"
	"slices"
	"strings"
)

// component is what stands between BEGIN and END, its properties bounded to those that
// are looked at here.
type component struct {
	name     string
	props    map[string][]property
	children []*component // of VTIMEZONE: its observances
	fault    string       // why it cannot be understood, "" if nothing speaks against it
}

// first returns the first property of a name, an empty one if there is none.
func (c *component) first(name string) property {
	if list := c.props[name]; len(list) > 0 {
		return list[0]
	}
	return property{name: name}
}

func (c *component) has(name string) bool { return len(c.props[name]) > 0 }

// mark notes that something is there whose content does not matter.
func (c *component) mark(name string) {
	if !c.has(name) {
		c.props[name] = []property{{name: name}}
	}
}

// maxRepeated bounds how often a property is taken that may be repeated.
const maxRepeated = 10_000

// take keeps a property if it is looked at anywhere.
func (c *component) take(name string, params, value []byte) {
	switch name {
	case "ATTENDEE", "ORGANIZER":
		c.mark(name)
	case "RRULE", "RDATE", "EXDATE", "FREEBUSY":
		if len(c.props[name]) >= maxRepeated {
			c.fault = fmt.Sprintf("%s is repeated more than %d times", name, maxRepeated)
			return
		}
		c.props[name] = append(c.props[name], property{name, string(params), string(value)})
	case "UID", "SUMMARY", "LOCATION", "DESCRIPTION", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "STATUS", "TRANSP",
		"X-MICROSOFT-CDO-BUSYSTATUS", "CLASS", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED",
		"TZID", "TZOFFSETFROM", "TZOFFSETTO":
		if !c.has(name) {
			c.props[name] = []property{{name, string(params), string(value)}}
		}
	}
}

// object is a VCALENDAR object: components that share their time zones.
type object struct {
	zones  map[string]*component
	events []*component // VEVENT and VFREEBUSY
}

// objectReader reads the objects of a stream.
type objectReader struct {
	limit   int // of components
	count   int
	objects []object
	open    []*component // from the outermost to the innermost
}

// maxDepth is one more than RFC 5545 has use for.
const maxDepth = 4

// readObjects reads a stream that consists of VCALENDAR objects.
func readObjects(data []byte, limits Limits) ([]object, error) {
	r := objectReader{limit: limits.Components}
	lines := newLineReader(data)
	for line, ok := lines.next(); ok; line, ok = lines.next() {
		if err := r.line(line); err != nil {
			return nil, err
		}
	}
	switch {
	case len(r.open) > 0:
		return nil, malformed("ends within %s: it was cut off", r.open[0].name)
	case len(r.objects) == 0:
		return nil, malformed("holds no VCALENDAR object")
	}
	return r.objects, nil
}

func (r *objectReader) line(line []byte) error {
	name, params, value, ok := splitLine(line)
	if !ok {
		if len(r.open) == 0 && len(strings.TrimSpace(string(line[:min(len(line), 80)]))) > 0 {
			return malformed("does not begin with BEGIN:VCALENDAR")
		}
		return nil // text that should have been folded, most often
	}
	upper := capitals(name)
	switch {
	case upper == "BEGIN":
		return r.begin(capitals(value))
	case upper == "END":
		return r.end(capitals(value))
	case len(r.open) == 0:
		return malformed("does not begin with BEGIN:VCALENDAR")
	case len(r.open) <= maxDepth:
		r.open[len(r.open)-1].take(upper, params, value)
	}
	return nil
}

// capitals is for names of properties and components, which are short.
func capitals(name []byte) string {
	return strings.ToUpper(strings.TrimSpace(string(name[:min(len(name), 40)])))
}

func (r *objectReader) begin(name string) error {
	switch depth := len(r.open); {
	case depth == 0 && name != "VCALENDAR":
		return malformed("begins with %.40q and not with VCALENDAR", name)
	case depth >= maxDepth:
		return malformed("has components within components more than %d deep", maxDepth)
	case depth == 0:
		r.objects = append(r.objects, object{zones: map[string]*component{}})
	case depth > 1 && name == "VEVENT":
		// The END of the one before is missing. It cannot be told what belongs to which.
		r.open[1].fault = "has no END"
		r.close(1)
	}
	if r.count++; r.count > r.limit {
		return tooLarge("has more than %d components", r.limit)
	}
	r.open = append(r.open, &component{name: name, props: map[string][]property{}})
	return nil
}

// end closes the component of that name and, with a fault, those within that nobody
// closed. An END that closes nothing is passed over.
func (r *objectReader) end(name string) error {
	at := -1
	for i, c := range slices.Backward(r.open) {
		if c.name == name {
			at = i
			break
		}
	}
	if at < 0 {
		return nil
	}
	for _, c := range r.open[at+1:] {
		c.fault = "has no END"
		if len(r.open) > 1 {
			r.open[1].fault = "has no END"
		}
	}
	r.close(at)
	return nil
}

// close hands the components from depth on to those around them.
func (r *objectReader) close(depth int) {
	for len(r.open) > depth {
		last := len(r.open) - 1
		c := r.open[last]
		r.open = r.open[:last]
		if last > 0 {
			r.keep(c, r.open[last-1])
		}
	}
}

func (r *objectReader) keep(c, parent *component) {
	current := &r.objects[len(r.objects)-1]
	switch {
	case parent.name == "VEVENT" && c.name == "VALARM":
		parent.mark("VALARM")
	case parent.name == "VTIMEZONE" && (c.name == "STANDARD" || c.name == "DAYLIGHT"):
		parent.children = append(parent.children, c)
	case parent.name == "VCALENDAR" && c.name == "VTIMEZONE":
		current.zones[strings.Trim(c.first("TZID").value, "\" ")] = c
	case parent.name == "VCALENDAR" && (c.name == "VEVENT" || c.name == "VFREEBUSY"):
		current.events = append(current.events, c)
	}
}
