// Package federation holds the vocabulary, the rules and the operations of
// Exchange federation: trusts, the federated organization identifier, accepted
// domains, certificates and the proof of domain ownership.
//
// It speaks to the outside through the small interfaces in ports.go and imports
// none of the packages below it: they import this one. Nothing in here prints,
// exits, reads a clock or opens a socket of its own accord.
package federation
