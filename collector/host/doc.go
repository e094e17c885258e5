// Package host meters whose CPU and GPU time the machine spends: that of each
// configured model server, and that of everything else. Energy rails say how
// much the machine burned; this package says which processes were at work, as
// one attribution.UsageSpan between two polls.
//
// # Whose process it is
//
// A Server is known by the names of its executables, by the port it listens
// on, or by both. Its family is every process found that way and all their
// descendants. In order, the first rule that holds decides:
//
//  1. the process listens on a server's port;
//  2. the process was in a family before (so a child whose parent died stays);
//  3. its parent is in a family (so an Ollama runner that is called
//     llama-server is Ollama's);
//  4. its executable has one of a server's names, and no process is known to
//     listen on that server's port (the known listener is the server; other
//     processes of its name are clients, or servers on other ports).
//
// A name is compared with the base name of the executable (or its whole path,
// when the name has a slash), and for an interpreter such as Python with the
// script or module it runs: mlx_lm.server, vllm. Kernels cut short names at 15
// or 16 bytes; the whole name is read once for each process that appears and is
// cached until the process ends or executes another program.
//
// Looking up who listens on a port costs a fork on macOS and a walk over every
// open file elsewhere. It is done at most once a minute (Options.PortInterval)
// and only while a server's family is unknown or has several heads. A server
// that is configured by port alone can therefore go unseen for that long after
// it starts: name its executable too.
//
// # What is counted
//
// A process is its pid and start time, so a pid that is used again starts from
// zero. Counters that ran backwards count as zero. What a process used between
// the last poll and its end cannot be read and is left out: it turns up as
// unexplained energy, never in anybody's account. So of a child that ends half
// a poll's interval is lost on average, and all of one that lives between two
// polls, as a compiler's do. Its parent's count of ended children has CPU time
// but no CPU energy, which is what a Mac's CPU rail is split by, and is not
// used.
//
// A child keeps its family when its parent ends, if both were seen together
// once. One whose parent ended before the first poll after its start is
// nobody's, unless its own name or port tells.
//
// GPU time is summed over the GPU user clients of each process. A client that
// closes takes its counter with it, so every client is differenced on its own.
// Where GPU times cannot be read, Usage.GPUKnown is false.
//
// # Systems
//
// macOS: the process list comes from sysctl kern.proc.all, CPU time and CPU
// energy from proc_pid_rusage (flavor RUSAGE_INFO_V6) through purego, GPU time
// from `ioreg -a -r -c AGXDeviceUserClient`, ports from lsof. Nothing in the
// sampling loop forks but ioreg. Reading other users' processes needs root; a
// server that may not be read is a ServerError with a hint, because zero use
// would be a wrong reading.
//
// Linux: /proc, with the CPU clock of each process for nanoseconds where
// /proc has ticks of 10 ms. There is no GPU or energy source there.
//
// Elsewhere: gopsutil.
//
// System is the seam between the two halves; Fake is a System for tests.
package host
