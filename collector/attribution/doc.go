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
//	    median power of quiet minutes, younger ones weighing more, at most S.
//	    A window is quiet when no request or load is within the quiet guard of
//	    it and the servers were idle. Until the first one it is assumed.
//	  - The active rest, S - baseline, is split between the servers and the
//	    other processes by their shares of GPU time and of CPU energy or time,
//	    each rail weighing its energy above its own baseline. What the others
//	    always use is part of the baseline, so only what they use beyond it
//	    counts. Where a rail was busy for longer than all known processes
//	    together, the difference is unexplained. Without process stats the
//	    active energy belongs to the requests in flight, and their tier says
//	    estimated.
//	  - A server's part goes to its requests in flight in the window, and to the
//	    model it loads; with neither it is server other.
//	  - Requests share by the work they did in the window: their tokens, spread
//	    evenly over their phases, a decoded token weighing DecodeWeight and a
//	    prefilled one PrefillWeight. Cached tokens weigh nothing. When a decode
//	    step of n sequences costs F + n·v, equal shares of each step, F/n + v,
//	    are the Shapley value of the step, which is why sharing by tokens is
//	    the fair one. A window that a single request touches is that request's.
//
// # Example
//
// A machine idles at 2 W. In a window of 1 s it uses 22 J, all of it above the
// baseline on the GPU, and the server has 90 % of the GPU's time. Request A
// decodes 30 tokens in the window, request B prefills 100:
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
// windows were booked is late: it is charged without energy, and counted.
// Missing windows are gaps: they are neither zero nor interpolated, and a
// request that lies in one says how much of it was covered.
//
// # Limits
//
//   - The token weights are fixed. Their ratio is a rule of thumb, so a
//     prefill and a decode in the same window may be split with an error;
//     Share.Error is the distance to sharing by time alone.
//   - A finer cut of the windows is more information and may move energy at
//     the edges of a request: half a window with a request in flight gives the
//     request its own energy, not that of the whole. Where requests work
//     throughout a window, cutting it changes nothing.
//   - Programs that work while the machine is quiet raise the baseline: it is
//     what the machine draws without requests, not what it draws idle.
//   - A request whose token counts are unknown is taken to work as hard, per
//     second, as its company.
package attribution
