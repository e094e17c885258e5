package sim_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// TestDecoderReadsTheDocuments reads the stream as sovmeter does.
func TestDecoderReadsTheDocuments(t *testing.T) {
	r := run(t, rough(9))
	want := holes(t, r.power.String(), r.ends)
	var sum energy.Joules
	var windows int
	var gaps time.Duration
	_, err := powermetrics.Replay(&r.power, func(m attribution.Measurement) error {
		if m.Gap != nil {
			gaps += m.Gap.End.Sub(m.Gap.Start)
			return nil
		}
		sum += m.Window.Energy
		windows++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if windows != len(r.ends) {
		t.Errorf("%d windows of %d documents", windows, len(r.ends))
	}
	near(t, "windows", sum, r.mac.Totals().Printed)
	if off := (want - gaps).Abs(); off > time.Second || gaps < 4*time.Minute {
		t.Errorf("gaps of %v, want %v: the sleep and the stops of powermetrics", gaps, want)
	}
}

// elapsedNS finds how long the window of each document is.
var elapsedNS = regexp.MustCompile(`<key>elapsed_ns</key><integer>(\d+)<`)

// holes is the time between the windows of a stream whose documents ended then.
func holes(t *testing.T, stream string, ends []time.Time) time.Duration {
	t.Helper()
	all := elapsedNS.FindAllStringSubmatch(stream, -1)
	if len(all) != len(ends) {
		t.Fatalf("%d documents in %d writes", len(all), len(ends))
	}
	gone := ends[len(ends)-1].Sub(ends[0])
	for _, m := range all[1:] {
		gone -= time.Duration(atoi(t, m[1]))
	}
	return gone
}

// TestParserReadsTheLog reads the log as sovmeter does: the same requests, with
// the same tokens, at the same times.
func TestParserReadsTheLog(t *testing.T) {
	r := run(t, rough(9))
	p := llamacpp.New(requestlog.Options{Server: "llama"})
	var got []attribution.Request
	var loads []attribution.ModelLoad
	offset := int64(0)
	for i, line := range strings.SplitAfter(strings.TrimSuffix(r.log.String(), "\n"), "\n") {
		verdict := p.Parse(requestlog.Line{Data: []byte(strings.TrimSuffix(line, "\n")), Offset: offset, Arrival: r.lines[i]})
		if verdict == requestlog.Malformed {
			t.Errorf("malformed: %q", line)
		}
		offset += int64(len(line))
		facts := p.Take()
		got = append(got, facts.Requests...)
		loads = append(loads, facts.Loads...)
	}
	if len(loads) != 3 {
		t.Errorf("%d model loads, want 3", len(loads))
	}
	byStart := map[int64]sim.Truth{}
	for _, q := range r.truth {
		byStart[q.Start.UnixMicro()] = q
	}
	if len(got) != len(r.truth) {
		t.Errorf("%d requests in the log, %d in truth", len(got), len(r.truth))
	}
	for _, q := range got {
		want, ok := nearest(byStart, q.Start)
		if !ok {
			t.Errorf("request %s at %v is not in the truth", q.ID, q.Start)
			continue
		}
		checkRequest(t, q, want)
	}
}

// nearest finds the truth of a request that began within 2 µs of at.
func nearest(byStart map[int64]sim.Truth, at time.Time) (sim.Truth, bool) {
	for d := int64(-2); d <= 2; d++ {
		if q, ok := byStart[at.UnixMicro()+d]; ok {
			return q, true
		}
	}
	return sim.Truth{}, false
}

// checkRequest holds what the log told against the truth.
func checkRequest(t *testing.T, got attribution.Request, want sim.Truth) {
	t.Helper()
	if got.Model != want.Model || got.Outcome != want.Outcome {
		t.Errorf("request %s: %s %s, truth says %s %s", got.ID, got.Model, got.Outcome, want.Model, want.Outcome)
	}
	if want.Outcome == attribution.OutcomeError {
		return // the log says nothing of its end
	}
	if d := got.End.Sub(want.End).Abs(); d > 2*time.Microsecond {
		t.Errorf("request %s: end is %v off", got.ID, d)
	}
	if n := want.Input + want.Cached + max(want.Output-1, 0); got.Outcome == attribution.OutcomeCancelled && got.Context.N != n {
		t.Errorf("request %s: context %d, truth says %d", got.ID, got.Context.N, n)
	}
	if got.Outcome != attribution.OutcomeOK {
		return
	}
	if got.Input.N != want.Input || got.Cached.N != want.Cached || got.Output.N != want.Output {
		t.Errorf("request %s: %d fresh, %d cached, %d out; truth says %+v", got.ID, got.Input.N, got.Cached.N, got.Output.N, want)
	}
	if d := got.FirstToken.Sub(want.FirstToken).Abs(); d > 100*time.Microsecond {
		t.Errorf("request %s: first token is %v off", got.ID, d)
	}
}
