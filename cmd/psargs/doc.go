// Package psargs turns a command line written the way PowerShell writes it into the one
// spelling a POSIX flag parser reads, and completes such command lines.
//
// [Rewrite] takes what the shell passed and returns the cmdlet's lower-case name followed by
// --kebab-name=value tokens: every parameter once, positional values already bound to their
// parameters, Booleans as true or false, enumeration values in their own spelling, and lists
// as [Format] writes them. Rewriting the result again changes nothing. [Complete] answers the
// shell's question what could come next.
//
// The package holds pure functions: it reads no environment, no files and no clock, and knows
// cmdlets only through [Grammar].
package psargs
