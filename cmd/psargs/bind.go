package psargs

import (
	"cmp"
	"fmt"
	"slices"
)

// binder gives the tokens of one command line to the parameters of one cmdlet.
type binder struct {
	params []Param
	names  []spelling
	order  []int          // parameters in the order they were given
	values map[int]string // by index of the parameter; lists are in edits instead
	edits  map[int]ListEdit
	loose  []loose
}

// loose is a value that no parameter name came before. A list in several tokens is one of them.
type loose struct {
	pieces []string
	after  string // the switch before it, as PowerShell writes it, if any
}

func newBinder(c Cmdlet) *binder {
	return &binder{
		params: c.Params,
		names:  spellings(c.Params),
		values: map[int]string{},
		edits:  map[int]ListEdit{},
	}
}

// asksHelp reports whether a token of args is -?, -h or --help. It looks before anything is
// checked: who asks for help has often not got the rest right.
func (b *binder) asksHelp(args []string) bool {
	for _, token := range args {
		if token == "--" {
			return false
		}
		d, ok := parseDashed(token)
		if !ok {
			continue
		}
		if hits := matching(b.names, d.name); len(hits) == 1 && hits[0].param == helpParam {
			return true
		}
	}
	return false
}

// bind returns the --flag=value tokens for a command line.
func (b *binder) bind(at located, names []string) ([]string, *UsageError) {
	if err := b.walk(at.leading); err != nil {
		return nil, err
	}
	if len(b.loose) > 0 {
		return nil, unknownCmdlet(b.loose[0].pieces[0], names)
	}
	if err := b.walk(at.rest); err != nil {
		return nil, err
	}
	if err := b.bindLoose(); err != nil {
		return nil, err
	}
	args := make([]string, 0, len(b.order))
	for _, i := range b.order {
		value := b.values[i]
		if b.params[i].Kind == List {
			value = Format(b.edits[i])
		}
		args = append(args, "--"+b.params[i].Flag()+"="+value)
	}
	return args, nil
}

// walk takes tokens one after the other, setting positional values aside.
func (b *binder) walk(args []string) *UsageError {
	t := &tokens{list: args, isParam: b.isParam}
	lastSwitch := ""
	for t.more() {
		token := t.next()
		d, isParam := parseDashed(token)
		switch {
		case token == "--" && !t.literal:
			t.literal = true
			lastSwitch = ""
		case isParam && !t.literal:
			param, err := b.take(d, t)
			if err != nil {
				return err
			}
			lastSwitch = ""
			if d.sep == "" && param.Kind == Switch && !param.Word {
				lastSwitch = param.Name
			}
		default:
			b.loose = append(b.loose, loose{pieces: t.glue(token), after: lastSwitch})
			lastSwitch = ""
		}
	}
	return nil
}

// isParam reports whether token can be nothing but a parameter, or a misspelt one: then it is
// not the value of the parameter before it.
func (b *binder) isParam(token string) bool {
	d, ok := parseDashed(token)
	return ok && (len(matching(b.names, d.name)) > 0 || len(nearSpellings(b.names, d.name)) > 0)
}

// take reads the parameter d and its value.
func (b *binder) take(d dashed, t *tokens) (Param, *UsageError) {
	s, err := resolve(b.names, d)
	if err != nil {
		return Param{}, err
	}
	param := b.params[s.param]
	if slices.Contains(b.order, s.param) && param.Kind != List {
		return param, &UsageError{
			ID: DuplicateParameter, Param: param.Name,
			Msg: fmt.Sprintf("-%s is given more than once", param.Name),
		}
	}
	named := param
	if s.side != whole {
		named.Name = s.shown
	}
	text, err := readValue(named, d, t)
	if err == nil {
		err = b.set(s.target(), text)
	}
	if err != nil {
		err.Param = named.Name
	}
	return param, err
}

// set checks text and keeps it for a parameter.
func (b *binder) set(to target, text string) *UsageError {
	param := b.params[to.param]
	var err *UsageError
	if param.Kind == List {
		b.edits[to.param], err = extend(b.edits[to.param], param, to.side, text)
	} else {
		b.values[to.param], err = checkValue(param, text)
	}
	if err == nil && !slices.Contains(b.order, to.param) {
		b.order = append(b.order, to.param)
	}
	return err
}

// bindLoose gives the positional values to the positional parameters not given by name, as
// PowerShell does.
func (b *binder) bindLoose() *UsageError {
	free := b.freePositions()
	for n, value := range b.loose {
		if err := switchWithValue(value); err != nil {
			return err
		}
		if n >= len(free) {
			return b.tooMany(value, free)
		}
		param := b.params[free[n]]
		if len(value.pieces) > 1 && param.Kind != List {
			return &UsageError{
				ID: TooManyPositionals, Param: param.Name,
				Msg:   fmt.Sprintf("-%s takes one value, not a list", param.Name),
				Hints: []string{"put a value with a comma in it in quotes"},
			}
		}
		if err := b.set(target{free[n], whole}, joinPieces(value.pieces)); err != nil {
			err.Param = param.Name
			return err
		}
	}
	return nil
}

// freePositions returns the positional parameters not given yet, in order.
func (b *binder) freePositions() []int {
	var free []int
	for i, p := range b.params {
		if p.Position > 0 && !slices.Contains(b.order, i) {
			free = append(free, i)
		}
	}
	slices.SortStableFunc(free, func(x, y int) int { return cmp.Compare(b.params[x].Position, b.params[y].Position) })
	return free
}

// switchWithValue refuses "-Confirm false", where false would silently become the name of an
// object.
func switchWithValue(value loose) *UsageError {
	switch word := fold(value.pieces[0]); word {
	case "true", "false", "$true", "$false":
		if value.after == "" {
			return nil
		}
		return &UsageError{
			ID: InvalidBoolean, Param: value.after,
			Msg:   fmt.Sprintf("-%s is a switch and takes no separate value", value.after),
			Hints: []string{fmt.Sprintf("write -%s:%s", value.after, trimDollar(word))},
		}
	}
	return nil
}

func (b *binder) tooMany(value loose, free []int) *UsageError {
	e := &UsageError{
		ID:  TooManyPositionals,
		Msg: fmt.Sprintf("no parameter takes %s", quote(value.pieces[0])),
	}
	if mangled(value.pieces[0]) {
		e.ID = MangledHashtable
	}
	switch {
	case hasSmartQuote(value.pieces[0]):
		return smartQuotes("")
	case len(free) > 0:
		e.Hints = append(e.Hints, fmt.Sprintf("only -%s can be given without its name", b.params[free[0]].Name))
	default:
		e.Hints = append(e.Hints, "give each value the name of its parameter")
	}
	e.Hints = append(e.Hints, "put a value with spaces in quotes, and commas between the values of a list")
	return e
}
