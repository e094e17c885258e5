package prices

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// maxPerMtok, in units of any currency, catches a price per token that was
// taken for one per million: the dearest models of 2026 ask 600 dollars.
const maxPerMtok = 1_000_000

func (e Entry) validate() error {
	if strings.TrimSpace(e.Provider) == "" || strings.TrimSpace(e.Model) == "" {
		return fmt.Errorf("provider %q, model %q: want a name for both: %w", e.Provider, e.Model, ErrTable)
	}
	for _, name := range append([]string{e.Provider, e.Model, e.Weights, e.Source}, e.Also...) {
		if !Printable(name) {
			return fmt.Errorf("name %q: want characters that can be printed: %w", name, ErrTable)
		}
	}
	if e.Weights != strings.ToLower(e.Weights) || strings.ContainsAny(e.Weights, "/: ") {
		return fmt.Errorf("weights %q: want a name in lower case without its owner, such as qwen3-30b-a3b: %w", e.Weights, ErrTable)
	}
	if !e.Until.IsZero() && !e.Until.After(e.From) {
		return fmt.Errorf("until %s is not after from %s: %w", day(e.Until), day(e.From), ErrTable)
	}
	if e.Hours.Start < 0 || e.Hours.End < 0 || e.Hours.Start >= 24*time.Hour || e.Hours.End > 24*time.Hour ||
		e.Hours.Start%time.Minute != 0 || e.Hours.End%time.Minute != 0 || e.Hours.Start == e.Hours.End && e.Hours.End != 0 {
		return fmt.Errorf("hours %s to %s: want a part of a day, in minutes: %w", e.Hours.Start, e.Hours.End, ErrTable)
	}
	if !(e.BatchRatio >= 0 && e.BatchRatio <= 1) {
		return fmt.Errorf("batch ratio %v: want 0 to 1: %w", e.BatchRatio, ErrTable)
	}
	if !e.Rates.Input.Known || !e.Rates.Output.Known {
		return fmt.Errorf("want a price above 0 for input and for output: %w", ErrTable)
	}
	return e.validateRates(e.Rates.Input.PerMtok.Currency)
}

// Printable reports whether a name from a foreign file has nothing in it that a
// terminal would obey. Tables refuse other names.
func Printable(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// named is a provider and its model in an error; quoted where a terminal would
// obey them.
func named(provider, model string) string {
	if name := provider + " " + model; Printable(name) {
		return name
	}
	return fmt.Sprintf("%q %q", provider, model)
}

func (e Entry) validateRates(currency cost.Currency) error {
	all := []Rates{e.Rates}
	above := int64(0)
	for _, l := range e.Long {
		if l.Above <= above {
			return fmt.Errorf("long prompts above %d tokens follow those above %d: want them ascending: %w", l.Above, above, ErrTable)
		}
		if !l.Rates.Input.Known || !l.Rates.Output.Known {
			return fmt.Errorf("prompts above %d tokens: want a price above 0 for input and for output: %w", l.Above, ErrTable)
		}
		above = l.Above
		all = append(all, l.Rates)
	}
	for _, rates := range all {
		for _, r := range []Rate{rates.Input, rates.Cached, rates.CacheWrite, rates.Output} {
			switch {
			case !r.Known:
			case r.PerMtok.Nanos <= 0 || r.PerMtok.Nanos > maxPerMtok*1_000_000_000:
				return fmt.Errorf("price %s: want above 0 and at most %d: %w", r.PerMtok, maxPerMtok, ErrTable)
			case r.PerMtok.Currency != currency || currency == "":
				return fmt.Errorf("price %s beside others in %q: want one currency: %w", r.PerMtok, currency, ErrTable)
			}
		}
	}
	return nil
}
