package systemmeter_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// machine is what hangs on the plug: it draws the same power until told
// otherwise, and has a clock of its own.
type machine struct {
	mu    sync.Mutex
	at    time.Time
	watts energy.Watts
	total energy.Joules
}

func newMachine() *machine {
	return &machine{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), watts: 42.5, total: 3.6e6}
}

func (m *machine) Plug() (energy.Watts, energy.Joules) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.watts, m.total
}

func (m *machine) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *machine) run(d time.Duration, w energy.Watts) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.watts, m.total = m.at.Add(d), w, m.total+w.For(d)
}

// device is a kind of fake and how it is asked.
type device struct {
	kind     fake.Kind
	config   systemmeter.Config
	path     string
	step     energy.Joules // of the counter, beyond what comes by the minute
	byMinute bool
	counts   bool
}

func devices() []device {
	shelly := systemmeter.Config{Kind: systemmeter.KindShelly}
	tasmota := systemmeter.Config{Kind: systemmeter.KindTasmota}
	return []device{
		{kind: fake.ShellyGen1, config: shelly, step: 60, byMinute: true, counts: true},
		{kind: fake.ShellyGen1EM, config: shelly, step: 360, byMinute: true, counts: true},
		{kind: fake.Shelly, config: shelly, step: 3.6, counts: true},
		{kind: fake.ShellyPM, config: shelly, step: 3.6, counts: true},
		{kind: fake.ShellyEM1, config: shelly, step: 36, byMinute: true, counts: true},
		{kind: fake.ShellyEM, config: shelly, step: 36, byMinute: true, counts: true},
		{kind: fake.Tasmota, config: tasmota, step: 3600, counts: true},
		{kind: fake.TasmotaStrip, config: tasmota},
		{kind: fake.TasmotaSplit, config: tasmota, step: 3600, counts: true},
		{kind: fake.HomeWizard, config: systemmeter.Config{Kind: systemmeter.KindHomeWizard}, step: 3600, counts: true},
		{kind: fake.HomeWizardP1, config: systemmeter.Config{Kind: systemmeter.KindHomeWizard}, step: 3600, counts: true},
		{kind: fake.JSON, path: "/state", step: 3.6, counts: true, config: systemmeter.Config{
			Kind:          systemmeter.KindHTTP,
			Power:         systemmeter.ValuePlace{Place: "/devices/0/state/power"},
			EnergyCounter: systemmeter.ValuePlace{Place: "/devices/0/state/energy_wh", Unit: "Wh"},
		}},
	}
}

