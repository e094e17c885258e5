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
// The sensor sums each rail over a window and prints whole millijoules of the
// running total, so that the remainder is carried, never lost: what the
// documents say together is within 1 mJ a rail of what was drawn in them.
// Residencies in the documents and the times that Usage returns are the same
// numbers. A NUL stands between documents; after a stop of powermetrics
// (Streams.Died) the next document is the first of a new process and has none.
//
// # Limits
//
// What it does not imitate: a GPU whose clock, and so energy per token, depends
// on temperature or on other users (only speed gives way); a decode step that
// grows with the context; memory, fabric, display and power supply, which
// powermetrics does not see either; speculative decoding, vision and embeddings;
// the cost of switching the GPU between two servers. Power within a step is even, so a mixed step
// hides the difference between its prefill and its decode. CPU cores are filled
// one after the other, and each cluster lists one clock step, which keeps a
// document near 8 kB (a real one has 30 kB and more). An abrupt end of the
// server is noticed at the next step. Clients that find the server loading or
// restarting wait and keep asking, as retrying clients do. Across a sleep the
// sample goes on with elapsed_ns counting waking time only: no recording shows
// what the real tool does there. Every figure in DefaultDay is plausible for an
// M4 Pro; none was measured on one.
package sim
