package psargs_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/psargs"
)

// peer returns the path of a program that is not ours, and skips the test without it.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is required: %v", name, err)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// argvOf returns what shell makes of the words in line. ok is false when the shell refuses.
func argvOf(t *testing.T, shell, line string) (argv []string, ok bool) {
	t.Helper()
	args := map[string][]string{
		"bash": {"--norc", "--noprofile", "-c"}, "zsh": {"-f", "-c"}, "fish": {"--no-config", "-c"},
	}[shell]
	cmd := exec.Command(peer(t, shell), append(args, `/usr/bin/printf '%s\0' `+line)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8"}
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if len(out) == 0 && err != nil {
		return nil, false
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), true
}

// shellRow is PowerShell text typed into a POSIX shell: what it becomes, the identifier of an
// error, or "shell" where the shell itself refuses.
type shellRow struct{ shells, line, want string }

func shellRows() []shellRow {
	const set, remove = "set-organizationrelationship ", "remove-federationtrust "
	return []shellRow{
		{"bash zsh fish", set + `-Enabled $true`, psargs.MissingValue},
		{"bash zsh fish", set + `-Enabled $true -WhatIf`, psargs.MissingValue},
		{"bash zsh fish", set + `-Enabled $true a`, psargs.InvalidBoolean},
		{"bash zsh fish", set + `-Enabled '$true'`, set + `--enabled=true`},
		{"bash zsh fish", set + `-Enabled true`, set + `--enabled=true`},
		{"bash zsh", remove + `-Confirm:$false a`, psargs.MissingValue},
		// fish drops the whole word; nothing can tell it was there.
		{"fish", remove + `-Confirm:$false a`, remove + `--identity=a`},
		{"bash zsh fish", remove + `-Confirm:false a`, remove + `--confirm=false --identity=a`},
		{"bash zsh fish", remove + `'-Confirm:$false' a`, remove + `--confirm=false --identity=a`},
		{"bash zsh fish", set + `-TargetSharingEpr $null`, psargs.MissingValue},
		{"bash zsh fish", set + `-TargetSharingEpr $null -Enabled true`, psargs.MissingValue},
		{"bash zsh", set + `-TargetSharingEpr:$null`, psargs.MissingValue},
		{"bash zsh fish", set + `-TargetSharingEpr '$null'`, set + `--target-sharing-epr=$null`},
		{"bash zsh fish", set + `-TargetSharingEpr null`, set + `--target-sharing-epr=null`},
		{"bash zsh fish", set + `-TargetSharingEpr ""`, set + `--target-sharing-epr=`},
		{"bash zsh", set + `-DomainNames @{Add="a";Remove="b"}`, psargs.MangledHashtable},
		{"bash zsh", set + `-DomainNames @{Add="a","c";Remove="b"}`, psargs.MangledHashtable},
		{"bash zsh fish", set + `-DomainNames @{Add="a","c"}`, psargs.MangledHashtable},
		{"bash zsh fish", set + `-DomainNames '@{Add="a","c";Remove="b"}'`, set + `--domain-names=@{Add="a","c";Remove="b"}`},
		{"bash zsh fish", set + `--add-domain-names "a","c" --remove-domain-names b`, set + `--domain-names=@{Add="a","c";Remove="b"}`},
		{"bash", set + `-DomainNames @("a","b")`, "shell"},
		{"bash zsh fish", set + `-DomainNames '@("a","b")'`, set + `--domain-names="a","b"`},
		{"bash zsh fish", set + `-DomainNames "a","b"`, set + `--domain-names="a","b"`},
		{"bash zsh fish", set + `-DomainNames "a", "b"`, set + `--domain-names="a","b"`},
		{"bash", `new-federationtrust -?`, `new-federationtrust --help`},
		{"zsh", `new-federationtrust -?`, "shell"},
		{"bash zsh fish", `new-federationtrust '-?'`, `new-federationtrust --help`},
		{"bash zsh fish", `New-FederationTrust -Name "Fourth Coffee"`, `new-federationtrust --name=Fourth~Coffee`},
		{"bash zsh fish", `New-FederationTrust –Name “Fourth Coffee”`, psargs.SmartQuotes},
		{"bash zsh fish", `New-FederationTrust –Name a`, `new-federationtrust --name=a`},
	}
}

// TestShells types PowerShell text into real shells: what they leave of it either means what it
// says or is refused, but for the one row that says otherwise.
func TestShells(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			count := 0
			for _, row := range shellRows() {
				if strings.Contains(row.shells, shell) {
					count++
					checkShellRow(t, shell, row)
				}
			}
			if count < 23 {
				t.Fatalf("only %d rows", count)
			}
		})
	}
}

func checkShellRow(t *testing.T, shell string, row shellRow) {
	t.Helper()
	argv, ok := argvOf(t, shell, row.line)
	if !ok || row.want == "shell" {
		if ok || row.want != "shell" {
			t.Errorf("%s: the shell made %q of it", row.line, argv)
		}
		return
	}
	got, err := psargs.Rewrite(argv, newGrammar())
	var usage *psargs.UsageError
	if errors.As(err, &usage) {
		if usage.ID != row.want || len(usage.Hints) == 0 {
			t.Errorf("%s: %q: got %s: %s %q", row.line, argv, usage.ID, usage.Msg, usage.Hints)
		}
		return
	}
	if diff := cmp.Diff(words(row.want), got.Args); diff != "" {
		t.Errorf("%s: %q: (-want +got)\n%s", row.line, argv, diff)
	}
}
