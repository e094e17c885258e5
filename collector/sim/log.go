package sim

import (
	"fmt"
	"io"
	"time"
)

// llama-server tells of a long request at its 100th token and then whenever
// three seconds have passed.
const (
	firstProgress = 100
	progressEvery = 3 * time.Second
)

// logWriter writes lines in the shape of llama-server's default log (0.7.0,
// build 11669), or makes its one line of each request that ends.
type logWriter struct {
	outbox
	cfg    *Log
	server string
	epoch  time.Time     // Scenario.Start
	start  time.Duration // of the process
	cursor time.Duration // of the last line: stamps never go back
	run    int           // index of the process, from 0
	mute   bool          // what is written now is dropped
}

// newLogWriter returns the log of server i of s.
func newLogWriter(s *Scenario, i int, w io.Writer, before func(time.Duration)) *logWriter {
	cfg := &s.Servers[i].Log
	if w == nil {
		w = io.Discard
	}
	return &logWriter{
		outbox: outbox{
			w: w, before: before, delay: cfg.Delay, ordered: cfg.Style == LlamaServer,
			rng: serverStream(s.Seed, concernLog, i),
		},
		cfg: cfg, server: s.Servers[i].Name, epoch: s.Start, run: -1,
	}
}

// stretch is how long the clock of the stamps takes d for.
func (l *logWriter) stretch(d time.Duration) time.Duration {
	if l.cfg.Drift == 0 {
		return d
	}
	return d + time.Duration(l.cfg.Drift*float64(d))
}

// ending decides whether the log tells of the end that comes next.
func (l *logWriter) ending() {
	l.mute = l.cfg.Drop > 0 && l.rng.Float64() < l.cfg.Drop
}

// at moves the cursor to now, or a little past the last line, and returns it.
func (l *logWriter) at(now, after time.Duration) time.Duration {
	l.cursor = max(l.cursor+after, now)
	return l.cursor
}

// line writes one line that is stamped at the cursor.
func (l *logWriter) line(level byte, format string, args ...any) {
	if l.cfg.Style != LlamaServer || l.mute {
		return
	}
	us := max(l.stretch(l.cursor-l.start)+l.cfg.Offset, 0).Microseconds()
	l.buf = fmt.Appendf(l.buf[:0], "%d.%02d.%03d.%03d %c ", us/60e6, us/1e6%60, us/1e3%1e3, us%1e3, level)
	l.buf = fmt.Appendf(l.buf, format, args...)
	l.buf = append(l.buf, '\n')
	l.put(l.cursor)
}

// slotLine writes a line of one slot's task.
func (l *logWriter) slotLine(what string, r *request, format string, args ...any) {
	l.line('I', "slot %12s: id %2d | task %d | %s", what, r.slot, r.id, fmt.Sprintf(format, args...))
}

// begin writes the first line of a process that starts now.
func (l *logWriter) begin(now time.Duration) {
	l.start = now
	l.cursor = now
	l.run++
	l.at(now, 802*time.Microsecond)
	l.line('I', "srv  llama_server: initializing ...")
	l.at(now, 12415*time.Microsecond)
	l.line('I', "cmn  common_param: common_params_print_info: verbosity = 3 (adjust with the `-lv N` CLI arg)")
	l.at(now, 157*time.Microsecond)
	l.line('W', "srv  llama_server: security: no API key is set and CORS allows all origins (see https://github.com/ggml-org/llama.cpp/pull/25655)")
}

// loading says which model is read from now on.
func (l *logWriter) loading(now time.Duration, m *Model) {
	l.at(now, 0)
	l.line('I', "srv    load_model: loading model '%s'", m.Path)
}

// loaded says that the model is there. Its stamps lie just before now, the
// end of the load.
func (l *logWriter) loaded(now time.Duration, slots, context int) {
	l.at(now-1500*time.Microsecond, 0)
	l.line('I', "srv    load_model: initializing, n_slots = %d, n_ctx_slot = %d, kv_unified = 'false'", slots, context)
	l.at(now, 0)
	l.line('I', "srv  llama_server: model loaded")
	l.at(now, 24*time.Microsecond)
	l.line('I', "srv  llama_server: listening on http://127.0.0.1:8080")
}

