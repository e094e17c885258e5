package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// taskedMac is a simulated machine whose powermetrics lists processes: its
// server, called llama-server, and a compiler.
type taskedMac struct {
	recordedMac
	totals sim.Totals
}

// recordTasks records ten minutes, with a compile job from the fifth on and two
// requests. gpu: the rows have GPU times.
func recordTasks(t *testing.T, gpu bool) taskedMac {
	t.Helper()
	s := sim.Live()
	s.Length, s.Servers[0].Runs = 10*time.Minute, s.Servers[0].Runs[:1]
	s.Servers[0].Traffic[0].At = []time.Duration{20 * time.Second, 4*time.Minute + 10*time.Second}
	var log bytes.Buffer
	power := &documentWriter{}
	mac, err := sim.New(s, sim.Streams{Power: power, Logs: map[string]io.Writer{"llama": &log}, Clock: power.clock})
	if err != nil {
		t.Fatal(err)
	}
	if err := mac.Run(); err != nil {
		t.Fatal(err)
	}
	var stream []byte
	for i, doc := range power.docs {
		from := s.Start
		if i > 0 {
			from = power.ends[i-1]
		}
		u, ok := mac.Usage(from, power.ends[i])
		if !ok {
			t.Fatalf("document %d: no use known", i)
		}
		stream = append(stream, withTasks(doc, u, gpu)...)
	}
	r := recordedMac{power: filepath.Join(t.TempDir(), "power.plist"), log: filepath.Join(t.TempDir(), "server.log")}
	for path, data := range map[string][]byte{r.power: stream, r.log: log.Bytes()} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.started = mac.Runs("llama")[0].Start.Format(time.RFC3339Nano)
	return taskedMac{r, mac.Totals()}
}

// documentWriter keeps each document with the end of its window.
type documentWriter struct {
	now  time.Time
	docs [][]byte
	ends []time.Time
}

func (w *documentWriter) clock(t time.Time) { w.now = t }

func (w *documentWriter) Write(p []byte) (int, error) {
	w.docs, w.ends = append(w.docs, bytes.Clone(p)), append(w.ends, w.now)
	return len(p), nil
}

// withTasks adds what the tasks sampler prints. As there, idle processes are
// not listed.
func withTasks(doc []byte, u attribution.Usage, gpu bool) []byte {
	row := func(pid int, name string, use attribution.Use) string {
		if use.CPU <= 0 {
			return ""
		}
		text := fmt.Sprintf("<dict><key>pid</key><integer>%d</integer><key>name</key><string>%s</string><key>cputime_ns</key><integer>%d</integer>", pid, name, use.CPU)
		if gpu {
			text += fmt.Sprintf("<key>gputime_ns</key><integer>%d</integer>", use.GPU)
		}
		return text + "</dict>\n"
	}
	tasks := row(812, "llama-server", u.Servers[0].Use) + row(900, "clang", u.Others)
	return bytes.Replace(doc, []byte("<key>processor</key>"), []byte("<key>tasks</key><array>\n"+tasks+"</array>\n<key>processor</key>"), 1)
}

// taskedReport is what of a report these tests look at.
type taskedReport struct {
	others, inference, measured float64
	tiers                       map[string]int
	stderr                      string
}

