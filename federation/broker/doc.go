// Package broker speaks to a trust broker: it reads the broker's federation metadata
// and calls the operations of ManageDelegation2 ([MS-OXWSLVID] section 3.2), each
// request signed with the organization's certificate.
//
// The wire vocabulary (operations, header, faults, metadata) serves both sides:
// package broker/server decodes with the types that Client encodes with.
package broker
