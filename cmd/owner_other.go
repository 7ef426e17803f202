//go:build !unix

package cmd

// ownerOf knows no owner: what may be read is in the access list that the folder hands down.
func ownerOf(string) (user int, known bool) { return 0, false }
