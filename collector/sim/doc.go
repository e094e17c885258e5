// Package sim is a simulated Mac under simulated model servers. It writes what
// a real machine would write, property lists as powermetrics prints them and
// log lines as llama-server prints them, and knows for every request the energy
// that a meter can only infer. So it is what a meter is held against.
//
// # Use
//
//	logs := map[string]io.Writer{"llama": log}
//	m, err := sim.New(sim.DefaultDay(), sim.Streams{Power: power, Logs: logs, Clock: clock.Set})
//	err = m.Run()         // the whole scenario at once, or
//	err = m.AdvanceTo(t)  // all that happens until t; call it again with a later t
//	truth := m.TakeTruth()
//
// How a scenario is cut into calls of AdvanceTo changes nothing: the same
// Scenario gives the same bytes and the same truth. Nothing reads a clock and
// nothing runs beside the caller.
//
// DefaultDay and Live are machines to look at; Suite is what a meter is tried
// on, one difficulty at a time.
//
// # The model
//
// A Scenario is data: a chip, models, servers with the hours in which each model
// is served and their traffic, other processes, a sensor and its drop-outs.
// From it follow intervals of constant power, and every energy is a power times
// an interval.
//
// A server batches continuously, as llama-server does: in each step every
// decoding sequence gets one token and up to Server.Batch prompt tokens are
// prefilled, in slot order. With n sequences decoding, a step costs
//
//	Model.StepJoules + n·Model.TokenJoules + (prompt tokens)·Model.PrefillJoules
//
// and the truth of a request is the sum over its steps of StepJoules/n +
// TokenJoules, which is its exact Shapley value, and PrefillJoules for each
// fresh prompt token. Tokens found in a slot's cache cost nothing. As in the
// real server the last prefill step yields the first token, so N output tokens
// take N-1 decode steps. A worked example: with StepJoules 0.8 and TokenJoules
// 0.1, a request of 101 output tokens that decodes alone costs 90 J; two that
// decode side by side cost 50 J each.
//
// Servers that work at the same time get equal shares of the GPU time that
// other programs leave, and of the watts below Chip.MaxWatts: two run at half
// speed each, from the moment that the second begins, within a step too. A step
// costs the same energy at any speed, so a server adds nothing to the requests
// of another, and the Shapley value of a request is that within its server.
//
// A model's energy is drawn from the GPU rail but for Model.CPUShare. Baseline
// energy is drawn all the time, whatever else runs, and belongs to no request.
//
// The idle watts jitter from window to window and follow Chip.Drift over hours. A
// machine that drew more than Chip.Thermal lets it for too long is held to what
// it can get rid of until it has cooled: steps take longer, at the same energy.
// With Model.ContextJoules a decode step costs more the longer a sequence's
// context is. That part is the sequence's own, as TokenJoules is.
//
// # The wall
//
// Behind the chip stands Scenario.Wall: board, fan, battery and power supply.
// Mac.Wall is what meters of the whole machine are held against. With the rails'
// watts P, and the fan that follows them with its delay,
//
//	board   = Board + CPU·P_cpu + GPU·P_gpu + ANE·P_ane + fan
//	plug    = Fixed + s·(1+Share) + s²/Square    of s = board + what charges the battery
//
// and unplugged the board draws from the battery alone. The fan settles as an
// exponential, and so does the charging of a nearly full battery, so that each
// interval of constant chip power is integrated in closed form, over the supply's
// curve too; where the plug is moved, or a battery comes to 80 %, the integral is
// cut and the chip's interval is not. Sums over small steps agree to 1 part in 1e9.
//
// What a request takes at the wall (Truth.Wall) follows from what the machine
// would draw at the same moment if it idled: with the same board, battery and
// plug, and a fan that follows an idle chip. What the machine draws above that is
// divided in proportion to the watts of the rails above idle,
//
//	request = ∫ (drawn - drawn idle) · (rails of the request) / (rails - rails idle) dt
//
// so that memory, fan and the supply's loss land on what caused them. While the
// rails only idle, what is drawn above is the fan's afterglow and belongs to none.
// Totals.Wall has the same for all parts, and Totals.MeasuredWall what of it lies
// in windows with a document. A worked example: a request that costs 96 J of the
// GPU, where a watt of it makes the board draw 2 W and the supply loses a tenth,
// takes 211.2 J.
//
// Machines is a day of each of five Macs with a wall, After the same machine some
// days later, and Ladder the loads that a calibration needs.
//
// # The sensor
//
// The sensor sums each rail over a window and prints whole millijoules of the
// running total, so that the remainder is carried, never lost: what the
// documents say together is within 1 mJ a rail of what was drawn in them.
// Residencies in the documents and the times that Usage returns are the same
// numbers. A NUL stands between documents; after a stop of powermetrics
// (Streams.Died) the next document is the first of a new process and has none.
//
// Two things come between what is drawn and what is printed, and Totals accounts
// for both. With Sensor.Counters the chip updates its energy counters only every
// so often: a window says what the updates in it added, so energy appears later
// than it was drawn, and Totals.Unread is how much more was drawn in the windows
// than they say. With Sensor.Zeros some documents say 0 mJ for a busy CPU: what
// was drawn in their windows, on all rails, counts as unmeasured as if they were
// not there. So always, but for noise and 1 mJ a rail,
//
//	Printed = MeasuredRails - Unread
//
// # The logs
//
// Server.Log says what a log looks like, by which clock it is stamped, and how
// late or how patchy it is. It changes nothing else: the same machine draws the
// same energy under any log, and Truth lists every request. What llama-server
// prints has the shapes of its build 11669; stamps count from the start of the
// process. An interchange line (JSONLines) has exactly what Truth has, at Truth's
// times as the log's clock shows them, also of requests that died with their
// server: it is what a router in front of the server would write.
//
// # Limits
//
// What it does not imitate: a GPU whose clock, and so energy per token, depends
// on temperature or on other users (only speed gives way); a prefill or a step's
// time that grows with the context; speculative decoding, vision and
// embeddings; the cost of switching the GPU between two servers; other programs
// that slow down in the heat. Power within a step is even, so a mixed step hides
// the difference between its prefill and its decode. A step that runs when
// another program starts or ends keeps its pace to its end; one that runs when
// another server does, or when the heat sets in, does not. Counters are updated
// at even times, of all rails at once; zeros fall on documents by chance, one by
// one, though a real machine that has them has them all the time. CPU cores are
// filled one after the other, and each cluster lists one clock step, which keeps
// a document near 8 kB (a real one has 30 kB and more). An abrupt end of a server
// is noticed at the next step. Clients that find a server loading or restarting
// wait and keep asking, as retrying clients do. Across a sleep the sample goes on
// with elapsed_ns counting waking time only: no recording shows what the real
// tool does there. Every figure in DefaultDay and Suite is plausible for an M4
// Pro; none was measured on one. Of the wall: a board's slopes are the same for
// prompts and replies, though they use memory otherwise, and change with no
// temperature; displays, disks and ports draw what Board and its Drift say,
// whatever runs, and change between windows; a supply has no limit, so that a
// battery never helps out beside the plug; a battery is charged as soon as the
// plug is in, is never held at 80 %, has no resistance of its own and does not
// wear.
package sim
