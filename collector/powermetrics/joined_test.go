package powermetrics_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// letters are documents of 1 s, and events between them.
//
//	0  the CPUs were busy and read 0     .  they did little and read 0
//	z  they did nothing and read 0
//	L  the CPUs read 2 J                 l  little, but more than 0
//	g  the GPU was busy and reads 0, the CPUs read 2 J
//	c  the CPUs were busy and read 0, the GPU reads 2 J
//	b  both were busy and read 0         B  both read 2 J
//	u  as L, and how busy the GPU was is unknown
//	a  as 0, and there is no ANE          A  as L, and there is none
//	n  the CPUs' energy is NaN           i  marked invalid
//	r  powermetrics starts again after 10 s  R  at once
//	s  the machine sleeps for an hour    x  a document is lost
type letters string

// warm makes a chip known for batched CPU counters: the eighth 0 is held.
const warm letters = "0L0L0L0L0L0L0L0L"

// document is the one of a letter that ends at the given time.
func (l letters) document(c byte, end time.Time) doc {
	d := usual()
	d.stamp, d.boot = end.Truncate(time.Second), 7
	d.cpu, d.gpu, d.gpuIdle = "2000", "100", "0.9"
	switch c {
	case '0':
		d.cpu = "0"
	case '.':
		d.cpu, d.idle = "0", []string{"0.98", "0.99"}
	case 'z':
		d.cpu, d.idle = "0", []string{"1", "1"}
	case 'u':
		d.gpuIdle = "nan"
	case 'a':
		d.cpu, d.ane = "0", ""
	case 'A':
		d.ane = ""
	case 'l':
		d.cpu, d.idle = "7", []string{"0.98", "0.99"}
	case 'g':
		d.gpu, d.gpuIdle = "0", "0.2"
	case 'c':
		d.cpu, d.gpu, d.gpuIdle = "0", "2000", "0.2"
	case 'b':
		d.cpu, d.gpu, d.gpuIdle = "0", "0", "0.2"
	case 'B':
		d.gpu, d.gpuIdle = "2000", "0.2"
	case 'n':
		d.cpu = "nan"
	case 'i':
		d.extra = "<key>invalid</key><true/>\n"
	}
	return d
}

// placed is a document with the time that it covers.
type placed struct {
	powermetrics.Sample
	start, end time.Time
	lost       bool
}

// recording writes the letters as the tool prints them, and tells the truth
// about them. Ends are 0.5 s after the second.
func (l letters) recording() (stream string, all []placed) {
	var b strings.Builder
	now, nul := origin.Add(500*time.Millisecond), false
	for _, c := range []byte(l) {
		switch c {
		case 'r', 'R':
			if c == 'r' {
				now = now.Add(10 * time.Second)
			}
			nul = false
			continue
		case 's':
			now = now.Add(time.Hour)
			continue
		}
		end := now.Add(time.Second)
		text := l.document(c, end).String()
		p := placed{start: now, end: end, lost: c == 'x'}
		if p.lost {
			text = strings.Replace(text, "<key>processor</key>", "<key>processor</integer>", 1)
		} else if err := powermetrics.NewDecoder(strings.NewReader(text)).Next(&p.Sample); err != nil {
			panic(err)
		}
		if nul {
			b.WriteByte(0)
		}
		nul = true
		b.WriteString(text)
		all, now = append(all, p), end
	}
	return b.String(), all
}

// live plays the letters to a Timeline. Documents arrive the moment they end.
func (l letters) live() (out []attribution.Measurement) {
	line := powermetrics.NewTimeline(time.Second)
	_, all := l.recording()
	for _, c := range []byte(l) {
		switch c {
		case 'r', 'R':
			line.Restart()
			continue
		case 's':
			continue
		}
		p := all[0]
		all = all[1:]
		if p.lost {
			out = append(out, line.Skip(&powermetrics.DocumentError{Defect: powermetrics.DefectMalformed, Elapsed: time.Second}, p.end)...)
			continue
		}
		out = append(out, line.Add(&p.Sample, p.end)...)
	}
	return out
}

// brief writes measurements as "2s 4.2J" for windows and "unusable 1s" for gaps,
// to the second: after a restart a replay knows places no better.
func brief(all []attribution.Measurement) (out []string) {
	for _, m := range all {
		from, to := span(m)
		if m.Gap != nil {
			out = append(out, fmt.Sprintf("%s %v", m.Gap.Reason, to.Sub(from).Round(time.Second)))
			continue
		}
		out = append(out, fmt.Sprintf("%v %.4gJ", to.Sub(from).Round(time.Second), float64(m.Window.Energy)))
	}
	return out
}

