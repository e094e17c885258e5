// Package llamacpp reads the log of llama.cpp's llama-server (builds of 2025
// and 2026; recorded with build 11669).
//
// # Shapes
//
// The same messages come in five dresses, told apart line by line:
//
//	0.06.536.043 I slot launch_slot_: id  0 | task 6 | processing task, …   default: minutes.seconds.milli.micro since process start
//	the same with ANSI colours                                             --log-colors on
//	the same with many more lines                                          -lv 4
//	{"type":"log","time":6536043,"level":"info","msg":"slot launch_…\n"}   --log-jsonl: µs since process start
//	slot launch_slot_: id  0 | task 6 | processing task, …                 --no-log-prefix --no-log-timestamps
//
// A run of the server keeps the shape of its first line. A plain line in the
// middle of a stamped run is part of somebody's text and is not read.
//
// # What is read
//
// An allow-list of messages, each recognised from the start of the line:
//
//	llama_server: initializing                     a run begins
//	load_model: loading model '…'                  a model load begins; its base name without .gguf is the model id
//	llama_server: model loaded                     it ends
//	get_availabl: … selected slot by …             what the chosen slot's cache holds of the next prompt
//	launch_slot_: … processing task                a request starts
//	new prompt, … task.n_tokens = N                (-lv 4) its prompt, cached tokens included
//	cached n_tokens = N                            (-lv 4) what the cache served of it
//	print_timing: prompt eval time = … / N tokens  the fresh prompt tokens, and how long they took
//	print_timing: eval time = … / N tokens         the output tokens
//	print_timing: total time = … / N tokens        checks the two
//	print_timing: draft acceptance                 speculative decoding took part
//	stop: cancel task, id_task = N                 the client has gone
//	send_error: task id = N                        the request failed
//	release: … n_tokens = N                        the request ends
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
// decoded: exact for all 241 finished requests recorded. It stays unknown when
// the context was truncated or a draft model took part, where that sum was not
// checked. A cancelled request has no timing lines: at -lv 4 its counts follow
// from prompt, cache and release (on the recorded run they complete the
// server's own totals exactly), elsewhere only Context is known, and Reused, the
// part of the prompt that the slot's cache held when the slot was chosen: on all
// 36 finished requests recorded with it the cached part to the token. A slot
// chosen because it was free the longest holds less than a tenth of the prompt
// and is taken to hold nothing of it (6 to 11 tokens on the recorded runs).
//
// # Wall time
//
// Stamps count from the start of the process. A clock maps them to wall time
// by the smallest arrival less stamp of the last ten to twenty minutes; see
// clock. Lines found in the file before anybody looked bound the time from
// above only, so requests that completed there wait until a line with a known
// arrival places their run: the last line of the file, by the file's
// modification time. A run that ended before it stays without wall time and
// its requests have zero times.
//
// # Limits
//
// A message that prints text with line feeds in it (a chat template, a prompt
// at debug level) puts the text's own lines into the log. One that looks like
// a line above is believed if it fits the state: a timing counts only for a
// task in flight on that slot, only once, and only when its parts add up.
// --log-jsonl escapes line feeds and has no such hole. Children of a request
// for several completions (is_child = 1) are requests of their own whose prompt
// was prefilled by their parent.
package llamacpp
