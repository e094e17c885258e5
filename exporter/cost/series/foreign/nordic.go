package foreign

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// readNordpool reads DayAheadPrices of Nord Pool's data portal
// (https://data.nordpoolgroup.com): multiAreaEntries[] of deliveryStart,
// deliveryEnd and entryPerArea, the price of each area in currency per MWh.
func readNordpool(s *source) error {
	if err := s.market("Nord Pool, day-ahead"); err != nil {
		return err
	}
	const prefix = "entryPerArea."
	seen := map[string]bool{}
	err := walkJSON(s.lines, visitor{object: func(o *object) error {
		if code, ok := o.get("currency"); ok {
			if err := s.perMWh(code); err != nil {
				return &LineError{o.line, err}
			}
		}
		if !o.has("deliveryStart") || !o.has("deliveryEnd") {
			return nil
		}
		for _, f := range o.fields {
			area, ok := strings.CutPrefix(f.key, prefix)
			if !ok || s.Area != "" && area != s.Area {
				continue
			}
			if seen[area] = true; len(seen) > 1 {
				return several(seen)
			}
			if err := s.interval(o, "deliveryStart", "deliveryEnd", f.key); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		return err
	}
	s.name += s.area(seen)
	if s.measure.unit == "" && s.Currency != "" {
		return s.perMWh(string(s.Currency))
	}
	return nil
}

// perMWh sets the currency of prices per MWh.
func (s *source) perMWh(code string) error {
	m, err := parseMeasure(code+"/MWh", "")
	if err != nil {
		return err
	}
	return s.is(m)
}

// area is the one area that was read, for the name of the source.
func (s *source) area(seen map[string]bool) string {
	for name := range seen {
		if name != "" {
			return ", " + name
		}
	}
	return ""
}

// several says which areas a file has, of which only one can be meant.
func several(seen map[string]bool) error {
	names := slices.Sorted(maps.Keys(seen))
	return hint(fmt.Errorf("figures of several areas, such as %q: %w", names, ErrNeeds), "name the one you live in with --area")
}

// readElpris reads the day files of elprisetjustnu.se, hvakosterstrommen.no and
// their like: an array of time_start, time_end, EUR_per_kWh and, in the country's
// own currency, SEK_per_kWh, NOK_per_kWh or DKK_per_kWh, without tax.
// https://www.elprisetjustnu.se/elpris-api, https://www.hvakosterstrommen.no/strompris-api
func readElpris(s *source) error {
	if err := s.market("day-ahead market"); err != nil {
		return err
	}
	const suffix = "_per_kWh"
	return walkJSON(s.lines, visitor{object: func(o *object) error {
		if !o.has("time_start") {
			return nil
		}
		best := ""
		for _, f := range o.fields {
			code, ok := strings.CutSuffix(f.key, suffix)
			if ok && (best == "" || best == "EUR") && (s.Currency == "" || code == string(s.Currency)) {
				best = code
			}
		}
		if best == "" {
			return nil
		}
		m, err := parseMeasure(best+"/kWh", "")
		if err == nil {
			err = s.is(m)
		}
		if err != nil {
			return &LineError{o.line, err}
		}
		return s.interval(o, "time_start", "time_end", best+suffix)
	}})
}
