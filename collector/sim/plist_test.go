package sim_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"howett.net/plist"

	"github.com/sovmeter/sovmeter/collector/sim"
)

// printed is what an independent reader finds in a document.
type printed struct {
	Delta     bool      `plist:"is_delta"`
	Elapsed   int64     `plist:"elapsed_ns"`
	Model     string    `plist:"hw_model"`
	Build     string    `plist:"kern_osversion"`
	Boot      int64     `plist:"kern_boottime"`
	Timestamp time.Time `plist:"timestamp"`
	Thermal   string    `plist:"thermal_pressure"`
	Processor struct {
		Clusters []residency `plist:"clusters"`
		CPU      int64       `plist:"cpu_energy"`
		GPU      int64       `plist:"gpu_energy"`
		ANE      int64       `plist:"ane_energy"`
		Combined float64     `plist:"combined_power"`
	} `plist:"processor"`
	GPU residency `plist:"gpu"`
}

// residency is how long a unit was in each state: a cluster, a CPU or the GPU.
type residency struct {
	Name      string      `plist:"name"`       // of a cluster
	CPUs      []residency `plist:"cpus"`       // of a cluster
	Energy    int64       `plist:"gpu_energy"` // of the GPU
	Idle      int64       `plist:"idle_ns"`
	IdleRatio float64     `plist:"idle_ratio"`
	Down      int64       `plist:"down_ns"`
	DownRatio float64     `plist:"down_ratio"`
	States    []struct {
		Used      int64   `plist:"used_ns"`
		UsedRatio float64 `plist:"used_ratio"`
	} `plist:"dvfm_states"`
}

// used is how long the unit was active.
func (r residency) used() time.Duration {
	n := int64(0)
	for _, s := range r.States {
		n += s.Used
	}
	return time.Duration(n)
}

// check wants the states to fill the window.
func (r residency) check(t *testing.T, what string, elapsed int64) {
	t.Helper()
	if got := r.Idle + r.Down + int64(r.used()); got != elapsed {
		t.Errorf("%s: states last %d ns, the window %d", what, got, elapsed)
	}
	if r.Idle < 0 || r.Down < 0 || r.used() < 0 {
		t.Errorf("%s: a state lasts less than nothing: %+v", what, r)
	}
	ratio := r.IdleRatio + r.DownRatio
	for _, s := range r.States {
		ratio += s.UsedRatio
	}
	if math.Abs(ratio-1) > 1e-5 {
		t.Errorf("%s: ratios sum to %v", what, ratio)
	}
}

// documents splits a stream and reads each document.
func documents(t *testing.T, stream []byte) []printed {
	t.Helper()
	var all []printed
	for i, doc := range bytes.SplitAfter(bytes.TrimSpace(stream), []byte("</plist>")) {
		doc = bytes.Trim(doc, "\n\x00")
		if len(doc) == 0 {
			continue
		}
		var p printed
		if _, err := plist.Unmarshal(doc, &p); err != nil {
			t.Fatalf("document %d: %v", i, err)
		}
		all = append(all, p)
	}
	return all
}

func TestDocuments(t *testing.T) {
	s := rough(5)
	s.Length = 6 * time.Minute
	s.Outages = []sim.Outage{{Kind: sim.SensorDown, At: 3 * time.Minute, For: 20 * time.Second}}
	s.Sensor.Noise = 0
	r := run(t, s)
	docs := documents(t, r.power.Bytes())
	if len(docs) < 300 || len(docs) != len(r.ends) {
		t.Fatalf("%d documents in %d writes, want over 300", len(docs), len(r.ends))
	}
	var mj, gpu, again int64
	differ := 0
	for i, d := range docs {
		checkDocument(t, i, d, r.ends[i])
		mj += d.Processor.CPU + d.Processor.GPU + d.Processor.ANE
		gpu += d.Processor.GPU
		again += d.GPU.Energy
		if d.GPU.Energy != d.Processor.GPU {
			differ++
		}
	}
	if got := r.mac.Totals().Printed; math.Abs(float64(got)-float64(mj)/1e3) > 1e-6 {
		t.Errorf("documents sum to %v J, Printed says %v J", float64(mj)/1e3, float64(got))
	}
	if d := again - gpu; d < 0 || d > 200 {
		t.Errorf("the two reads of the gpu rail are %d mJ apart over the whole stream, want 0 to 200", d)
	}
	if differ < len(docs)/20 {
		t.Errorf("the two reads of the gpu rail differ in %d of %d documents", differ, len(docs))
	}
}

