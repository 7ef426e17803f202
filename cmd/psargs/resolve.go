package psargs

import (
	"fmt"
	"slices"
	"strings"
)

// side says which part of a list a spelling fills.
type side int

const (
	whole    side = iota // the parameter itself
	adding               // -AddX
	removing             // -RemoveX
)

// helpParam stands for -Help, which every cmdlet has without listing it.
const helpParam = -1

// spelling is one name under which a parameter can be given.
type spelling struct {
	shown  string // as PowerShell writes it
	folded string
	param  int // index into Cmdlet.Params, or helpParam
	side   side
	common bool
}

// target is what a spelling stands for.
type target struct {
	param int
	side  side
}

func (s spelling) target() target { return target{s.param, s.side} }

// spellings lists every name that params answer to.
func spellings(params []Param) []spelling {
	var list []spelling
	add := func(shown string, param int, side side, common bool) {
		list = append(list, spelling{shown, foldName(shown), param, side, common})
	}
	for i, p := range params {
		add(p.Name, i, whole, p.Common)
		for _, alias := range p.Aliases {
			add(alias, i, whole, p.Common)
		}
	}
	// The names below give way to parameters of the cmdlet: its prefixes must not become
	// ambiguous by names that Exchange does not have.
	for i, p := range params {
		if p.Edit {
			add("Add"+p.Name, i, adding, true)
			add("Remove"+p.Name, i, removing, true)
		}
	}
	for _, name := range []string{"Help", "h", "?"} {
		add(name, helpParam, whole, true)
	}
	return list
}

// matching returns the spellings that typed may mean: the one it equals, or those it begins, of
// which a single one that is not common wins. One spelling is returned for each target.
func matching(list []spelling, typed string) []spelling {
	typed = foldName(typed)
	if typed == "" {
		return nil
	}
	var hits, own []spelling
	for _, s := range list {
		if s.folded == typed {
			return []spelling{s}
		}
		if !strings.HasPrefix(s.folded, typed) || containsTarget(hits, s.target()) {
			continue
		}
		hits = append(hits, s)
		if !s.common {
			own = append(own, s)
		}
	}
	if len(own) == 1 {
		return own
	}
	return hits
}

func containsTarget(list []spelling, t target) bool {
	return slices.ContainsFunc(list, func(s spelling) bool { return s.target() == t })
}

// resolve returns the one spelling that d means.
func resolve(list []spelling, d dashed) (spelling, *UsageError) {
	hits := matching(list, d.name)
	switch len(hits) {
	case 1:
		return hits[0], nil
	case 0:
		return spelling{}, unknownParameter(list, d)
	}
	return spelling{}, &UsageError{
		ID:    AmbiguousParameter,
		Param: d.name,
		Msg:   fmt.Sprintf("parameter %s is ambiguous", quote(d.dash+d.name)),
		Hints: []string{"it may mean " + alternatives(withDash(shownNames(hits)))},
	}
}

func unknownParameter(list []spelling, d dashed) *UsageError {
	e := &UsageError{
		ID:    UnknownParameter,
		Param: d.name,
		Msg:   fmt.Sprintf("there is no parameter %s", quote(d.dash+d.name)),
	}
	if near := nearSpellings(list, d.name); len(near) > 0 {
		e.Hints = []string{"did you mean " + alternatives(near) + "?"}
		return e
	}
	e.Hints = []string{"a value that begins with a dash is attached with a colon: -Name:-value"}
	return e
}

// nearSpellings returns the parameters that name may be a misspelling of, with a dash.
func nearSpellings(list []spelling, name string) []string {
	return withDash(nearest(name, shownNames(list)))
}

func shownNames(list []spelling) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.shown
	}
	return names
}

func withDash(names []string) []string {
	return mapStrings(names, func(name string) string { return "-" + name })
}
