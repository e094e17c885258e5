package systemmeter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// homeAssistant asks Home Assistant for the states of up to two entities, one
// after the other (developers.home-assistant.io, "REST API", and the state
// object of home-assistant.io/docs, of 2024.4 and later; the token is a
// long-lived access token).
//
// A value is as old as its last report, by Home Assistant's own clock, which is
// told by the Date of its answers: what our clock says of it does not matter.
// Three times stand beside a state. last_changed and last_updated stay while a
// sensor says the same again; last_reported, since 2024.4, does not, but a
// state's JSON is kept while it does not change, and so shows an old
// last_reported too (home-assistant/core issue 181392). So once a value looks
// old, its last report is asked for by a template, which the token of an
// administrator may do. Without one, an unchanged value ages, and is refused
// once it is older than max_age: nothing tells it from a sensor that has died.
// The MQTT integration of Home Assistant notes no report of an unchanged value
// at all, unless the entity has force_update: true.
//
// The counter may be of any state class but measurement; where it falls, as
// those of daily meters do, it began anew.
type homeAssistant struct {
	config Config
	client *client
	now    func() time.Time
	clock  serverClock
	power  *haEntity // nil: there is none
	energy *haEntity
	values newest
	// noTemplates is set once Home Assistant has refused one: it counts each
	// refusal as a failed sign-in.
	noTemplates bool
}

// haLooksOld is the age from which on a value's last report is asked for.
const haLooksOld = 10 * time.Second

func newHomeAssistant(c Config, o Options, client *client) (Meter, error) {
	if err := checkHomeAssistant(c); err != nil {
		return nil, err
	}
	client.bearer(c.Secret)
	return &homeAssistant{
		config: c.WithDefaults(), client: client, now: o.Now,
		power: newHAEntity("power", c.Power, powerScale), energy: newHAEntity("energy", c.EnergyCounter, energyScale),
	}, nil
}

// Name is what the config calls the meter.
func (m *homeAssistant) Name() string { return m.config.Name }

// Scope is what the values cover.
func (m *homeAssistant) Scope() attribution.Scope { return defaultsOf(KindHomeAssistant).scope }

// Close gives up the connection.
func (m *homeAssistant) Close() error { return m.client.close() }

// Read asks for both entities.
func (m *homeAssistant) Read(ctx context.Context) (Reading, error) {
	var answers []error
	for _, ask := range []struct {
		entity *haEntity
		value  *valueAt
	}{{m.power, &m.values.power}, {m.energy, &m.values.energy}} {
		if ask.entity == nil {
			continue
		}
		err := m.ask(ctx, ask.entity, ask.value)
		if err != nil {
			err = fmt.Errorf("entity %s of %s: %w", ask.entity.id, m.client.base.Host, err)
		}
		answers = append(answers, err)
	}
	return m.values.settle(m.now(), m.config.MaxAge, answers...)
}

func (m *homeAssistant) ask(ctx context.Context, e *haEntity, into *valueAt) error {
	state, got, err := m.state(ctx, e.id)
	if err != nil {
		return err
	}
	value, err := e.value(state)
	if err != nil {
		return err
	}
	at, report := m.clock.ours(state.reported(), got.ended), state.reported()
	if got.ended.Sub(at) > haLooksOld && !m.noTemplates {
		again, later, err := m.render(ctx, e.id)
		m.noTemplates = refusedForGood(err)
		if err == nil {
			state.State, at, report = again.State, later, again.time()
			if value, err = e.value(state); err != nil {
				return err
			}
		} // else there is what the state itself says
	}
	if age := got.ended.Sub(at); age > m.config.MaxAge {
		return hint(fmt.Errorf("last report is %v old: %w", age.Round(time.Second), ErrStale), "%s", m.advice())
	}
	into.set(value, at, report)
	if e == m.energy {
		m.values.refine(e.step(state))
	}
	return nil
}

// refusedForGood tells a refusal from a server that is busy.
func refusedForGood(err error) bool {
	var refused *statusError
	return errors.As(err, &refused) && (refused.Code/100 == 4 || refused.Code == http.StatusNotImplemented)
}

func (m *homeAssistant) advice() string {
	words := []string{"does the sensor still measure?"}
	if m.noTemplates {
		words = append(words, "The token of an administrator would show when an unchanged value was last reported.")
	}
	return strings.Join(append(words, "An entity of MQTT needs force_update: true; if it is just slow, raise max_age from "+m.config.MaxAge.String()), " ")
}