// checkDocument holds one document against its own arithmetic.
func checkDocument(t *testing.T, i int, d printed, end time.Time) {
	t.Helper()
	if !d.Delta || d.Model != "Mac16,11" || d.Build != "24F74" || d.Thermal == "" || d.Boot == 0 {
		t.Fatalf("document %d: head %+v", i, d)
	}
	if !d.Timestamp.Equal(end.Truncate(time.Second)) {
		t.Errorf("document %d: timestamp %v, want the whole seconds of %v", i, d.Timestamp, end)
	}
	if d.Elapsed < 1005e6 || d.Elapsed > 1030e6 {
		t.Errorf("document %d: %d ns, want 1.005 to 1.03 s", i, d.Elapsed)
	}
	want := float64(d.Processor.CPU+d.Processor.GPU+d.Processor.ANE) / (float64(d.Elapsed) / 1e9)
	if math.Abs(d.Processor.Combined-want) > 1e-5*want {
		t.Errorf("document %d: combined power %v mW, want %v", i, d.Processor.Combined, want)
	}
	d.GPU.check(t, "gpu", d.Elapsed)
	for _, c := range d.Processor.Clusters {
		c.check(t, c.Name, d.Elapsed)
		for _, cpu := range c.CPUs {
			cpu.check(t, c.Name, d.Elapsed)
		}
	}
}

func TestDocumentHasItsQuirks(t *testing.T) {
	s := plain()
	r := run(t, s)
	stream := r.power.Bytes()
	if bytes.HasPrefix(stream, []byte{0}) || bytes.HasSuffix(stream, []byte{0}) {
		t.Error("a NUL stands before the first document or after the last")
	}
	first, _, _ := bytes.Cut(stream, []byte{0})
	if !bytes.HasSuffix(first, []byte("</dict>\n</plist>\n")) {
		t.Errorf("a document ends with %q", first[len(first)-40:])
	}
	gpu := first[bytes.Index(first, []byte("<key>gpu</key>")):]
	for _, key := range []string{"<key>idle_ratio</key>", "<key>idle_ns</key>"} {
		if n := bytes.Count(gpu, []byte(key)); n != 2 {
			t.Errorf("%s stands %d times in gpu, want twice as on macOS 13 to 15", key, n)
		}
	}
	if !bytes.Contains(first, []byte("<key>cpu_energy</key>\n<integer>")) {
		t.Error("cpu_energy and its value are not on two lines")
	}
	if len(first) < 4000 || len(first) > 9000 {
		t.Errorf("a document has %d bytes", len(first))
	}
}

func TestThermalPressureRisesWhenThrottled(t *testing.T) {
	s := plain()
	s.Chip.MaxWatts = 5
	s.Servers[0].Traffic = []sim.Source{asks(10, 100, 30*time.Second)}
	r := run(t, s)
	seen := map[string]int{}
	for _, d := range documents(t, r.power.Bytes()) {
		seen[d.Thermal]++
	}
	if seen["Moderate"] < 15 || seen["Moderate"] > 30 || seen["Nominal"] < 100 {
		t.Errorf("thermal pressure %v, want Moderate while the request runs and Nominal else", seen)
	}
}

func TestRoundingIsCarried(t *testing.T) {
	s := rough(8)
	s.Sensor.Noise = 0
	s.Length = 4 * time.Minute
	s.Outages = nil
	r := record(t, s)
	var printedMJ int64
	seen := 0
	for r.mac.Now().Before(s.Start.Add(s.Length)) {
		if err := r.mac.AdvanceTo(r.mac.Now().Add(40 * time.Second)); err != nil {
			t.Fatal(err)
		}
		docs := documents(t, bytes.TrimPrefix(r.power.Bytes(), []byte{0}))
		for _, d := range docs {
			printedMJ += d.Processor.CPU + d.Processor.GPU + d.Processor.ANE
		}
		seen += len(docs)
		r.power.Reset()
		drawn := float64(r.mac.Totals().Measured.Sum())
		if off := drawn - float64(printedMJ)/1e3; off < -1e-6 || off > 3e-3 {
			t.Fatalf("after %d documents the rounding is %v J off, want 0 to 3 mJ", seen, off)
		}
	}
	if seen < 200 {
		t.Errorf("only %d documents", seen)
	}
}
