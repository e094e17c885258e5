package fake_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// bench is a plug and a clock under the hand of a test.
type bench struct {
	at    time.Time
	watts energy.Watts
	total energy.Joules
}

func (b *bench) Plug() (energy.Watts, energy.Joules) { return b.watts, b.total }
func (b *bench) now() time.Time                      { return b.at }

func (b *bench) run(d time.Duration, w energy.Watts) {
	b.at, b.watts, b.total = b.at.Add(d), w, b.total+w.For(d)
}

func newBench() *bench { return &bench{at: time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)} }

func newDevice(t *testing.T, kind fake.Kind, b *bench) *fake.Device {
	t.Helper()
	d, err := fake.New(kind, b, fake.Options{Now: b.now})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ask returns a device's answer, decoded.
func ask(t *testing.T, h http.Handler, path string) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	var answer map[string]any
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v: %s", path, err, w.Body)
	}
	return answer
}

func at(t *testing.T, answer any, path ...any) float64 {
	t.Helper()
	for _, step := range path {
		switch key := step.(type) {
		case string:
			answer = answer.(map[string]any)[key]
		case int:
			answer = answer.([]any)[key]
		}
	}
	v, ok := answer.(float64)
	if !ok {
		t.Fatalf("%v is no number", path)
	}
	return v
}

func TestUnknownKind(t *testing.T) {
	if _, err := fake.New("toaster", newBench(), fake.Options{}); err == nil {
		t.Error("a toaster was built")
	}
}

func TestGen1CountsWholeMinutes(t *testing.T) {
	b := newBench()
	b.total = 5000 // drawn before the device was started
	d := newDevice(t, fake.ShellyGen1, b)
	total := func() float64 { return at(t, ask(t, d, "/status"), "meters", 0, "total") }
	steps := []struct {
		run   time.Duration
		watts energy.Watts
		want  float64
	}{
		{0, 0, 0},
		{40 * time.Second, 90, 0},  // 12:00:50, 60 Wmin that do not show yet
		{10 * time.Second, 90, 75}, // 12:01:00
		{50 * time.Second, 60, 75},
		{20 * time.Second, 60, 135},   // 12:02:10, with 10 s that do not show
		{5 * time.Minute, 100.5, 630}, // 12:07:10: 145 and 4.83 minutes of 100.5 W, cut off
	}
	for i, step := range steps {
		b.run(step.run, step.watts)
		if got := total(); got != step.want {
			t.Errorf("step %d: %v Wmin, want %v", i, got, step.want)
		}
	}
	counters := ask(t, d, "/status")["meters"].([]any)[0]
	for i := range 3 {
		if got := at(t, counters, "counters", i); math.Abs(got-100.5) > 0.001 {
			t.Errorf("minute %d: %v Wmin, want 100.5", i, got)
		}
	}
}

func TestCountersHaveTheStepOfTheRealOnes(t *testing.T) {
	for _, tt := range []struct {
		kind fake.Kind
		path string
		step float64
		keys []any
	}{
		{fake.Shelly, "/rpc/Switch.GetStatus?id=0", 0.001, []any{"aenergy", "total"}},
		{fake.ShellyPM, "/rpc/PM1.GetStatus?id=0", 0.001, []any{"aenergy", "total"}},
		{fake.ShellyEM1, "/rpc/EM1Data.GetStatus?id=0", 0.01, []any{"total_act_energy"}},
		{fake.ShellyEM, "/rpc/EMData.GetStatus?id=0", 0.01, []any{"total_act"}},
		{fake.Tasmota, "/cm?cmnd=Status%208", 0.001, []any{"StatusSNS", "ENERGY", "Total"}},
		{fake.HomeWizard, "/api/v1/data", 0.001, []any{"total_power_import_kwh"}},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			b := newBench()
			d := newDevice(t, tt.kind, b)
			last := at(t, ask(t, d, tt.path), tt.keys...)
			for range 300 {
				b.run(7*time.Second, 33.3)
				got := at(t, ask(t, d, tt.path), tt.keys...)
				steps := got / tt.step
				if got < last || math.Abs(steps-math.Round(steps)) > 1e-5 {
					t.Fatalf("counter from %v to %v", last, got)
				}
				last = got
			}
			if last == 0 {
				t.Error("the counter does not move")
			}
		})
	}
}

func TestPausesCostNothing(t *testing.T) {
	b := newBench()
	d := newDevice(t, fake.ShellyGen1, b)
	b.run(20*365*24*time.Hour, 10)
	if got := at(t, ask(t, d, "/status"), "meters", 0, "counters", 0); math.Abs(got-10) > 1e-3 {
		t.Errorf("the last minute had %v Wmin, want 10", got)
	}
}

// What is in a real device's answer is in the fake's too, as the same type.
func TestShapesOfRealDevices(t *testing.T) {
	dir := os.Getenv("SOVMETER_CAPTURES")
	if dir == "" {
		t.Skip("SOVMETER_CAPTURES does not name the folder with captures of real devices")
	}
	for name, tt := range map[string]struct {
		kind    fake.Kind
		path    string
		without []string // what hangs on that one device besides
	}{
		"homewizard_v1_data.json":                 {fake.HomeWizard, "/api/v1/data", nil},
		"shelly_gen1_status.json":                 {fake.ShellyGen1, "/status", nil},
		"shelly_deviceinfo_gen2.json":             {fake.ShellyEM, "/shelly", nil},
		"shelly_gen2_switch_getstatus.json":       {fake.Shelly, "/rpc/Switch.GetStatus?id=0", nil},
		"shelly_gen3_plugs_switch_getstatus.json": {fake.Shelly, "/rpc/Switch.GetStatus?id=0", nil},
		"tasmota_status8_single.json":             {fake.Tasmota, "/cm?cmnd=Status%208", nil},
		"tasmota_status8_array.json":              {fake.TasmotaStrip, "/cm?cmnd=Status%208", []string{"/StatusSNS/ANALOG", "/StatusSNS/Switch1", "/StatusSNS/Switch2"}},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(dir, "meters", name))
			if err != nil {
				t.Fatal(err)
			}
			var real any
			if err := json.Unmarshal(body, &real); err != nil {
				t.Fatal(err)
			}
			b := newBench()
			b.watts = 40
			checkShape(t, "", real, ask(t, newDevice(t, tt.kind, b), tt.path), tt.without)
		})
	}
}

func checkShape(t *testing.T, path string, real, ours any, without []string) {
	t.Helper()
	if slices.Contains(without, path) {
		return
	}
	if a, b := fmt.Sprintf("%T", real), fmt.Sprintf("%T", ours); a != b {
		t.Errorf("%s is %s, and of the real device %s", path, b, a)
		return
	}
	switch real := real.(type) {
	case map[string]any:
		for key, part := range real {
			checkShape(t, path+"/"+key, part, ours.(map[string]any)[key], without)
		}
	case []any:
		if len(real) != len(ours.([]any)) {
			t.Errorf("%s has %d elements, and of the real device %d", path, len(ours.([]any)), len(real))
			return
		}
		for i := range real {
			checkShape(t, path+"/"+fmt.Sprint(i), real[i], ours.([]any)[i], without)
		}
	}
}
