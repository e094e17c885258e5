package report

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

const learnedHeading = "What a token takes"

const learnedNote = ", as learned by now from power and log. Cached prompt tokens are not counted; an output token is one " +
	"in decode steps of the mean batch size. The errors are how far chance may have moved the fit; what is off in all of the data alike is not in them."

// learnedGrid tells what the models' tokens take, as far as it is learned.
func (s sheet) learnedGrid() Grid {
	r := s.report
	joules := func(key, heading string, of func(store.Learned) store.TokenEnergy) columnOf[store.Learned] {
		return columnOf[store.Learned]{Column{Key: key, Heading: heading, Numeric: true},
			func(l store.Learned) Cell { return numberCell(float64(of(l).Energy), of(l).Known) }, false}
	}
	errors := func(key string, of func(store.Learned) store.TokenEnergy) columnOf[store.Learned] {
		return columnOf[store.Learned]{Column{Key: key, Heading: "Std. error", Unit: "%", Numeric: true}, func(l store.Learned) Cell {
			return percentCell(float64(of(l).Error/of(l).Energy), of(l).Known)
		}, false}
	}
	prompt := func(l store.Learned) store.TokenEnergy { return l.Prefill }
	output := func(l store.Learned) store.TokenEnergy { return l.Decode }
	g := gridOf(GridLearned, learnedHeading, []columnOf[store.Learned]{
		{Column{Key: "model", Heading: learnedHeading}, func(l store.Learned) Cell {
			return Cell{Text: s.name(l.Server, l.Model, r.multiServer()), Raw: l.Model}
		}, false},
		{Column{Key: "server", Hidden: true}, func(l store.Learned) Cell { return s.wordCell(l.Server) }, false},
		{Column{Key: "scope", Hidden: true}, func(l store.Learned) Cell { return hiddenCell(string(cmp.Or(l.Scope, attribution.ScopeSoC))) }, false},
		joules("prompt_token_joules", "J per prompt token", prompt),
		errors("prompt_token_error_ratio", prompt),
		joules("output_token_joules", "J per output token", output),
		errors("output_token_error_ratio", output),
		{Column{Key: "mean_batch_size", Heading: "Mean batch", Numeric: true, Drop: 1}, batchCell, false},
		{Column{Key: "age_seconds", Heading: "Age", Numeric: true}, func(l store.Learned) Cell {
			return Cell{Text: age(r.Age(l)), Raw: exact(r.Age(l).Seconds())}
		}, false},
	}, r.Learned)
	var found []attribution.Scope
	for _, l := range r.Learned {
		found = append(found, cmp.Or(l.Scope, attribution.ScopeSoC))
	}
	g.Notes = []string{"Above the baseline, at " + ScopesText(found) + learnedNote}
	return g
}

// learned draws it.
func (t table) learned() []string {
	g := t.learnedGrid()
	if len(g.Rows) == 0 {
		return nil
	}
	return append(t.draw(t.fit(g)), t.faintNotes(g.Notes)...)
}

func batchCell(l store.Learned) Cell {
	if l.Batch <= 0 {
		return unknownCell()
	}
	return Cell{Text: strconv.FormatFloat(l.Batch, 'f', 1, 64), Raw: exact(l.Batch)}
}

// percentage is a ratio in percent with one decimal, without its sign; it never
// reads 0 or 100 unless it is.
func percentage(ratio float64) string {
	switch {
	case ratio > 0 && ratio < 0.001:
		return "<0.1"
	case ratio > 0.999 && ratio < 1:
		return ">99.9"
	}
	return strconv.FormatFloat(100*ratio, 'f', 1, 64)
}

// age writes a duration in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int64(d/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int64(d/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int64(d/time.Hour))
	}
	return fmt.Sprintf("%s d", count(int64(d/(24*time.Hour))))
}
