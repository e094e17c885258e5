package powermetrics_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// total sums up a recording.
type total struct {
	Samples       int
	Elapsed       time.Duration
	CPU, GPU, ANE int64 // mJ
	Tasks         int
	TaskCPU       time.Duration
}

// TestTotals compares each recording with totals that were made apart from this
// code, with Python's plistlib.
func TestTotals(t *testing.T) {
	want := map[string]total{
		"m3max_macos26.5_25F84_cpu-gpu-ane-thermal_i100_reduced.plist": {1, 111798833, 16, 0, 0, 0, 0},
		"m1_macos13.3_22E252_cpu-gpu-thermal_2s.plist":                 {1, 2019178750, 89, 31, 0, 0, 0},
		"m1_macos13.3_22E252_cpu-gpu-thermal_500ms.plist":              {1, 525992374, 54, 10, 0, 0, 0},
		"m1pro_macos14.7_23H311_tasks-coalition_i99_x29.plist":         {29, 4037661364, 9586, 790, 0, 846, 8929228592},
		"m1pro_macos15.3_24D81_show-all_i1000_x5.plist":                {5, 5163172830, 1774, 132, 0, 533, 6202451396},
		"m4pro_macos15.5_24F74_battery_1s_x1.plist":                    {1, 1002058208, 0, 0, 0, 0, 0},
		"m4pro_macos15.5_24F74_battery_1s_x3.plist":                    {3, 3007465083, 0, 0, 0, 0, 0},
		"m4pro_macos15.5_24F74_gpu_power_5s_x1.plist":                  {1, 5005449083, 0, 9, 0, 0, 0},
	}
	for _, file := range captures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var got total
			for _, s := range decodeAll(t, bytes.NewReader(readFile(t, file))) {
				got.Samples++
				got.Elapsed += s.Elapsed
				got.CPU += millijoules(s.CPU.Energy)
				got.GPU += millijoules(s.GPU.Energy)
				got.ANE += millijoules(s.ANE.Energy)
				got.Tasks += len(s.Tasks)
				for _, task := range s.Tasks {
					got.TaskCPU += task.CPU
				}
			}
			if diff := cmp.Diff(want[filepath.Base(file)], got); diff != "" {
				t.Errorf("totals (-plistlib +got):\n%s", diff)
			}
		})
	}
}

// millijoules turns the joules back into the integer that was printed.
func millijoules(j energy.Joules) int64 { return int64(j*1e3 + 0.5) }

// TestAnyCut feeds each recording again in other pieces.
func TestAnyCut(t *testing.T) {
	for _, file := range captures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data := readFile(t, file)
			want := decodeAll(t, bytes.NewReader(data))
			for seed := range uint64(4) {
				if diff := cmp.Diff(want, decodeAll(t, randomCuts(data, seed))); diff != "" {
					t.Fatalf("cuts of seed %d (-whole +cut):\n%s", seed, diff)
				}
			}
			data = data[:min(len(data), 200<<10)] // more takes long and shows nothing new
			want, _ = decode(t, bytes.NewReader(data))
			got, _ := decode(t, iotest.OneByteReader(bytes.NewReader(data)))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("byte by byte (-whole +cut):\n%s", diff)
			}
		})
	}
}

// TestReuse decodes a recording into one Sample again and again: nothing of an
// earlier document may shine through.
func TestReuse(t *testing.T) {
	for _, file := range captures(t) {
		data := readFile(t, file)
		want := decodeAll(t, bytes.NewReader(data))
		d := powermetrics.NewDecoder(bytes.NewReader(append(madeDocument(30), data...)))
		var s powermetrics.Sample
		if err := d.Next(&s); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if err := d.Next(&s); err != nil {
				t.Fatalf("%s: document %d: %v", filepath.Base(file), i, err)
			}
			if diff := cmp.Diff(want[i], s, emptyIsNil()); diff != "" {
				t.Fatalf("%s: document %d (-fresh +reused):\n%s", filepath.Base(file), i, diff)
			}
		}
	}
}

func TestReuseOfCluster(t *testing.T) {
	bare := usual()
	bare.idle = []string{"0.5"}
	text := bare.String()
	from, to := strings.Index(text, "<key>cpus</key>"), strings.Index(text, "</array>")+len("</array>")
	d := powermetrics.NewDecoder(strings.NewReader(usual().String() + text[:from] + text[to:]))
	var s powermetrics.Sample
	for range 2 {
		if err := d.Next(&s); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.Clusters) != 1 || len(s.Clusters[0].CPUs) != 0 || s.CPU.BusyKnown {
		t.Errorf("clusters %+v: the CPUs of the document before shine through", s.Clusters)
	}
}
