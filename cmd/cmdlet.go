package cmd

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

// spec describes a cmdlet whose parameters are kept in a P. The parser, the help, the
// completion and the pages in docs/ are all made from it.
type spec[P any] struct {
	name     string // Verb-Noun, as Exchange spells it
	short    string // one line, no full stop
	long     string // paragraphs of help, what the cmdlet leaves and what to run next
	examples []string
	view     render.View
	changes  bool // takes -WhatIf and -Confirm
	endless  bool // goes on until interrupted or done, whatever -Timeout says
	gathers  bool // runs once for all objects on standard input, whose values are one list
	// declare binds the parameters to p. It runs only for the cmdlet that was asked for.
	declare func(p *P, d *declaration)
	// target names what the cmdlet is about to change, for -WhatIf and -Confirm.
	target func(p *P) string
	// stake is the target with what hangs on it, for the question of -Confirm; nil where the
	// target says it all. It is only asked when somebody is about to be.
	stake func(ctx context.Context, e *env, p *P) string
	// check refuses what is wrong with the parameters, before anybody is asked anything.
	check func(p *P) error
	// run does the work. It may return records and an error: a Test- cmdlet shows its
	// findings and fails.
	run func(ctx context.Context, e *env, p *P) ([]render.Record, error)
}

// cmdlet is a spec whose parameter type is forgotten.
type cmdlet struct {
	name, short, long string
	examples          []string
	view              render.View
	changes, endless  bool
	gathers           bool
	prepare           func() *invocation
}

// invocation is one call of a cmdlet: its parameters, and what runs with them.
type invocation struct {
	parameters []*parameter
	shared     []*parameter // the common ones, once they are bound
	target     func() string
	stake      func(ctx context.Context, e *env) string
	check      func() error
	run        func(ctx context.Context, e *env) ([]render.Record, error)
}

func (s spec[P]) cmdlet() cmdlet {
	return cmdlet{
		name: s.name, short: s.short, long: s.long, examples: s.examples, view: s.view, changes: s.changes, endless: s.endless, gathers: s.gathers,
		prepare: func() *invocation {
			p := new(P)
			d := &declaration{}
			s.declare(p, d)
			target := func() string { return "" }
			if s.target != nil {
				target = func() string { return s.target(p) }
			}
			stake := func(context.Context, *env) string { return target() }
			if s.stake != nil {
				stake = func(ctx context.Context, e *env) string { return s.stake(ctx, e, p) }
			}
			check := func() error { return nil }
			if s.check != nil {
				check = func() error { return s.check(p) }
			}
			return &invocation{
				parameters: d.parameters,
				target:     target,
				stake:      stake,
				check:      check,
				run:        func(ctx context.Context, e *env) ([]render.Record, error) { return s.run(ctx, e, p) },
			}
		},
	}
}

// verb is the first half of the cmdlet's name.
func (c cmdlet) verb() string {
	verb, _, _ := strings.Cut(c.name, "-")
	return verb
}

// word is the cmdlet's name as usage and completion show it.
func (c cmdlet) word() string { return strings.ToLower(c.name) }

// grammar describes the cmdlet to psargs.
func (c cmdlet) grammar(inv *invocation, common *commonParameters) psargs.Cmdlet {
	g := psargs.Cmdlet{Name: c.name}
	for _, p := range inv.parameters {
		g.Params = append(g.Params, p.grammar(false))
	}
	for _, p := range common.declare(c.changes) {
		g.Params = append(g.Params, p.grammar(true))
	}
	return g
}

// parameter is one parameter of a cmdlet.
type parameter struct {
	name     string // "DomainName"
	typeName string // as Exchange's reference names the type: "SmtpDomain"
	help     string
	kind     psargs.Kind
	aliases  []string
	values   []string // the words of an enumeration
	position int      // 1 is the first; 0 is named only
	required bool
	piped    bool   // takes pipeline input in Exchange
	noEffect string // why it has no effect here; "" when it has one
	fallback string // what is taken when it is not given, for the help
	file     bool   // its value is a path
	word     bool   // a switch that takes true or false as the next word as well
	edit     bool   // a list that takes @{Add=...;Remove=...}
	names    objectNames
	value    pflag.Value
}