func TestBatchedCountersAreJoined(t *testing.T) {
	tests := []struct {
		name string
		warm letters
		then letters
		want []string // after what warm alone gives
	}{
		{"one of two reads 0", warm, "0L0L", []string{"2s 2.2J", "2s 2.2J"}},
		{"two of three", warm, "00L00L", []string{"3s 2.3J", "3s 2.3J"}},
		{"none", warm, "LL", []string{"1s 2.1J", "1s 2.1J"}},
		{"a 0 of little work", warm, ".L.l", []string{"2s 2.2J", "2s 0.207J"}},
		{"no work at all", warm, "zL", []string{"1s 0.1J", "1s 2.1J"}},
		{"all rails", "bBbBbBbBbBbBbBbB", "bBbbB", []string{"2s 4J", "3s 4J"}},
		{"the rails take turns", "cgcgcgcgcgcgcgcgcg", "cgcg", []string{"2s 4J", "2s 4J"}},
		{"one rail later than the other", "bBbBbBbBbBbBbBbB", "bgB", []string{"3s 6J"}},
		{"0 for as long as is waited", warm, "00000L", []string{"6s 2.6J"}},
		{"0 for longer", warm, "0000000L", []string{"unusable 6s", "2s 2.2J"}},
		{"so little work may take nothing", warm, ".......L", []string{"6s 0.6J", "2s 2.2J"}},
		{"one 0 among much", "LLLLLLLLLLLLLLLL", "0L", []string{"unusable 1s", "1s 2.1J"}},
		{"zeros now and then", "0LL0LLLLL0L0LLL0LLLLL0L", "0L", []string{"unusable 1s", "1s 2.1J"}},
		{"as many zeros, but without order", "0L0L0LLL0L0L0LLL0L", "0L", []string{"unusable 1s", "1s 2.1J"}},
		{"zeros for good", "LLLL0000000000000000", "000", []string{"unusable 1s", "unusable 1s", "unusable 1s"}},
		{"zeros from the start", "00000000000000000000", "0L", []string{"unusable 1s", "1s 2.1J"}},
		{"it is over", warm + "LLLLLLLLLLLLLLLLLLLL", "0L", []string{"unusable 1s", "1s 2.1J"}},
		{"it is not over while the machine idles", warm + "llllllllllllllllllll.l.l.l.l.l.l.l.l.l.l", "0L", []string{"2s 2.2J"}},
		{"another flaw meanwhile", warm, "0iL", []string{"unusable 1s", "unusable 1s", "1s 2.1J"}},
		{"a rail is missing meanwhile", warm, "0nL", []string{"unusable 1s", "unusable 1s", "1s 2.1J"}},
		{"the GPU, which is not batched, reads 0", warm, "0gL", []string{"unusable 1s", "unusable 1s", "1s 2.1J"}},
		{"a lost document meanwhile", warm, "0xL", []string{"unusable 1s", "bad_document 1s", "1s 2.1J"}},
		{"sleep meanwhile", warm, "00sL0L", []string{"unusable 2s", "sleep 1h0m0s", "1s 2.1J", "2s 2.2J"}},
		{"little work, and sleep", warm, ".sL", []string{"unusable 1s", "sleep 1h0m0s", "1s 2.1J"}},
		{"a restart meanwhile", warm, "0r0L", []string{"unusable 1s", "powermetrics 10s", "2s 2.2J"}},
		{"a restart that took no time", warm, "0RL0L", []string{"unusable 1s", "1s 2.1J", "2s 2.2J"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := brief(tt.warm.live())
			got := brief((tt.warm + tt.then).live())
			if diff := cmp.Diff(append(before, tt.want...), got); diff != "" {
				t.Errorf("live (-want +got):\n%s", diff)
			}
			stream, _ := (tt.warm + tt.then).recording()
			again, _ := replay(t, stream)
			if diff := cmp.Diff(got, brief(again)); diff != "" {
				t.Errorf("replay (-live +replay):\n%s", diff)
			}
		})
	}
}

