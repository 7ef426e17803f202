// Package policy decides what another organization may know. It is pure: every decision is
// a function of its arguments, nothing is read, and nothing but the standard library is
// imported, so that a rule can be tested by enumeration.
//
// A decision carries its reason, for the audit log and for the administrator who asks why.
// Whatever is not understood, a level of another spelling or a domain that is not in
// canonical form, grants nothing.
package policy
