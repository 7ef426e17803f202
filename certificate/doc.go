// Package certificate makes, checks and keeps the certificates of an organization.
// A private key lies in a file of its own, readable by its owner only, named by the
// thumbprint of its certificate and never rewritten.
package certificate
