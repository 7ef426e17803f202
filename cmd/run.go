package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/cmd/terminal"
	"exfed/federation"
)

// session is one run of exfed: the command line, and the one cmdlet it asks for.
type session struct {
	process Process
	chosen  cmdlet      // zero until the command line has named one
	first   *invocation // of chosen
	common  commonParameters
}

// Run carries out one command line and returns its exit code.
func Run(ctx context.Context, process Process) int {
	s := &session{process: process}
	if len(process.Args) > 0 && (process.Args[0] == "__complete" || process.Args[0] == "__completeNoDesc") {
		return s.complete(ctx, process.Args[0] == "__complete", process.Args[1:])
	}
	err := s.run(ctx)
	if err == nil {
		return int(exitDone)
	}
	f := explain(s.chosen.word(), err)
	report(process.Streams, s.errorFormat(), s.common.verbose.value, s.chosen.word(), f)
	return int(f.code)
}

func (s *session) run(ctx context.Context) error {
	line, err := psargs.Rewrite(s.process.Args, s)
	if err != nil {
		return err
	}
	switch {
	case line.Action == psargs.Version:
		_, err := fmt.Fprintf(s.process.Streams.Out, "exfed %s\n", version())
		return err
	case line.Action == psargs.Help:
		s.choose(line.Cmdlet)
		return s.writeHelp()
	}
	root := s.root()
	root.SetArgs(line.Args)
	return root.ExecuteContext(ctx)
}

// Summary implements psargs.Grammar.
func (s *session) Summary(name string) string {
	for _, c := range cmdlets() {
		if c.name == name {
			return c.short
		}
	}
	return ""
}

// Find implements psargs.Grammar. It is asked for one cmdlet, and only that one's
// parameters are ever made.
func (s *session) Find(name string) (psargs.Cmdlet, bool) {
	if !s.choose(name) {
		return psargs.Cmdlet{}, false
	}
	return s.chosen.grammar(s.first, &s.common), true
}

// choose makes the cmdlet of that name the one this session is about.
func (s *session) choose(name string) bool {
	for _, c := range cmdlets() {
		if strings.EqualFold(c.name, name) {
			s.chosen, s.first = c, c.prepare()
			return true
		}
	}
	return false
}

// Names implements psargs.Grammar.
func (s *session) Names() []string {
	var names []string
	for _, c := range cmdlets() {
		names = append(names, c.name)
	}
	return names
}

// bind adds the parameters of an invocation and the common ones to a flag set.
func (s *session) bind(flags *pflag.FlagSet, inv *invocation, common *commonParameters) {
	flags.SortFlags = false
	inv.shared = common.declare(s.chosen.changes)
	for _, p := range slices.Concat(inv.parameters, inv.shared) {
		f := flags.VarPF(p.value, p.flag(), "", p.help)
		if _, isSwitch := p.value.(switchValue); isSwitch {
			f.NoOptDefVal = "true"
		}
	}
}

// runChosen runs the cmdlet, once or once for each object on standard input.
func (s *session) runChosen(command *cobra.Command) (err error) {
	ctx := command.Context()
	if _, err := s.format(); err != nil {
		return err
	}
	if s.process.Interruptible != nil {
		var stop func()
		ctx, stop = s.process.Interruptible(ctx)
		defer stop()
	}
	inputs, err := s.inputs()
	if err != nil {
		return err
	}
	prompter := terminal.NewPrompter(s.process.Streams)
	passphrase := &typedPassphrase{ctx: ctx}
	var envs []*env
	defer func() {
		for _, e := range envs {
			err = errors.Join(err, e.close())
		}
	}()
	var records []render.Record
	for _, in := range inputs {
		if err = s.fill(in); err != nil {
			break
		}
		var more []render.Record
		e := &env{process: s.process, cmdlet: s.chosen, common: s.common, prompter: prompter, passphrase: passphrase}
		envs = append(envs, e)
		more, err = s.runOne(ctx, e, in.invocation)
		records = append(records, more...)
		if err != nil {
			break
		}
	}
	if err := errors.Join(err, s.print(records, err)); err != nil {
		return err
	}
	for _, e := range envs {
		err = errors.Join(err, s.goOn(ctx, e))
	}
	return err
}

