package store

import (
	"context"
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// RemoteSlot is what one gateway had one provider's model answer in one slot.
// Calls fall in the slot of their end.
type RemoteSlot struct {
	Start    time.Time `json:"start"`
	Server   string    `json:"server"`   // the gateway
	Provider string    `json:"provider"` // empty: the log does not say
	Model    string    `json:"model"`    // empty: the log does not say

	OK        int64 `json:"ok_calls"`
	Cancelled int64 `json:"cancelled_calls"`
	Failed    int64 `json:"failed_calls"`

	// Tokens as of attribution.RemoteCall; sums of the known counts only.
	Input      int64 `json:"input_tokens"`
	Cached     int64 `json:"cached_tokens"`
	CacheWrite int64 `json:"cache_write_tokens"`
	Output     int64 `json:"output_tokens"`
	// Each counts the calls of which that count is unknown.
	UnknownInput      int64 `json:"unknown_input_calls"`
	UnknownCached     int64 `json:"unknown_cached_calls"`
	UnknownCacheWrite int64 `json:"unknown_cache_write_calls"`
	UnknownOutput     int64 `json:"unknown_output_calls"`

	// Spend is what the calls cost as the gateway reckons, those aside that it
	// gives no cost for, of which UnknownSpend is the number.
	Spend        attribution.NanoUSD `json:"spend_nano_usd"`
	UnknownSpend int64               `json:"unknown_spend_calls"`
}

// Calls is how many calls ended in the slot, whatever their outcome.
func (s RemoteSlot) Calls() int64 { return s.OK + s.Cancelled + s.Failed }

func (s *RemoteSlot) count(c attribution.RemoteCall) {
	switch c.Outcome {
	case attribution.OutcomeOK:
		s.OK++
	case attribution.OutcomeCancelled:
		s.Cancelled++
	default:
		s.Failed++
	}
	for _, t := range []struct {
		count        attribution.Count
		sum, unknown *int64
	}{
		{c.Input, &s.Input, &s.UnknownInput}, {c.Cached, &s.Cached, &s.UnknownCached},
		{c.CacheWrite, &s.CacheWrite, &s.UnknownCacheWrite}, {c.Output, &s.Output, &s.UnknownOutput},
	} {
		if t.count.Known {
			grow(t.sum, t.count.N)
		} else {
			*t.unknown++
		}
	}
	if c.SpendKnown {
		grow(&s.Spend, c.Spend)
	} else {
		s.UnknownSpend++
	}
}

// call counts a call in the slot of its end.
func (l *ledger) call(c attribution.RemoteCall) error {
	key := slotKey(slotNumber(c.End), kindRemote, l.names.id(c.Server), l.names.model(c.Provider), l.names.model(c.Model))
	s, ok := l.remote[string(key)]
	if !ok {
		s = &RemoteSlot{}
		if v := l.slots.Get(key); v != nil {
			if err := decodeRemote(s, key, v, l.names); err != nil {
				return err
			}
		}
		l.remote[string(key)] = s
	}
	s.count(c)
	return nil
}

// calls writes the rows of calls that were served elsewhere. As of requests,
// the first account stays.
func (c *commit) calls() error {
	rows := bucket(c.tx, nameRemote)
	for _, call := range c.batch.Remote {
		key, known, err := freeRow(rows, callKey(call), func(key, value []byte) (bool, error) {
			old, err := decodeCall(key, value, c.names)
			return old.ID == call.ID && old.Server == call.Server, err
		})
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := rows.Put(key, encodeCall(call, c.names)); err != nil {
			return err
		}
		if err := c.ledger.call(call); err != nil {
			return err
		}
		c.marks.span(call.End, call.End)
	}
	return nil
}

func callKey(c attribution.RemoteCall) []byte { return rowKey(c.End, c.Position, c.Server, c.ID) }

// maxSpend is far more than a call can cost: a million dollars.
const maxSpend attribution.NanoUSD = 1e15

func checkCall(c attribution.RemoteCall) error {
	what := "call ending " + stamp(c.End)
	if err := checkTimes("call", c.Start, c.End); err != nil {
		return err
	}
	switch {
	case c.ID == "", c.End.IsZero(), c.Start.IsZero(), c.Start.After(c.End):
		return fmt.Errorf("%s has no id, or no start before it: %w", what, ErrInvalid)
	case c.Position < 0, c.Position > maxPosition:
		return fmt.Errorf("%s: position %d: %w", what, c.Position, ErrInvalid)
	case outcomeCode(c.Outcome) == 0:
		return fmt.Errorf("%s: outcome %q: %w", what, c.Outcome, ErrInvalid)
	case c.SpendKnown && (c.Spend < 0 || c.Spend > maxSpend):
		return fmt.Errorf("%s: spend of %d billionths of a dollar: %w", what, c.Spend, ErrInvalid)
	}
	for _, n := range []attribution.Count{c.Input, c.Cached, c.CacheWrite, c.Output} {
		if n.Known && n.N < 0 {
			return fmt.Errorf("%s: %d tokens: %w", what, n.N, ErrInvalid)
		}
	}
	return nil
}

// RemoteCalls calls fn for every call that ended in [since, until) and was
// served elsewhere, as [Store.Requests] does for requests.
func (s *Store) RemoteCalls(ctx context.Context, since, until time.Time, fn func(attribution.RemoteCall) error) error {
	return eachRow(ctx, s, "remote calls", since, until, fn, nameRemote, decodeCall)
}
