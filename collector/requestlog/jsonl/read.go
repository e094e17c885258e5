package jsonl

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	maxCount       = 1e12        // tokens; no context is near it
	maxJoules      = 1e15        // a power station for a week
	maxUncertainty = 365 * 86400 // seconds
)

// Decode reads one line. Its errors are *FieldError.
func Decode(line []byte) (Record, error) { return decode(line, false) }

// decode is Decode; noCache is as in requestlog.Options.
func decode(line []byte, noCache bool) (Record, error) {
	var w wire
	if err := json.Unmarshal(line, &w); err != nil {
		return Record{}, &FieldError{"", "not a JSON object with fields of the right kinds"}
	}
	q := attribution.Request{
		ID: requestlog.Model(w.ID), Server: requestlog.Model(w.Server), Model: requestlog.Model(w.Model),
	}
	for _, f := range []func(*attribution.Request) *FieldError{w.times, w.outcome, w.tokens} {
		if err := f(&q); err != nil {
			return Record{}, err
		}
	}
	if noCache && w.Input != nil && !q.Cached.Known && !q.Input.Known {
		q.Input, q.Cached = attribution.Known(int64(*w.Input)), attribution.Known(0)
	}
	charge, err := w.charge()
	if err != nil {
		return Record{}, err
	}
	return Record{Request: q, Charge: charge}, nil
}

func (w *wire) times(q *attribution.Request) *FieldError {
	for _, t := range []struct {
		field, from string
		to          *time.Time
		required    bool
	}{
		{"start", w.Start, &q.Start, true},
		{"end", w.End, &q.End, true},
		{"first_token", w.FirstToken, &q.FirstToken, false},
	} {
		if t.from == "" && !t.required {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, t.from)
		if err != nil {
			return &FieldError{t.field, "not an RFC 3339 time"}
		}
		if y := at.UTC().Year(); y < 1970 || y > 2199 {
			return &FieldError{t.field, "not in the years 1970 to 2199"}
		}
		*t.to = at.UTC()
	}
	if q.End.Before(q.Start) {
		return &FieldError{"end", "before start"}
	}
	if !q.FirstToken.IsZero() && (q.FirstToken.Before(q.Start) || q.FirstToken.After(q.End)) {
		return &FieldError{"first_token", "not between start and end"}
	}
	secs, known, err := amount("uncertainty_seconds", w.Uncertainty, maxUncertainty)
	if err != nil || !known {
		return err
	}
	q.Uncertainty = time.Duration(math.Round(secs * 1e9))
	return nil
}

func (w *wire) outcome(q *attribution.Request) *FieldError {
	switch o := attribution.Outcome(w.Outcome); {
	case o == attribution.OutcomeOK, o == attribution.OutcomeCancelled, o == attribution.OutcomeError:
		q.Outcome = o
	case o != "":
		return &FieldError{"outcome", "not ok, cancelled or error"}
	case w.ErrorType != "":
		q.Outcome = attribution.OutcomeError
	default:
		q.Outcome = attribution.OutcomeOK
	}
	return nil
}

func (w *wire) tokens(q *attribution.Request) *FieldError {
	var input attribution.Count
	for _, c := range []struct {
		field string
		from  *float64
		to    *attribution.Count
	}{
		{"gen_ai.usage.input_tokens", w.Input, &input},
		{"gen_ai.usage.cache_read.input_tokens", w.Cached, &q.Cached},
		{"sovmeter.usage.fresh_input_tokens", w.Fresh, &q.Input},
		{"gen_ai.usage.output_tokens", w.Output, &q.Output},
		{"context_tokens", w.Context, &q.Context},
	} {
		n, known, err := amount(c.field, c.from, maxCount)
		if err != nil {
			return err
		}
		if n != math.Trunc(n) {
			return &FieldError{c.field, "not a whole number"}
		}
		*c.to = attribution.Count{N: int64(n), Known: known}
	}
	return w.fresh(q, input)
}

// fresh works out the fresh tokens from those given.
func (w *wire) fresh(q *attribution.Request, input attribution.Count) *FieldError {
	if !input.Known {
		return nil
	}
	switch {
	case q.Cached.Known && q.Cached.N > input.N:
		return &FieldError{"gen_ai.usage.cache_read.input_tokens", "more than input_tokens, which include them"}
	case q.Cached.Known && q.Input.Known && q.Input.N+q.Cached.N != input.N:
		return &FieldError{"sovmeter.usage.fresh_input_tokens", "not input_tokens less the cached ones"}
	case q.Input.Known && q.Input.N > input.N:
		return &FieldError{"sovmeter.usage.fresh_input_tokens", "more than input_tokens"}
	case q.Cached.Known:
		q.Input = attribution.Known(input.N - q.Cached.N)
	case q.Input.Known:
		q.Cached = attribution.Known(input.N - q.Input.N)
	case q.Output.Known && !q.Context.Known:
		q.Context = attribution.Known(input.N + q.Output.N)
	}
	return nil
}

// charge reads the fields of a metered request; nil when there are none.
func (w *wire) charge() (*Charge, error) {
	var out Charge
	_, known, err := amount("energy_joules", w.Energy, maxJoules)
	if err != nil {
		return nil, err
	}
	out.EnergyKnown = known
	for _, e := range []struct {
		field string
		from  *float64
		to    *energy.Joules
	}{
		{"prefill_joules", w.Prefill, &out.Prefill},
		{"decode_joules", w.Decode, &out.Decode},
		{"error_joules", w.Error, &out.Error},
	} {
		j, ok, err := amount(e.field, e.from, maxJoules)
		if err != nil {
			return nil, err
		}
		if ok != out.EnergyKnown {
			return nil, &FieldError{e.field, "there without energy_joules, or the other way round"}
		}
		*e.to = energy.Joules(j)
	}
	covered, coveredKnown, err := amount("covered_ratio", w.Covered, 1)
	if err != nil {
		return nil, err
	}
	if err := w.trust(&out); err != nil {
		return nil, err
	}
	if !known && !coveredKnown && out.Tier == "" && !w.Late {
		return nil, nil
	}
	out.Covered, out.Late = covered, w.Late
	return &out, nil
}

// trust reads how far the energy is to be trusted, and why.
func (w *wire) trust(c *Charge) error {
	switch t := attribution.Tier(w.Tier); t {
	case "", attribution.TierMeasured, attribution.TierShared, attribution.TierEstimated:
		c.Tier = t
	default:
		return &FieldError{"tier", "not measured, shared or estimated"}
	}
	switch d := attribution.Driver(w.Driver); d {
	case "", attribution.DriverAmount, attribution.DriverSharing, attribution.DriverSensor, attribution.DriverGap:
		c.Driver = d
	default:
		return &FieldError{"error_driver", "not amount, sharing, sensor or gap"}
	}
	if c.Driver != "" && !c.EnergyKnown {
		return &FieldError{"error_driver", "there without energy_joules"}
	}
	return nil
}

// amount checks a number; it is not known when absent.
func amount(field string, v *float64, most float64) (float64, bool, *FieldError) {
	switch {
	case v == nil:
		return 0, false, nil
	case math.IsNaN(*v) || *v < 0:
		return 0, false, &FieldError{field, "negative"}
	case *v > most:
		return 0, false, &FieldError{field, "too large"}
	}
	return *v, true, nil
}

// looksLike is true for a line that has the required fields by name.
func looksLike(line []byte) bool {
	s := strings.TrimSpace(string(line))
	return strings.HasPrefix(s, "{") && strings.Contains(s, `"start"`) && strings.Contains(s, `"end"`)
}
