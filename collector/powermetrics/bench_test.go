package powermetrics_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"howett.net/plist"

	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// BenchmarkDecode decodes one document of a show-all recording (some 440 kB)
// and one that is made here, so that the benchmark runs everywhere.
func BenchmarkDecode(b *testing.B) {
	b.Run("made", func(b *testing.B) { benchmark(b, madeDocument(450)) })
	b.Run("recorded", func(b *testing.B) {
		file := filepath.Join(capturesDir(b), "plist", "m1pro_macos15.3_24D81_show-all_i1000_x5.plist")
		docs := bytes.Split(readFile(b, file), []byte{0})
		benchmark(b, bytes.TrimSpace(docs[1]))
	})
	b.Run("default", func(b *testing.B) { benchmark(b, madeDocument(0)) })
}

func benchmark(b *testing.B, doc []byte) {
	b.Run("sovmeter", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		d := powermetrics.NewDecoder(&loop{doc: doc})
		var s powermetrics.Sample
		for b.Loop() {
			if err := d.Next(&s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("howett", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			var top map[string]any
			if _, err := plist.Unmarshal(doc, &top); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkTaskMeter splits the 600 tasks of one sample, in 90 coalitions.
func BenchmarkTaskMeter(b *testing.B) {
	s := powermetrics.Sample{Elapsed: time.Second, IsDelta: true}
	for i := range 90 {
		s.Coalitions = append(s.Coalitions, powermetrics.Coalition{ID: int64(i), Name: fmt.Sprintf("com.example.app%d", i)})
	}
	for i := range 600 {
		s.Tasks = append(s.Tasks, powermetrics.Task{
			PID: int64(i + 2), Name: fmt.Sprintf("process %d", i), Coalition: i % 90,
			Use: powermetrics.Use{CPU: time.Millisecond, CPUKnown: true},
		})
	}
	s.Tasks[17].Name = "llama-server"
	m := powermetrics.NewTaskMeter("srv", named{names: []string{"llama-server", "ollama", "LM Studio", "LM Studio Helper"}})
	b.ReportAllocs()
	for b.Loop() {
		if m.Use(&s) == nil {
			b.Fatal("no use")
		}
	}
}

// loop is an endless stream of the same document, read as a pipe gives it.
type loop struct {
	doc []byte
	at  int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), 64<<10)], l.doc[l.at:])
	l.at = (l.at + n) % len(l.doc)
	return n, nil
}

// madeDocument writes a document of the tool's layout with the given number of
// tasks, each with the rows that the real one prints per task.
func madeDocument(tasks int) []byte {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n")
	b.WriteString("<key>is_delta</key><true/>\n<key>elapsed_ns</key><integer>1012345678</integer>\n<key>hw_model</key><string>Mac16,8</string>\n")
	b.WriteString("<key>kern_osversion</key><string>24F74</string>\n<key>kern_bootargs</key><string></string>\n<key>kern_boottime</key><integer>1749599892</integer>\n<key>timestamp</key><date>2025-07-06T04:15:28Z</date>\n")
	if tasks > 0 {
		b.WriteString("<key>tasks</key>\n<array>\n")
		for i := range tasks {
			fmt.Fprintf(&b, "<dict>\n<key>pid</key><integer>%d</integer>\n<key>name</key><string>process %d</string>\n<key>cputime_ns</key><integer>%d</integer>\n", i, i%120, i*1000)
			for k := range 16 {
				fmt.Fprintf(&b, "<key>qos_tier_%d_ms_per_s</key><real>%g</real>\n", k, float64(i*k)/7)
			}
			b.WriteString("</dict>\n")
		}
		b.WriteString("</array>\n")
	}
	b.WriteString("<key>processor</key>\n<dict>\n<key>clusters</key>\n<array>\n")
	for c := range 3 {
		fmt.Fprintf(&b, "<dict>\n<key>name</key><string>P%d-Cluster</string>\n<key>idle_ratio</key><real>0.5</real>\n<key>cpus</key>\n<array>\n", c)
		for p := range 4 {
			fmt.Fprintf(&b, "<dict>\n<key>cpu</key><integer>%d</integer>\n<key>idle_ratio</key><real>0.%d</real>\n<key>down_ratio</key><real>0</real>\n<key>dvfm_states</key>\n<array>\n", c*4+p, 80+p)
			for f := range 18 {
				fmt.Fprintf(&b, "<dict>\n<key>freq</key><integer>%d</integer>\n<key>used_ns</key><integer>%d</integer>\n<key>used_ratio</key><real>0.0641342</real>\n</dict>\n", 600+f*100, f*12345)
			}
			b.WriteString("</array>\n</dict>\n")
		}
		b.WriteString("</array>\n</dict>\n")
	}
	b.WriteString("</array>\n<key>cpu_energy</key>\n<integer>1465</integer>\n<key>gpu_energy</key>\n<integer>27</integer>\n<key>ane_energy</key>\n<integer>0</integer>\n</dict>\n")
	b.WriteString("<key>thermal_pressure</key><string>Nominal</string>\n<key>gpu</key>\n<dict>\n<key>idle_ratio</key><real>0.9</real>\n<key>idle_ratio</key><real>0.9</real>\n<key>gpu_energy</key><integer>28</integer>\n</dict>\n</dict>\n</plist>\n")
	return []byte(b.String())
}
