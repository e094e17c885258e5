// Package api lets the command line ask a running daemon for stored energy.
// While the daemon runs, it alone can open the store; it answers over a
// unix socket:
//
//	GET /v1/range?since=RFC3339&until=RFC3339
//
// The answer is JSON: {"version": 1, "range": …} with a store.Range, or
// {"version": 1, "error": …, "hint": …} with a status of 400 or more.
//
// Server serves any store.Source; Client is one. Whoever may write to the
// socket may read the figures: its mode is 0660, so that is the daemon's user
// and group. Nothing can be changed through it.
//
// # Limits
//
// The version is that of the JSON, not of the program: a field that is added
// does not change it. A client refuses a version that it does not know. A
// range comes as one document: a year of slots of a few models is some
// tens of megabytes.
package api
