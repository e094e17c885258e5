package tariff

import (
	"fmt"
	"path"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// String says what the newest version is, on one line: "0.29 EUR/kWh and
// windows night, weekend, plus grid, plus 19 % tax".
func (s Spec) String() string {
	if len(s.Versions) == 0 {
		return "no tariff"
	}
	newest := s.Versions[0]
	for _, v := range s.Versions[1:] {
		if newest.From.IsZero() || !v.From.IsZero() && v.From.number() > newest.From.number() {
			newest = v
		}
	}
	text := newest.dated()
	if n := len(s.Versions); n > 1 {
		text += fmt.Sprintf(" (the last of %d versions)", n)
	}
	return text
}

// On says in the same words what the version is that holds on a day.
func (s Spec) On(d Date) string {
	var holds *Version
	for i, v := range s.Versions {
		begun := v.From.IsZero() || v.From.number() <= d.number()
		if begun && (holds == nil || holds.From.IsZero() || !v.From.IsZero() && v.From.number() > holds.From.number()) {
			holds = &s.Versions[i]
		}
	}
	if holds == nil {
		return "no version holds yet"
	}
	return holds.dated()
}

// dated is the summary with the first day.
func (v Version) dated() string {
	if v.From.IsZero() {
		return v.summary()
	}
	return v.summary() + ", from " + v.From.String() + " on"
}

// summary says what the price of a version is made of.
func (v Version) summary() string {
	var base []string
	if v.Price != nil {
		base = append(base, perKWh(*v.Price))
	}
	if v.Series != nil {
		base = append(base, "series "+path.Base(v.Series.File))
	}
	if v.Tiers != nil {
		base = append(base, fmt.Sprintf("%d tiers", len(v.Tiers.Steps)))
	}
	if names := windowNames(v.Windows); names != "" {
		base = append(base, names)
	}
	parts := []string{strings.Join(base, " and ")}
	for _, a := range v.Adders {
		parts = append(parts, "plus "+a.Name)
	}
	if v.Tax != 0 {
		parts = append(parts, "plus "+v.Tax.Percent()+" tax")
	}
	if v.Solar != nil {
		parts = append(parts, "solar at "+perKWh(v.Solar.FeedIn))
	}
	return strings.Join(parts, ", ")
}

func windowNames(windows []Window) string {
	var names []string
	for _, w := range windows {
		names = append(names, w.Name)
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "window " + names[0]
	}
	return "windows " + strings.Join(names, ", ")
}

func perKWh(m cost.Money) string {
	p, err := cost.PriceOf(m)
	if err != nil {
		return m.String()
	}
	return p.String()
}
