// Package api lets the command line ask a running daemon for stored energy.
// While the daemon runs, it alone can open the store; it answers over a
// unix socket:
//
//	GET /v3/range?since=RFC3339&until=RFC3339
//	PUT /v3/calibration
//
// The answer to the first is a store.Range as a stream of records, which store.WriteRange
// writes and store.ReadRange reads: application/vnd.sovmeter.range. What goes
// wrong before the first record is JSON, {"version": 3, "error": …, "hint": …}
// with a status of 400 or more; what goes wrong later is the last record.
//
// The second takes a calibration, {"version": 3, "calibration": …} with the
// fields of attribution.Calibration, of at most 64 KiB. It stores one that can be
// true, or says what cannot; what it does not know it refuses, and lines learned in
// passing, which the daemon makes itself. One that is stored already is stored once.
//
// Server serves any store.Source, and takes calibrations for any CalibrationSink;
// Client is a store.Source and puts calibrations. Whoever may write to the socket
// may read the figures and put a calibration: its mode is 0660, so that is the
// daemon's user and group. Nothing else can be changed through it.
//
// # Versions
//
// The two ends must be the same program: slots travel as the store keeps them,
// and the stream names the store's schema. A client refuses another schema and
// another version of the interface, and says that the daemon is to be
// restarted. Version 1 was one JSON document; version 2 took no calibrations.
//
// # What an answer costs
//
// The daemon copies rows from its store to the socket, 64 KiB at a time and in
// a transaction for each, so that neither the length of a range nor a slow
// reader makes it larger or keeps a commit waiting. A client that goes away, or
// is told to stop, ends the work. No more than 32 clients are served at once.
package api
