package jsonl

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Append appends r to dst as one line with its line end. A request without
// times (a log does not always tell them) is written without; it can be read by
// people, not metered.
func Append(dst []byte, r Record) ([]byte, error) {
	w, err := toWire(r)
	if err != nil {
		return dst, fmt.Errorf("write request: %w", err)
	}
	line, err := json.Marshal(w)
	if err != nil {
		return dst, fmt.Errorf("write request: %w", err)
	}
	return append(append(dst, line...), '\n'), nil
}

// Write writes r to w as one line, in one call.
func Write(w io.Writer, r Record) error {
	line, err := Append(nil, r)
	if err != nil {
		return err
	}
	_, err = w.Write(line)
	return err
}

func toWire(r Record) (wire, error) {
	if r.Remote != nil {
		return callWire(*r.Remote)
	}
	q := r.Request
	if q.Uncertainty < 0 {
		return wire{}, fmt.Errorf("uncertainty: %w", ErrNegative)
	}
	w := wire{ID: q.ID, Server: q.Server, Client: q.Client, Project: q.Project, Model: q.Model, Estimated: q.TokensEstimated}
	if err := w.setTimes(q.Start, q.FirstToken, q.End); err != nil {
		return wire{}, err
	}
	if q.Uncertainty != 0 {
		w.Uncertainty = json.Number(appendNano(nil, int64(q.Uncertainty)))
	}
	w.setOutcome(q.Outcome)
	w.setTokens(q)
	w.setCharge(r.Charge)
	return w, nil
}

func callWire(c attribution.RemoteCall) (wire, error) {
	if c.Spend < 0 {
		return wire{}, fmt.Errorf("spend: %w", ErrNegative)
	}
	w := wire{ID: c.ID, Server: c.Server, Client: c.Client, Project: c.Project, Remote: true, Provider: c.Provider, Model: c.Model}
	if err := w.setTimes(c.Start, time.Time{}, c.End); err != nil {
		return wire{}, err
	}
	w.setOutcome(c.Outcome)
	w.Cached, w.Written, w.Output = number(c.Cached), number(c.CacheWrite), number(c.Output)
	if c.Input.Known {
		w.Input = number(attribution.Known(c.Input.N + c.Cached.N + c.CacheWrite.N)) // unknown ones are 0
	}
	if c.SpendKnown {
		w.Spend = json.Number(appendNano(nil, int64(c.Spend)))
	}
	return w, nil
}

func (w *wire) setTimes(start, firstToken, end time.Time) error {
	for _, t := range []struct {
		to *string
		at time.Time
	}{{&w.Start, start}, {&w.FirstToken, firstToken}, {&w.End, end}} {
		if t.at.IsZero() {
			continue
		}
		if y := t.at.UTC().Year(); y < 1 || y > 9999 {
			return ErrTime
		}
		*t.to = t.at.UTC().Format(time.RFC3339Nano)
	}
	return nil
}

func (w *wire) setOutcome(o attribution.Outcome) {
	w.Outcome = string(o)
	if o == attribution.OutcomeError {
		w.ErrorType = "_OTHER" // OpenTelemetry's word for an error without a name
	}
}

func (w *wire) setTokens(q attribution.Request) {
	w.Cached, w.Output, w.Context = number(q.Cached), number(q.Output), number(q.Context)
	switch {
	case q.Input.Known && q.Cached.Known:
		w.Input = number(attribution.Known(q.Input.N + q.Cached.N))
	case q.Input.Known:
		w.Fresh = number(q.Input)
	}
}

func (w *wire) setCharge(c *Charge) {
	if c == nil {
		return
	}
	w.Tier, w.Late, w.Covered = string(c.Tier), c.Late, &c.Covered
	if c.EnergyKnown {
		sum, prefill, decode, off := float64(c.Prefill+c.Decode), float64(c.Prefill), float64(c.Decode), float64(c.Error)
		w.Energy, w.Prefill, w.Decode, w.Error = &sum, &prefill, &decode, &off
		w.Driver = string(c.Driver)
	}
}

// number is a count as it is written; an unknown one is not.
func number(c attribution.Count) json.Number {
	if !c.Known {
		return ""
	}
	return json.Number(strconv.FormatInt(c.N, 10))
}
