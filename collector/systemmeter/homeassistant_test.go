package systemmeter_test

import (
	"errors"
	"math"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// held is a system that holds the values of others, and a meter that asks it.
// Its clock is skew ahead of the meter's.
type held struct {
	t      *testing.T
	skew   time.Duration
	config systemmeter.Config
	meter  systemmeter.Meter

	mu     sync.Mutex // a server may still be at a question that nobody waits for
	now    time.Time
	watts  energy.Watts
	joules energy.Joules
}

func (h *held) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *held) theirs() time.Time { return h.clock().Add(h.skew) }

func (h *held) Plug() (energy.Watts, energy.Joules) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.watts, h.joules
}

// pass lets time go by, and the machine draw another power from then on.
func (h *held) pass(d time.Duration, w energy.Watts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now, h.joules, h.watts = h.now.Add(d), h.joules+h.watts.For(d), w
}

func newHeld(t *testing.T) *held {
	return &held{t: t, now: time.Date(2026, 1, 5, 10, 0, 0, 250e6, time.UTC), watts: 47.1, joules: 3.6e6}
}

func (h *held) open(c systemmeter.Config) {
	h.t.Helper()
	h.config = c
	var err error
	if h.meter, err = systemmeter.Open(c, systemmeter.Options{Now: h.clock}); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { h.meter.Close() })
}

// reopen makes another meter, that knows nothing of the first.
func (h *held) reopen() { h.open(h.config) }

