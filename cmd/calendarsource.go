package cmd

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

func calendarSourceView() render.View {
	return render.View{Kind: render.AsList, Key: "Identity"}
}

func calendarSourceRecord(m federation.Mailbox) render.Record {
	s := *m.CalendarSource
	return render.New(
		render.Text("Identity", m.Name),
		render.Text("PrimarySmtpAddress", m.PrimarySMTPAddress),
		render.OptionalText("IcsPath", s.ICSPath),
		render.OptionalText("IcsUrl", s.ICSURL),
		render.OptionalText("CalDavUrl", s.CalDAVURL),
		render.OptionalText("UserName", s.UserName),
		render.OptionalText("PasswordFile", s.PasswordFile),
		render.OptionalText("PasswordVariable", s.PasswordVariable),
		render.Duration("RefreshInterval", s.Refresh()),
	)
}

type calendarSourceParams struct {
	identity, icsPath, icsURL, calDAVURL     opt[string]
	userName, passwordFile, passwordVariable opt[string]
	refresh                                  opt[time.Duration]
}

func setCalendarSource() spec[calendarSourceParams] {
	return spec[calendarSourceParams]{
		name:  "Set-CalendarSource",
		short: "Says where a mailbox's calendar is read from",
		long: `One of -IcsPath, -IcsUrl and -CalDavUrl replaces what was set before, as a whole. Without one
of them, what is given changes in the source that is there. The state file never holds a
password: -PasswordFile names a file that only its owner can read, -PasswordVariable an
environment variable of the process that reads the calendar. Relative paths begin at the
folder of the state file.`,
		changes: true,
		examples: []string{
			"exfed set-calendarsource Sales -IcsPath calendars/sales.ics",
			"exfed set-calendarsource Sales -IcsUrl https://calendar.contoso.com/sales.ics -RefreshInterval 5m",
			"exfed set-calendarsource Sales -CalDavUrl https://dav.contoso.com/calendars/sales/ -UserName exfed -PasswordFile dav.password",
		},
		declare: func(p *calendarSourceParams, d *declaration) {
			d.text(&p.identity, "Identity", "MailboxIdParameter", "The mailbox, by name, one of its addresses or GUID.", required, at(1), piped, naming(mailboxNames()))
			d.text(&p.icsPath, "IcsPath", "Path", "An ICS file, or a folder of them.", filePath)
			d.text(&p.icsURL, "IcsUrl", "Uri", "An ICS file on a web server: https, or http on this machine. An address that is secret by itself is not safe in the state file.")
			d.text(&p.calDAVURL, "CalDavUrl", "Uri", "A calendar on a CalDAV server: https, or http on this machine.")
			d.text(&p.userName, "UserName", "String", "Who to sign in as.")
			d.text(&p.passwordFile, "PasswordFile", "Path", "The file that holds the password, on one line; only its owner can read it.", filePath)
			d.text(&p.passwordVariable, "PasswordVariable", "String", "The name of the environment variable that holds the password.")
			d.span(&p.refresh, "RefreshInterval", "How often it is read again, between 1m and 7.00:00:00.", defaults("15m"))
		},
		target: func(p *calendarSourceParams) string { return "calendar source of mailbox " + p.identity.value },
		run: func(ctx context.Context, e *env, p *calendarSourceParams) ([]render.Record, error) {
			if err := p.check(e); err != nil {
				return nil, err
			}
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.SetCalendarSource(ctx, p.identity.value, federation.CalendarSourceRequest{
				ICSPath: p.icsPath.pointer(), ICSURL: p.icsURL.pointer(), CalDAVURL: p.calDAVURL.pointer(), UserName: p.userName.pointer(),
				PasswordFile: p.passwordFile.pointer(), PasswordVariable: p.passwordVariable.pointer(), RefreshInterval: p.refresh.pointer(),
			})
		},
	}
}

