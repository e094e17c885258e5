package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// trialPrinter prints a trial for people, while it goes on.
type trialPrinter struct {
	w   io.Writer
	err error // the first
}

func (p *trialPrinter) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *trialPrinter) head(m meterRow) {
	at := "in this machine"
	if m.At != "" {
		at = "at " + m.At
	}
	p.printf("%s: %s %s, scope %s, every %s\n", m.Name, m.Kind, at, m.Scope, m.Every)
	p.printf("  %-8s  %9s  %14s  %7s  %7s\n", "time", "power", "counter", "age", "asked")
}

func (p *trialPrinter) row(a meterAnswer) {
	if a.reading == nil {
		text := "the same as before"
		if a.Error != "" {
			text = string(a.Result) + ": " + printable(a.Error)
		}
		p.printf("  %-8s  %s\n", a.Asked.Local().Format(time.TimeOnly), text)
		return
	}
	r, power, counter := a.reading, "-", "-"
	if r.HasPower {
		power = fmt.Sprintf("%.1f W", float64(r.Power))
	}
	if r.HasEnergy {
		counter = fmt.Sprintf("%.5f kWh", r.Energy.KilowattHours())
	}
	p.printf("  %-8s  %9s  %14s  %7s  %7s\n", a.Asked.Local().Format(time.TimeOnly), power, counter, brief(r.Lag), brief(a.Took))
}

// brief is a short time with the digits that matter.
func brief(d time.Duration) string {
	if d < time.Millisecond {
		return "< 1 ms"
	}
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func (p *trialPrinter) foot(t meterTrial) {
	s := t.Summary
	p.printf("  %s", plural(s.Readings, "reading"))
	if s.MedianWatts != nil {
		p.printf(", median %.1f W", *s.MedianWatts)
	}
	if s.CounterJoules != nil {
		p.printf(", the counter moved %.2f Wh in %.0f s", energy.Joules(*s.CounterJoules).WattHours(), *s.CounterSeconds)
		if s.ResolutionJoule != nil {
			p.printf(" (in steps of %.4g Wh)", energy.Joules(*s.ResolutionJoule).WattHours())
		}
	}
	p.printf(", %s\n", refusals(s.Refused))
	for _, f := range s.Problems {
		p.printf("  problem  %s\n  fix      %s\n", printable(f.Text), printable(f.Fix))
	}
	if s.Usable && len(s.Problems) == 0 {
		p.printf("  nothing to mend\n")
	}
}

func refusals(by map[systemmeter.Result]int) string {
	var parts []string
	for _, r := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%d %s", by[r], r))
	}
	if len(parts) == 0 {
		return "none refused"
	}
	return "refused: " + strings.Join(parts, ", ")
}
