package foreign

import "fmt"

// readAwattar reads aWATTar's /v1/marketdata: data[] of start_timestamp and
// end_timestamp in milliseconds, and marketprice in unit, which is "Eur/MWh".
// https://www.awattar.de/services/api
func readAwattar(s *source) error {
	if err := s.market("aWATTar, market price"); err != nil {
		return err
	}
	return walkJSON(s.lines, visitor{object: func(o *object) error {
		if !o.has("start_timestamp") || !o.has("marketprice") {
			return nil
		}
		if err := s.awattar(o); err != nil {
			return &LineError{o.line, err}
		}
		return nil
	}})
}

func (s *source) awattar(o *object) error {
	unit, ok := o.get("unit")
	if !ok {
		unit = "EUR/MWh"
	}
	m, err := parseMeasure(unit, s.Currency)
	if err != nil {
		return err
	}
	if err := s.is(m); err != nil {
		return err
	}
	text, ok := o.get("marketprice")
	if !ok {
		s.skip("intervals without a value")
		return nil
	}
	amount, err := parseDecimal(text)
	if err != nil {
		return fmt.Errorf("marketprice: %w", err)
	}
	var at [2]stamp
	for i, key := range []string{"start_timestamp", "end_timestamp"} {
		text, _ := o.get(key)
		if at[i], err = parseUnix(text, 1000); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return s.add(at[0], at[1], amount, o.line)
}
