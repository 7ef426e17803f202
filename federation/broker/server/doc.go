// Package server is the trust broker: it registers organizations by their
// certificates, checks through DNS that they own the domains they federate and
// publishes the metadata that names its endpoints and signing keys.
//
// A request travels through bounds (guard.go), signature and addressee (delegation.go),
// rules (service.go and a file for each subject) and the registry (one transaction), and
// comes back as an answer or as one of the faults of package broker. The caller is told
// little, the log everything.
package server
