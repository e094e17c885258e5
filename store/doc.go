// Package store keeps what sovmeter measured and booked in one bbolt file.
//
// # Caveats first
//
// The daemon's lock on the file is exclusive: a second daemon, or a reader
// while the daemon runs, gets [ErrLocked]. Readers ask the daemon over its
// socket, or open the snapshot that it writes.
//
// A batch carries no id. Nothing is booked twice because state, checkpoints
// and bookings move together, not because the store remembers batches; see
// below for what a caller must do and what the store refuses.
//
// Energies of single requests are kept as float32 (7 digits) to keep their
// rows small. Slots and windows are exact: sums of money are made of slots.
//
// Slots keep client and project for years, so they tell no more than [MaxTags]
// pairs of them apart, all others together being [OtherTag]: a client that makes
// up a tag for every request does not grow what is kept. Nor does one that makes
// up models: past [MaxNames] names further ones are [OtherName]. The rows of requests
// and calls have their tags as text, and those go with them.
//
// # What is kept
//
// Each kind of record has its bucket, keys are big-endian so that a range of
// time is one seek, and every value begins with a version byte:
//
//	meta        the application's name and the schema number
//	names       small numbers for server, model and scope names
//	tags        small numbers for pairs of client and project
//	engine      the attribution engine's state, what the meters' readings need to
//	            go on, and the bounds of what is kept
//	checkpoint  by log: how far it was read
//	windows     by end: raw samples, 48 hours and as long as they are open
//	requests    by end, log position and a hash of the id: 90 days
//	remote      the same for calls that a gateway passed on to a server elsewhere
//	slots       by 15-minute slot: one row for the system (each scope), one for
//	            each server and model that did something, one for each client
//	            and project that had it do so, and one for each gateway,
//	            provider and model elsewhere; kept for years
//	gaps        by end and start: time without a measurement of the chip, and what
//	            a meter of the whole machine saw meanwhile; kept as slots are
//	calibration by when they were made: the newest 64 that users made, and of those
//	            learned in passing the newest of each meter, scope and machine
//
// # The contract of Commit
//
// [Store.Commit] writes a whole batch in one transaction, or nothing. An engine
// that is resumed from [Store.Resume] gets the state, the open windows and the
// checkpoints of the last commit, so it never books again what that commit had
// booked, and misses nothing that it had taken. Against callers that break
// this, Commit refuses
//
//   - a booking that ends at or before the stored State.Closed ([ErrBooked]),
//     and a State.Closed that goes back ([ErrStale]): the batch was committed
//     before, or its engine was not resumed from this store;
//   - a State.Closed that passes a stored window without a booking for it
//     ([ErrUnbooked]): its joules would be lost;
//   - a window that differs from the stored one with the same end, and energy of
//     a gap whose time, or a part of it, has other energy by a stored gap
//     ([ErrConflict]): a gap that has grown since would be booked twice;
//   - energy of a gap that is not of the whole machine ([ErrInvalid]).
//
// Windows, gaps, requests, calls and calibrations that are stored already are the
// same facts told twice, as when a log whose checkpoint was lost is read again from
// its start: they are skipped, and the first account of a request stays the one. A
// gap whose energy becomes known after it was stored is booked then. That of a gap
// of more than [MaxMeteredGap] is left unknown.
//
// # Slots
//
// Energy falls in the slot in which it was drawn; a window that crosses a
// slot's edge is split by time, the last piece being what the others leave. So is
// the energy that a meter saw in a gap: it is in the slots of the meter's scope,
// as [SystemSlot].Gap, and evenly over the gap's time. Over all slots, Energy is
// that of the booked windows and of the gaps.
//
// A slot has a row of the system for each scope that was in force in it. A figure
// of several scopes means little: whoever adds them says which.
//
// Requests and tokens fall in the slot of the request's end. So do the
// metered sums: tokens and whole energy of exactly the same requests, for
// figures per token and per request. They repeat energy that the other sums
// have, and belong in no total. A slot also says for how long each power rail
// was not reported.
//
// The slots of clients and projects are parts of their models' slots. What no
// tag accounts for is what is left: requests without one, and what was booked
// while the log had not told it yet.
//
// # Older files
//
// [Open] brings a file of an older schema up to date, each step in one
// transaction; [OpenReadOnly] refuses it with [ErrOlderSchema], whose hint is to
// start the daemon once. What an older slot does not know becomes unknown, not
// zero. Schema 3 tells more of tokens: where the requests of a slot are all still
// kept they are counted again; where they are not, each kind of token counts as
// unknown for as many requests as it can be for, what was answered is unknown
// unless every request ended well, and prompts may be long unless all of them
// together are short. Energy was not booked to tags before: Range.TaggedSince
// says from when on it is. Schema 4 knows energy of the whole machine: what was
// booked before was all of the SoC, and is read as that, without an error band;
// windows that were not booked yet are booked as what they are.
//
// # Reading
//
// [Store.Range] returns slots, [Store.WriteRange] writes them for [ReadRange] in
// another process. Neither waits for a commit, nor a commit for them: a range is
// read at one instant, a stream chunk by chunk. Of a year of slots in which two
// models work eight hours a day for two tagged clients, 105,000 rows, Range
// takes about 50 ms and 36 MB; WriteRange takes 15 ms and less than a megabyte,
// ReadRange 60 ms.
//
// # Sizes
//
// Measured, key and value together: a request takes 60 bytes and the length of
// its tags, one more where it was measured at another scope than the SoC's, a call
// elsewhere 50, a window 72, one of the whole machine 85; a slot of the system 76,
// one of a model 110, one of a client and project 90; a gap 25, or 45 with its
// energy, and a calibration 150. The year above makes a file of
// 14 MB, of which 1.7 MB are the requests of its last 90 days, 192 a day; with a
// thousand a day they take 8 MB.
package store
