// Package ollama reads Ollama's server.log. It was written from the sources and
// logs of Ollama of August 2026 (server/sched.go, llm/llama_server.go,
// x/mlxrunner/client.go) and, for older logs, of 2024 and 2025
// (llm/server.go, server/routes.go).
//
// # Shapes
//
// Three kinds of lines stand in one file:
//
//	time=2026-11-23T12:20:30.824Z level=INFO source=llama_server.go:433 msg="starting llama-server" cmd="…"
//	slot launch_slot_: id  0 | task 6 | processing task, is_child = 0
//	[GIN] 2026/11/23 - 12:20:31 | 200 |  396.423794ms |       127.0.0.1 | POST     "/api/chat"
//
// The first are Ollama's own. The second are those of the llama-server processes
// it runs, one for each model that is loaded, without stamp or process id; see
// the llamacpp packages for what they say. The third are access lines, written
// when a call has ended.
//
// # What is read
//
//	msg="server config"                    a server begins; what was in flight has ended
//	msg="starting llama-server" cmd=…      a runner: model digest, port, slots, context; a load begins
//	msg="starting llama server" cmd=…, msg="starting runner" cmd=…    the same of the runners before 2026
//	msg="starting mlx runner subprocess"   the same of an MLX runner, which has a name and no digest
//	msg="llama-server started in …", msg="llama runner started in …", msg="mlx runner is ready"   the load ends
//	msg="loaded runners" count=N           with N = 1, all others have gone
//	msg="template selection" model=…       the name of what was loaded last
//	msg="error loading llama server", msg="shutting down runner", msg="stopping mlx runner subprocess"   a runner ends
//	msg="cloud proxy response headers copied"   (debug) a call was answered by another machine
//	the messages of llama-server           requests, as in package llamacpp
//	[GIN] lines of the paths that run a model
//
// # Whose lines they are
//
// Several runners use the same slot and task numbers, and nothing in a line says
// which runner wrote it. A task is given to the one runner that can have launched
// it: it has such a slot, and it is free; the number is more than its last,
// because runners number all they do, one number a step, or a few less while it
// is busy, for tasks that waited for slots are launched in any order; while it is idle the
// next number is known to within a few; the context has the size that its
// command line says; the slot's cache holds what the runner left there. Later
// lines go to the task with that slot and number, and where two runners have the
// same pair in flight, to the one whose prompt, cache and timings they fit.
//
// Where more than one runner is left, the request has no model: its tokens, times
// and outcome are still right, for they come from its own lines. On a recorded
// run of two runners with the same slots and context, with a third later, each of
// 68 requests got its model; on one where both were loaded before either had
// worked, and so nothing ever told them apart, the 61 requests of the two have
// none, and all counts are exact.
//
// # Calls without runner lines
//
// The MLX runner writes no lines about requests, nor did the runners before mid
// 2026; and a change proposed in August 2026 (llm/log_filter.go) makes Ollama keep
// the lines of llama-server to itself unless OLLAMA_DEBUG=1 is set. What is left
// are the access lines: each becomes a request with an end, a duration, an
// outcome, and unknown tokens, which are not zero. Its start is when the load was
// done that it waited for, if there was one. Its model is known while only one
// runner can be up. Who wants tokens for these puts the metering proxy in front.
//
// Once a run's log has shown a launch, access lines of llama-server runners are
// only told time by: a call that no runner line tells of did not run a model
// here, but loaded or unloaded one, or was passed on to Ollama's cloud. While
// such a runner and a mute one (MLX) are both up, each call is matched with one
// task that ended about then, and the others are requests of the mute one.
//
// A call to a cloud model looks like any other, but at debug level, where it
// becomes a call served elsewhere. In a log without runner lines it is taken for
// a local request of unknown tokens. A call that only loads a model is known by
// its end when the load ends.
//
// Calls that failed: with runner lines the runner's account counts. Without,
// status 499 is a cancelled request; 500, 502 and 504 after 100 ms or more are
// requests with outcome error, for they burned energy; all other 4xx and 5xx,
// and calls of under 2 ms, ran no model. Ollama answers 200 to a stream whose
// client has gone: without runner lines such a request counts as ok.
//
// # Time
//
// A runner's line is placed by its arrival. When nobody watched, it lies between
// the last line before it that tells a time and the next: milliseconds in Ollama's
// own lines, whole seconds in access lines; the request's Uncertainty says how far
// that may be off. Start and FirstToken follow from the end and the durations of
// the timing lines. Access lines are in local time without an offset: the one
// that Ollama's own lines show is taken, and Options.Zone before there were any.
//
// On the recorded runs, read live, the ends of all finished requests agree with
// the client's account to 3 ms and their first tokens with the server's own
// timings to 5 ms; read later, ends are off by up to 1.8 s, and say so.
//
// # Horizon
//
// SpeaksAtEnd is true until the run's log has shown a launch, and again while a
// mute runner is up. The first request of a log without runner lines is told of
// only once it has ended, and so are all after it.
//
// # Names
//
// The log has digests of model files. Options.ModelName names them; ModelNames
// reads Ollama's manifests for it. Failing that a name that the log gives after
// a load is taken, and failing that a digest such as sha256-dde11b313b54.
//
// # Limits
//
// At debug levels the log holds prompts, and a chat template's example at any: a
// line in them that looks like a runner's is believed if it fits the state, as in
// package llamacpp, and an access line always. Several completions of one call
// are requests of their own. The log does not say when a runner that was idle
// for long is unloaded; one that has gone stays a candidate until another load
// shows that it has. Runner lines of 2023 and 2024 are not read.
package ollama
