package report_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// atScopes is an hour in which each slot has a scope, with a drop of a hundredth
// in doubt; an empty one was not measured.
func atScopes(t testing.TB, scopes ...attribution.Scope) report.Inputs {
	t.Helper()
	p, in, now := oneHour(t)
	in.System, in.Models, in.Last = nil, nil, now
	for i, scope := range scopes {
		if scope == "" {
			continue
		}
		s := store.SystemSlot{Start: p.Since.Add(time.Duration(i) * store.SlotLength), Scope: scope, Energy: 3600, Baseline: 3600, Measured: store.SlotLength}
		if scope.Whole() {
			s.Error = 36
		}
		in.System = append(in.System, s)
	}
	return report.Inputs{Period: p, Range: in, Now: now}
}

func TestWeakerThan(t *testing.T) {
	const quarter = store.SlotLength
	for _, tt := range []struct {
		name   string
		scopes []attribution.Scope
		want   attribution.Scope
		length time.Duration
		energy energy.Joules
		least  attribution.Scope
	}{
		{"all of the SoC", []attribution.Scope{"soc", "soc"}, "soc", 0, 0, "soc"},
		{"the SoC is no plug", []attribution.Scope{"soc", "soc"}, "wall", 2 * quarter, 7200, "soc"},
		{"a plug is better than asked for", []attribution.Scope{"wall", "wall"}, "battery", 0, 0, "wall"},
		{"a plug that was away", []attribution.Scope{"wall", "calibrated", "soc", "wall"}, "battery", 2 * quarter, 7200, "soc"},
		{"calibrated will do", []attribution.Scope{"wall", "calibrated", "smc"}, "calibrated", 0, 0, "calibrated"},
		{"between battery and plug", []attribution.Scope{"battery", "smc", "wall"}, "smc", quarter, 3600, "battery"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := made(t, atScopes(t, tt.scopes...))
			length, energy := r.WeakerThan(tt.want)
			if length != tt.length || energy != tt.energy || r.LeastTrusted() != tt.least {
				t.Errorf("%v and %v J weaker than %s, the least %q; want %v, %v J, %q", length, energy, tt.want, r.LeastTrusted(), tt.length, tt.energy, tt.least)
			}
		})
	}
	in := atScopes(t)
	in.Range.Open, in.Range.OpenSeconds = 90, 30
	if length, energy := made(t, in).WeakerThan(attribution.ScopeSoC); length != 30*time.Second || energy != 90 {
		t.Errorf("of what is not booked %v and %v J are weak, want all", length, energy)
	}
}

func TestErrorOfTheTotal(t *testing.T) {
	for _, tt := range []struct {
		name   string
		scopes []attribution.Scope
		want   energy.Joules
		known  bool
		text   string
	}{
		{"plug", []attribution.Scope{"wall", "wall"}, 72, true, "2.00 Wh at scope wall plug, ± 0.0200 Wh (1.0 %) in 95 of 100 cases"},
		{"plug and line", []attribution.Scope{"wall", "calibrated"}, 72, true, "2.00 Wh at scopes calibrated and wall plug, ± 0.0200 Wh (1.0 %)"},
		{"chip", []attribution.Scope{"soc"}, 0, false, "how far the total is off at scope soc is not known"},
		{"chip and plug", []attribution.Scope{"soc", "wall"}, 0, false,
			"1.00 Wh at scope wall plug, ± 0.0100 Wh (1.0 %) in 95 of 100 cases, as far as the meter or the line is off; how far the other 1.00 Wh are off at scope soc is not known"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := made(t, atScopes(t, tt.scopes...))
			if got, known := r.TotalError(); got != tt.want || known != tt.known {
				t.Errorf("%v J, known %v; want %v, %v", got, known, tt.want, tt.known)
			}
			if out := foot(t, r, "Accuracy"); !strings.Contains(out, tt.text) {
				t.Errorf("%q lacks %q", out, tt.text)
			}
		})
	}
}

// foot is the text of a line of the footer.
func foot(t testing.TB, r report.Report, label string) string {
	t.Helper()
	for _, l := range report.Footer(r, report.Options{}) {
		if l.Label == label {
			return l.Text
		}
	}
	return ""
}

