package report

import (
	"fmt"
	"strings"
	"time"
)

// Footer says what the figures of a report mean and how far to trust them.
func Footer(r Report, o Options) []Line {
	return newSheet(r, o).footer(func(string) bool { return true })
}

// footer says it where the rows show certain columns only.
func (s sheet) footer(shows func(key string) bool) []Line {
	lines := []Line{{Label: "Scope", Text: s.scopeText()}}
	for _, more := range []Line{{Label: "Accuracy", Text: s.accuracyText()}, {Label: "Calibration", Text: s.calibrationText()}} {
		if more.Text != "" {
			lines = append(lines, more)
		}
	}
	lines = append(lines, []Line{
		{Label: "Basis", Text: s.basisText()},
		{Label: "Coverage", Text: fmt.Sprintf("%s measured of %s (%s)", length(s.report.Measured), length(s.report.Elapsed), percent(s.report.Coverage()))},
		{Label: "Price", Text: s.tariffText()},
	}...)
	if s.report.Hardware != nil {
		lines = append(lines, Line{Label: "Hardware", Text: s.hardwareText()})
	}
	if s.report.PriceTable != "" {
		lines = append(lines, Line{Label: "Elsewhere", Text: "cloud prices of " + s.clean(s.report.PriceTable)})
	}
	if text := s.carbonSource(); text != "" {
		lines = append(lines, Line{Label: "Carbon", Text: text})
	}
	return append(lines, Line{Label: "Error", Text: s.errorText(shows)}, Line{Label: "Assumed", Text: s.assumedText()}, Line{Label: "Times", Text: s.timesText()})
}

// basisText says what a cost counts where no basis is named.
func (s sheet) basisText() string {
	text := "marginal, unless another is named: the energy that requests added; electricity only, "
	if s.report.Hardware != nil {
		return text + "but for loaded"
	}
	return text + "no hardware"
}

// hardwareText says what was paid for the machine and what is expected of it.
func (s sheet) hardwareText() string {
	h := s.report.Hardware
	m := h.Machine
	text := FormatMoney(Amount{Money: m.Price, Known: true})
	switch {
	case m.Known:
		text = FormatMoney(Amount{Money: m.Incremental, Known: true}) + " more for serving models"
	case m.ShareRatio < 1:
		text += ", " + percent(m.ShareRatio) + " of it for serving models"
	}
	if !m.Purchased.IsZero() {
		text += ", paid on " + m.Purchased.Format("2 Jan 2006")
	}
	if m.Life > 0 {
		text += ", to last " + trimZeros(significant(m.Life.Hours()/hoursPerYear)) + " years"
		if m.Residual.Nanos > 0 {
			text += " and be sold for " + FormatMoney(Amount{Money: m.Residual, Known: true})
		}
	}
	if h.Charge.Known {
		text += "; " + FormatMoney(h.Charge) + " of that falls to the time of this report"
	}
	return text
}

const hoursPerYear = 365.25 * 24

// carbonSource says where the intensity of the grid is from; empty without one.
func (s sheet) carbonSource() string {
	c := s.report.Carbon
	if !c.Known {
		return ""
	}
	text := "intensity of the grid: " + s.clean(c.Source)
	if c.Unknown > 0 {
		text += "; none is known for " + significant(c.Unknown.WattHours()) + " Wh, which are left out"
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
func (s sheet) tariffText() string {
	p := s.report.Tariff
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
	if p.Standing.Known {
		price += "; the standing charge of this time, " + FormatMoney(p.Standing) + ", is in no cost"
		if p.StandingShare.Money.Nanos != 0 {
			price += ", " + FormatMoney(p.StandingShare) + " of it the Mac's share"
		}
	}
	return price
}

// zoneName names the zone of s. The machine's own zone is called Local by the
// library, which tells a reader nothing: then its abbreviation stands there.
func zoneName(t time.Time) string {
	if t.Location() != time.Local {
		return t.Location().String()
	}
	switch name := t.Format("MST"); {
	case name == "UTC":
		return name
	case strings.ContainsAny(name, "+-"): // the zone has no abbreviation
		return t.Format("UTC-07:00")
	}
	return t.Format("MST (UTC-07:00)")
}

// timesText says which clock the times are in.
func (s sheet) timesText() string {
	p := s.report.Period
	text := zoneName(p.Since)
	if until := zoneName(p.Until); until != text { // the clocks changed in a zone without a name
		text += ", then " + until
	}
	text += "; " + span(p.Since, p.Until)
	if s.report.Now.Before(p.Until) {
		text += ", so far"
	}
	if p.Rounded {
		text += "; widened to full quarters of an hour, as energy is kept by the quarter"
	}
	return text
}
