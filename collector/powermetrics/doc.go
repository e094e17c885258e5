// Package powermetrics reads Apple's powermetrics: it decodes the property
// lists that the tool prints, lays the samples on the time line, and runs the
// tool itself. Four parts, each usable alone:
//
//   - Decoder turns a byte stream into Samples. It is pure, and fast enough not
//     to show up in the power it measures.
//   - Timeline and Replay turn Samples into attribution.Measurements: contiguous
//     windows, and gaps with a reason where nothing usable was measured. They
//     are pure too: arrival times are arguments.
//   - Runner keeps the real tool running and feeds both.
//   - TaskMeter splits the tasks of a Sample between a model server and all other
//     processes, for ReplayTasks: a live process is metered better elsewhere.
//
// # What is measured
//
// powermetrics models the CPU, GPU and ANE rails of the SoC. It does not see
// DRAM, fabric, SSD, display, fans or the power supply's loss: under a model's
// load the whole machine draws up to 2.5 times as much. Every window made here
// therefore has attribution.ScopeSoC.
//
// Energy is processor.{cpu,gpu,ane}_energy, whole millijoules. gpu.gpu_energy
// is a second read of the same rail a few milliseconds off; it stands in when
// the processor has none and is never added. Power values are not read: they
// are energy / elapsed.
//
// # What the stream looks like
//
// One XML property list a sample, with a NUL byte before the second and every
// later one. The NUL is written when the *next* sample is due, so a document
// ends at its </plist>, and one without a NUL before it is the first of another
// run of the tool. Keys repeat (gpu.idle_ratio on macOS 13 to 15: the last one
// wins, as in every plist library that accepts them), ratios may be NaN
// (unknown, not zero), cluster names change with every chip (never a key here),
// names may hold bare ampersands and broken UTF-8, and a killed tool leaves half
// a document.
//
// # Counters that are published in batches
//
// Some chips publish their energy counters every 2 s or so (an M5 Max every 2.03
// to 2.23 s, an M1 Ultra much alike): at one sample a second a busy rail reads 0
// in one sample and the energy of two in the next. A 0 of a busy rail is a flaw,
// and its time a gap. But where at least 8 of the last 20 samples of a busy rail
// read 0, in an order as two clocks beat, its counter is taken to be batched, and
// a sample of it that reads 0 is held. As soon as the counter moves, all that
// was held becomes one window with the sample that moved it: from the first's
// start to the last's end, with the sums of all rails' energies and busy times.
// Nothing is lost by that, and nothing counted twice. What is held for six
// samples, or 5 s of shorter ones, without a move is unusable after all; so is
// what a sleep, a restart, a lost document or the end of a recording cuts off.
//
// What remains: a joined window holds the energy up to an update that lies
// somewhere in its last sample, and begins in the same way, so that the energy of
// a batched rail is told up to one sample late, half of one on average. Totals
// are right; a request's energy is as far off as the power differs at its two
// ends. Against a log the samples look late by that half, and its clock is
// corrected by so much. Windows that end half a sample earlier need no such
// correction, but made no request's energy better in the simulator, and neither
// did windows that end at the very update; so they end where samples do.
//
// The energy that was not published before a gap is in the first window after
// it. Where the interval is so close to that of the updates that fewer than 8 of
// 20 samples read 0 (at 2.1 s: from 1.3 s on), zeros cannot be told from lost
// samples and remain gaps, with the energy of two samples in the next window.
//
// # Limits
//
// A tool that runs as another user, or under a patched macOS, may print
// anything. What cannot be understood becomes a DocumentError with a reason and
// then a gap; no document is ever guessed.
package powermetrics
