// Package requestlog follows the log of a model server and turns it into
// requests. It has three parts, each usable alone:
//
//   - Follower reads a growing file line by line and survives what happens to
//     log files: rotation by rename and by copy-and-truncate, truncation, half
//     lines, lines without end, a file that vanishes or may not be read, and a
//     restart of the reader.
//   - Parser is what one log format knows. The formats live in subpackages
//     (llamacpp, jsonl) and import this package, never the other way round; the
//     command puts a list of Format values together and Choose picks one.
//   - Source binds the two: each Poll gives an attribution.LogUpdate with a
//     checkpoint that resumes after it. Recording does the same for a log that
//     was recorded with the arrival time of each line, against a clock that the
//     caller turns.
//
// Nothing here starts a goroutine or waits: the caller decides when to poll,
// and one poll reads a bounded number of bytes with constant memory.
//
// # Time
//
// A log line tells the time badly or not at all, so each Line carries what the
// reading of it says: it was written at Arrival or up to Spread before. A
// Follower takes Arrival from the file's modification time, when that is
// plausible, and the earlier bound from the last poll that saw the file's end.
//
// # Horizon
//
// A server that logs the launch of a request lets Source promise a horizon:
// once the log is read to its end at some moment, whatever completes later
// either is in flight or began after that moment less SettleTime. A format that
// speaks only when a request has ended (Parser.SpeaksAtEnd) can promise
// nothing: a request of any length may be running unseen. Its updates have no
// horizon, and the collector must close windows by what it knows of the
// server's processes (idle since) and by its cap.
//
// # Privacy
//
// A log may hold whole prompts. Lines are handed to the parser in place and
// forgotten; checkpoints hold offsets, times, counts, model ids and hashes;
// errors name files and offsets, never content.
//
// # Limits
//
// Formats of plain text cannot tell a forged line from a real one when a
// server prints a prompt that contains a newline. Parsers ask for a consistent
// state (a timing counts only for a task that was launched), which a forger can
// meet with some luck. Compressed rotations are not read.
package requestlog
