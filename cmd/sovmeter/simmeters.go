package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/scope"
	"github.com/sovmeter/sovmeter/collector/sim"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// simOS is the version of macOS that simulated Macs run.
const simOS = "26.1"

// simPlugEvery is how often the plug of a simulated day is asked. A real one is
// asked every two seconds; a day of those takes a while.
const simPlugEvery = 5 * time.Second

// simMeters are what measures a simulated Mac as a whole: a device that answers
// over loopback as a real one does, asked by the client that asks real ones, and
// a laptop's battery telemetry. Their clock is the simulation's.
type simMeters struct {
	mu      sync.Mutex
	clock   time.Time
	mac     *simulated
	before  energy.Joules // at the plug, of the simulations before this one
	state   sim.WallState
	past    [2]sim.WallState // one and two steps ago, the older first
	battery *fake.Battery    // nil: the machine has none
	drawn   sim.WallState    // up to which the battery knows
	list    []simMeter
	close   []func() error
}

type simMeter struct {
	name   string
	meter  systemmeter.Meter
	config systemmeter.Config
	poller *systemmeter.Poller
	next   time.Time
}

// newSimMeters opens the meters of a scenario's machine: a plug of that kind, of
// none when it is empty, and its battery telemetry if it has a battery. Readings
// go to hand.
func newSimMeters(s sim.Scenario, plug fake.Kind, hand func(context.Context, collector.Reading)) (*simMeters, error) {
	m := &simMeters{clock: s.Start, state: sim.WallState{At: s.Start}}
	if plug != "" {
		config, device, err := m.device(plug)
		if err != nil {
			return nil, err
		}
		if config.URL, err = m.serve(plug, device); err != nil {
			return nil, err
		}
		if err := m.add(config, hand); err != nil {
			return nil, errors.Join(err, m.Close())
		}
	}
	if s.Wall.Battery.Capacity > 0 {
		m.battery = fake.NewBattery(s.Start)
		if err := m.add(systemmeter.Config{Name: "battery", Kind: systemmeter.KindBattery}, hand); err != nil {
			return nil, errors.Join(err, m.Close())
		}
	}
	return m, nil
}

// The kinds of what holds the values of another's plug.
const (
	simHomeAssistant fake.Kind = "homeassistant"
	simPrometheus    fake.Kind = "prometheus"
)

// device is what is asked, and what a user would write to ask it.
func (m *simMeters) device(kind fake.Kind) (systemmeter.Config, http.Handler, error) {
	c := systemmeter.Config{Name: "plug", Kind: systemmeter.KindShelly, Every: simPlugEvery}
	plug := fake.PlugFunc(m.plug)
	switch kind {
	case simHomeAssistant:
		c.Kind, c.Secret = systemmeter.KindHomeAssistant, systemmeter.NewSecret("simulated")
		c.Power.Place, c.EnergyCounter.Place = fake.HAPower, fake.HAEnergy
		h, err := fake.NewHomeAssistant(plug, fake.HomeAssistantOptions{Now: m.now, Token: "simulated", Admin: true})
		return c, h, err
	case simPrometheus:
		c.Kind = systemmeter.KindPrometheus
		c.Power.Place, c.EnergyCounter = fake.PromPower, systemmeter.ValuePlace{Place: fake.PromEnergy, Unit: "J"}
		h, err := fake.NewPrometheus(plug, fake.PrometheusOptions{Now: m.now})
		return c, h, err
	case fake.Tasmota:
		c.Kind = systemmeter.KindTasmota
	case fake.HomeWizard:
		c.Kind = systemmeter.KindHomeWizard
	}
	h, err := fake.New(kind, plug, fake.Options{Now: m.now})
	return c, h, err
}

// serve has a device answer on loopback.
func (m *simMeters) serve(kind fake.Kind, device http.Handler) (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("simulated %s: %w", kind, err)
	}
	server := &http.Server{Handler: device, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	m.close = append(m.close, func() error {
		err := server.Close()
		if ended := <-done; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return err
	})
	return "http://" + listener.Addr().String(), nil
}