func (h *held) read() systemmeter.Reading {
	h.t.Helper()
	r, err := h.meter.Read(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// fails wants an error of a kind that says certain words.
func (h *held) fails(want error, words ...string) {
	h.t.Helper()
	r, err := h.meter.Read(h.t.Context())
	if !errors.Is(err, want) {
		h.t.Fatalf("got %+v and %v, want %v", r, err, want)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			h.t.Errorf("error %q says nothing of %q", err, w)
		}
	}
	checkNoSecret(h.t, "error", err.Error())
}

func newHA(t *testing.T, h *held, o fake.HomeAssistantOptions, change func(*systemmeter.Config)) *fake.HomeAssistant {
	t.Helper()
	o.Now, o.Token = h.theirs, canary
	ha, err := fake.NewHomeAssistant(h, o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(ha)
	t.Cleanup(server.Close)
	c := systemmeter.Config{
		Name: "plug", Kind: systemmeter.KindHomeAssistant, URL: server.URL, Secret: systemmeter.NewSecret(canary),
		Power: systemmeter.ValuePlace{Place: fake.HAPower}, EnergyCounter: systemmeter.ValuePlace{Place: fake.HAEnergy},
	}
	if change != nil {
		change(&c)
	}
	h.open(c)
	return ha
}

func TestHomeAssistant(t *testing.T) {
	for _, skew := range []time.Duration{0, 30 * time.Second, -30 * time.Second} {
		t.Run(skew.String(), func(t *testing.T) {
			h := newHeld(t)
			h.skew = skew
			newHA(t, h, fake.HomeAssistantOptions{Every: 10 * time.Second}, nil)
			first := h.read()
			if !first.HasPower || first.Power != 47.1 || !first.HasEnergy || first.Energy != 3.6e6 || first.Resolution != 3600 {
				t.Errorf("got %+v, want 47.1 W and 1 kWh in steps of 3600 J", first)
			}
			// Date is in whole seconds: one answer tells the clock within a second.
			if off := h.now.Sub(first.At).Abs(); off > time.Second {
				t.Errorf("dated %v off", off)
			}
			h.pass(10*time.Second, 120)
			h.read()
			// Many answers tell it better.
			for range 9 {
				h.pass(930*time.Millisecond, 120)
				h.read()
			}
			h.pass(2*time.Second, 80)
			reported := h.now
			r := h.read()
			if off := reported.Sub(r.At).Abs(); off > 100*time.Millisecond || r.Power != 80 || r.Lag > 100*time.Millisecond {
				t.Errorf("got %+v, dated %v off, want 80 W as of %v", r, off, reported)
			}
			h.pass(3*time.Second, 500)
			if again := h.read(); again.Power != 80 || !again.At.Equal(r.At) || again.Lag < 2900*time.Millisecond {
				t.Errorf("before the next report: %+v, want that of before, 3 s old", again)
			}
		})
	}
}

// A Mac that sleeps draws the same all night: who may ask for the last report is
// told of each.
func TestHomeAssistantUnchanged(t *testing.T) {
	quiet := func(t *testing.T, o fake.HomeAssistantOptions) (*held, *fake.HomeAssistant) {
		h := newHeld(t)
		h.watts = 0 // nor does the counter move
		o.Every = 5 * time.Second
		ha := newHA(t, h, o, nil)
		h.read()
		return h, ha
	}
	t.Run("administrator", func(t *testing.T) {
		h, ha := quiet(t, fake.HomeAssistantOptions{Admin: true})
		for range 50 {
			h.pass(7*time.Second, 0)
			r := h.read()
			if age := h.now.Sub(r.At); age > 11*time.Second {
				t.Fatalf("got %+v, %v old, though it is reported every 5 s", r, age)
			}
		}
		ha.SetFault(fake.NotReported)
		h.pass(110*time.Second, 0)
		h.read()
		h.pass(20*time.Second, 0)
		h.fails(systemmeter.ErrStale, "still measure")
	})
	for name, o := range map[string]fake.HomeAssistantOptions{"user": {}, "old version": {Admin: true, Old: true}} {
		t.Run(name, func(t *testing.T) {
			h, _ := quiet(t, o)
			h.pass(110*time.Second, 0)
			h.read()
			h.pass(20*time.Second, 0)
			h.fails(systemmeter.ErrStale, "administrator", "force_update")
			h.pass(time.Second, 12) // it draws again
			h.pass(5*time.Second, 12)
			if r := h.read(); r.Power != 12 {
				t.Errorf("got %+v, want 12 W", r)
			}
		})
	}
}

// Only the power is old: the counter is still good, and the other way round.
func TestHomeAssistantOneIsOld(t *testing.T) {
	h := newHeld(t)
	newHA(t, h, fake.HomeAssistantOptions{Every: 5 * time.Second}, nil)
	h.read()
	for range 30 {
		h.pass(100*time.Second, 47.1) // the same power: the counter alone moves on
		r := h.read()
		if !r.HasEnergy || math.Abs(float64(r.Energy-h.joules)) > 3600 {
			t.Fatalf("got %+v, want the counter at %v", r, h.joules)
		}
	}
	if r := h.read(); r.HasPower {
		t.Errorf("got %+v, want no power of %v ago", r, 3000*time.Second)
	}
}

func TestHomeAssistantFaults(t *testing.T) {
	for _, tc := range []struct {
		fault fake.Fault
		want  error
		words string
	}{
		{fake.Unavailable, systemmeter.ErrUnavailable, "unavailable"},
		{fake.NotANumber, systemmeter.ErrFormat, fake.HAPower},
		{fake.NoUnit, systemmeter.ErrFormat, "power.unit"},
		{fake.Measurement, systemmeter.ErrFormat, "total_increasing"},
		{fake.NotFound, systemmeter.ErrStatus, "Developer tools"},
		{fake.Refused, systemmeter.ErrUnauthorized, "long-lived access token"},
		{fake.ServerError, systemmeter.ErrStatus, "500"},
		{fake.Garbage, systemmeter.ErrFormat, "8123"},
		{fake.Endless, systemmeter.ErrFormat, "KiB"},
		{fake.Elsewhere, systemmeter.ErrStatus, "another host"},
		{fake.Silent, systemmeter.ErrTimeout, ""},
	} {
		t.Run(string(tc.fault), func(t *testing.T) {
			h := newHeld(t)
			ha := newHA(t, h, fake.HomeAssistantOptions{}, nil)
			ha.SetFault(tc.fault)
			h.fails(tc.want, tc.words)
			ha.SetFault(fake.NoFault)
			h.pass(time.Second, 50)
			if r := h.read(); r.Power != 50 || !r.HasEnergy {
				t.Errorf("afterwards %+v, want 50 W and the counter", r)
			}
		})
	}
}

func TestHomeAssistantToken(t *testing.T) {
	h := newHeld(t)
	newHA(t, h, fake.HomeAssistantOptions{}, func(c *systemmeter.Config) { c.Secret = systemmeter.NewSecret(canary + "x") })
	h.fails(systemmeter.ErrUnauthorized, "long-lived access token")
}

func TestHomeAssistantUnits(t *testing.T) {
	h := newHeld(t)
	ha := newHA(t, h, fake.HomeAssistantOptions{}, nil)
	h.read()
	ha.SetFault(fake.UnitChanged)
	h.pass(100*time.Second, 47.1)
	if r := h.read(); math.Abs(float64(r.Power-47.1)) > 1e-9 || r.Energy != 3603600 {
		t.Errorf("in kW and Wh: %+v, want 47.1 W and 1001 Wh", r)
	}
	ha.SetFault(fake.NoUnit)
	h.fails(systemmeter.ErrFormat, "power.unit")

	// The entity has none, the config has.
	h = newHeld(t)
	ha = newHA(t, h, fake.HomeAssistantOptions{}, func(c *systemmeter.Config) { c.Power.Unit, c.EnergyCounter.Unit = "W", "kWh" })
	ha.SetFault(fake.NoUnit)
	if r := h.read(); r.Power != 47.1 || r.Energy != 3.6e6 {
		t.Errorf("with units of the config: %+v, want 47.1 W and 1 kWh", r)
	}

	// A power is no energy.
	h = newHeld(t)
	newHA(t, h, fake.HomeAssistantOptions{}, func(c *systemmeter.Config) { c.Power.Place, c.EnergyCounter = fake.HAEnergy, systemmeter.ValuePlace{} })
	h.fails(systemmeter.ErrFormat, "kWh", "entity of power")
}

func TestHomeAssistantConfig(t *testing.T) {
	c := systemmeter.Config{Name: "plug", Kind: systemmeter.KindHomeAssistant, URL: "http://192.168.1.5:8123", Secret: systemmeter.NewSecret(canary)}
	for _, id := range []string{"mac_power", "sensor.", ".x", "sensor.Mac", "sensor.x'] }}", "sensor/x"} {
		c.Power.Place = id
		if _, err := systemmeter.Open(c, systemmeter.Options{}); !errors.Is(err, systemmeter.ErrConfig) || !strings.Contains(err.Error(), "sensor.mac_power") {
			t.Errorf("entity %q: %v, want ErrConfig and an example", id, err)
		}
	}
}
