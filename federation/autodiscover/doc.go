// Package autodiscover is the SOAP Autodiscover protocol ([MS-OXWSADISC]) as organizations
// speak it to each other: the requests and responses, to write and to read, and the client.
//
// Client.Discover finds the Autodiscover service of a domain and asks it, without
// credentials, what is needed to set up an organization relationship. Everything that was
// tried on the way is an Attempt. The other calls of Client carry a delegation token and ask
// a service that is known already.
//
// What the other side sends is bounded, and read strictly but for what real services and
// the published documents are known to do differently.
package autodiscover
