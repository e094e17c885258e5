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
// # Rotation
//
// A log's rotations are the files beside it whose names differ by a number or a
// date, before or after the extension: server.log.0, server-1.log,
// server.log-20261124, server.2026-11-24.log. Their order is that of their
// numbers, the highest the oldest, or of their modification times. A Follower
// that finds its name gone over to a new file reads the old one to its end,
// then every rotation between the two, then the new one. It goes over only when
// the new file holds more than newsyslog's note that it was made: a server
// whose output launchd redirects goes on writing to the renamed file.
//
// After a restart the file being read is known again by its inode and by hashes
// of its first 256 bytes and of the 64 before the reading position, or by the
// hashes alone where it was copied. When it is gone, reading goes on in the
// oldest rotation that was written to since the log was last read to its end,
// and FollowerStats.Lost counts that something may be missing. Compressed
// rotations are not read; those that would have been are counted there too.
//
// A log may lose its end: a crash of the machine keeps the position, which was
// forced to the disk, and not the lines that the server wrote last. Such a log is
// known by its first bytes and those at seven eighths of the position. Reading
// goes on where it stopped, or at the end of what is left: no line is read twice,
// new ones that came to stand in the place of lost ones are passed over, and
// FollowerStats.Emptied counts it.
//
// The rotations of a log that is a link are beside the file that it leads to.
//
// What stands before the bytes of each reading is read again after them: a log
// may be truncated and outgrow its old size at any moment. The copy that was
// made of it is then read to its end first. What the writer adds between the
// making of the copy and the truncation is in no file; a Follower has it if it
// was faster, and otherwise cannot know of it. FollowerStats tells how often
// there was such a moment.
//
// # Sequences of files
//
// A log that begins a new file every day, in a tree of folders, is followed
// with FollowerOptions.Files. A new Follower begins at the first file that was
// modified after metering began, and goes over to the next when that has
// content and the present one is read to its end. Files that sort before the
// present one are read only if they are new, since somebody set the clock back.
//
// The offset of a Line is that in its file, so it comes again in the next. Times
// and ids of requests differ all the same: two files are not written at once,
// and the names of requests hold more than an offset.
//
// # Bytes
//
// Lines are handed over as they are, less the line feed and a carriage return
// before it: colour codes, invalid UTF-8 and the lone carriage returns of
// progress bars are the formats' to handle. A line of more than 64 KiB is
// handed over without its text. NUL bytes before a line are skipped: a log that
// was truncated while its writer kept its offset begins with a hole of them, of
// any length. A hole within a line cuts it.
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
// meet with some luck.
//
// A rotation is known by its name. The log of another server in the same folder
// must not look like one, as llama-2.log does beside llama.log; a port number
// does not. Rotations moved to another folder are not found. Where numbers rise
// with time, that shows only once three rotations are there.
//
// A log has one writer at a time. What another adds to a rotated file after the
// new one has content, as with several processes that rotate by themselves, is
// not read, and cannot be counted. A log of which somebody keeps the last lines
// alone (tail -n 1000) is a new log: those lines are read again.
package requestlog