func TestFooterSaysWhatTheScopesCover(t *testing.T) {
	for name, tt := range map[string]struct {
		scopes []attribution.Scope
		want   string
	}{
		"soc":        {[]attribution.Scope{"soc"}, "soc: CPU, GPU and Neural Engine as powermetrics models them; the wall socket shows more, under load up to 2.5 times as much"},
		"calibrated": {[]attribution.Scope{"calibrated"}, "calibrated: the whole machine by a line that was fitted to a meter's readings, while that meter is away"},
		"battery":    {[]attribution.Scope{"battery"}, "battery: the whole machine as its battery's telemetry has it: the DC side, without the power supply's loss"},
		"smc":        {[]attribution.Scope{"smc"}, "smc: the whole machine as its management controller has it: the DC side, without the power supply's loss; never confirmed on hardware"},
		"wall":       {[]attribution.Scope{"wall"}, "wall plug: the whole machine at the plug, without what charges its battery"},
		"two": {[]attribution.Scope{"wall", "wall", "wall", "calibrated"},
			"wall plug 75 % of the time (75 % of the energy), calibrated 25 % (25 %). Every sum here mixes them. wall plug: "},
		"chip and machine": {[]attribution.Scope{"smc", "smc", "soc"},
			"smc 67 % of the time (67 % of the energy), soc 33 % (33 %). Every sum here mixes them: a part is what the chip drew, the rest what the machine drew. smc: "},
	} {
		t.Run(name, func(t *testing.T) {
			if got := foot(t, made(t, atScopes(t, tt.scopes...)), "Scope"); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// A daemon's first second at another scope makes no mixture of a day, but is told.
func TestNearlyAllAtOneScope(t *testing.T) {
	in := atScopes(t, "wall", "wall", "wall", "wall")
	first := &in.Range.System[0]
	first.Measured -= time.Second
	in.Range.System = append([]store.SystemSlot{{Start: first.Start, Scope: attribution.ScopeSoC, Energy: 1, Baseline: 1, Measured: time.Second}}, in.Range.System...)
	r := made(t, in)
	if got, want := foot(t, r, "Scope"), "wall plug: the whole machine at the plug, without what charges its battery; every sum here mixes 1 s in that are at scope soc"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := written(t, r, report.OneLine, report.Options{}), "100 % covered, wall plug >99.9 %\n"; !strings.HasSuffix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if out := strings.Join(strings.Fields(tableText(t, r, report.Options{Width: 140})), " "); !strings.Contains(out, "none of it for requests, at scope wall plug (>99.9 % of the time); 100 % of the time was measured") {
		t.Errorf("the head does not say so:\n%s", out)
	}
	if length, _ := r.WeakerThan(attribution.ScopeWall); length != time.Second {
		t.Errorf("%v are weaker, want 1 s", length)
	}
}

// Gaps of which the energy is known, in part, and not at all are told apart.
func TestGapsAreKnownOrNot(t *testing.T) {
	for _, tt := range []struct {
		name        string
		seen        [2]bool
		sink        energy.Joules
		unknown     bool
		cell        string
		where, note string
	}{
		{"none", [2]bool{}, 0, true, "n/a", "Gaps (30 min) n/a n/a n/a not measured: unknown, not zero", "The energy of that time is unknown, not zero."},
		{"one", [2]bool{true, false}, 1800, false, "0.500+", "Gaps (30 min) 0.500+ 33.3 0.000150", "In 15 min of it a meter of the whole machine went on"},
		{"both", [2]bool{true, true}, 3600, false, "1.000", "Gaps (30 min) 1.000 50.0 0.000300", "A meter of the whole machine went on: it tells the energy of that time, but not who used it."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := atScopes(t, "wall", "", "")
			for i, seen := range tt.seen {
				g := attribution.Gap{Start: in.Period.Since.Add(time.Duration(i+1) * store.SlotLength), Reason: attribution.GapSleep}
				g.End = g.Start.Add(store.SlotLength)
				if seen {
					g.Scope, g.Energy = attribution.ScopeWall, 1800
					in.Range.System = append(in.Range.System, store.SystemSlot{Start: g.Start, Scope: g.Scope, Energy: 1800, Gap: 1800, GapTime: store.SlotLength})
				}
				in.Range.Gaps = append(in.Range.Gaps, g)
			}
			in.Now, in.Tariff = in.Period.Since.Add(45*time.Minute), flat(t, 0.3, "EUR")
			in.Range.Last = in.Now
			r := made(t, in)
			if s := sinkOf(r, report.SinkGap); s.Energy != tt.sink || s.Unknown != tt.unknown || s.Cost.Known == tt.unknown {
				t.Errorf("sink %+v", s)
			}
			if r.Total != 3600+tt.sink || r.Measured != store.SlotLength || r.Bases[2].Energy != r.Total || r.Bases[0].Energy != 0 || r.Bases[1].Energy != 0 {
				t.Errorf("total %v J, measured %v, bases %+v", r.Total, r.Measured, r.Bases)
			}
			if want := int64(math.Round(float64(r.Total) * 0.3e9 / 3.6e6)); r.Bases[2].Cost.Money.Nanos != want {
				t.Errorf("costs %v, want %d nanos", r.Bases[2].Cost, want)
			}
			out := strings.Join(strings.Fields(tableText(t, r, report.Options{Width: 140})), " ")
			for _, want := range []string{tt.where, tt.note} {
				if !strings.Contains(out, want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
		})
	}
}

// The power of a gap that a meter saw is known, though not whose it is.
func TestPowerOfAGap(t *testing.T) {
	in := atScopes(t, "wall", "")
	at := in.Period.Since.Add(store.SlotLength)
	in.Range.System = append(in.Range.System, store.SystemSlot{Start: at, Scope: "wall", Energy: 60, Gap: 60, GapTime: time.Minute})
	p := made(t, in).Power[1]
	if w, known := p.Watts(); !known || w != 1 || p.Parts.Gap != 60 {
		t.Errorf("%v W, known %v, parts %+v; want 1 W", w, known, p.Parts)
	}
}

func TestCalibrationInForce(t *testing.T) {
	in := atScopes(t, "calibrated")
	line := func(age time.Duration, kind attribution.CalibrationKind, scope attribution.Scope, base energy.Watts) attribution.Calibration {
		return attribution.Calibration{Made: in.Now.Add(-age), Kind: kind, Scope: scope, Base: base, CPU: 1, GPU: 1, ANE: 1, SoCMin: 0, SoCMax: 10, Model: "m"}
	}
	const ladder, passing = attribution.CalibrationLadder, attribution.CalibrationPassing
	for _, tt := range []struct {
		name   string
		stored []attribution.Calibration
		given  *attribution.Calibration
		base   energy.Watts // 0: none
		drift  float64      // 0: not known
	}{
		{"none", nil, nil, 0, 0},
		{"one", []attribution.Calibration{line(time.Hour, ladder, "wall", 10)}, nil, 10, 0},
		{"the newest, and its drift at rest", []attribution.Calibration{line(2*time.Hour, ladder, "wall", 10), line(time.Hour, passing, "wall", 11)}, nil, 11, 1.1},
		{"less", []attribution.Calibration{line(2*time.Hour, ladder, "wall", 10), line(time.Hour, passing, "wall", 8)}, nil, 8, 0.8},
		{"a ladder after it", []attribution.Calibration{line(2*time.Hour, passing, "wall", 10), line(time.Hour, ladder, "wall", 11)}, nil, 11, 0},
		{"of the plug rather than newer", []attribution.Calibration{line(2*time.Hour, ladder, "wall", 10), line(time.Hour, passing, "smc", 11)}, nil, 10, 0},
		{"of another machine", []attribution.Calibration{{Made: in.Now.Add(-2 * time.Hour), Kind: ladder, Scope: "wall", Base: 9, GPU: 1, Model: "old"}, line(time.Hour, passing, "wall", 11)}, nil, 11, 0},
		{"of another machine, at its plug", []attribution.Calibration{{Made: in.Now.Add(-2 * time.Hour), Kind: ladder, Scope: "wall", Base: 9, GPU: 1, Model: "old"}, line(time.Hour, passing, "battery", 11)}, nil, 11, 0},
		{"made later", []attribution.Calibration{line(-time.Hour, ladder, "wall", 10)}, nil, 0, 0},
		{"told", []attribution.Calibration{line(2*time.Hour, ladder, "wall", 10), line(time.Hour, passing, "wall", 11)}, new(line(2*time.Hour, ladder, "wall", 10)), 10, 1.1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in.Range.Calibrations, in.Calibration = tt.stored, tt.given
			c := made(t, in).Calibration
			if tt.base == 0 {
				if c != nil {
					t.Errorf("there is %+v", c)
				}
				return
			}
			if c == nil || c.Base != tt.base || c.DriftKnown != (tt.drift != 0) || c.DriftKnown && math.Abs(c.DriftRatio-tt.drift) > 1e-12 {
				t.Errorf("in force is %+v, want base %v, drift %v", c, float64(tt.base), tt.drift)
			}
		})
	}
}

func TestFooterTellsTheCalibration(t *testing.T) {
	want := "6.61 W and for each watt of the CPU 1.220 W, of the GPU 1.380 W, of the Neural Engine 1.300 W; learned in passing on 4 Mar 2026 (7 h ago) " +
		"from the meter desk at scope wall plug; RMSE 1.10 W, R² 0.9921, 1,840 points, the SoC from 1.90 W to 46.2 W; the machine draws up to 5.1 % more than when it was calibrated"
	if diff := cmp.Diff(want, foot(t, mixed(t, report.ByModel), "Calibration")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in := mixedInputs(t, report.ByModel)
	in.Range.Calibrations = in.Range.Calibrations[:1]
	in.Range.Calibrations[0].Meter = "desk\x1b[2J"
	want = "6.42 W and 1.310 W for each watt of the SoC; by sovmeter calibrate on 2 Mar 2026 (3 d ago) from the meter desk?[2J at scope wall plug; RMSE 0.820 W, R² 0.9971, 312 points, the SoC from 1.90 W to 46.2 W"
	if diff := cmp.Diff(want, foot(t, made(t, in), "Calibration")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An hour in which nothing but a meter went on has the machine's energy, and none
// that is known to be the requests'.
func TestHourInAGap(t *testing.T) {
	g := mixed(t, report.ByHour).Groups[3] // from 03:00
	if g.Sum.EnergyKnown || g.Sum.Marginal.Known || g.Whole.Measured != 0 {
		t.Errorf("requests: %+v", g.Sum)
	}
	if g.Whole.Energy != 3240 || !g.Whole.Dedicated.Known || !g.Whole.Carbon.Known || len(g.Whole.Scopes) != 1 || g.Whole.Scopes[0] != attribution.ScopeWall {
		t.Errorf("machine: %+v", g.Whole)
	}
}

// When powermetrics gave nothing all the time and a plug went on, what the requests
// took is not known in any format, nor what anything else did: not zero. What the
// machine took is.
func TestNothingButGaps(t *testing.T) {
	in := atScopes(t, "wall", "wall")
	in.Tariff, in.Carbon = flat(t, 0.3, "EUR"), steady(364)
	for i := range in.Range.System {
		s := &in.Range.System[i]
		s.Baseline, s.Gap, s.Measured, s.GapTime = 0, s.Energy, 0, store.SlotLength
	}
	in.Range.Gaps = []attribution.Gap{{Start: in.Period.Since, End: in.Period.Since.Add(2 * store.SlotLength), Reason: attribution.GapPowermetrics, Scope: "wall", Energy: 7200}}
	in.Range.Models = []store.ModelSlot{{Start: in.Period.Since, Server: "s", Model: "m", OK: 100, Unmetered: 100}}
	r := made(t, in)
	doc := parse(t, writeJSON(t, r)).(map[string]any)
	for _, path := range [][]string{{"energy", "inference_joules"}, {"assumptions", "inference_error_joules"}, {"carbon", "requests_grams"}} {
		if v := doc[path[0]].(map[string]any)[path[1]]; v != nil {
			t.Errorf("%v is %v", path, v)
		}
	}
	for _, s := range doc["sinks"].([]any) {
		s := s.(map[string]any)
		told := s["name"] == "gap" || s["name"] == "open"
		if (s["energy_joules"] != nil) != told || (s["cost"] != nil) != told {
			t.Errorf("sink %v: %v J, %v", s["name"], s["energy_joules"], s["cost"])
		}
	}
	for _, b := range doc["costs"].([]any) {
		b := b.(map[string]any)
		told := b["basis"] == "dedicated"
		if (b["energy_joules"] != nil) != told || (b["cost"] != nil) != told {
			t.Errorf("basis %v: %v J, %v", b["basis"], b["energy_joules"], b["cost"])
		}
	}
	grid, _ := report.Find(report.Grids(r, report.Options{}), report.GridEnergy)
	for _, row := range grid.Rows {
		sink := row.Cells[0].Raw
		if told := sink == "gap" || sink == ""; (grid.Cell(row, "energy_joules").Raw != "") != told {
			t.Errorf("table: sink %q has %q", sink, grid.Cell(row, "energy_joules").Text)
		}
	}
	for format, lacks := range map[report.Format][]string{
		report.Table:      {"Cost, marginal", "Cost, active", "none of it", " 0 EUR"},
		report.Prometheus: {`sink="inference"`, `sink="baseline"`, `basis="marginal"`, "inference_carbon"},
		report.OneLine:    {"0 Wh", "0 EUR"},
	} {
		var out strings.Builder
		if err := report.Write(&out, r, format, report.Options{Width: 100}); err != nil {
			t.Fatal(err)
		}
		for _, text := range lacks {
			if strings.Contains(out.String(), text) {
				t.Errorf("%s says %q:\n%s", format, text, out.String())
			}
		}
	}
}
