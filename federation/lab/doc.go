// Package lab runs the Contoso and Fabrikam example for real on loopback: a trust broker
// over HTTPS, an authoritative name server, and two organizations, each with a state file
// of its own. Every step of an organization is the real cmdlet, run through the Runner
// the lab is given.
package lab
