package foreign

import (
	"fmt"
	"strings"
)

// looksEntsoeCSV knows the head of a table of day-ahead prices, in any layout that
// the transparency platform had.
func looksEntsoeCSV(head []byte) bool {
	line := strings.ToLower(firstLine(head))
	return strings.Contains(line, "mtu (") && strings.Contains(line, "day-ahead price")
}

// readEntsoeCSV reads the web export of ENTSO-E's transparency platform
// (https://transparency.entsoe.eu), files named GUI_ENERGY_PRICES_… or, before
// 2025, Day-ahead Prices_…: "MTU (CET/CEST)" or "MTU (UTC)" from and to, "Area",
// "Sequence", and "Day-ahead Price (EUR/MWh)", with square brackets in older
// ones.
//
// Stamps are the clock's on the wall. Newer files write (CET) or (CEST) beside
// them on days of 23 and 25 hours, older ones have two rows of one time, or a row
// without a price for the hour that the clock jumps over. Where an area has
// several auctions, as Germany has, the sequence is "Sequence Sequence 1" or
// "Sequence 1"; elsewhere it is "Without Sequence".
func readEntsoeCSV(s *source) error {
	if err := s.market("ENTSO-E, day-ahead"); err != nil {
		return err
	}
	e := entsoeTable{source: s, table: openTable(s.lines, commaOf(s.head)), seen: map[string]bool{}}
	if err := e.head(); err != nil {
		return err
	}
	for {
		ok, err := e.next()
		if err != nil || !ok {
			s.name += s.area(e.seen)
			return err
		}
		if err := e.price(); err != nil {
			return err
		}
	}
}

type entsoeTable struct {
	*source
	*table
	mtu, amount, area, sequence, currency int // columns
	utc                                   bool
	unit                                  string // as the column's name has it
	seen                                  map[string]bool
}

func (e *entsoeTable) head() error {
	if _, err := e.next(); err != nil {
		return err
	}
	e.mtu = e.column(func(n string) bool { return strings.HasPrefix(n, "mtu") })
	e.amount = e.column(func(n string) bool { return strings.HasPrefix(n, "day-ahead price") })
	e.area = e.column(func(n string) bool { return n == "area" })
	e.sequence = e.column(func(n string) bool { return n == "sequence" })
	e.currency = e.column(func(n string) bool { return n == "currency" })
	_, e.unit, _ = strings.Cut(strings.NewReplacer("[", "(", "]", ")").Replace(e.value(e.amount)), "(")
	e.unit = strings.Trim(e.unit, ")")
	clock := e.value(e.mtu)
	e.utc = strings.Contains(clock, "UTC")
	if e.utc {
		return nil
	}
	name, ok := map[string]string{"CET/CEST": "Europe/Brussels", "WET/WEST": "Europe/Lisbon", "EET/EEST": "Europe/Athens"}[strings.Trim(strings.TrimPrefix(clock, "MTU"), " ()")]
	if !ok {
		return nil // a time will say that its zone is missing
	}
	zone, err := e.zone(name)
	e.Zone = zone
	return err
}

func (e *entsoeTable) price() error {
	if words := strings.Fields(e.value(e.sequence)); len(words) > 1 && words[0] == "Sequence" && words[len(words)-1] != "1" {
		e.skip("prices of auctions other than sequence 1")
		return nil
	}
	if name := e.value(e.area); e.Area != "" && name != e.Area && strings.TrimPrefix(name, "BZN|") != e.Area {
		e.skip("prices of other areas")
		return nil
	} else if e.seen[strings.Clone(name)] = true; len(e.seen) > 1 {
		return e.at(several(e.seen))
	}
	if nothing(e.value(e.amount)) {
		e.skip("rows without a value")
		return nil
	}
	if err := e.units(); err != nil {
		return e.at(err)
	}
	amount, err := parseDecimal(e.value(e.amount))
	if err != nil {
		return e.at(err)
	}
	from, to, ok := strings.Cut(e.value(e.mtu), " - ")
	if !ok {
		return e.at(fmt.Errorf("got %q, want two times with a dash between them: %w", shown(from), ErrFormat))
	}
	start, err := e.when(from)
	if err != nil {
		return err
	}
	end, err := e.when(to)
	if err != nil {
		return err
	}
	return e.add(start, end, amount, e.line)
}

// units takes note of the unit, by the column's name or by the row.
func (e *entsoeTable) units() error {
	text := e.unit
	if code := e.value(e.currency); code != "" && !strings.Contains(text, "/") {
		text = code + "/MWh"
	}
	m, err := parseMeasure(text, e.Currency)
	if err != nil {
		return err
	}
	return e.is(m)
}

func (e *entsoeTable) when(text string) (stamp, error) {
	t, err := parseStamp(text)
	if err != nil {
		return stamp{}, e.at(err)
	}
	t.wall = t.wall && !e.utc
	return t, nil
}
