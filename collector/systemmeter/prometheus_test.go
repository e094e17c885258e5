package systemmeter_test

import (
	"math"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

func newProm(t *testing.T, h *held, o fake.PrometheusOptions, change func(*systemmeter.Config)) *fake.Prometheus {
	t.Helper()
	o.Now = h.theirs
	p, err := fake.NewPrometheus(h, o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	c := systemmeter.Config{
		Name: "plug", Kind: systemmeter.KindPrometheus, URL: server.URL,
		Power:         systemmeter.ValuePlace{Place: fake.PromPower + `{job="plug"}`},
		EnergyCounter: systemmeter.ValuePlace{Place: fake.PromEnergy},
	}
	if change != nil {
		change(&c)
	}
	h.open(c)
	return p
}

func TestPrometheus(t *testing.T) {
	for _, query := range []string{fake.PromPower, "sum(" + fake.PromPower + ")", "scalar(" + fake.PromPower + ")"} {
		for _, skew := range []time.Duration{0, 30 * time.Second, -30 * time.Second} {
			t.Run(query+" "+skew.String(), func(t *testing.T) {
				h := newHeld(t)
				h.skew = skew
				newProm(t, h, fake.PrometheusOptions{Every: 15 * time.Second}, func(c *systemmeter.Config) { c.Power.Place = query })
				scraped := h.clock()
				first := h.read()
				if !first.At.Equal(scraped) || first.Power != 47.1 || first.Energy != 3.6e6 || first.Lag != 0 {
					t.Errorf("got %+v, want 47.1 W and 3.6 MJ as of %v", first, scraped)
				}
				// An instant query tells the old sample as if it were of now.
				h.pass(14*time.Second, 500)
				if r := h.read(); !r.At.Equal(scraped) || r.Power != 47.1 || r.Lag != 14*time.Second {
					t.Errorf("before the next scrape: %+v, want that of %v", r, scraped)
				}
				h.reopen()
				if r := h.read(); !r.At.Equal(scraped) || r.Lag != 14*time.Second {
					t.Errorf("asked for the first time then: %+v, want that of %v", r, scraped)
				}
				h.pass(time.Second, 80)
				if r := h.read(); !r.At.Equal(h.clock()) || r.Power != 80 || math.Abs(float64(r.Energy-h.joules)) > 1e-6 {
					t.Errorf("after it: %+v, want 80 W and %v", r, h.joules)
				}
			})
		}
	}
}

func TestPrometheusConstant(t *testing.T) {
	h := newHeld(t)
	newProm(t, h, fake.PrometheusOptions{}, func(c *systemmeter.Config) {
		c.Power, c.EnergyCounter = systemmeter.ValuePlace{Place: "0.0471", Unit: "kW", Scale: 2}, systemmeter.ValuePlace{}
	})
	if r := h.read(); math.Abs(float64(r.Power-94.2)) > 1e-9 || r.HasEnergy || !r.At.Equal(h.clock()) {
		t.Errorf("got %+v, want 94.2 W as of now", r)
	}
}

func TestPrometheusStale(t *testing.T) {
	h := newHeld(t)
	p := newProm(t, h, fake.PrometheusOptions{}, nil)
	h.read()
	p.SetFault(fake.NotReported)
	h.pass(2*time.Minute, 47.1)
	h.read()
	h.pass(time.Second, 47.1)
	h.fails(systemmeter.ErrStale, "scraped", "max_age")
}

// A function over a range still has a value when its series ended long before,
// and one side of an "or" that stands in for a series that is gone is none of it.
func TestPrometheusUndated(t *testing.T) {
	for _, query := range []string{
		"last_over_time(" + fake.PromPower + "[1h])", fake.PromPower + " or vector(0)",
	} {
		t.Run(query, func(t *testing.T) {
			h := newHeld(t)
			p := newProm(t, h, fake.PrometheusOptions{}, func(c *systemmeter.Config) {
				c.Power.Place, c.EnergyCounter = query, systemmeter.ValuePlace{}
			})
			if r := h.read(); r.Power != 47.1 {
				t.Errorf("got %+v, want 47.1 W", r)
			}
			p.SetFault(fake.Ended)
			h.pass(10*time.Minute, 47.1)
			h.fails(systemmeter.ErrStale, "no sample")
		})
	}
}

func TestPrometheusFaults(t *testing.T) {
	for _, tc := range []struct {
		fault fake.Fault
		want  error
		words []string
	}{
		{fake.Unavailable, systemmeter.ErrUnavailable, []string{"no series", "target up"}},
		{fake.TwoSeries, systemmeter.ErrFormat, []string{"2 series", "labels instance:", "sum()"}},
		{fake.NaN, systemmeter.ErrUnavailable, []string{"NaN"}},
		{fake.Infinite, systemmeter.ErrImplausible, nil},
		{fake.NotANumber, systemmeter.ErrFormat, nil},
		{fake.NotFound, systemmeter.ErrStatus, []string{"Prometheus server"}},
		{fake.Refused, systemmeter.ErrUnauthorized, []string{"bearer token"}},
		{fake.ServerError, systemmeter.ErrStatus, []string{"500"}},
		{fake.Garbage, systemmeter.ErrFormat, []string{"Prometheus server"}},
		{fake.Endless, systemmeter.ErrFormat, []string{"KiB"}},
		{fake.Silent, systemmeter.ErrTimeout, nil},
	} {
		t.Run(string(tc.fault), func(t *testing.T) {
			h := newHeld(t)
			p := newProm(t, h, fake.PrometheusOptions{}, nil)
			p.SetFault(tc.fault)
			h.fails(tc.want, tc.words...)
			p.SetFault(fake.NoFault)
			h.pass(time.Second, 50)
			if r := h.read(); r.Power != 50 || !r.HasEnergy {
				t.Errorf("afterwards %+v, want 50 W and the counter", r)
			}
		})
	}
}

func TestPrometheusQueries(t *testing.T) {
	for query, want := range map[string]struct {
		err   error
		words string
	}{
		"power(":  {systemmeter.ErrStatus, "does not understand it"},
		"up[5m]":  {systemmeter.ErrFormat, "range"},
		"missing": {systemmeter.ErrStatus, "does not understand it"},
	} {
		h := newHeld(t)
		newProm(t, h, fake.PrometheusOptions{}, func(c *systemmeter.Config) { c.Power.Place = query })
		h.fails(want.err, want.words, "query power")
	}
}

func TestPrometheusAccess(t *testing.T) {
	for _, tc := range []struct {
		name, user, secret string
		server             fake.PrometheusOptions
		ok                 bool
	}{
		{"basic", "admin", canary, fake.PrometheusOptions{User: "admin", Password: canary}, true},
		{"bearer", "", canary, fake.PrometheusOptions{Password: canary}, true},
		{"wrong password", "admin", canary, fake.PrometheusOptions{User: "admin", Password: "another"}, false},
		{"wrong token", "", canary, fake.PrometheusOptions{Password: "another"}, false},
		{"nothing", "", "", fake.PrometheusOptions{Password: "another"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHeld(t)
			newProm(t, h, tc.server, func(c *systemmeter.Config) {
				c.User, c.Secret = tc.user, systemmeter.NewSecret(tc.secret)
			})
			if tc.ok {
				h.read()
				return
			}
			h.fails(systemmeter.ErrUnauthorized, "bearer token")
		})
	}
}