func replayTasks(t *testing.T, r recordedMac, args ...string) taskedReport {
	t.Helper()
	requests := filepath.Join(t.TempDir(), "requests.jsonl")
	args = append([]string{"replay", "--powermetrics", r.power, "--log", r.log, "--requests", requests, "--json"}, args...)
	if r.started != "" {
		args = append(args, "--started", r.started)
	}
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), args, &stdout, &stderr); code != 0 {
		t.Fatalf("replay: code %d: %s", code, stderr.String())
	}
	var report struct {
		Energy struct {
			Measured  float64 `json:"measured_joules"`
			Inference float64 `json:"inference_joules"`
		} `json:"energy"`
		Sinks []struct {
			Name   string  `json:"name"`
			Energy float64 `json:"energy_joules"`
		} `json:"sinks"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	got := taskedReport{inference: report.Energy.Inference, measured: report.Energy.Measured, tiers: map[string]int{}, stderr: stderr.String()}
	for _, s := range report.Sinks {
		if s.Name == "other_processes" {
			got.others = s.Energy
		}
	}
	lines, err := os.ReadFile(requests)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(lines) {
		var q struct{ Tier string }
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		got.tiers[q.Tier]++
	}
	return got
}

func TestReplayTellsOtherProcesses(t *testing.T) {
	mac := recordTasks(t, true)
	got := replayTasks(t, mac.recordedMac)
	want := mac.totals.Measured
	t.Logf("inference %.1f of %.1f J, others %.1f of %.1f J, tiers %v", got.inference, want.Inference(), got.others, want.OtherProcesses, got.tiers)
	if off := math.Abs(got.others/float64(want.OtherProcesses) - 1); off > 0.01 || want.OtherProcesses < 100 {
		t.Errorf("%v J of other processes, there were %v", got.others, want.OtherProcesses)
	}
	if off := math.Abs(got.inference/float64(want.Inference()) - 1); off > 0.01 {
		t.Errorf("%v J of inference, there were %v", got.inference, want.Inference())
	}
	if got.tiers["estimated"] != 0 || got.tiers["measured"] == 0 {
		t.Errorf("tiers %v, want none estimated", got.tiers)
	}
	if !strings.Contains(got.stderr, "\nsovmeter: processes: in ") || !strings.Contains(got.stderr, "the server's in") {
		t.Errorf("stderr does not say what is known of processes:\n%s", got.stderr)
	}
}

// TestReplayOfUnknownServer holds that processes among which the server never
// is change nothing: its use is unknown, not zero.
func TestReplayOfUnknownServer(t *testing.T) {
	mac := recordTasks(t, false)
	got := replayTasks(t, mac.recordedMac, "--process", "Python", "--process", "vllm")
	if !strings.Contains(got.stderr, "but never one named Python, vllm;") {
		t.Errorf("stderr does not say that the server is never listed:\n%s", got.stderr)
	}
	data, err := os.ReadFile(mac.power)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mac.power, bytes.ReplaceAll(data, []byte("<key>tasks</key>"), []byte("<key>notasks</key>")), 0o600); err != nil {
		t.Fatal(err)
	}
	without := replayTasks(t, mac.recordedMac)
	if !strings.Contains(without.stderr, "processes: not recorded") {
		t.Errorf("stderr does not say that there are no tasks:\n%s", without.stderr)
	}
	if got.inference != without.inference || got.others != 0 || without.others != 0 {
		t.Errorf("inference %v J and others %v J with strange tasks; %v J and %v J without any", got.inference, got.others, without.inference, without.others)
	}
}

// TestReplayFromPipe reads a recording that can be read only once.
func TestReplayFromPipe(t *testing.T) {
	mac := recordTasks(t, true)
	want := replayTasks(t, mac.recordedMac)
	data, err := os.ReadFile(mac.power)
	if err != nil {
		t.Fatal(err)
	}
	mac.power = filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(mac.power, 0o600); err != nil {
		t.Skipf("no pipe here: %v", err)
	}
	wrote := make(chan error, 1)
	go func() { wrote <- os.WriteFile(mac.power, data, 0) }()
	got := replayTasks(t, mac.recordedMac)
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	if off := math.Abs(got.inference/want.inference - 1); off > 0.01 || got.others <= 0 {
		t.Errorf("inference %v J, others %v J; from a file %v J and %v J", got.inference, got.others, want.inference, want.others)
	}
}

// TestReplayOfRealTasks takes an application on a real Mac for the server.
func TestReplayOfRealTasks(t *testing.T) {
	power := filepath.Join("..", "..", "..", "shared", "captures", "powermetrics", "plist", "m1pro_macos15.3_24D81_show-all_i1000_x5.plist")
	if _, err := os.Stat(power); err != nil {
		t.Skipf("no powermetrics recording with tasks: %v", err)
	}
	log := filepath.Join(t.TempDir(), "log.jsonl")
	line := `{"id":"1","start":"2025-03-24T16:57:20.5Z","end":"2025-03-24T16:57:24.4Z","outcome":"ok"}` + "\n"
	if err := os.WriteFile(log, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	mac := recordedMac{power: power, log: log}
	got := replayTasks(t, mac, "--process", "WindowServer")
	if !strings.Contains(got.stderr, "processes: in 5 of 5 samples, the server's in 5, who used the GPU in 0") {
		t.Errorf("stderr:\n%s", got.stderr)
	}
	if blind := replayTasks(t, mac); got.others <= 0 || got.inference <= 0 || got.inference >= blind.inference || blind.others != 0 {
		t.Errorf("inference %v J, others %v J; without processes %v J and %v J", got.inference, got.others, blind.inference, blind.others)
	}
}

func TestReplayRefusesEmptyProcess(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"replay", "--powermetrics", "x", "--log", "y", "--process", ""}, &stdout, &stderr)
	if code != 2 || !strings.Contains(stderr.String(), "--process: empty") {
		t.Errorf("code %d: %s", code, stderr.String())
	}
}

// TestRecordingKnowsIdleTime plays a log that speaks only when a request ends,
// and has not yet: what the server's idle time shows to be nobody's is booked.
func TestRecordingKnowsIdleTime(t *testing.T) {
	start := time.Date(2026, time.March, 10, 8, 0, 0, 0, time.UTC)
	arrivals, err := requestlog.ReadArrivals(strings.NewReader(fmt.Sprintf("0\t%d\n", start.Add(time.Hour).Unix())))
	if err != nil {
		t.Fatal(err)
	}
	line := `{"id":"1","start":"2026-03-10T08:50:00Z","end":"2026-03-10T09:00:00Z","outcome":"ok"}` + "\n"
	source := requestlog.NewRecording("log", strings.NewReader(line), arrivals, jsonl.New(requestlog.Options{Server: "srv"}))
	rec, err := newRecording(collector.Config{Logs: []collector.Log{{Source: source, Server: "srv"}}}, economy{}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	const windows = 60
	for i := range windows {
		w := attribution.Window{
			Start: start.Add(time.Duration(i) * time.Second), End: start.Add(time.Duration(i+1) * time.Second),
			CPU: attribution.Rail{Energy: 2, Known: true}, Energy: 2, Scope: attribution.ScopeSoC,
			Usage: &attribution.Usage{Servers: []attribution.ServerUse{{Server: "srv"}}},
		}
		if err := rec.record(t.Context(), attribution.Measurement{Window: &w}); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.collector.Commit(t.Context(), rec.end); err != nil {
		t.Fatal(err)
	}
	got, err := rec.store.Range(t.Context(), start, rec.end)
	if err != nil {
		t.Fatal(err)
	}
	if got.Open > 20 {
		t.Errorf("%v J of %d J wait for requests, although the server was idle", got.Open, 2*windows)
	}
}
