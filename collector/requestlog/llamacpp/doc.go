// Package llamacpp reads the log of llama.cpp's llama-server: builds from October
// 2023 to late 2026, one server with one model or a router with several.
//
// # Shapes
//
// The same messages come in many dresses, told apart line by line:
//
//	0.06.536.043 I slot launch_slot_: id  0 | task 6 | processing task, …   default since May 2026: minutes.seconds.milli.micro since process start
//	the same with ANSI colours                                             --log-colors on
//	the same with many more lines                                          -lv 4
//	{"type":"log","time":6536043,"level":"info","msg":"slot launch_…\n"}   --log-jsonl: µs since process start
//	I slot launch_slot_: id  0 | task 6 | processing task, …               --log-prefix without --log-timestamps
//	slot launch_slot_: id  0 | task 6 | processing task, …                 without both, the default from September 2024 to May 2026
//	INFO [   launch_slot_with_task] slot is processing task | tid="…" timestamp=1720000010 id_slot=0 id_task=6    --log-format text, March to September 2024
//	{"tid":"…","timestamp":1710000010,…,"msg":"slot is processing task","id_slot":0,"id_task":6}                 default, March to September 2024
//	slot 0 is processing [task id: 6]                                      October 2023 to February 2024
//
// A run of the server keeps the shape of its first line. A plain line in the
// middle of a stamped run is part of somebody's text and is not read, but for
// blocks of timings, below.
//
// # What is read
//
// An allow-list of messages, each recognised from the start of the line (package
// message; what older builds say instead is in brackets):
//
//	llama_server: initializing                     a run begins [main: loading model; build info]
//	load_model: loading model '…'                  a model load begins; its base name without .gguf is the model id
//	llama_model_loader: loaded meta data … from …  the same, where no line above told it
//	llama_server: model loaded                     it ends [main: model loaded]
//	get_availabl: … selected slot by …             what the chosen slot's cache holds of the next prompt
//	load: - found better prompt … sim = N          the same of a saved prompt that the slot takes over
//	launch_slot_: … processing task                a request starts
//	new prompt, … task.n_tokens = N                (-lv 4; default before May 2026) its prompt, cached tokens included
//	cached n_tokens = N                            (-lv 4; default before May 2026) what the cache served of it [kv cache rm [N, end)]
//	print_timing: n_gen = N, tg = …                how far it is [n_decoded = N]
//	print_timing: prompt eval time = … / N tokens  the fresh prompt tokens, and how long they took
//	print_timing: eval time = … / N tokens         the output tokens [N runs]
//	print_timing: total time = … / N tokens        checks the two
//	print_timing: draft acceptance                 speculative decoding took part
//	stop: cancel task, id_task = N                 the client has gone [cancel_tasks: …]
//	send_error: task id = N                        the request failed; turned away if its prompt is too long: no tokens at all
//	release: … n_tokens = N                        the request ends [n_past = N; slot released]
//	load: spawning server instance with name=…     (router) a server starts on a port
//	instance name=… exited with status …           (router) it ends
//
// # What a request's fields mean
//
// Start is when the server began on the prompt: the first token less the prompt
// time, or the launch line for a request without timings. The server's queue,
// and a batch that was running, come before it; the log does not show that time.
// FirstToken is the time of the eval line less the eval time. End is the release
// line, which for a cancelled request comes after the batch that was running:
// that energy is its own too. On the recorded runs Start, FirstToken and End of
// every finished request agree with the client's account and the server's own
// timings to less than 50 ms (see the package's tests).
//
// Input counts fresh tokens only, as the log does. Cached is told at -lv 4;
// elsewhere it follows from the release line, whose n_tokens is one less than
// input, cached and output together, because the last token sampled is never
// decoded: exact for all 306 finished requests recorded. It stays unknown when
// the context was truncated or a draft model took part, where that sum was not
// checked. A cancelled request has no timing lines: where prompt and cache are
// told its counts follow from them and the release (at -lv 4 on the recorded run
// they complete the server's own totals exactly), elsewhere only Context is known,
// and Reused, the part of the prompt that the slot's cache held when the slot was
// chosen: on all 36 finished requests recorded with it the cached part to the
// token. A slot chosen because it was free the longest holds less than a tenth of
// the prompt and is taken to hold nothing of it (6 to 11 tokens on the recorded
// runs). A saved prompt that is loaded into it then is told at -lv 4 alone: below
// it Reused is the least that the cache can have served.
//
// A cancelled request that generated a hundred tokens and more has told its
// progress; its FirstToken follows from the first such line, as well as a speed
// with two decimals tells: 29 ms off the client's account on a recorded run.
//
// # Routers
//
// A llama-server that is started without a model runs one server for each model
// and puts their lines, with the port before each, among its own:
//
//	0.05.001.000 I srv          load: spawning server instance with name=org/model:Q4_K_M on port 42027
//	[42027] 0.01.089.000 I slot launch_slot_: id  0 | task 0 | processing task, is_child = 0
//
// With --log-jsonl a line of theirs is the text of a line of its own. Slot and task
// numbers of the servers collide, and so do their stamps, each of which counts
// from that server's start: every server is followed by itself. The model is the
// name that clients use. A server whose beginning was not seen has the name of its
// model's file, if that. What a server had in flight ends with its process, when the
// router says so. At most 32 servers are followed at a time.
//
// # Older builds
//
// From September 2024 to May 2026 the timings are one message of several lines,
// of which only the head has a prefix:
//
//	slot print_timing: id  0 | task 6 |
//	prompt eval time =     600.00 ms /   120 tokens (…)
//	       eval time =    2000.00 ms /    50 tokens (…)
//	      total time =    2600.00 ms /   170 tokens
//
// They are read directly below their head and nowhere else. From August 2024 to
// late 2025 the release comes before them; the request is kept in flight until
// its timings, or a line that shows that there are none.
//
// The dated lines of 2024 have whole seconds; durations are exact, and arrivals
// narrow the seconds down. There and before, the log does not say who left: a
// request that ends without timings counts as cancelled, unless the server has
// answered a request for embeddings, which have none. Before February 2024
// timings name no slot. They go to the task that is released next and whose
// numbers they fit; the counts of a cancelled request may be off by one then.
//
// # Wall time
//
// Stamps count from the start of the process. A clock maps them to wall time
// by the smallest arrival less stamp of the last ten to twenty minutes; see
// clock. Lines found in the file before anybody looked bound the time from
// above only, so requests that completed there wait until a line with a known
// arrival places their run: the last line of the file, by the file's
// modification time. A run that ended before it stays without wall time and
// its requests have zero times. A router's servers are placed together: its stamp
// when it started a server is 8 to 15 ms before that server's stamps begin on the
// recorded runs, and Uncertainty allows 100 ms.
//
// # Limits
//
// A message that prints text with line feeds in it (a chat template, a prompt
// at debug level) puts the text's own lines into the log. One that looks like
// a line above is believed if it fits the state: a timing counts only for a
// task in flight on that slot, only once, and only when its parts add up.
// --log-jsonl escapes line feeds and has no such hole. Children of a request
// for several completions (is_child = 1) are requests of their own whose prompt
// was prefilled by their parent. Self-extension (--grp-attn-n) before September
// 2024 makes contexts shorter than their tokens: the cached part is then wrong or
// unknown. Embeddings have no timings in any build; since September 2024 their
// input is known where the prompt is told. What a service manager writes before
// each line (journald's date and name) is not read.
//
// Recorded with build 11669; the shapes of the others are from the source of their
// time (examples/server/server.cpp and utils.hpp, tools/server/server-context.cpp
// and server-models.cpp, common/log.cpp) and from logs that users posted.
package llamacpp
