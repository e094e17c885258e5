package powermetrics_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"howett.net/plist"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// decodeAll decodes a whole stream. It fails the test on anything skipped.
func decodeAll(tb testing.TB, r io.Reader) []powermetrics.Sample {
	tb.Helper()
	samples, errs := decode(tb, r)
	for _, err := range errs {
		tb.Errorf("decode: %v", err)
	}
	return samples
}

// decode decodes a whole stream and returns what was skipped beside the samples.
func decode(tb testing.TB, r io.Reader) (samples []powermetrics.Sample, skipped []*powermetrics.DocumentError) {
	tb.Helper()
	d := powermetrics.NewDecoder(r)
	for {
		var s powermetrics.Sample // a fresh one each time: samples are kept
		err := d.Next(&s)
		var doc *powermetrics.DocumentError
		switch {
		case err == nil:
			samples = append(samples, s)
		case errors.As(err, &doc):
			skipped = append(skipped, doc)
		case err == io.EOF:
			return samples, skipped
		default:
			tb.Fatalf("decode: %v", err)
		}
	}
}

// TestOracle compares every value of every document with what a general plist
// library reads.
func TestOracle(t *testing.T) {
	for _, file := range captures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data := readFile(t, file)
			got := decodeAll(t, bytes.NewReader(data))
			var want []powermetrics.Sample
			for _, doc := range bytes.Split(data, []byte{0}) {
				want = append(want, oracle(t, doc))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("samples (-oracle +got):\n%s", diff)
			}
		})
	}
}

type dict = map[string]any

func oracle(tb testing.TB, doc []byte) powermetrics.Sample {
	tb.Helper()
	var top dict
	if _, err := plist.Unmarshal(bytes.TrimSpace(doc), &top); err != nil {
		tb.Fatalf("oracle: %v", err)
	}
	s := powermetrics.Sample{
		Elapsed:   time.Duration(whole(top["elapsed_ns"])),
		Timestamp: top["timestamp"].(time.Time).UTC(),
		BootTime:  time.Unix(whole(top["kern_boottime"]), 0).UTC(),
		HWModel:   top["hw_model"].(string),
		OSBuild:   top["kern_osversion"].(string),
		IsDelta:   top["is_delta"].(bool),
	}
	s.Thermal, _ = top["thermal_pressure"].(string)
	processor, _ := top["processor"].(dict)
	gpu, _ := top["gpu"].(dict)
	s.CPU, s.GPU, s.ANE = rail(processor, "cpu_energy"), rail(processor, "gpu_energy"), rail(processor, "ane_energy")
	if !s.GPU.Known {
		s.GPU = rail(gpu, "gpu_energy")
	}
	if idle := ratio(gpu, "idle_ratio"); idle.Known {
		s.GPU.Busy, s.GPU.BusyKnown = share(s.Elapsed, 1-idle.Value), true
	}
	oracleCPUs(&s, processor)
	_, hasTasks := top["tasks"]
	_, hasCoalitions := top["coalitions"]
	s.HasTasks = hasTasks || hasCoalitions
	oracleTasks(&s, top, -1)
	coalitions, _ := top["coalitions"].([]any)
	for i, c := range coalitions {
		c := c.(dict)
		s.Coalitions = append(s.Coalitions, powermetrics.Coalition{ID: whole(c["id"]), Name: c["name"].(string), Use: use(c)})
		oracleTasks(&s, c, i)
	}
	if !s.CPU.Known && !s.GPU.Known && !s.ANE.Known {
		s.Flaw = powermetrics.FlawNoRail
	}
	return s
}

func oracleCPUs(s *powermetrics.Sample, processor dict) {
	clusters, _ := processor["clusters"].([]any)
	for _, c := range clusters {
		c := c.(dict)
		out := powermetrics.Cluster{Name: c["name"].(string), Idle: ratio(c, "idle_ratio")}
		for _, p := range c["cpus"].([]any) {
			p := p.(dict)
			cpu := powermetrics.CPU{ID: whole(p["cpu"]), Idle: ratio(p, "idle_ratio"), Down: ratio(p, "down_ratio")}
			out.CPUs = append(out.CPUs, cpu)
			busy := 1 - cpu.Idle.Value - cpu.Down.Value
			s.CPU.Busy += share(s.Elapsed, min(max(busy, 0), 1))
			s.CPU.BusyKnown = true
		}
		s.Clusters = append(s.Clusters, out)
	}
}

func oracleTasks(s *powermetrics.Sample, in dict, coalition int) {
	tasks, _ := in["tasks"].([]any)
	for _, t := range tasks {
		t := t.(dict)
		s.Tasks = append(s.Tasks, powermetrics.Task{PID: whole(t["pid"]), Name: t["name"].(string), Coalition: coalition, Use: use(t)})
	}
}

func use(d dict) (u powermetrics.Use) {
	if v, ok := d["cputime_ns"]; ok {
		u.CPU, u.CPUKnown = time.Duration(whole(v)), true
	}
	if v, ok := d["gputime_ns"]; ok {
		u.GPU, u.GPUKnown = time.Duration(whole(v)), true
	}
	return u
}

func rail(d dict, key string) attribution.Rail {
	v, ok := d[key]
	if !ok {
		return attribution.Rail{}
	}
	return attribution.Rail{Energy: energy.FromMillijoules(whole(v)), Known: true}
}

func ratio(d dict, key string) powermetrics.Ratio {
	v, ok := d[key].(float64)
	return powermetrics.Ratio{Value: v, Known: ok && !math.IsNaN(v)}
}

func share(d time.Duration, r float64) time.Duration {
	return time.Duration(math.Round(r * float64(d)))
}

func whole(v any) int64 {
	switch n := v.(type) {
	case uint64:
		return int64(n)
	case int64:
		return n
	}
	return 0
}
