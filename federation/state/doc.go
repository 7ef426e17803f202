// Package state keeps an organization's federation state in one YAML file that
// people edit and keep in version control.
//
// Reading takes no lock: the file is only ever replaced as a whole. Writing takes
// the lock file beside it, reads the file again, changes only the lines of what
// changed, checks the whole and replaces it by way of a temporary file. The layout of
// the file is described in docs/state-file.md.
package state
