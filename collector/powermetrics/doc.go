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
// # Limits
//
// A tool that runs as another user, or under a patched macOS, may print
// anything. What cannot be understood becomes a DocumentError with a reason and
// then a gap; no document is ever guessed.
package powermetrics
