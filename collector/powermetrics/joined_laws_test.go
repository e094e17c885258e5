package powermetrics_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// TestRandomZerosAreNotBatches loses one sample in ten for two days.
func TestRandomZerosAreNotBatches(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	zero := letters("0").document('0', origin)
	zero.stamp = time.Time{}
	full := zero
	full.cpu = "2000"
	var samples [2]powermetrics.Sample
	for i, d := range []doc{zero, full} {
		if err := powermetrics.NewDecoder(strings.NewReader(d.String())).Next(&samples[i]); err != nil {
			t.Fatal(err)
		}
	}
	line := powermetrics.NewTimeline(time.Second)
	joined, lost := 0, 0
	for i := range 2 * 86400 {
		s := &samples[1]
		if random.IntN(10) == 0 {
			s = &samples[0]
			lost++
		}
		for _, m := range line.Add(s, origin.Add(time.Duration(i+1)*time.Second)) {
			if from, to := span(m); to.Sub(from) > time.Second {
				joined++
			}
		}
	}
	if joined > 0 || lost < 15000 {
		t.Errorf("%d windows joined, %d samples lost", joined, lost)
	}
}

// TestJoiningLaws draws streams of anything. Whatever happens, measurements are
// contiguous, each window holds exactly the energy and the busy time of the
// samples in it, and nothing is held for more than six samples.
func TestJoiningLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := warm
		for range rapid.IntRange(1, 6).Draw(t, "parts") {
			switch {
			case rapid.Bool().Draw(t, "batches"):
				l += letters(strings.Repeat(rapid.SampledFrom([]string{"0L", "00L", "bB", ".l"}).Draw(t, "batch"), rapid.IntRange(1, 12).Draw(t, "times")))
			default:
				l += letters(rapid.StringOfN(rapid.RuneFrom([]rune("00LL..lgbBnirRsx")), 1, 40, -1).Draw(t, "letters"))
			}
		}
		l += "L" // whatever was held is told by now
		stream, docs := l.recording()
		live := l.live()
		checkJoined(t, live, docs)
		var again []attribution.Measurement
		counts, err := powermetrics.Replay(strings.NewReader(stream), func(m attribution.Measurement) error {
			again = append(again, m)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(windows(live), windows(again), closeJoules()); diff != "" {
			t.Fatalf("windows (-live +replay):\n%s", diff)
		}
		lost, sum := int64(0), int64(0)
		for _, d := range docs {
			if d.lost {
				lost++
			}
		}
		for _, n := range counts.Results {
			sum += n
		}
		if sum != int64(len(docs)) || counts.Results[powermetrics.ResultBadDocument] != lost {
			t.Fatalf("%d documents counted as %v", len(docs), counts.Results)
		}
	})
}

// windows leaves out gaps, and where the windows lie.
func windows(all []attribution.Measurement) (out []attribution.Window) {
	for _, m := range all {
		if m.Window != nil {
			w := *m.Window
			w.Start, w.End = time.Time{}, time.Time{}
			out = append(out, w)
		}
	}
	return out
}

// checkJoined holds measurements against the documents they are made of.
func checkJoined(t *rapid.T, all []attribution.Measurement, docs []placed) {
	next := 0
	for i, m := range all {
		from, to := span(m)
		if _, end := span(all[max(i-1, 0)]); i > 0 && !from.Equal(end) || !from.Before(to) {
			t.Fatalf("measurement %d is [%v, %v), the one before ended at %v", i, from, to, end)
		}
		var cpu, gpu energy.Joules
		var busy time.Duration
		first := next
		for ; next < len(docs) && !docs[next].end.After(to); next++ {
			cpu, gpu, busy = cpu+docs[next].CPU.Energy, gpu+docs[next].GPU.Energy, busy+docs[next].CPU.Busy
			if m.Window != nil && docs[next].lost {
				t.Fatalf("window %d is a document that cannot be used", i)
			}
		}
		if next-first > 6 && (m.Gap == nil || m.Gap.Reason == attribution.GapUnusable) {
			t.Fatalf("measurement %d holds %d samples", i, next-first)
		}
		if m.Gap != nil {
			continue
		}
		w := m.Window
		if math.Abs(float64(w.CPU.Energy-cpu)) > 1e-9 || math.Abs(float64(w.GPU.Energy-gpu)) > 1e-9 || math.Abs(float64(w.Energy-cpu-gpu)) > 1e-9 || w.CPU.Busy != busy {
			t.Fatalf("window %d holds %v, %v and %v, its %d samples %v, %v and %v", i, w.CPU, w.GPU, w.Energy, next-first, cpu, gpu, busy)
		}
	}
	if next != len(docs) {
		t.Fatalf("%d of %d documents told", next, len(docs))
	}
}
