package report

import (
	"time"

	"fmt"
	"strings"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// footer says what the figures mean and how far to trust them.
func (t table) footer() []string {
	entries := []entry{
		{"Scope", t.scopeText()},
		{"Basis", "marginal, unless another is named: the energy that requests added; electricity only, no hardware"},
		{"Coverage", fmt.Sprintf("%s measured of %s (%s)", length(t.report.Measured), length(t.report.Elapsed), percent(t.report.Coverage()))},
		{"Price", t.tariffText()},
		{"Error", t.errorText()},
		{"Assumed", t.assumedText()},
		{"Times", t.timesText()},
	}
	return layOut(entries, t.prose(), t.faint)
}

// scopeText says what the energies cover.
func (t table) scopeText() string {
	var texts []string
	for _, s := range t.report.Scopes {
		if s == attribution.ScopeSoC {
			texts = append(texts, "soc: "+t.railsText()+"; the wall socket shows more")
			continue
		}
		texts = append(texts, t.clean(string(s)))
	}
	if len(texts) == 0 {
		return "nothing was measured"
	}
	return strings.Join(texts, "; ")
}

// railsText says which rails the energies are the sum of.
func (t table) railsText() string {
	names := map[RailName]string{RailCPU: "CPU", RailGPU: "GPU", RailANE: "Neural Engine"}
	var reported, absent, asides []string
	for _, r := range t.report.Rails {
		name := names[r.Name]
		if r.Reported <= 0 {
			absent = append(absent, "no "+name)
			continue
		}
		reported = append(reported, name)
		if r.Reported < r.Measured {
			asides = append(asides, name+" reported for "+percent(float64(r.Reported)/float64(r.Measured))+" of the time")
		}
	}
	if len(reported) == 0 { // nothing is booked yet
		return "what powermetrics models of CPU, GPU and Neural Engine"
	}
	if len(absent) > 0 {
		asides = append(asides, "it reports "+and(absent)+" here")
	}
	text := and(reported) + " as powermetrics models them"
	if len(reported) == 1 {
		text = reported[0] + " as powermetrics models it"
	}
	if len(asides) > 0 {
		text += " (" + strings.Join(asides, "; ") + ")"
	}
	return text
}

// and joins words: "a", "a and b", "a, b and c".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// tariffText says what a kilowatt-hour cost.
func (t table) tariffText() string {
	p := t.report.Tariff
	if !p.Known {
		if p.Currency == "" {
			return "no electricity price was given"
		}
		return "no electricity price is known for this period"
	}
	price := p.Lowest.Decimal()
	if p.Lowest != p.Highest {
		price += " to " + p.Highest.Decimal()
	}
	price += fmt.Sprintf(" %s per kWh", p.Currency)
	if p.Unpriced > 0 {
		price += fmt.Sprintf("; no price for %s Wh, so costs they are part of are %s", significant(p.Unpriced.WattHours()), unknown)
	}
	return price
}

// zoneName names the zone of t. The machine's own zone is called Local by the
// library, which tells a reader nothing: then its abbreviation stands there.
func zoneName(t time.Time) string {
	if t.Location() == time.Local {
		return t.Format("MST (UTC-07:00)")
	}
	return t.Location().String()
}

// timesText says which clock the times are in.
func (t table) timesText() string {
	p := t.report.Period
	text := zoneName(p.Since) + "; " + span(p.Since, p.Until)
	if t.report.Now.Before(p.Until) {
		text += ", so far"
	}
	if p.Rounded {
		text += "; widened to full quarters of an hour, as energy is kept by the quarter"
	}
	return text
}
