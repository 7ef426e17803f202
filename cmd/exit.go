package cmd

import (
	"context"
	"errors"
	"fmt"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/cmd/terminal"
	"exfed/federation"
	"exfed/policy"
)

// exitCode is what the process ends with. Scripts depend on these numbers.
type exitCode int

const (
	exitDone         exitCode = 0
	exitFailed       exitCode = 1
	exitUsage        exitCode = 2
	exitChecksFailed exitCode = 3
	exitRefused      exitCode = 4
	exitNotFound     exitCode = 5
	exitConflict     exitCode = 6
	exitUnavailable  exitCode = 7
	exitNeedsAnswer  exitCode = 8
	exitInterrupted  exitCode = 130
)

// exitMeaning is a row of docs/exit-codes.md.
type exitMeaning struct {
	code    exitCode
	meaning string
}

func exitMeanings() []exitMeaning {
	return []exitMeaning{
		{exitDone, "done; also when there is nothing to show"},
		{exitFailed, "failed, and there is no better code: the machine (disk full, folder read-only, key file readable by others) or a state file that is broken, newer or of another shape"},
		{exitUsage, "the command line is wrong: an unknown, missing, ambiguous or malformed parameter or value"},
		{exitChecksFailed, "checks ran and found faults (Test- cmdlets)"},
		{exitRefused, "refused by the broker or a partner, or an answer that could not be trusted"},
		{exitNotFound, "the named object does not exist"},
		{exitConflict, "it exists already, is in use, or conflicts with another object or a rule"},
		{exitUnavailable, "could not be reached, or locked by somebody else, in the time given: trying again may help"},
		{exitNeedsAnswer, "needs an answer, and there is no terminal to ask at"},
		{exitInterrupted, "interrupted; the state file is untouched, or the message says what was begun and how to finish it"},
	}
}

// codeOf returns the exit code of a kind of error.
func codeOf(kind federation.Kind) exitCode {
	switch kind {
	case federation.Invalid:
		return exitUsage
	case federation.NotFound:
		return exitNotFound
	case federation.Exists, federation.Conflict:
		return exitConflict
	case federation.Refused, federation.Untrusted:
		return exitRefused
	case federation.Unavailable, federation.Locked:
		return exitUnavailable
	case federation.NeedsAnswer:
		return exitNeedsAnswer
	case federation.ChecksFailed:
		return exitChecksFailed
	case federation.Interrupted:
		return exitInterrupted
	}
	return exitFailed
}

// failure is an error as the person at the shell meets it.
type failure struct {
	code    exitCode
	id      string
	kind    string
	object  string
	message string
	caret   string // the value with a ^ under the fault, or nothing
	hints   []string
}

// explain finds the exit code, the identifier and the hints of an error.
func explain(c string, err error) failure {
	f := failure{code: exitFailed, id: "Failed", kind: federation.Other.String(), message: err.Error()}
	var usage *psargs.UsageError
	var format *render.UnknownFormatError
	var property *render.UnknownPropertyError
	var silent *terminal.NoTerminal
	var fault *federation.Error
	var checks *checksFailed
	var proofs *federation.ProofsNotLive
	var unmet *federation.RequirementsUnmet
	var rules *policy.SharingRuleError
	switch {
	case errors.Is(err, context.Canceled):
		f.code, f.id, f.kind, f.message = exitInterrupted, "Interrupted", federation.Interrupted.String(), "interrupted"
		if errors.As(err, &fault) && fault.Reason != "" {
			f.object, f.message = fault.Object, "interrupted: "+fault.Error()
		}
	case errors.As(err, &usage):
		f.code, f.id, f.kind, f.hints, f.caret = exitUsage, usage.ID, federation.Invalid.String(), usage.Hints, usage.Caret
	case errors.As(err, &format):
		f.code, f.id, f.kind = exitUsage, "UnknownFormat", federation.Invalid.String()
	case errors.As(err, &property):
		f.code, f.id, f.kind = exitUsage, "UnknownProperty", federation.Invalid.String()
	case errors.As(err, &silent):
		f.code, f.id, f.kind, f.message = exitNeedsAnswer, "NeedsAnswer", federation.NeedsAnswer.String(), err.Error()
		f.hints = []string{"there is no terminal to ask at: add -Confirm:false to go ahead, or -WhatIf to look first"}
	case errors.As(err, &fault):
		f.code, f.id, f.kind, f.object = codeOf(fault.Kind), fault.ID, fault.Kind.String(), fault.Object
		switch {
		case errors.As(err, &checks):
			f.hints = checks.hints()
		case errors.As(err, &proofs):
			f.hints = proofHints(proofs)
		case errors.As(err, &unmet):
			f.hints = requirementHints(unmet)
		case errors.As(err, &rules):
			f.caret, f.hints = psargs.Caret(rules.Text, rules.Offset), sharingRuleHints(rules)
		default:
			f.hints = adviceOn(fault)
		}
	case errors.Is(err, context.DeadlineExceeded):
		f.code, f.id, f.kind, f.message = exitUnavailable, "TimedOut", federation.Unavailable.String(), "the time of -Timeout is up"
	}
	if f.id == "" {
		f.id = "Failed"
	}
	if f.code == exitUsage && c != "" {
		f.hints = append(f.hints, "see: exfed help "+c)
	}
	return f
}

// report writes a failure on standard error: text for people, JSON for programs.
func report(streams terminal.Streams, format render.Format, verbose bool, c string, f failure) {
	w := streams.Err
	if format == render.AsJSON || format == render.AsJSONL {
		// Nothing can be done about a standard error that takes nothing.
		_ = render.WriteError(w, render.ErrorRecord{
			FullyQualifiedErrorID: f.id, CategoryInfo: f.kind, Cmdlet: c, TargetObject: f.object,
			Message: f.message, Hints: f.hints, ExitCode: int(f.code),
		})
		return
	}
	prefix := "exfed:"
	if c != "" {
		prefix += " " + c + ":"
	}
	fmt.Fprintln(w, streams.Paint(terminal.Red, prefix)+" "+cleanLines(f.message))
	if f.caret != "" {
		fmt.Fprintln(w, f.caret)
	}
	for _, h := range f.hints {
		fmt.Fprintln(w, "hint: "+cleanLines(h))
	}
	if verbose {
		fmt.Fprintf(w, "    + CategoryInfo          : %s\n    + FullyQualifiedErrorId : %s\n", f.kind, f.id)
	}
}
