package systemmeter

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-openapi/jsonpointer"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// httpJSON is anything that answers a GET with JSON: power and counter are found
// by JSON pointers (RFC 6901), as numbers or as text that holds one.
type httpJSON struct {
	config         Config
	client         *client
	power, counter *jsonPlace
}

// jsonPlace is where a value is in a document, and what one of it is in watts
// or joules.
type jsonPlace struct {
	at    jsonpointer.Pointer
	scale float64
}

func newHTTPJSON(c Config, _ Options, client *client) (Meter, error) {
	power, err := newJSONPlace(c.Power, watt, parsePowerUnit)
	if err != nil {
		return nil, fmt.Errorf("power: %w", err)
	}
	counter, err := newJSONPlace(c.EnergyCounter, kilowattHour, parseEnergyUnit)
	if err != nil {
		return nil, fmt.Errorf("energy: %w", err)
	}
	switch {
	case c.User != "":
		client.basic(c.User, c.Secret)
	case c.Secret.Known():
		client.bearer(c.Secret)
	}
	for name, value := range c.Header {
		client.header.Set(name, value.value)
	}
	return &httpJSON{config: c, client: client, power: power, counter: counter}, nil
}

func newJSONPlace[U ~float64](p ValuePlace, usual U, parse func(string) (U, error)) (*jsonPlace, error) {
	if p.Place == "" {
		return nil, nil
	}
	at, err := parsePointer(p.Place)
	if err != nil {
		return nil, fmt.Errorf("%q is no JSON pointer: %w", p.Place, ErrConfig)
	}
	unit := usual
	if p.Unit != "" {
		if unit, err = parse(p.Unit); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	return &jsonPlace{at: at, scale: float64(unit) * p.factor()}, nil
}

// factor is the scale, with 1 for 0.
func (p ValuePlace) factor() float64 {
	if p.Scale == 0 {
		return 1
	}
	return p.Scale
}

func (m *httpJSON) Name() string             { return m.config.Name }
func (m *httpJSON) Scope() attribution.Scope { return attribution.ScopeWall }
func (m *httpJSON) Close() error             { return m.client.close() }

func (m *httpJSON) Read(ctx context.Context) (Reading, error) {
	got, err := m.client.get(ctx, nil)
	if err != nil {
		return Reading{}, err
	}
	r, err := m.parse(got.Body)
	if err != nil {
		return Reading{}, err
	}
	return got.stamp(r), nil
}

func (m *httpJSON) parse(body []byte) (Reading, error) {
	document, err := decodeJSON(body)
	if err != nil {
		return Reading{}, err
	}
	var r Reading
	watts, power, err := m.power.value(document)
	if err != nil {
		return Reading{}, fmt.Errorf("power: %w", err)
	}
	joules, counter, err := m.counter.value(document)
	if err != nil {
		return Reading{}, fmt.Errorf("energy: %w", err)
	}
	r.Power, r.HasPower = energy.Watts(watts), power
	r.Energy, r.HasEnergy = energy.Joules(joules), counter
	return r, nil
}

// value is false where the config names no place, or the device has no value
// there: the other one is still good.
func (p *jsonPlace) value(document any) (float64, bool, error) {
	if p == nil {
		return 0, false, nil
	}
	v, err := numberAt(document, p.at)
	if errors.Is(err, ErrUnavailable) {
		return 0, false, nil
	}
	return v * p.scale, err == nil, err
}
