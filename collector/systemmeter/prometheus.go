package systemmeter

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// prometheusMeter asks a Prometheus server, or another that speaks its HTTP
// API (prometheus.io/docs, "HTTP API"; held against version 2.42), for one
// instant query a value.
//
// An instant query is dated by when it was asked, however old its samples are.
// So the samples are asked for their own time, with timestamp() around each
// selector of the query, at the same instant: the oldest counts, and where none
// has a sample, the value is of unknown age and is refused. All of it is by the
// server's clock, and only the age is brought over to ours. A query without a
// selector is as new as its answer. The value of a function over a range, such
// as rate(x[5m]), is a mean over that range: half of the range is to be given as
// the meter's lag.
type prometheusMeter struct {
	config Config
	client *client
	now    func() time.Time
	power  *prometheusPlace // nil: there is none
	energy *prometheusPlace
	values newest
}

// prometheusPlace is a query, and what one of its value is in watts or joules.
type prometheusPlace struct {
	key       string // what the config calls it
	query     string
	selectors []string
	scale     float64
}

func newPrometheus(c Config, o Options, client *client) (Meter, error) {
	power, err := newPrometheusPlace("power", c.Power, watt, parsePowerUnit)
	if err != nil {
		return nil, err
	}
	usual := kilowattHour
	if strings.Contains(c.EnergyCounter.Place, "joules") {
		usual = 1 // names of Prometheus hold the unit
	}
	counter, err := newPrometheusPlace("energy", c.EnergyCounter, usual, parseEnergyUnit)
	if err != nil {
		return nil, err
	}
	switch {
	case c.User != "":
		client.basic(c.User, c.Secret)
	case c.Secret.Known():
		client.bearer(c.Secret)
	}
	return &prometheusMeter{config: c.WithDefaults(), client: client, now: o.Now, power: power, energy: counter}, nil
}

func newPrometheusPlace[U ~float64](key string, p ValuePlace, usual U, parse func(string) (U, error)) (*prometheusPlace, error) {
	if p.Place == "" {
		return nil, nil
	}
	unit := usual
	if p.Unit != "" {
		var err error
		if unit, err = parse(p.Unit); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", key, ErrConfig, err)
		}
	}
	return &prometheusPlace{key: key, query: p.Place, selectors: selectors(p.Place), scale: float64(unit) * p.factor()}, nil
}

// Name is what the config calls the meter.
func (m *prometheusMeter) Name() string { return m.config.Name }

// Scope is what the values cover.
func (m *prometheusMeter) Scope() attribution.Scope { return defaultsOf(KindPrometheus).scope }

// Close gives up the connection.
func (m *prometheusMeter) Close() error { return m.client.close() }

// Read asks for both values.
func (m *prometheusMeter) Read(ctx context.Context) (Reading, error) {
	var answers []error
	for _, ask := range []struct {
		place *prometheusPlace
		value *valueAt
	}{{m.power, &m.values.power}, {m.energy, &m.values.energy}} {
		if ask.place == nil {
			continue
		}
		err := m.ask(ctx, ask.place, ask.value)
		if err != nil {
			err = fmt.Errorf("query %s of %s: %w", ask.place.key, m.client.base.Host, err)
		}
		answers = append(answers, err)
	}
	return m.values.settle(m.now(), m.config.MaxAge, answers...)
}

func (m *prometheusMeter) ask(ctx context.Context, p *prometheusPlace, into *valueAt) error {
	got, err := m.query(ctx, p.query, time.Time{})
	if err != nil {
		return err
	}
	sampled, dated := got.asOf, len(p.selectors) == 0
	for _, s := range p.selectors {
		oldest, err := m.query(ctx, "min(timestamp("+s+"))", got.asOf)
		if errors.Is(err, ErrUnavailable) {
			continue // one side of an "or"
		}
		if err != nil {
			return fmt.Errorf("time of the samples: %w", err)
		}
		dated = true
		if at := time.UnixMilli(int64(math.Round(oldest.value * 1e3))); at.Before(sampled) {
			sampled = at
		}
	}
	if !dated {
		return hint(fmt.Errorf("no sample of its series counts now: %w", ErrStale), "is its target up?")
	}
	age := got.asOf.Sub(sampled)
	if age > m.config.MaxAge {
		return hint(fmt.Errorf("newest sample is %v old: %w", age.Round(time.Second), ErrStale),
			"is it still scraped? If it is just slow, raise max_age from %v", m.config.MaxAge)
	}
	into.set(got.value*p.scale, got.at.Add(-age), sampled)
	return nil
}
