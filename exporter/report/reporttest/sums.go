package reporttest

import (
	"cmp"
	"math/big"
	"regexp"
	"strings"
)

// compareTotals holds the sums that the JSON tells against the rows: money and
// counts to the last digit, energies, which are floats, to a billionth.
func (f *faults) compareTotals(truth sheet, doc object) {
	column := func(key string) []string {
		var values []string
		for _, row := range truth.rows {
			values = append(values, row[key])
		}
		return values
	}
	for _, b := range list(doc, "costs") {
		key := text(b["basis"]) + "_cost"
		amount, _ := plain(b["cost"])
		values := column(key)
		want, known := number(amount)
		if !known || !complete(values) {
			continue
		}
		if key == "dedicated_cost" { // what is not booked yet lies on no day
			values = append(values, openCost(doc))
		}
		if sum(values).Cmp(want) != 0 {
			f.add("the column %s sums to %s, and the cost is %s", key, sum(values).FloatString(9), amount)
		}
	}
	for _, c := range list(doc, "comparisons") {
		key := text(c["comparator"]) + "_cost"
		amount, _ := plain(c["total_cost"])
		if want, known := number(amount); known && complete(column(key)) && sum(column(key)).Cmp(want) != 0 {
			f.add("the column %s sums to %s, and the comparison to %s", key, sum(column(key)).FloatString(9), amount)
		}
	}
	energy, _ := doc["energy"].(object)
	if want, known := number(text(energy["inference_joules"])); known && len(truth.rows) > 0 && !near(sum(column("energy_joules")), want) {
		f.add("the energies of the rows sum to %s, and requests have %s", sum(column("energy_joules")).FloatString(6), want.FloatString(6))
	}
	f.compareParts(doc)
}

// openCost is what the energy costs that is not booked yet.
func openCost(doc object) string {
	for _, s := range list(doc, "sinks") {
		if text(s["name"]) == "open" {
			amount, _ := plain(s["cost"])
			return amount
		}
	}
	return ""
}

// complete tells whether all amounts of a column are known.
func complete(values []string) bool {
	for _, v := range values {
		if v == "" {
			return false
		}
	}
	return len(values) > 0
}

// compareParts sums where the energy went.
func (f *faults) compareParts(doc object) {
	energy, _ := doc["energy"].(object)
	want, known := number(text(energy["measured_joules"]))
	if !known {
		return
	}
	parts := []string{text(energy["inference_joules"]), text(energy["remainder_joules"])}
	for _, s := range list(doc, "sinks") {
		parts = append(parts, text(s["energy_joules"]))
	}
	if !near(sum(parts), want) {
		f.add("the parts of the energy sum to %s of %s", sum(parts).FloatString(6), want.FloatString(6))
	}
	f.compareScopes(doc, want)
	f.compareCosts(doc)
}

// compareScopes sums the energy by what it covers, and what is not booked yet; and
// that of the gaps, which is a part of it.
func (f *faults) compareScopes(doc object, want *big.Rat) {
	var gap string
	parts, gaps := []string{}, []string{}
	for _, s := range list(doc, "sinks") {
		switch text(s["name"]) {
		case "open":
			parts = append(parts, text(s["energy_joules"]))
		case "gap":
			gap = text(s["energy_joules"])
		}
	}
	scopes, _ := doc["scope_joules"].(object)
	for _, v := range scopes {
		parts = append(parts, text(v))
	}
	if !near(sum(parts), want) {
		f.add("the scopes' energies sum to %s of %s", sum(parts).FloatString(6), want.FloatString(6))
	}
	for _, g := range list(doc, "gaps") {
		gaps = append(gaps, text(g["energy_joules"]))
	}
	if seen, known := number(gap); known && !near(sum(gaps), seen) {
		f.add("the gaps took %s, in all %s", sum(gaps).FloatString(6), seen.FloatString(6))
	}
	if energy, _ := doc["energy"].(object); text(energy["gap_joules"]) != gap {
		f.add("the sink gap has %s, and in all gaps took %s", gap, text(energy["gap_joules"]))
	}
}

// compareCosts sums what the parts of the energy cost: to the last digit.
func (f *faults) compareCosts(doc object) {
	var parts []string
	for _, m := range list(doc, "models") {
		amount, _ := plain(m["marginal_cost"])
		parts = append(parts, amount)
	}
	for _, s := range list(doc, "sinks") {
		amount, _ := plain(s["cost"])
		parts = append(parts, amount)
	}
	for _, b := range list(doc, "costs") {
		amount, _ := plain(b["cost"])
		if want, known := number(amount); known && text(b["basis"]) == "dedicated" && sum(parts).Cmp(want) != 0 {
			f.add("the parts of the energy cost %s of %s", sum(parts).FloatString(9), amount)
		}
	}
}

// near tells whether two sums of floats are the same.
func near(a, b *big.Rat) bool {
	off := new(big.Rat).Sub(a, b)
	limit := new(big.Rat).Mul(new(big.Rat).Abs(b), big.NewRat(1, 1e9))
	return off.Abs(off).Cmp(limit) <= 0
}

// compareOneLine holds the line for status bars against the sums.
func (f *faults) compareOneLine(truth sheet, doc object, data []byte) {
	line := strings.TrimSuffix(string(data), "\n")
	if strings.Contains(line, "\n") {
		f.add("oneline: is more than one line: %q", line)
	}
	calls := new(big.Rat)
	for _, row := range truth.rows {
		if n, ok := number(row["requests"]); ok {
			calls.Add(calls, n)
		}
	}
	period, _ := doc["period"].(object)
	type part struct {
		exact    string
		scale    *big.Rat
		measured bool
	}
	want := map[string]part{
		`([\d,.]+) calls?\b`:    {calls.FloatString(0), big.NewRat(1, 1), false},
		`([<>\d,.]+) % covered`: {text(period["coverage_ratio"]), big.NewRat(100, 1), false},
	}
	for _, b := range list(doc, "costs") {
		basis := text(b["basis"])
		if !strings.Contains(line, "Wh") || basis != cmp.Or(text(doc["basis"]), "marginal") {
			continue
		}
		want[`^([<\d,.]+) Wh`] = part{text(b["energy_joules"]), big.NewRat(1, 3600), true}
		if amount, currency := plain(b["cost"]); amount != "" {
			named := " " + basis
			if basis == "marginal" {
				named = ""
			}
			want[`Wh . ([-<\d,.]+) `+currency+named+` .`] = part{amount, big.NewRat(1, 1), false}
		}
	}
	for _, c := range list(doc, "comparisons") { // the substitute comes last, and is told rather than the same weights
		if amount, currency := plain(c["capped_cost"]); amount != "" {
			want[`avoided ([-<\d,.]+)\+? `+currency] = part{amount, big.NewRat(1, 1), false}
		}
	}
	for pattern, w := range want {
		m := regexp.MustCompile(pattern).FindStringSubmatch(line)
		if len(m) < 2 || !shows(m[1], w.exact, w.scale, w.measured) && !strings.HasPrefix(m[1], ">") {
			f.add("oneline: %q has no %s with %s", line, pattern, w.exact)
		}
	}
}
