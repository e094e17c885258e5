package sim

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// endLine is the one line that a log of JSONLines has of a request. Its names
// are written down here once more, so that a reader that got them wrong does
// not agree with itself.
type endLine struct {
	ID          string              `json:"id"`
	Server      string              `json:"server"`
	Model       string              `json:"gen_ai.request.model"`
	Start       string              `json:"start"`
	FirstToken  string              `json:"first_token,omitempty"`
	End         string              `json:"end"`
	Uncertainty float64             `json:"uncertainty_seconds,omitempty"`
	Outcome     attribution.Outcome `json:"outcome"`
	Input       int                 `json:"gen_ai.usage.input_tokens"`
	Cached      int                 `json:"gen_ai.usage.cache_read.input_tokens"`
	Output      int                 `json:"gen_ai.usage.output_tokens"`
	Context     int                 `json:"context_tokens"`
}

// record tells of a request that has ended.
func (l *logWriter) record(r *request, m *Model) {
	told := l.cfg.Style == JSONLines && !l.mute
	l.mute = false
	if !told {
		return
	}
	line := endLine{
		ID: fmt.Sprintf("%s/%d/%d", l.server, l.run, r.id), Server: l.server, Model: m.Name(),
		Start: l.wall(r.start), End: l.wall(r.end), Outcome: r.outcome,
		Input: r.cached + r.fresh, Cached: r.cached, Output: r.out, Context: r.cached + r.fresh + r.out,
	}
	if r.decoding() {
		line.FirstToken = l.wall(r.first)
	}
	if l.cfg.WholeSeconds {
		line.Uncertainty = 1
	}
	text, err := json.Marshal(&line)
	if err != nil {
		l.err = fmt.Errorf("write log line: %w", err)
		return
	}
	l.buf = append(append(l.buf[:0], text...), '\n')
	l.put(r.end)
}

// wall is a time as the clock of the stamps tells it.
func (l *logWriter) wall(at time.Duration) string {
	t := l.epoch.Add(l.stretch(at) + l.cfg.Offset).UTC()
	if l.cfg.WholeSeconds {
		t = t.Truncate(time.Second)
	}
	return t.Format(time.RFC3339Nano)
}
