// Package dns asks name servers for what federation needs of them, the proofs of
// ownership in TXT records above all, and writes the records an administrator must
// publish. It also holds a small authoritative name server for labs and tests.
package dns