func (m *simMeters) add(c systemmeter.Config, hand func(context.Context, collector.Reading)) error {
	options := systemmeter.Options{Now: m.now}
	if m.battery != nil {
		options.Command = m.battery.Command
	}
	meter, err := systemmeter.Open(c, options)
	if err != nil {
		return fmt.Errorf("simulated meter %s: %w", c.Name, err)
	}
	m.close = append(m.close, meter.Close)
	c = c.WithDefaults()
	m.list = append(m.list, simMeter{
		name: c.Name, meter: meter, config: c,
		poller: systemmeter.NewPoller(meter, c, systemmeter.PollerOptions{Now: m.now, Hand: func(ctx context.Context, r systemmeter.Reading) {
			hand(ctx, collector.Reading{Meter: c.Name, MeterReading: r})
		}}),
	})
	return nil
}

// Close closes the meters and what they ask.
func (m *simMeters) Close() error {
	var errs []error
	for _, c := range m.close {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// scopes are the meters as the collector knows them.
func (m *simMeters) scopes(s sim.Scenario) scope.Config {
	c := scope.Config{Model: s.Chip.Model, OS: simOS}
	for _, x := range m.list {
		c.Meters = append(c.Meters, scope.Meter{
			Name: x.name, Scope: x.meter.Scope(), Every: x.config.Every, Accuracy: x.config.Accuracy, MaxWatts: x.config.MaxWatts,
		})
	}
	return c
}

func (m *simMeters) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.clock
}

// plug is what the device at the plug sees. Its power is the mean of the last
// second, as that of real ones is of some time.
func (m *simMeters) plug() (energy.Watts, energy.Joules) {
	m.mu.Lock()
	defer m.mu.Unlock()
	power, first := m.state.Plug, m.past[0]
	if d := m.state.At.Sub(first.At); !first.At.IsZero() && d > 0 {
		power = energy.Watts(float64(m.state.PlugTotal-first.PlugTotal) / d.Seconds())
	}
	return power, m.before + m.state.PlugTotal
}

// measure has the meters measure another simulation from now on: the counter of
// a plug goes on.
func (m *simMeters) measure(mac *simulated) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mac = mac
	m.before += m.state.PlugTotal
	m.state.PlugTotal = 0
	m.drawn, m.past = sim.WallState{}, [2]sim.WallState{}
}

// poll asks the meters that are due at t. The simulation has come there. A machine
// that sleeps asks nothing.
func (m *simMeters) poll(ctx context.Context, t time.Time) {
	m.reach(t)
	for i := range m.list {
		x := &m.list[i]
		if t.Before(x.next) || m.asleep() {
			continue
		}
		x.next = t.Truncate(x.config.Every).Add(x.config.Every)
		_, _ = x.poller.Poll(ctx) // a failure is in the poller's counts
	}
}

func (m *simMeters) asleep() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Asleep
}

// reach moves the clock, and has the battery know what was drawn meanwhile.
func (m *simMeters) reach(t time.Time) {
	state := m.mac.wall()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.past = [2]sim.WallState{m.past[1], m.state}
	m.clock, m.state = t, state
	if m.battery == nil {
		return
	}
	before := m.drawn
	m.drawn = state
	if state.Asleep {
		m.battery.Sleep(state.At)
		return
	}
	if length := state.At.Sub(before.At).Seconds(); !before.At.IsZero() && length > 0 {
		mean := func(j energy.Joules) energy.Watts { return energy.Watts(float64(j) / length) }
		charging := mean(state.ChargedTotal-before.ChargedTotal) - mean(state.DrainedTotal-before.DrainedTotal)
		m.battery.Draw(state.At, fake.BatteryState{System: mean(state.BoardTotal - before.BoardTotal), Charging: charging, External: state.Plugged})
	}
}

// run polls in real time until ctx ends. The machine is simulated up to now by
// whoever reads its powermetrics.
func (m *simMeters) run(ctx context.Context) error {
	tick := time.NewTicker(simStep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			m.poll(ctx, now.UTC().Round(0))
		}
	}
}
