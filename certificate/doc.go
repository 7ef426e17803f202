// Package certificate makes, checks and keeps the certificates of an organization, and reads
// and writes the files in which certificates and their keys travel. A private key lies in a
// file of its own, readable by its owner only, perhaps encrypted, named by the thumbprint of
// its certificate.
package certificate