// objectNames lists the names of existing objects, for completion.
type objectNames func(ctx context.Context, e *env) []string

// given reports whether the user gave the parameter.
func (p *parameter) given() bool {
	g, ok := p.value.(interface{ isGiven() bool })
	return ok && g.isGiven()
}

func (o *opt[T]) isGiven() bool { return o.given }

// flag is the parameter's name in the other spelling, without dashes.
func (p *parameter) flag() string { return p.grammar(false).Flag() }

func (p *parameter) grammar(common bool) psargs.Param {
	return psargs.Param{
		Name: p.name, Aliases: p.aliases, Kind: p.kind, Common: common, Values: p.values,
		Position: p.position, File: p.file, Edit: p.edit, Word: p.word, Summary: p.help,
	}
}

// declaration collects the parameters of a cmdlet.
type declaration struct {
	parameters []*parameter
}

// option sets a property of a parameter that most parameters do not have.
type option func(*parameter)

func required(p *parameter)         { p.required = true }
func piped(p *parameter)            { p.piped = true }
func filePath(p *parameter)         { p.file = true }
func takesWord(p *parameter)        { p.word = true }
func at(position int) option        { return func(p *parameter) { p.position = position } }
func alias(names ...string) option  { return func(p *parameter) { p.aliases = names } }
func defaults(text string) option   { return func(p *parameter) { p.fallback = text } }
func noEffect(reason string) option { return func(p *parameter) { p.noEffect = reason } }
func among(words []string) option   { return func(p *parameter) { p.values = words } }
func naming(names objectNames) option {
	return func(p *parameter) { p.names = names }
}

func (d *declaration) add(p *parameter, options []option) {
	for _, o := range options {
		o(p)
	}
	d.parameters = append(d.parameters, p)
}

func (d *declaration) text(to *opt[string], name, typeName, help string, options ...option) {
	d.add(&parameter{name: name, typeName: typeName, help: help, kind: psargs.Value, value: textValue{to}}, options)
}

func (d *declaration) boolean(to *opt[bool], name, help string, options ...option) {
	d.add(&parameter{name: name, typeName: "Boolean", help: help, kind: psargs.Boolean, value: boolValue{to}}, options)
}

func (d *declaration) toggle(to *opt[bool], name, help string, options ...option) {
	d.add(&parameter{name: name, typeName: "SwitchParameter", help: help, kind: psargs.Switch, value: switchValue{to}}, options)
}

func (d *declaration) list(to *opt[[]string], name, typeName, help string, options ...option) {
	d.add(&parameter{name: name, typeName: typeName, help: help, kind: psargs.List, value: listValue{to}}, options)
}

// edit declares a list that is replaced, or added to and removed from.
func (d *declaration) edit(to *opt[federation.ListChange], name, typeName, help string, options ...option) {
	d.add(&parameter{name: name, typeName: typeName, help: help, kind: psargs.List, edit: true, value: editValue{to}}, options)
}

func (d *declaration) number(to *opt[int], name, typeName, help string, options ...option) {
	d.add(&parameter{name: name, typeName: typeName, help: help, kind: psargs.Value, value: intValue{to}}, options)
}

func (d *declaration) oneOf(to *opt[string], name, typeName string, values []string, help string, options ...option) {
	d.add(&parameter{name: name, typeName: typeName, help: help, kind: psargs.Value, values: values, value: enumValue{to, values}}, options)
}

func (d *declaration) span(to *opt[time.Duration], name, help string, options ...option) {
	d.add(&parameter{name: name, typeName: "EnhancedTimeSpan", help: help, kind: psargs.Value, value: durationValue{to}}, options)
}
