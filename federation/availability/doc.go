// Package availability speaks GetUserAvailability, the operation of Exchange Web Services
// by which one organization asks another when its people are busy ([MS-OXWAVLS]).
//
// It has the messages for both sides, each with a Marshal and a Parse; what a calendar
// becomes in an answer, given how much of it may be shown (Respond); and the client that
// asks a partner with a delegation token. It serves nothing and reads no calendar.
//
// Times are instants everywhere in Go and local times without an offset on the wire, in the
// TimeZone of the request.
//
// Requests are read strictly, in the order and with the members of the schema; parts of a
// request for meeting suggestions are passed over. Answers are read with indulgence towards
// what a later server adds, and with none towards what is there twice or means nothing.
package availability
