//go:build !unix

package certificate

import "io/fs"

// openToOthers has nothing to look at: mode bits do not say who may read a file here. On
// Windows the access list that the folder hands down does; below a user's profile, where
// the state file lies unless told otherwise, it admits that user, administrators and the
// system alone.
func openToOthers(fs.FileInfo) bool { return false }

// foreignOwner has nothing to look at either.
func foreignOwner(fs.FileInfo) (user int, foreign bool) { return 0, false }

// syncFolder does nothing: Windows has no such call, NTFS journals names itself.
func syncFolder(string) error { return nil }
