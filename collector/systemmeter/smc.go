package systemmeter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// smcPowerKey is "System Total": what the whole Mac draws behind its power
// supply, in watts. macmon, mactop, stats and Chromium read it by this name, on
// laptops and desktops from M1 on. It is instantaneous and noisy, and the
// meanings of keys are nowhere promised.
const smcPowerKey = "PSTR"

// absentFor is how long a meter that this machine does not have is left alone.
// It is not for ever: drivers may start after us.
const absentFor = time.Hour

// smcPort is a connection to the SMC's driver.
type smcPort interface {
	// ask puts a question and returns the answer.
	ask(smcParam) (smcParam, error)
	close() error
}

// smcMeter reads the SMC's power and sums it up to a counter of energy.
//
// Each Read takes one sample; a Config asks for one every 500 ms, which is the
// 2 Hz that a trapezoid needs for this key. So there is no goroutine, no lock and
// no clock of its own, at the cost of two readings a second: one call into the
// driver each, once the type of the key is known.
type smcMeter struct {
	name   string
	limit  energy.Watts
	now    func() time.Time
	origin time.Time // of the running time
	open   func() (smcPort, error)

	port   smcPort    // nil until opened, and after an error
	info   smcKeyInfo // of the key; zero until it was there once
	absent absence
	sum    integral
}

func newSMC(c Config, o Options, _ *client) (Meter, error) {
	return &smcMeter{
		name: c.Name, limit: limitOf(c, hardwareModel()), now: o.Now, origin: o.Now(), open: openSMC,
		sum: integral{pause: 2 * c.Every},
	}, nil
}

// Read takes one sample. The counter begins at 0 with the first, and again after
// each sleep.
func (m *smcMeter) Read(ctx context.Context) (Reading, error) {
	if err := ctx.Err(); err != nil {
		return Reading{}, err
	}
	begun := m.now()
	if err := m.absent.at(begun); err != nil {
		return Reading{}, err
	}
	power, err := m.sample()
	if err != nil {
		if m.info == (smcKeyInfo{}) { // a key that was there once is not absent
			m.absent.note(begun, err)
		}
		return Reading{}, fmt.Errorf("read %s of the SMC: %w", smcPowerKey, err)
	}
	ended := m.now()
	if err := checkPower(power, m.limit); err != nil {
		return Reading{}, fmt.Errorf("read %s of the SMC: %w", smcPowerKey, err)
	}
	at := instantOf(m.origin, begun.Add(ended.Sub(begun)/2))
	return Reading{
		At: at.wall, Lag: ended.Sub(begun) / 2,
		Power: power, HasPower: true,
		Energy: m.sum.add(at, power), HasEnergy: true,
	}, nil
}

// sample asks the driver, and opens it first where need be. After an error it is
// opened anew: a connection may not outlive a sleep.
func (m *smcMeter) sample() (energy.Watts, error) {
	if m.port == nil {
		if err := m.connect(); err != nil {
			return 0, err
		}
	}
	a, err := m.port.ask(smcReadQuestion(smcPowerKey, m.info))
	if err == nil {
		var power energy.Watts
		if power, err = smcWatts(a, m.info); err == nil {
			return power, nil
		}
	}
	return 0, errors.Join(err, m.Close())
}

func (m *smcMeter) connect() error {
	port, err := m.open()
	if err != nil {
		return err
	}
	a, err := port.ask(smcInfoQuestion(smcPowerKey))
	if err == nil {
		var info smcKeyInfo
		if info, err = smcInfo(a); err == nil {
			m.port, m.info = port, info
			return nil
		}
	}
	return errors.Join(err, port.close())
}

// Name is what the config calls the meter.
func (m *smcMeter) Name() string { return m.name }

// Scope is that of the SMC.
func (m *smcMeter) Scope() attribution.Scope { return attribution.ScopeSMC }

// Close gives up the connection. A later Read opens it again.
func (m *smcMeter) Close() error {
	if m.port == nil {
		return nil
	}
	port := m.port
	m.port = nil
	return port.close()
}

// absence remembers that this machine lacks what a meter reads, so that it is
// not asked for all the time.
type absence struct {
	until time.Time
	err   error
}

// at returns the remembered error until it is time to ask again.
func (a *absence) at(now time.Time) error {
	if a.err != nil && now.Before(a.until) {
		return a.err
	}
	return nil
}

func (a *absence) note(now time.Time, err error) {
	if errors.Is(err, ErrAbsent) {
		a.until, a.err = now.Add(absentFor), err
	}
}