// selected says why a slot was chosen.
func (l *logWriter) selected(now time.Duration, r *request, s slot, common int) {
	l.at(now, 10*time.Microsecond)
	if common*10 > r.prompt {
		l.line('I', "slot get_availabl: id %2d | task -1 | selected slot by LCP similarity, f_sim_best = %.3f (> 0.100 thold), f_keep = %.3f",
			r.slot, float64(common)/float64(r.prompt), float64(common)/float64(max(s.tokens, 1)))
		return
	}
	last := int64(-1)
	if s.session >= 0 {
		last = (uptime + s.used).Microseconds()
	}
	l.line('I', "slot get_availabl: id %2d | task -1 | selected slot by LRU, n_tokens = %d, t_last = %d", r.slot, s.tokens, last)
}

// launch says that work begins, and returns when.
func (l *logWriter) launch(now time.Duration, r *request) time.Duration {
	at := l.at(now, 87*time.Microsecond)
	l.slotLine("launch_slot_", r, "processing task, is_child = 0")
	return at
}

// cancel says that the client gave up.
func (l *logWriter) cancel(now time.Duration, r *request) {
	l.at(now, 0)
	l.line('W', "srv          stop: cancel task, id_task = %d", r.id)
}

// progress says how far a long request is. As in its eval line, the real server's
// speed is that of the tokens after the first.
func (l *logWriter) progress(now time.Duration, r *request) {
	l.at(now, 5*time.Microsecond)
	l.slotLine("print_timing", r, "n_gen = %6d, tg = %6.2f t/s, tg_3s = %6.2f t/s",
		r.out, rate(r.out-1, now-r.first), rate(r.out-r.toldOut, now-r.told))
}

// timings sums up a request that ended well.
func (l *logWriter) timings(now time.Duration, r *request, graphs int) {
	prompt, eval := l.stretch(r.first-r.start), l.stretch(now-r.first)
	l.at(now, 5*time.Microsecond)
	l.timing(r, "prompt eval time", prompt, r.fresh, r.fresh)
	l.at(now, 15*time.Microsecond)
	l.timing(r, "eval time", eval, r.out, r.out-1)
	l.at(now, time.Microsecond)
	l.slotLine("print_timing", r, "%16s = %10.2f ms / %5d tokens", "total time", ms(prompt+eval), r.fresh+r.out)
	l.at(now, time.Microsecond)
	l.slotLine("print_timing", r, "%16s = %10d", "graphs reused", graphs)
	l.at(now, time.Microsecond)
	l.slotLine("print_timing", r, "%16s = %10d    /     0        (same size) / (changed size)", "graph reallocs", 0)
}

// timing writes one phase's line. The real server divides the decode time by
// the number of steps, one less than the tokens.
func (l *logWriter) timing(r *request, what string, d time.Duration, tokens, steps int) {
	l.slotLine("print_timing", r, "%16s = %10.2f ms / %5d tokens (%8.2f ms per token, %8.2f tokens per second)",
		what, ms(d), tokens, ms(d)/float64(max(steps, 1)), rate(steps, d))
}

// release says that the slot is free, and returns when.
func (l *logWriter) release(now time.Duration, r *request) time.Duration {
	at := l.at(now, 45*time.Microsecond)
	l.slotLine("release", r, "stop processing: n_tokens = %d, truncated = 0", r.tokens())
	return at
}

// cleanUp is the last line of a process.
func (l *logWriter) cleanUp(now time.Duration) {
	l.at(now, 20*time.Microsecond)
	l.line('I', "srv    operator(): operator(): cleaning up before exit...")
}

// ms is d in milliseconds.
func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// rate is n in d, each second; 0 when no time has passed.
func rate(n int, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(max(n, 0)) / d.Seconds()
}
