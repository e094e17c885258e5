// Package attribution books measured energy to requests, so that every joule
// is booked exactly once: to a request, or to a named reason why not.
//
// It is pure: plain values in, plain values out, with no I/O, clock, log or
// goroutine. Times are arguments. The same input gives the same output.
//
// # The law
//
// Power is measured in windows [a, b). The energy S of each window is split
// exactly, all parts >= 0:
//
//		S = baseline + inference + model load + server other + other processes + unexplained
//
//	  - The baseline is what the machine draws with no request in flight: the
//	    median power of quiet minutes in which other processes did no more than
//	    usual, younger ones weighing more, at most S. A window is quiet when no
//	    request or load is within the quiet guard of it and the servers were
//	    idle. Until the first one it is assumed. When the last one is ten
//	    minutes old, the fit below may be the better witness: a machine that
//	    never rests still has pauses within its windows.
//	  - The active rest, S - baseline, is split between the servers and the
//	    other processes by their shares of GPU time and of CPU energy or time,
//	    each rail weighing its energy above its own baseline. A second of GPU
//	    time weighs what it is known to draw: a server's by the work of its
//	    requests, that of others by what they left over that so far. What the
//	    others always use is part of the baseline, so only what they use beyond
//	    it counts. Where a rail was busy for longer than all known processes
//	    together, the difference is unexplained. Without process stats the
//	    active energy belongs to the requests in flight, and their tier says
//	    estimated.
//	  - A server's part goes to its requests in flight in the window, and to the
//	    model it loads; with neither it is server other.
//	  - Requests share by what their work in the window is known to take. A
//	    window that a single request touches is that request's.
//
// # The whole machine
//
// Where a meter tells what the whole machine draws, the rails still tell who
// used it. The SoC's energy is split as above, and what is learned is learned of
// it. Then the machine's energy above its own baseline, the median of the latest
// quiet minutes, is laid on the parts in the proportion of the SoC's: memory,
// fabric, fans and the power supply's loss follow the chip. A display that is
// switched on or off is in that baseline after five minutes of quiet; until then it
// is partly the requests' and partly unexplained. The two sides of the
// power supply have baselines of their own, and a window of the SoC alone has
// the SoC's, so that a meter may come and go. Until the first quiet window what
// the chip does not show is taken for baseline. A machine that draws more than
// 1.5 times what it usually does for what its chip does draws the rest for
// another reason: it is unexplained, as is all that it draws above its baseline
// while the chip rests.
//
// In the example below, a plug shows 36 W in place of the 10 W of quiet times.
// The 26 W go 2.6 to other processes, 17.55 to A and 5.85 to B.
//
// # Work
//
// A server batches. Sequences that decode go in lockstep, a token each in every
// step; prompts are read beside them, one after the other, at most 512 tokens a
// step, and of those that wait it is always the one whose first token comes
// next. So the log's times tell who did what when, and the token counts how
// much. For each model
//
//	E = c·prompt tokens + Σ over steps (F + n·v + k·contexts)
//
// where n sequences are in a step and k is for a thousand tokens of context.
// Each sequence has F/n of a step, its v and its own context, which is its
// Shapley value: equal shares of what all need alike. Cached prompt tokens take
// nothing. The N-th output token needs N-1 steps, since reading the prompt
// yields the first. A server that shares the GPU works slower; its work is even
// in its own time, not in the wall's.
//
// c, F, v, k and the baseline are fitted by non-negative least squares to steps
// of ten seconds, of the windows in which one model was at work and little else,
// and rows are forgotten with a half-life of an hour of work. Rows far off count
// less. Before there are rows a token takes as much as its time at the model's
// mean power, by a timing that is learned from the log in the same way, and
// before that by a rule of thumb.
//
// # Error
//
// A request's error has four parts: how far off what there was to share may be
// (the meter of the whole machine and its baseline are part of it), how far off
// the sharing, the sensor, and gaps. A meter that is read every few seconds does
// not tell exactly when something was drawn; how far windows lie from what is usual
// for what the chip does is part of the sensor's. Charge.Error is wide enough for
// 95 of 100 requests: each model keeps how many standard errors that takes, by
// the distance between what was booked and what the tokens are known to take.
//
// # Example
//
// A machine idles at 2 W. In a window of 1 s it uses 22 J, all of it above the
// baseline on the GPU, and the server has 90 % of the GPU's time. Nothing was
// learned yet, so a decoded token counts as much as ten prompt tokens. Request A
// takes 30 decode steps in the window, request B reads 100 prompt tokens:
//
//	baseline         2.0 J
//	other processes  2.0 J   10 % of 20 J
//	A               13.5 J   18 J × 30·10 / (30·10 + 100·1)
//	B                4.5 J   18 J × 100·1 / (30·10 + 100·1)
//	sum             22.0 J
//
// # Event time
//
// Windows and requests may arrive in any order. A window is booked when the
// caller says that nothing more can arrive about its time (Engine.Advance),
// and never changes afterwards. A request that becomes known only after its
// windows were booked is late: it is charged without energy, and counted. It
// takes until every request that touches a window, and every request that
// overlaps one of those, is over: they tell how tokens lie in time.
// Missing windows are gaps: they are neither zero nor interpolated, and a
// request that lies in one says how much of it was covered.
//
// # Limits
//
//   - How work lies in time is inferred. A server that does not batch in
//     lockstep, or reads prompts side by side, is shared out less well; the
//     bands of its requests widen, as far as single requests show it.
//   - Two models of one server share by their tokens, each spread evenly over
//     its request's time, although one slows the other down: a few per cent
//     off in the median, more than ten for one request in twenty.
//   - What was learned is as good as the windows that a model had to itself. A
//     model that never has any is shared out by its timing.
//   - Arrival order and restarts change nothing as long as no request is longer
//     than half an hour; the company of longer ones may not be known in time.
//   - A request is placed among 300 others at most: where a log counts the time
//     in a queue, the rest of a longer queue is not seen.
//   - Watts of the CPU and of the GPU count alike at the plug, though memory
//     follows the GPU: where other programs work beside a model, a few per cent
//     of what is laid on both may be the other's.
//   - A finer cut of the windows is more information and may move energy at
//     the edges of a request: half a window with a request in flight gives the
//     request its own energy, not that of the whole. Where requests work
//     throughout a window, cutting it changes nothing.
//   - Programs that work whenever the machine is quiet raise the baseline: it
//     is what the machine draws without requests, not what it draws idle.
//   - A request that was cancelled has no token counts in most logs. They are
//     guessed where its context and the part that was cached are known; else
//     all of its time is taken for decoding.
package attribution