// opened starts the fake and opens it as a meter.
func opened(t testing.TB, d device, m *machine, password string) (*fake.Device, systemmeter.Meter) {
	t.Helper()
	f, err := fake.New(d.kind, m, fake.Options{Now: m.now, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(f)
	c := d.config
	c.Name, c.URL = "plug", server.URL+d.path
	if password != "" && (c.Kind == systemmeter.KindShelly || c.Kind == systemmeter.KindTasmota) {
		c.Secret = systemmeter.NewSecret(password)
	}
	meter, err := systemmeter.Open(c, systemmeter.Options{Now: m.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		meter.Close()
		server.CloseClientConnections()
		server.Close()
	})
	return f, meter
}

func TestDevicesSayWhatTheyMeasure(t *testing.T) {
	for _, d := range devices() {
		for _, password := range []string{"", "open sesame&1"} {
			t.Run(string(d.kind)+" "+password, func(t *testing.T) {
				m := newMachine()
				_, meter := opened(t, d, m, password)
				first, err := meter.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for range 90 { // three hours
					m.run(2*time.Minute, 42.5)
				}
				second, err := meter.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if !second.HasPower || math.Abs(float64(second.Power-42.5)) > 0.51 {
					t.Errorf("power %v, known %v", second.Power, second.HasPower)
				}
				if !second.At.Equal(m.now()) {
					t.Errorf("at %v, want %v", second.At, m.now())
				}
				if second.HasEnergy != d.counts {
					t.Fatalf("energy known %v, want %v", second.HasEnergy, d.counts)
				}
				if !d.counts {
					return
				}
				drawn, want := second.Energy-first.Energy, energy.Watts(42.5).For(3*time.Hour)
				if math.Abs(float64(drawn-want)) > float64(d.step) {
					t.Errorf("drew %v J by the counter, want %v", drawn, want)
				}
				step := d.step
				if d.byMinute {
					step = max(step, energy.Watts(42.5).For(time.Minute))
				}
				if d.kind != fake.JSON && math.Abs(float64(second.Resolution-step)) > 1e-6 {
					t.Errorf("a step of %v J, want %v", second.Resolution, step)
				}
			})
		}
	}
}

func TestFaults(t *testing.T) {
	wants := map[fake.Fault]error{
		fake.Silent: systemmeter.ErrTimeout, fake.Slow: systemmeter.ErrTimeout,
		fake.Refused: systemmeter.ErrUnauthorized, fake.ServerError: systemmeter.ErrStatus,
		fake.NotFound: systemmeter.ErrStatus, fake.Garbage: systemmeter.ErrFormat,
		fake.Cut: systemmeter.ErrUnreachable, fake.Endless: systemmeter.ErrFormat,
		fake.Elsewhere: systemmeter.ErrStatus, fake.NotANumber: systemmeter.ErrFormat,
		fake.Unavailable: systemmeter.ErrUnavailable,
	}
	for _, d := range devices() {
		for fault, want := range wants {
			t.Run(string(d.kind)+" "+string(fault), func(t *testing.T) {
				m := newMachine()
				f, meter := opened(t, d, m, "")
				if _, err := meter.Read(t.Context()); err != nil {
					t.Fatal(err)
				}
				ctx := t.Context()
				if errors.Is(want, systemmeter.ErrTimeout) {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
					defer cancel()
				}
				f.SetFault(fault)
				r, err := meter.Read(ctx)
				if !errors.Is(err, want) {
					t.Errorf("error %v, want %v", err, want)
				}
				if r != (systemmeter.Reading{}) {
					t.Errorf("half a reading beside an error: %+v", r)
				}
				f.SetFault(fake.NoFault)
				if r, err := meter.Read(t.Context()); err != nil || !r.HasPower {
					t.Errorf("afterwards: %+v, %v", r, err)
				}
			})
		}
	}
}

func TestPowerMissingLeavesTheCounter(t *testing.T) {
	for _, d := range devices() {
		if !d.counts || d.kind == fake.JSON { // there the config says that it must be there
			continue
		}
		t.Run(string(d.kind), func(t *testing.T) {
			f, meter := opened(t, d, newMachine(), "")
			if _, err := meter.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.SetFault(fake.NoPowerField)
			r, err := meter.Read(t.Context())
			if err != nil || r.HasPower || r.Power != 0 || !r.HasEnergy {
				t.Errorf("reading %+v, error %v", r, err)
			}
		})
	}
}

func TestClocksOfDevicesAreNotAsked(t *testing.T) {
	for _, d := range devices() {
		t.Run(string(d.kind), func(t *testing.T) {
			m := newMachine()
			f, meter := opened(t, d, m, "")
			f.SetFault(fake.ClockSkewed)
			r, err := meter.Read(t.Context())
			if err != nil || !r.At.Equal(m.now()) {
				t.Errorf("at %v, want %v, error %v", r.At, m.now(), err)
			}
		})
	}
}

func TestRebootIsWhatTheDeviceMakesOfIt(t *testing.T) {
	for _, d := range devices() {
		if !d.counts {
			continue
		}
		t.Run(string(d.kind), func(t *testing.T) {
			m := newMachine()
			f, meter := opened(t, d, m, "")
			m.run(2*time.Hour, 100)
			before, err := meter.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			f.Reboot()
			after, err := meter.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if fell := after.Energy < before.Energy; fell != (d.kind == fake.ShellyGen1) {
				t.Errorf("counter from %v to %v J", before.Energy, after.Energy)
			}
			f.ResetCounter()
			if reset, err := meter.Read(t.Context()); err != nil || reset.Energy >= max(before.Energy, 1) {
				t.Errorf("counter from %v to %v J after a reset, error %v", before.Energy, reset.Energy, err)
			}
		})
	}
}

func TestAnotherDeviceAtTheAddress(t *testing.T) {
	for _, tt := range []struct {
		from, to fake.Kind
		want     error         // of the first reading from the new device
		step     energy.Joules // of its counter
	}{
		{fake.ShellyGen1, fake.ShellyPM, systemmeter.ErrStatus, 3.6},
		{fake.ShellyGen1EM, fake.ShellyGen1, systemmeter.ErrConfig, energy.Watts(42.5).For(time.Minute)},
		{fake.Shelly, fake.ShellyPM, systemmeter.ErrStatus, 3.6},
		{fake.Shelly, fake.ShellyGen1, systemmeter.ErrStatus, energy.Watts(42.5).For(time.Minute)},
	} {
		t.Run(string(tt.from)+" "+string(tt.to), func(t *testing.T) {
			m := newMachine()
			var device atomic.Pointer[fake.Device]
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { device.Load().ServeHTTP(w, r) }))
			defer server.Close()
			at := func(kind fake.Kind) {
				d, err := fake.New(kind, m, fake.Options{Now: m.now, Password: "secret"})
				if err != nil {
					t.Fatal(err)
				}
				device.Store(d)
			}
			at(tt.from)
			meter, err := systemmeter.Open(systemmeter.Config{
				Name: "plug", Kind: systemmeter.KindShelly, URL: server.URL, Secret: systemmeter.NewSecret("secret"),
			}, systemmeter.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := meter.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			at(tt.to)
			if _, err := meter.Read(t.Context()); !errors.Is(err, tt.want) && !errors.Is(err, systemmeter.ErrUnauthorized) {
				t.Errorf("asked the new device as the old: %v", err)
			}
			if r, err := meter.Read(t.Context()); err != nil || math.Abs(float64(r.Resolution-tt.step)) > 1e-6 {
				t.Errorf("did not find out about the new device: %+v, %v", r, err)
			}
		})
	}
}