// goOn does what a cmdlet left for later. What fails ends it: the next may build on it.
func (s *session) goOn(ctx context.Context, e *env) error {
	for len(e.afterwards) > 0 {
		then := e.afterwards[0]
		e.afterwards = e.afterwards[1:]
		records, err := then(ctx)
		if len(records) > 0 {
			err = errors.Join(err, s.print(records, err))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// runOne runs the cmdlet once.
func (s *session) runOne(ctx context.Context, e *env, inv *invocation) ([]render.Record, error) {
	for _, p := range slices.Concat(inv.parameters, inv.shared) {
		if p.noEffect != "" && p.given() {
			e.verbose("-%s has no effect: %s", p.name, p.noEffect)
		}
	}
	if err := inv.check(); err != nil {
		return nil, err
	}
	if !s.common.whatIf.value && s.mustAsk(inv) {
		target := inv.stake(ctx, e)
		ok, err := e.prompter.Confirm(ctx, "Performing the operation \""+s.chosen.name+"\".", target)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", target, err)
		}
		if !ok {
			return nil, nil
		}
	}
	if !s.chosen.endless {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.timeout())
		defer cancel()
	}
	if s.common.whatIf.value {
		e.whatIf = &rehearsal{}
		if _, err := inv.run(ctx, e); err != nil {
			return nil, err
		}
		e.whatIf.tell(e, inv.target())
		return nil, nil
	}
	if err := s.foresee(ctx, e, inv); err != nil {
		return nil, err
	}
	return inv.run(ctx, e)
}

// mustAsk reports whether the cmdlet asks before it starts: Remove- cmdlets do unless
// told not to, the others when told to.
func (s *session) mustAsk(inv *invocation) bool {
	if !s.chosen.changes {
		return false
	}
	if s.common.confirm.given {
		return s.common.confirm.value
	}
	for _, p := range inv.parameters {
		if force, ok := p.value.(switchValue); ok && p.name == "Force" && force.value {
			return false
		}
	}
	return s.chosen.verb() == "Remove"
}

// print writes the records. After a failure with nothing to show, nothing is written:
// an empty JSON array would say that there is nothing.
func (s *session) print(records []render.Record, failed error) error {
	if failed != nil && len(records) == 0 || s.common.whatIf.value {
		return nil
	}
	format, err := s.format()
	if err != nil {
		return err
	}
	if format == "" && len(records) == 0 {
		return nil
	}
	var out bytes.Buffer
	if err := render.Write(&out, format, s.chosen.view, s.common.property.value, records); err != nil {
		return err
	}
	if _, err := s.process.Streams.Out.Write(out.Bytes()); err != nil {
		return federation.Errorf(federation.Other, "OutputFailed", "standard output", "%v", err)
	}
	return nil
}

// format is the output format asked for; "" is the default view.
func (s *session) format() (render.Format, error) {
	if s.common.output.given {
		return render.ParseFormat(s.common.output.value)
	}
	if text := s.process.getenv("EXFED_OUTPUT"); text != "" {
		return render.ParseFormat(text)
	}
	return "", nil
}

// errorFormat is the format of an error, also of one in the command line itself, when
// no parameter has been read yet.
func (s *session) errorFormat() render.Format {
	if s.common.output.given {
		format, _ := s.format()
		return format
	}
	for i, arg := range s.process.Args {
		name, value, attached := strings.Cut(strings.ToLower(strings.TrimLeft(arg, "-")), ":")
		if !attached {
			name, value, attached = strings.Cut(name, "=")
		}
		if !strings.HasPrefix(arg, "-") || name != "output" {
			continue
		}
		if !attached && i+1 < len(s.process.Args) {
			value = s.process.Args[i+1]
		}
		if format, err := render.ParseFormat(value); err == nil {
			return format
		}
	}
	format, _ := s.format()
	return format
}
