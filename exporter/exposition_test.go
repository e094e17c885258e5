package exporter_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// full is a ledger in which every metric has a value.
func full(t testing.TB) *exporter.Ledger {
	l := exporter.NewLedger(exporter.Options{
		Tariff:  sunny{flat(t, 0.36)},
		Build:   exporter.Build{Version: "v0.1.0", Revision: "0123abc", GoVersion: "go1.26"},
		Started: noon.Add(-time.Minute),
	})
	rail := func(j float64) attribution.Rail { return attribution.Rail{Energy: joules(j), Known: true} }
	large := charge(2, noon.Add(2*time.Second))
	large.Decode = 50_000
	late, unmetered := charge(3, noon), charge(4, noon)
	late.Late, late.EnergyKnown, unmetered.EnergyKnown = true, false, false
	l.Record(attribution.Batch{
		At: noon.Add(15 * time.Minute),
		Gaps: []attribution.Gap{
			{Start: noon.Add(-time.Minute), End: noon, Reason: attribution.GapStart},
			{Start: noon.Add(20 * time.Minute), End: noon.Add(22 * time.Minute), Reason: attribution.GapPowermetrics, Scope: attribution.ScopeWall, Energy: 600, Error: 6},
		},
		Bookings: []attribution.Booking{{
			Window:   attribution.Window{Start: noon, End: noon.Add(2 * time.Second), CPU: rail(10), GPU: rail(28), ANE: rail(2), Energy: 40, Scope: attribution.ScopeSoC},
			Baseline: 4, Inference: 20, ModelLoad: 8, ServerOther: 2, OtherProcesses: 5, Unexplained: 1, Busy: time.Second,
			Shares:    []attribution.Share{{Request: "main-1", Server: "main", Model: "tiny", Prefill: 5, Decode: 15, Error: 0.5}},
			ModelBusy: []attribution.ModelBusy{{Server: "main", Model: "tiny", Busy: time.Second}},
		}, {
			Window:   attribution.Window{Start: noon.Add(14 * time.Minute), End: noon.Add(16 * time.Minute), CPU: rail(2), GPU: rail(0), ANE: rail(0), Energy: 2, Scope: attribution.ScopeSoC},
			Baseline: 2,
		}, {
			Window:   attribution.Window{Start: noon.Add(16 * time.Minute), End: noon.Add(16*time.Minute + time.Second), CPU: rail(2), Energy: 7, Scope: attribution.ScopeWall, Error: 0.25},
			Baseline: 7,
		}},
		Remote:  []attribution.RemoteCall{remoteCall("gpt-5")},
		Charges: []attribution.Charge{charge(1, noon.Add(time.Second)), large, late, unmetered},
		State: attribution.State{
			Closed: noon.Add(15 * time.Minute), Quiet: []attribution.QuietMinute{{Start: noon.Add(-time.Minute)}},
			Learned: []attribution.Learned{learned("main", "tiny", noon)},
		},
	})
	l.SetHealth(fullHealth())
	return l
}

// sunny is paid for use after a quarter past noon.
type sunny struct{ cost.Flat }

func (s sunny) At(slot time.Time) (cost.Price, bool) {
	if slot.After(noon) {
		return cost.Price{Picos: -s.PricePerKWh.Picos, Currency: s.Currency()}, true
	}
	return s.PricePerKWh, true
}

// learned takes 0.01 J a prompt token and, with two in each step of 0.2 J, 0.4 J
// an output token.
func learned(server, model string, last time.Time) attribution.Learned {
	return attribution.Learned{
		Server: server, Model: model, Prefilled: 1000, Steps: 200, Decoded: 400, Energy: attribution.Fit{Rows: 42.5}, Last: last,
		Coefficients: attribution.Coefficients{Prefill: 0.01, Step: 0.2, Token: 0.3, Covariance: [15]float64{5: 1e-6, 9: 4e-4, 12: 1e-4}},
	}
}

func fullHealth() exporter.Health {
	return exporter.Health{
		Samples:              map[string]int64{"ok": 900, "unusable": 2},
		Lines:                attribution.LineCounts{Used: 40, Ignored: 7, Malformed: 1},
		Unplaced:             4,
		PowermetricsRestarts: 1, PowermetricsStderrLines: 3,
		SelfCPU: 1500 * time.Millisecond, LastSample: noon.Add(time.Second / 2), LastCommit: noon,
		Open: 12.5, OpenTime: 3 * time.Second,
		Baseline: 2.25, BaselineKnown: true, BaselineAssumed: true,
		Clocks: []exporter.LogClock{
			{Server: "main", Offset: -1250 * time.Millisecond, StdErr: 20 * time.Millisecond, Known: true, Applied: -1300 * time.Millisecond},
			{Server: "new", Offset: time.Hour},
		},
		Meters: []exporter.MeterHealth{
			{Name: "desk", Kind: "shelly", Scope: attribution.ScopeWall, Up: true, Watts: 41.5, WattsKnown: true, Lag: 1400 * time.Millisecond, LagKnown: true,
				Readings: map[string]int64{"ok": 880, "stale": 3}, At: noon},
			{Name: "old", Kind: "tasmota", Scope: attribution.ScopeWall, Watts: 3, WattsKnown: true, Readings: map[string]int64{"error": 9},
				Error: "connection refused", At: noon.Add(-5 * time.Minute)},
			{Name: "new", Kind: "mqtt", Scope: attribution.ScopeWall},
		},
		Calibration: &exporter.CalibrationHealth{Calibration: attribution.Calibration{Made: noon.Add(-24 * time.Hour), Base: 6.5, CPU: 1.2, GPU: 1.4, ANE: 1.3, RMSE: 0.75},
			DriftRatio: 1.02, DriftKnown: true},
		ThermalPressure: "Nominal", HWModel: "Mac16,5", OSBuild: "25A354",
	}
}

