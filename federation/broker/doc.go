// Package broker speaks to a trust broker: it reads the broker's federation metadata
// and calls the operations of ManageDelegation2 ([MS-OXWSLVID] section 3.2), each
// request signed with the organization's certificate.
//
// The wire vocabulary (operations, header, faults, metadata) serves both sides:
// package broker/server decodes with the types that Client encodes with.
//
// One header block is this project's own: DomainSignature, in the namespace
// NamespaceOwnership. The proof of domain ownership is the hash of an RSA signature and
// stands in DNS for all to read, so who sends it need not have made it. In the modern
// profile the signature itself goes beside it, which a broker can check with the
// certificate that signed the request. Other brokers pass over the block; in the exchange
// profile it is not sent.
package broker
