package foreign

import (
	"fmt"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// readOctopus reads the unit rates of Octopus Energy's REST API: results[] of
// value_exc_vat and value_inc_vat in pence per kWh, valid_from and valid_to.
// https://developer.octopus.energy/rest/reference (Electricity tariffs).
//
// valid_to is null for a rate that still holds. Tariffs other than Agile have a
// rate twice, for those who pay by direct debit and for others: the former is
// taken.
func readOctopus(s *source) error {
	o := newOctopus(s)
	return walkJSON(s.lines, visitor{object: func(f *object) error {
		if !f.has("valid_from") || !f.has("value_exc_vat") && !f.has("value_inc_vat") {
			return nil
		}
		if method, _ := f.get("payment_method"); method == "NON_DIRECT_DEBIT" {
			s.skip("rates for payment other than by direct debit")
			return nil
		}
		from, _ := f.get("valid_from")
		to, _ := f.get("valid_to")
		value, _ := f.get(o.column)
		return o.rate(from, to, value, f.line)
	}})
}

type octopus struct {
	*source
	column string // the value that is taken
}

func newOctopus(s *source) *octopus {
	s.name, s.measure = "Octopus Energy", price("GBP", -2)
	s.vat = series.VATExcluded
	if s.VAT {
		s.vat = series.VATIncluded
		return &octopus{s, "value_inc_vat"}
	}
	return &octopus{s, "value_exc_vat"}
}

func (o *octopus) rate(from, to, value string, line int) error {
	if nothing(from) || nothing(value) {
		o.skip("rates without a begin or a value")
		return nil
	}
	start, err := parseStamp(from)
	if err != nil {
		return &LineError{line, fmt.Errorf("valid_from: %w", err)}
	}
	amount, err := parseDecimal(value)
	if err != nil {
		return &LineError{line, fmt.Errorf("%s: %w", o.column, err)}
	}
	if !nothing(to) {
		end, err := parseStamp(to)
		if err != nil {
			return &LineError{line, fmt.Errorf("valid_to: %w", err)}
		}
		return o.add(start, end, amount, line)
	}
	end := o.Open.Truncate(slotLength).Unix()
	if o.Open.IsZero() || end <= start.seconds {
		o.skip("rates that still hold, of which no end is known")
		return nil
	}
	return o.add(start, stamp{seconds: end}, amount, line)
}

// looksOctopusCSV knows the API's own column names, and the files of
// energy-stats.uk, which have no names: a time, the time of day in Britain, the
// region's letter, its name, and pence per kWh with VAT.
func looksOctopusCSV(head []byte) bool {
	line := firstLine(head)
	if strings.Contains(line, "valid_from") && strings.Contains(line, "_vat") {
		return true
	}
	parts := strings.Split(line, ",")
	if len(parts) != 5 || len(parts[1]) != 5 || len(parts[2]) != 1 {
		return false
	}
	_, err := parseStamp(parts[0])
	return err == nil
}

// readOctopusCSV reads both. The layout of energy-stats.uk is that of its files
// csv_agile_X_Region.csv (https://www.energy-stats.uk/download-historical-pricing-data/).
func readOctopusCSV(s *source) error {
	o, t := newOctopus(s), openTable(s.lines, commaOf(s.head))
	ok, err := t.next()
	if err != nil || !ok {
		return err
	}
	from := t.column(func(n string) bool { return n == "valid_from" })
	if from < 0 {
		s.vat, s.name = series.VATIncluded, "Octopus Energy, "+t.value(3)
		return o.energyStats(t)
	}
	to := t.column(func(n string) bool { return n == "valid_to" })
	value := t.column(func(n string) bool { return n == o.column })
	if value < 0 {
		return t.at(fmt.Errorf("no column %s: %w", o.column, ErrFormat))
	}
	for {
		if ok, err := t.next(); err != nil || !ok {
			return err
		}
		if err := o.rate(t.value(from), t.value(to), t.value(value), t.line); err != nil {
			return err
		}
	}
}

func (o *octopus) energyStats(t *table) error {
	for {
		start, err := parseStamp(t.value(0))
		if err != nil {
			return t.at(err)
		}
		if text := t.value(4); nothing(text) {
			if err := o.hole(start, false, t.line); err != nil {
				return err
			}
		} else if amount, err := parseDecimal(text); err != nil {
			return t.at(err)
		} else if err := o.add(start, stamp{}, amount, t.line); err != nil {
			return err
		}
		if ok, err := t.next(); err != nil || !ok {
			return err
		}
	}
}
