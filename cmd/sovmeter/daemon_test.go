package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// daemonTest is a daemon in a folder of its own, fed by a fake powermetrics.
type daemonTest struct {
	*testing.T
	folder, config, address, power string
	stop                           context.CancelFunc
	code                           chan int
	stderr                         *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newDaemonTest(t *testing.T) *daemonTest {
	power, err := exec.LookPath("fakepowermetrics")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "sov") // short: a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	t.Setenv("FAKE_LOG", filepath.Join(folder, "llama.log"))
	d := &daemonTest{T: t, folder: folder, config: filepath.Join(folder, "sovmeter.yaml"), address: freeAddress(t), power: power}
	text := fmt.Sprintf(`
servers: [{name: llama, log: %[1]s/llama.log, processes: [no-such-process]}]
tariff: {price_per_kwh: 0.30, currency: EUR}
power: {interval: 200ms}
store: {path: %[1]s/store/sovmeter.db}
listen: %[2]s
socket: %[1]s/sock
time_zone: UTC
`, folder, d.address)
	if err := os.WriteFile(d.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (d *daemonTest) start() {
	ctx, stop := context.WithCancel(d.Context())
	d.stop, d.code, d.stderr = stop, make(chan int, 1), &syncBuffer{}
	go func() {
		d.code <- run(ctx, []string{"run", "--config", d.config, "--powermetrics", d.power}, io.Discard, d.stderr)
	}()
}

// end stops the daemon and returns its exit code.
func (d *daemonTest) end() int {
	d.Helper()
	d.stop()
	select {
	case code := <-d.code:
		return code
	case <-time.After(20 * time.Second):
		d.Fatalf("the daemon does not stop; it said:\n%s", d.stderr)
		return 0
	}
}

// metrics scrapes the daemon, and returns nil while it does not answer.
func (d *daemonTest) metrics() map[string]float64 {
	resp, err := http.Get("http://" + d.address + "/metrics")
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		d.Fatal(err)
	}
	sums := map[string]float64{}
	for name, f := range families {
		for _, m := range f.Metric {
			sums[name] += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sums
}

// until polls the metrics until they satisfy ok.
func (d *daemonTest) until(what string, ok func(map[string]float64) bool) map[string]float64 {
	d.Helper()
	deadline := time.After(90 * time.Second)
	for {
		if m := d.metrics(); m != nil && ok(m) {
			return m
		}
		select {
		case <-time.Tick(100 * time.Millisecond):
		case code := <-d.code:
			d.Fatalf("the daemon ended with code %d while waiting for %s; it said:\n%s", code, what, d.stderr)
		case <-deadline:
			d.Fatalf("waited too long for %s; metrics %v; the daemon said:\n%s", what, d.metrics(), d.stderr)
		}
	}
}

// command runs another sovmeter.
func (d *daemonTest) command(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(d.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// reported is what the report says was measured, in joules.
func (d *daemonTest) reported() (total float64, requests int64) {
	d.Helper()
	code, out, errs := d.command("report", "--config", d.config, "--last", "2h", "--json")
	if code != 0 {
		d.Fatalf("report: code %d, %s", code, errs)
	}
	var r struct {
		Energy struct {
			Total float64 `json:"measured_joules"`
		} `json:"energy"`
		Models []struct {
			Requests int64 `json:"requests"`
		} `json:"models"`
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		d.Fatal(err)
	}
	for _, m := range r.Models {
		requests += m.Requests
	}
	if r.Energy.Total == 0 {
		d.Fatalf("the report has no total: %s", out)
	}
	return r.Energy.Total, requests
}

func TestDaemonEndToEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("meters in real time for half a minute")
	}
	d := newDaemonTest(t)
	d.start()
	booked := func(m map[string]float64) bool { return m["sovmeter_requests_total"] >= 2 }
	m := d.until("two booked requests", booked)
	if a, b := m["sovmeter_joules_total"], m["sovmeter_rail_joules_total"]; b == 0 || math.Abs(a-b) > 1e-9*b {
		t.Errorf("booked %v J, measured %v J", a, b)
	}
	if m["sovmeter_inference_joules_total"] <= 0 || m["sovmeter_cost_total"] <= 0 {
		t.Errorf("no inference energy or no cost: %v", m)
	}

	_, requests := d.reported() // over the socket
	if requests < 2 {
		t.Errorf("the report over the socket has %d requests", requests)
	}
	if code, _, errs := d.command("run", "--config", d.config, "--powermetrics", d.power); code != 1 || !strings.Contains(errs, "another sovmeter is running") {
		t.Errorf("a second daemon: code %d, %s", code, errs)
	}
	d.health()

	if code := d.end(); code != 0 {
		t.Fatalf("the daemon ended with code %d:\n%s", code, d.stderr)
	}
	before, requests := d.reported() // from the file
	d.start()
	d.until("samples after the restart", func(m map[string]float64) bool { return m["sovmeter_rail_joules_total"] > 0 })
	d.end()
	after, again := d.reported()
	if after <= before || again < requests {
		t.Errorf("after a restart %v J and %d requests, before %v J and %d", after, again, before, requests)
	}
	if running(t, d.power) {
		t.Errorf("a powermetrics was left behind")
	}
}

// TestDaemonFindsServers meters with a config that names no server.
func TestDaemonFindsServers(t *testing.T) {
	if testing.Short() {
		t.Skip("meters in real time for half a minute")
	}
	d := newDaemonTest(t)
	text, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "servers:") })
	if err := os.WriteFile(d.config, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	startLlamaServer(t, filepath.Join(d.folder, "llama.log"))
	d.start()
	m := d.until("two booked requests", func(m map[string]float64) bool { return m["sovmeter_requests_total"] >= 2 })
	if a, b := m["sovmeter_joules_total"], m["sovmeter_rail_joules_total"]; b == 0 || math.Abs(a-b) > 1e-9*b {
		t.Errorf("booked %v J, measured %v J", a, b)
	}
	if code := d.end(); code != 0 {
		t.Fatalf("the daemon ended with code %d:\n%s", code, d.stderr)
	}
	if !strings.Contains(d.stderr.String(), "metering a server that was found") {
		t.Errorf("the daemon does not say what it found:\n%s", d.stderr)
	}
}

func (d *daemonTest) health() {
	d.Helper()
	resp, err := http.Get("http://" + d.address + "/healthz")
	if err != nil {
		d.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		d.Errorf("/healthz: %s: %s", resp.Status, body)
	}
}

// running reports whether any process still runs the executable at path.
func running(t *testing.T, path string) bool {
	t.Helper()
	entries, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if b, err := os.ReadFile(e); err == nil && strings.HasPrefix(string(b), path+"\x00") {
			return true
		}
	}
	return false
}
