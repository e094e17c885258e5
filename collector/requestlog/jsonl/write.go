package jsonl

import (
	"encoding/json"
	"fmt"
	"io"
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
	q := r.Request
	w := wire{ID: q.ID, Server: q.Server, Model: q.Model, Outcome: string(q.Outcome)}
	for _, t := range []struct {
		to *string
		at time.Time
	}{{&w.Start, q.Start}, {&w.FirstToken, q.FirstToken}, {&w.End, q.End}} {
		if t.at.IsZero() {
			continue
		}
		if y := t.at.UTC().Year(); y < 1 || y > 9999 {
			return wire{}, ErrTime
		}
		*t.to = t.at.UTC().Format(time.RFC3339Nano)
	}
	if q.Uncertainty != 0 {
		w.Uncertainty = ptr(q.Uncertainty.Seconds())
	}
	if q.Outcome == attribution.OutcomeError {
		w.ErrorType = "_OTHER" // OpenTelemetry's word for an error without a name
	}
	w.setTokens(q)
	w.setCharge(r.Charge)
	return w, nil
}

func (w *wire) setTokens(q attribution.Request) {
	w.Cached, w.Output, w.Context = optional(q.Cached), optional(q.Output), optional(q.Context)
	switch {
	case q.Input.Known && q.Cached.Known:
		w.Input = ptr(float64(q.Input.N + q.Cached.N))
	case q.Input.Known:
		w.Fresh = ptr(float64(q.Input.N))
	}
}

func (w *wire) setCharge(c *Charge) {
	if c == nil {
		return
	}
	w.Tier, w.Late, w.Covered = string(c.Tier), c.Late, ptr(c.Covered)
	if c.EnergyKnown {
		w.Energy, w.Error = ptr(float64(c.Prefill+c.Decode)), ptr(float64(c.Error))
		w.Driver = string(c.Driver)
		w.Prefill, w.Decode = ptr(float64(c.Prefill)), ptr(float64(c.Decode))
	}
}

func optional(c attribution.Count) *float64 {
	if !c.Known {
		return nil
	}
	return ptr(float64(c.N))
}

func ptr(v float64) *float64 { return &v }
