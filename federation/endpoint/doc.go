// Package endpoint is what an organization publishes to its partners: Autodiscover, by which
// they find out who the organization is in the federation and where it is asked, and the free
// part of Exchange Web Services that tells them when somebody is busy.
//
// But for GetFederationInformation, which anybody may ask, every request carries a delegation
// token of the broker that the organization trusts. The token says in whose name is asked; the
// organization relationship with his domain, and the mailbox that is asked about, say how much
// he is shown (package policy). What is not shown is not told apart from what there is not,
// unless the partner may know.
//
// Calendars that are published on the Internet are read by whoever knows their address (package
// publish). The mailbox's sharing policy says how much of them is shown, at each request.
//
// The organization's state is read again when it changes. Each answer leaves a line in the
// log: who asked, about whom, what was granted and why.
package endpoint
