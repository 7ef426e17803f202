package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/terminal"
	"exfed/federation"
)

// secret is a password parameter: it says where the password is, since what stands on a
// command line is for everybody on the machine to see.
type secret struct {
	opt[string]
	text *string // what was read; a rehearsal and the run after it read once
}

// maxPassword bounds a password on standard input, in bytes.
const maxPassword = 4 << 10

// secretForms says how a password is given, for the help and hints.
const secretForms = "@FILE, a file that only its owner can read; env:NAME, an environment variable; or -, standard input"

func (d *declaration) secret(to *secret, name, help string, options ...option) {
	d.text(&to.opt, name, "SecureString", help+" "+secretForms+".", options...)
}

// isInput reports whether the password is read from standard input.
func (s *secret) isInput() bool { return s.value == "-" }

// read returns the password of the parameter with that name. One that is not given is asked
// for by the question, twice where nothing would show that it was mistyped.
func (s *secret) read(ctx context.Context, e *env, name, question string, twice bool) (string, error) {
	source, literal := s.source()
	if literal {
		if isPowerShellSecret(s.value) {
			return "", &psargs.UsageError{ID: "PasswordIsExpression", Param: name, Msg: "-" + name + " is an expression that only PowerShell knows",
				Hints: []string{"leave -" + name + " out to be asked for it, or give it as " + secretForms}}
		}
		e.warn("-%s has the password on the command line, where other users of this machine can see it, and which the shell may keep; it can be given as %s", name, secretForms)
	}
	if s.text != nil {
		return *s.text, nil
	}
	text, err := source(ctx, e, question, twice)
	if err != nil {
		return "", err
	}
	s.text = &text
	return text, nil
}

type secretSource func(ctx context.Context, e *env, question string, twice bool) (string, error)

// source is where the password is read from; literal says that it is the value itself.
func (s *secret) source() (read secretSource, literal bool) {
	path, isFile := strings.CutPrefix(s.value, "@")
	variable, isVariable := strings.CutPrefix(s.value, "env:")
	switch {
	case !s.given:
		return askForSecret, false
	case isFile:
		return func(context.Context, *env, string, bool) (string, error) {
			return readSecretFile("PasswordNotFound", path)
		}, false
	case isVariable:
		return func(_ context.Context, e *env, _ string, _ bool) (string, error) { return e.secretVariable(variable) }, false
	case s.isInput():
		return func(ctx context.Context, e *env, question string, twice bool) (string, error) {
			if e.process.Streams.InIsTerminal() {
				return askForSecret(ctx, e, question, twice)
			}
			return e.secretInput()
		}, false
	}
	return func(context.Context, *env, string, bool) (string, error) { return s.value, nil }, s.value != ""
}

// isPowerShellSecret reports whether text is what documentation of Exchange has in place of
// a password: (ConvertTo-SecureString ...), (Read-Host ... -AsSecureString), (Get-Credential).password.
func isPowerShellSecret(text string) bool {
	text = strings.ToLower(text)
	return strings.HasPrefix(text, "(") && (strings.Contains(text, "securestring") || strings.Contains(text, "get-credential"))
}

// readSecretFile reads a password file whose path begins where every path on the command line does.
// That it is not there has the identifier.
func readSecretFile(id, path string) (string, error) {
	text, err := certificate.ReadPasswordFile(path)
	if certificate.IsCode(err, certificate.PasswordFileNotFound) {
		return "", federation.Errorf(federation.NotFound, id, fmt.Sprintf("password file %.200q", path), "not found")
	}
	return text, federation.FromCertificate(err)
}

func (e *env) secretVariable(name string) (string, error) {
	text := e.process.getenv(name)
	if text == "" {
		return "", federation.Errorf(federation.NotFound, "PasswordVariableNotSet", fmt.Sprintf("environment variable %.60q", name), "is not set")
	}
	return oneLine(text, fmt.Sprintf("environment variable %.60q", name))
}

func (e *env) secretInput() (string, error) {
	const object = "standard input"
	if e.process.Streams.In == nil {
		return oneLine("", object)
	}
	data, err := io.ReadAll(io.LimitReader(e.process.Streams.In, maxPassword+1))
	if err != nil {
		return "", &federation.Error{Kind: federation.Other, ID: "PasswordNotRead", Object: object, Reason: "cannot be read", Err: err}
	}
	return oneLine(strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), object)
}

// oneLine refuses what is no password: nothing, or more than one line.
func oneLine(text, object string) (string, error) {
	if text == "" || len(text) > maxPassword || strings.ContainsAny(text, "\r\n\x00") {
		return "", federation.Errorf(federation.Invalid, "PasswordNotOneLine", object, "is not one line with the password")
	}
	return text, nil
}

// whyUntyped says why a question for a secret was not answered; "" for another error or none.
func whyUntyped(err error) string {
	var nobody *terminal.NoTerminal
	switch {
	case errors.As(err, &nobody):
		return "there is nobody to ask"
	case errors.Is(err, io.EOF):
		return "none was typed"
	}
	return ""
}

func askForSecret(ctx context.Context, e *env, question string, twice bool) (string, error) {
	text, err := e.prompter.ReadPassword(ctx, question)
	if err == nil && twice && len(text) > 0 {
		var again []byte
		again, err = e.prompter.ReadPassword(ctx, "The same again")
		if errors.Is(err, io.EOF) || err == nil && string(again) != string(text) {
			return "", federation.Errorf(federation.Invalid, "PasswordsDiffer", "password", "was not typed the same twice")
		}
	}
	if why := whyUntyped(err); why != "" {
		return "", federation.Errorf(federation.NeedsAnswer, "PasswordNeeded", "password", "is needed, and %s: %s", why, question)
	}
	return string(text), err
}
