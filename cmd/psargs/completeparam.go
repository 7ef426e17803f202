package psargs

import (
	"slices"
	"strings"
)

// progress is what the words before the one being completed have settled.
type progress struct {
	names       []spelling
	given       []int
	positionals int
	literal     bool   // "--" was seen
	waiting     int    // parameter whose value is being typed, or -1
	earlier     string // for a list, the values in the words before
}

// follow reads the words before, passing over what is wrong.
func follow(c Cmdlet, at located) progress {
	b := newBinder(c)
	p := progress{names: b.names, waiting: -1}
	t := &tokens{list: slices.Concat(at.leading, at.rest), isParam: b.isParam}
	for t.more() {
		token := t.next()
		d, isParam := parseDashed(token)
		switch {
		case token == "--" && !t.literal:
			t.literal = true
		case isParam && !t.literal:
			p.followParam(c.Params, d, t)
		default:
			p.followPositional(c.Params, token, t)
		}
	}
	p.literal = t.literal
	return p
}

func (p *progress) followParam(params []Param, d dashed, t *tokens) {
	hits := matching(p.names, d.name)
	if len(hits) != 1 {
		if _, ok := t.peekValue(); ok && d.sep == "" {
			t.next() // most likely the value of the unknown parameter
		}
		return
	}
	i := hits[0].param
	if i == helpParam {
		return
	}
	p.given = append(p.given, i)
	if params[i].Kind == Switch {
		return
	}
	text, ok := attached(params[i], d)
	if !ok {
		if _, ok := t.peekValue(); !ok {
			if !t.more() {
				p.waiting = i
			}
			return
		}
		text = t.next()
	}
	if params[i].Kind == List {
		p.followList(i, text, t)
	}
}

// followList reads the words of a list, which may go on into the word being completed.
func (p *progress) followList(param int, first string, t *tokens) {
	text := joinPieces(t.glue(first))
	if !t.more() && endsInComma(text) {
		p.waiting, p.earlier = param, text
	}
}

func (p *progress) followPositional(params []Param, first string, t *tokens) {
	if i, ok := p.nextPositional(params); ok && params[i].Kind == List {
		p.followList(i, first, t)
	}
	p.positionals++
}

// nextPositional returns the parameter that takes the next positional value.
func (p *progress) nextPositional(params []Param) (int, bool) {
	b := binder{params: params, order: p.given}
	free := b.freePositions()
	if p.positionals >= len(free) {
		return 0, false
	}
	return free[p.positionals], true
}

// completer answers within a cmdlet.
type completer struct {
	progress
	cmdlet  Cmdlet
	objects Objects
}

func (c completer) complete(typed string) ([]Candidate, Directive) {
	if !c.literal {
		if dash, name, ok := typedParam(typed); ok {
			return c.params(dash, name), NoFiles
		}
		if d, ok := parseDashed(typed); ok {
			return c.attachedValue(typed, d)
		}
	}
	if c.waiting >= 0 {
		return c.value(c.cmdlet.Params[c.waiting], "", typed)
	}
	i, ok := c.nextPositional(c.cmdlet.Params)
	if ok && c.cmdlet.Params[i].File {
		return nil, ShellDefault
	}
	if ok {
		if found, _ := c.value(c.cmdlet.Params[i], "", typed); len(found) > 0 {
			return found, NoFiles
		}
	}
	if typed == "" && !c.literal {
		return c.params("-", ""), NoFiles
	}
	return nil, NoFiles
}

// attachedValue answers for -Name:va and --name=va.
func (c completer) attachedValue(typed string, d dashed) ([]Candidate, Directive) {
	hits := matching(c.names, d.name)
	if len(hits) != 1 || hits[0].param == helpParam {
		return nil, NoFiles
	}
	keep := strings.TrimSuffix(typed, d.value)
	if d.sep == "=" {
		keep = ""
	}
	return c.value(c.cmdlet.Params[hits[0].param], keep, d.value)
}

// params offers parameters that can still be given: the cmdlet's own, then the common ones.
func (c completer) params(dash, typed string) []Candidate {
	var found []Candidate
	for _, common := range []bool{false, true} {
		for i, p := range c.cmdlet.Params {
			if p.Common == common && (p.Kind == List || !slices.Contains(c.given, i)) {
				found = appendParam(found, dash, typed, p.Name, p.Summary)
			}
		}
	}
	for _, p := range c.cmdlet.Params {
		if p.Edit {
			found = appendParam(found, dash, typed, "Add"+p.Name, "add to -"+p.Name)
			found = appendParam(found, dash, typed, "Remove"+p.Name, "remove from -"+p.Name)
		}
	}
	return appendParam(found, dash, typed, "Help", "show help")
}

// value offers values of a parameter, each with keep before it.
func (c completer) value(p Param, keep, typed string) ([]Candidate, Directive) {
	var earlier []string
	if p.Kind == List {
		cut := strings.LastIndexByte(typed, ',') + 1
		earlier = strings.Split(c.earlier+typed[:cut], ",")
		keep, typed = keep+typed[:cut], typed[cut:]
	}
	if p.File {
		return nil, ShellDefault
	}
	var found []Candidate
	for _, value := range c.known(p, typed) {
		text, ok := inStyle(typed, value)
		if ok && isPrintable(value) && !containsFolded(earlier, value) {
			found = append(found, candidate(keep+text, ""))
		}
	}
	return found, NoFiles
}

// known returns the values a parameter is known to take.
func (c completer) known(p Param, typed string) []string {
	switch {
	case p.Kind == Boolean || p.Kind == Switch:
		if strings.HasPrefix(typed, "$") {
			return []string{"$true", "$false"}
		}
		return []string{"true", "false"}
	case len(p.Values) > 0:
		return p.Values
	case c.objects == nil:
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.objects(c.cmdlet.Name, p.Name, typed)), func(name string) bool {
		return p.Kind == List && strings.ContainsAny(name, `,"'`) // would need quotes of its own
	})
}

func containsFolded(list []string, value string) bool {
	return slices.ContainsFunc(list, func(v string) bool { return fold(strings.Trim(v, listSpace)) == fold(value) })
}
