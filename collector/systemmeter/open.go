package systemmeter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/rs/zerolog"
)

// Options is what meters need besides their config. The zero Options are those
// of a real machine.
type Options struct {
	// Now is the clock that readings are stamped by; nil means time.Now.
	Now func() time.Time
	// Command runs a tool of this machine and returns what it printed; nil
	// means to run it.
	Command func(ctx context.Context, name string, args ...string) ([]byte, error)
	// Log is for what a meter does between questions; the zero Logger is silent.
	Log zerolog.Logger
}

// Open returns the meter that a config describes. It asks the device nothing
// yet. The error holds a KeyError for each fault of the config.
func Open(c Config, o Options) (Meter, error) {
	if err := Validate(c); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	if o.Now == nil {
		o.Now = time.Now
	}
	base, err := url.Parse(c.URL)
	if err != nil {
		return nil, urlFault(c)
	}
	m, err := construct(c, o, newClient(base, c.AllowRemote, o.Now))
	if err != nil {
		return nil, fmt.Errorf("meter %s: %w", c.Name, err)
	}
	return &opened{Meter: m, lag: c.Lag}, nil
}

func construct(c Config, o Options, client *client) (Meter, error) {
	switch c.Kind {
	case KindShelly:
		return newShelly(c, o, client)
	case KindTasmota:
		return newTasmota(c, o, client)
	case KindHomeWizard:
		return newHomeWizard(c, o, client)
	case KindHTTP:
		return newHTTPJSON(c, o, client)
	case KindHomeAssistant:
		return newHomeAssistant(c, o, client)
	case KindPrometheus:
		return newPrometheus(c, o, client)
	case KindMQTT:
		return newMQTT(c, o, client)
	case KindSMC:
		return newSMC(c, o, client)
	case KindBattery:
		return newBattery(c, o, client)
	}
	return nil, fmt.Errorf("kind %q: %w", c.Kind, ErrConfig)
}

// opened is a meter whose answers come in time or not at all, are as late as the
// config says, and whose errors say which meter it is.
type opened struct {
	Meter
	lag time.Duration
}

func (m *opened) Read(ctx context.Context) (Reading, error) {
	limited, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	r, err := m.Meter.Read(limited)
	if err == nil && !r.HasPower && !r.HasEnergy {
		err = fmt.Errorf("neither power nor energy: %w", ErrUnavailable)
	}
	switch {
	case err == nil:
		r.At, r.Lag = r.At.Add(-m.lag), r.Lag+m.lag
		return r, nil
	case errors.Is(ctx.Err(), context.Canceled):
		err = ctx.Err()
	case errors.Is(limited.Err(), context.DeadlineExceeded) && !errors.Is(err, ErrTimeout):
		err = fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return Reading{}, fmt.Errorf("meter %s: %w", m.Name(), advised(err))
}

// advised adds what usually helps, where nothing better is known.
func advised(err error) error {
	var known *HintError
	switch {
	case errors.As(err, &known):
	case errors.Is(err, ErrUnauthorized):
		return hint(err, "check this meter's user and secret")
	case errors.Is(err, ErrUnreachable), errors.Is(err, ErrTimeout):
		return hint(err, "is the device on, and is that its address?")
	}
	return err
}