// check refuses parameters that exclude each other, and files that cannot be used.
func (p *calendarSourceParams) check(e *env) error {
	given := ""
	for _, place := range []struct {
		name  string
		value opt[string]
	}{{"IcsPath", p.icsPath}, {"IcsUrl", p.icsURL}, {"CalDavUrl", p.calDAVURL}} {
		if place.value.given && given != "" {
			return &psargs.UsageError{ID: "ParameterSet", Param: place.name, Msg: "-" + given + " and -" + place.name + " exclude each other",
				Hints: []string{"a mailbox has one calendar source; give one of -IcsPath, -IcsUrl and -CalDavUrl"}}
		}
		if place.value.given {
			given = place.name
		}
	}
	if given == "" && !p.userName.given && !p.passwordFile.given && !p.passwordVariable.given && !p.refresh.given {
		return &psargs.UsageError{ID: "MissingParameter", Param: "IcsPath", Msg: "nothing is given to set",
			Hints: []string{"give one of -IcsPath, -IcsUrl and -CalDavUrl"}}
	}
	state, err := e.statePath()
	if err != nil {
		return err
	}
	located := federation.CalendarSource{ICSPath: p.icsPath.value, PasswordFile: p.passwordFile.value}.Located(filepath.Dir(state))
	if path := located.ICSPath; path != "" {
		if err := readable(path); err != nil {
			return err
		}
	}
	if path := located.PasswordFile; path != "" {
		if _, err := certificate.ReadPasswordFile(path); err != nil {
			return federation.FromCertificate(err)
		}
	}
	return nil
}

// readable opens what is to be a file or a folder and closes it again.
func readable(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return federation.Errorf(federation.Other, "FileNotRead", "file "+path, "is neither a file nor a folder")
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return federation.Errorf(federation.NotFound, "CalendarFileNotFound", "file "+path, "not found")
	}
	if err != nil {
		return fileError(path, err)
	}
	return file.Close()
}

func getCalendarSource() spec[identityParams] {
	return spec[identityParams]{
		name:     "Get-CalendarSource",
		short:    "Shows where the calendars of mailboxes are read from",
		long:     "Mailboxes without a source are left out, unless one is named.",
		view:     calendarSourceView(),
		examples: []string{"exfed get-calendarsource", "exfed get-calendarsource Sales -Property IcsUrl,RefreshInterval"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "MailboxIdParameter", "The mailbox, by name, one of its addresses or GUID; * and ? stand for any characters.",
				at(1), piped, naming(mailboxNames()))
		},
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			all, err := matching(p.identity,
				func() ([]federation.Mailbox, error) { return org.Mailboxes(ctx) },
				func(name string) (federation.Mailbox, error) { return org.CalendarSource(ctx, name) },
				federation.Mailbox.Key)
			var records []render.Record
			for _, m := range all {
				if m.CalendarSource != nil {
					records = append(records, calendarSourceRecord(m))
				}
			}
			return records, err
		},
	}
}

func removeCalendarSource() spec[identityParams] {
	return spec[identityParams]{
		name:     "Remove-CalendarSource",
		short:    "Forgets where a mailbox's calendar is read from",
		long:     "Partners are told nothing about the mailbox from then on. The files and the server stay as they are.",
		changes:  true,
		examples: []string{"exfed remove-calendarsource Sales", "exfed remove-calendarsource Sales -Confirm:false"},
		declare: func(p *identityParams, d *declaration) {
			d.text(&p.identity, "Identity", "MailboxIdParameter", "The mailbox, by name, one of its addresses or GUID.", required, at(1), piped, naming(mailboxNames()))
		},
		target: func(p *identityParams) string { return "calendar source of mailbox " + p.identity.value },
		run: func(ctx context.Context, e *env, p *identityParams) ([]render.Record, error) {
			org, err := e.organization()
			if err != nil {
				return nil, err
			}
			return nil, org.RemoveCalendarSource(ctx, p.identity.value)
		},
	}
}