func TestExposition(t *testing.T) {
	const golden = "testdata/metrics.txt"
	c := exporter.NewCollector(full(t))
	if updating() {
		if err := os.WriteFile(golden, exposition(t, c, expfmt.NewFormat(expfmt.TypeTextPlain)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	if err := testutil.CollectAndCompare(c, want); err != nil {
		t.Error(err)
	}
	problems, err := testutil.CollectAndLint(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// exposition is what a scrape gets, through a pedantic registry.
func exposition(t *testing.T, c prometheus.Collector, format expfmt.Format) []byte {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(c); err != nil {
		t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := expfmt.NewEncoder(&out, format)
	for _, f := range families {
		if err := enc.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	if closer, ok := enc.(expfmt.Closer); ok {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// Every metric of the reference has a series in the full ledger, so the other
// tests here see all of them.
func TestFullLedgerShowsEveryMetric(t *testing.T) {
	f := scrape(t, full(t))
	for _, d := range exporter.Descriptors() {
		if f[d.Name] == nil {
			t.Errorf("%s has no series", d.Name)
		}
	}
}

func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed (Debian: package prometheus)")
	}
	cmd := exec.Command(promtool, "check", "metrics")
	cmd.Stdin = bytes.NewReader(exposition(t, exporter.NewCollector(full(t)), expfmt.NewFormat(expfmt.TypeTextPlain)))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// promlint lets kWh, milliwatts and percent pass; here only base units do. The
// price is per kWh because that is what every bill in the world says.
func TestNamesUseBaseUnits(t *testing.T) {
	foreign := map[string]bool{}
	for _, w := range strings.Fields("mj uj nj kj mw kw wh kwh mwh ms us ns sec min minutes hours percent pct ratio_percent " +
		"millijoules nanojoules kilojoules milliwatts kilowatts watthours milliseconds microseconds cents mtok") {
		foreign[w] = true
	}
	for _, d := range exporter.Descriptors() {
		name := strings.TrimSuffix(d.Name, "_per_kwh")
		for _, word := range strings.Split(name, "_") {
			if foreign[word] {
				t.Errorf("%s: %s is no base unit", d.Name, word)
			}
		}
		if (d.Type == "counter") != strings.HasSuffix(d.Name, "_total") {
			t.Errorf("%s is a %s", d.Name, d.Type)
		}
		if !strings.HasSuffix(strings.TrimSuffix(d.Name, "_total"), d.Unit) {
			t.Errorf("%s does not end in its unit %s", d.Name, d.Unit)
		}
		if strings.ContainsAny(d.Name, "%") || !strings.HasSuffix(d.Help, ".") {
			t.Errorf("%s: %q", d.Name, d.Help)
		}
	}
}

func TestOpenMetrics(t *testing.T) {
	text := string(exposition(t, exporter.NewCollector(full(t)), expfmt.NewFormat(expfmt.TypeOpenMetrics)))
	for _, want := range []string{
		"# UNIT sovmeter_joules joules\n",
		`sovmeter_request_joules_bucket{model="tiny",le="300.0"} 1 # {request_id="main-1"} 108.0 1.772366401e+09` + "\n",
		`sovmeter_request_joules_bucket{model="tiny",le="+Inf"} 2 # {request_id="main-2"} 50036.0 1.772366402e+09` + "\n",
		"# EOF\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

// The histogram is native as well, and says since when it counts.
func TestNativeHistogram(t *testing.T) {
	h := scrape(t, full(t))["sovmeter_request_joules"].GetMetric()[0].GetHistogram()
	if h.GetSchema() != 3 || len(h.GetPositiveSpan()) == 0 {
		t.Errorf("schema %d, %d spans", h.GetSchema(), len(h.GetPositiveSpan()))
	}
	if got := h.GetCreatedTimestamp().AsTime(); !got.Equal(noon.Add(-time.Minute)) {
		t.Errorf("created %v", got)
	}
}

// What nobody measured yet is absent.
func TestEmptyLedger(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{Tariff: flat(t, 0.36)})
	got := map[string]int{}
	for name, f := range scrape(t, l) {
		got[name] = len(f.GetMetric())
	}
	for name, n := range map[string]int{
		"sovmeter_joules_total": 6, "sovmeter_cost_total": 1, "sovmeter_unpriced_joules_total": 1,
		"sovmeter_late_requests_total": 1, "sovmeter_unmetered_requests_total": 1, "sovmeter_build_info": 1,
	} {
		if got[name] != n {
			t.Errorf("%s has %d series, want %d", name, got[name], n)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("unexpected: %v", got)
	}
	l.SetHealth(exporter.Health{})
	f := scrape(t, l)
	for _, name := range []string{"sovmeter_meter_up", "sovmeter_meter_watts", "sovmeter_meter_lag_seconds", "sovmeter_meter_readings_total", "sovmeter_calibration_base_watts",
		"sovmeter_calibration_slope", "sovmeter_calibration_drift_ratio", "sovmeter_scope_info", "sovmeter_scope_seconds_total", "sovmeter_scope_error_joules_total", "sovmeter_baseline_watts", "sovmeter_last_sample_timestamp_seconds", "sovmeter_self_cpu_seconds_total", "sovmeter_samples_total", "sovmeter_host_info", "sovmeter_thermal_pressure_info"} {
		if f[name] != nil {
			t.Errorf("%s is unknown and not absent", name)
		}
	}
}