// TestHeldAtTheEnd ends a stream while samples are held. A recording has nothing
// behind it; live, their time is told with what follows.
func TestHeldAtTheEnd(t *testing.T) {
	for _, then := range []letters{"0", "00", ".", ".0"} {
		stream, _ := (warm + then).recording()
		all, counts := replay(t, stream)
		got := brief(all)
		want := fmt.Sprintf("unusable %ds", len(then))
		if last := got[len(got)-1]; last != want {
			t.Errorf("%q: the recording ends with %s, want %s", then, last, want)
		}
		if n := counts.Results[powermetrics.ResultUnusable]; n != 7+int64(len(then)) || counts.Flaws[powermetrics.FlawCPUZero] != n {
			t.Errorf("%q: %v of flaws %v", then, counts.Results, counts.Flaws)
		}
		if live, before := len((warm + then).live()), len(warm.live()); live != before {
			t.Errorf("%q: %d measurements live, want the %d before", then, live, before)
		}
	}
}

// TestBusyTimesAreJoined compares a window with the sum of its samples.
func TestBusyTimesAreJoined(t *testing.T) {
	_, docs := (warm + "00L").recording()
	all := (warm + "00L").live()
	got := all[len(all)-1].Window
	want := &attribution.Window{Start: docs[16].start, End: docs[18].end, Scope: attribution.ScopeSoC, Energy: 2.3}
	want.CPU = attribution.Rail{Energy: 2, Known: true, Busy: 3 * 750 * time.Millisecond, BusyKnown: true}
	want.GPU = attribution.Rail{Energy: 0.3, Known: true, Busy: 3 * 100 * time.Millisecond, BusyKnown: true}
	want.ANE.Known = true
	if diff := cmp.Diff(want, got, closeJoules()); diff != "" {
		t.Errorf("window (-want +got):\n%s", diff)
	}
}

func closeJoules() cmp.Option {
	return cmp.Comparer(func(a, b energy.Joules) bool { return math.Abs(float64(a-b)) < 1e-9 })
}

func TestBusyTimeOfAPartIsUnknown(t *testing.T) {
	all := (warm + "0u").live()
	if w := all[len(all)-1].Window; w.GPU.BusyKnown || !w.CPU.BusyKnown || w.CPU.Busy != 1500*time.Millisecond {
		t.Errorf("GPU busy for %v, known %v; CPU for %v, known %v", w.GPU.Busy, w.GPU.BusyKnown, w.CPU.Busy, w.CPU.BusyKnown)
	}
}

// TestRailThatComesIsNotJoined holds a sample without the ANE: what it drew then
// is unknown, so no sum can be told with a sample that has it.
func TestRailThatComesIsNotJoined(t *testing.T) {
	got := brief(letters("aAaAaAaAaAaAaAaAa0L").live())
	if diff := cmp.Diff([]string{"unusable 1s", "2s 2.2J"}, got[len(got)-2:]); diff != "" {
		t.Errorf("measurements (-want +got):\n%s", diff)
	}
}

// TestUseIsJoined replays tasks' use.
func TestUseIsJoined(t *testing.T) {
	server := func(name string, d time.Duration) attribution.ServerUse {
		return attribution.ServerUse{Server: name, Use: attribution.Use{CPU: d, GPU: 2 * d, CPUEnergy: 1}}
	}
	uses := map[int]*attribution.Usage{
		16: {Servers: []attribution.ServerUse{server("b", 1)}, GPUKnown: true, CPUEnergyKnown: true, Others: attribution.Use{CPU: 5, GPU: 6}},
		17: {Servers: []attribution.ServerUse{server("a", 10), server("b", 100)}, GPUKnown: true, Others: attribution.Use{CPU: 50, GPU: 60}},
		18: {GPUKnown: true},
		20: {Servers: []attribution.ServerUse{server("b", 1)}}, 21: {Servers: []attribution.ServerUse{server("b", 2)}},
	}
	stream, _ := (warm + "0L0L0L").recording()
	n := -1
	var got []*attribution.Usage
	if _, err := powermetrics.ReplayTasks(strings.NewReader(stream), func(*powermetrics.Sample) *attribution.Usage { n++; return uses[n] }, func(m attribution.Measurement) error {
		if m.Window != nil && m.Window.End.Sub(m.Window.Start) > time.Second {
			got = append(got, m.Window.Usage)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []*attribution.Usage{nil, {
		Servers:  []attribution.ServerUse{{Server: "a", Use: attribution.Use{CPU: 10, GPU: 20}}, {Server: "b", Use: attribution.Use{CPU: 101, GPU: 202}}},
		GPUKnown: true, Others: attribution.Use{CPU: 55, GPU: 66},
	}, nil, {Servers: []attribution.ServerUse{{Server: "b", Use: attribution.Use{CPU: 3}}}}}
	if own := uses[20].Servers[0].Use; own != server("b", 1).Use {
		t.Errorf("a sample's own use was changed to %v", own)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("usage of joined windows (-want +got):\n%s", diff)
	}
}
