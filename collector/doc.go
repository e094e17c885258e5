// Package collector is the loop of the daemon: measured windows, process use
// and logged requests come in, booked batches go out to a Sink.
//
// Collector is the part without goroutines: its callers say what arrived and
// when to book and commit. Run drives it in real time from live sources; a
// replay or a simulation drives it step by step, so that all of them book by
// the very same code.
//
// A window passes four gates. It is held until the process stats cover its time
// (Use), then it waits until a meter of the whole machine reaches past it (Read,
// package scope), then it is open until no request that touches it can still
// arrive (Poll), then it is booked, and written with the next Commit. Gaps wait
// with the windows, so that they stay in order. What waits and what is open is
// stored with the next commit, booked or not, so a crash loses no more than the
// windows that are held and the seconds since the last commit, and those appear as
// a gap.
//
// The clock of a log may be off. Once enough booked windows were compared with
// what the log says of their time, its further times are corrected (ClockOffset,
// package align), in steps, so that a request keeps the correction it began
// with. Nothing booked changes, and a restart begins to estimate anew.
package collector
