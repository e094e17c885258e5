// Package align estimates from the data how far the clock of a request log is
// off from the clock of the power samples.
//
// A log may be written by another machine or in a container, its clock may
// drift, or its stamps may be whole seconds. The power tells: it rises when
// work begins and falls when work ends. So of all offsets in a range the one is
// right under which the log's work explains the power best.
//
// # Use
//
//	e := align.New(align.Config{})
//	e.Add(window, spans) // each window in time order, with the log's requests around it
//	o, ok := e.Offset()  // true time = log time - o.By
//
// A window that is left out, and any other gap, only breaks the row: nothing is
// concluded across it. So a caller leaves out what would mislead, such as time
// in which another server works or a model is loaded: two servers that take
// turns would else be told apart badly.
//
// # How
//
// For each candidate offset on a grid, two numbers describe a window: the share
// of its time with a request in flight, and the share with a request in its
// prefill, which draws another power than decoding. The change of the mean
// power from one window to the next is regressed on the changes of the two, and
// the candidate with the least squares left over wins, refined by a parabola
// through its neighbours. Power is that of the GPU rail, and of all rails where
// that one is not known.
//
// Changes are used, not levels, because what else draws power stays the same
// for longer than a window: it drops out, and so does the idle power. What
// other programs begin and end at random is noise and favours no candidate.
// Windows without the begin or end of a request within the range say nothing
// about the offset, cost nearly nothing and are left out.
//
// Where the log does not tell the first token, the first half a window of a
// request stands in for its prefill. On a simulated day that leaves an error of
// 10 ms for windows of 1 s and of 80 ms for windows of 5 s; without it the
// power of the prefill would pull the estimate by 60 and 210 ms.
//
// Where the power falls with the work it is something else that the log tells
// of, and nothing is known.
//
// The past is forgotten with a half-life. A memory of half that half-life runs
// beside it: when the two differ by more than chance, the clock drifts, and the
// difference says how far the estimate lags behind.
//
// # Standard error
//
// What is seen is dealt out in turn to eight groups, a minute each. The
// estimate is repeated on fourteen balanced halves of them, and by how much
// those differ from the whole is the error (balanced repeated replication). It
// needs no assumption about the noise, and grows when the minimum is shallow,
// when there are several, or when few edges speak. A drift that cannot be told
// from chance, a fiftieth of a window for power that is not even, and 100 ms for
// stamps of whole seconds are added to it.
//
// # Limits
//
//   - A server that is never idle shows no edges, and its offset is not known.
//   - Steps of the power that the log causes with a delay, such as a GPU that is
//     slow to clock up, count as offset: some tens of milliseconds.
//   - Several requests that begin at once are one edge.
//   - An offset beyond the range is not found: the best candidate is then at the
//     border, or halves of the data disagree, and nothing is known.
package align
