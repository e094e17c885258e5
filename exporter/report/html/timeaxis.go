package html

import (
	"time"
	"unicode/utf8"
)

// timeAxis maps times onto the width of a chart, 0 to 1.
type timeAxis struct {
	since, until time.Time
}

func (a timeAxis) ratio(t time.Time) float64 {
	length := a.until.Sub(a.since)
	if length <= 0 {
		return 0
	}
	return min(1, max(0, float64(t.Sub(a.since))/float64(length)))
}

// calendarStep is a distance between marks on a time axis: so long, or so many
// days or months of the local calendar.
type calendarStep struct {
	clock  time.Duration
	days   int
	months int
	layout string
}

// about is the step's length, roughly.
func (s calendarStep) about() time.Duration {
	return s.clock + time.Duration(s.days)*24*time.Hour + time.Duration(s.months)*730*time.Hour
}

// next is the mark after t, which is one itself. Hours are those that clocks
// show: a day on which they change has its marks at 3, 6 and 9, too.
func (s calendarStep) next(t time.Time) time.Time {
	if s.clock > 0 {
		hours := int(s.clock / time.Hour)
		if next := time.Date(t.Year(), t.Month(), t.Day(), t.Hour()+hours, 0, 0, 0, t.Location()); hours > 0 && next.After(t) {
			return next
		}
		return t.Add(s.clock)
	}
	return time.Date(t.Year(), t.Month()+time.Month(s.months), t.Day()+s.days, 0, 0, 0, 0, t.Location())
}

// first is a mark at or before t.
func (s calendarStep) first(t time.Time) time.Time {
	year, month, day := t.Date()
	switch {
	case s.clock > 0 && s.clock < time.Hour:
		return t.Truncate(s.clock)
	case s.months >= 12:
		return time.Date(year, 1, 1, 0, 0, 0, 0, t.Location())
	case s.months > 0:
		return time.Date(year, month-(month-1)%time.Month(s.months), 1, 0, 0, 0, 0, t.Location())
	}
	return time.Date(year, month, day, 0, 0, 0, 0, t.Location())
}

const maxTimeTicks = 9

// step is the smallest that gives no more marks than fit.
func (a timeAxis) step() calendarStep {
	steps := []calendarStep{
		{clock: time.Minute, layout: "15:04"}, {clock: 5 * time.Minute, layout: "15:04"}, {clock: 15 * time.Minute, layout: "15:04"},
		{clock: 30 * time.Minute, layout: "15:04"}, {clock: time.Hour, layout: "15:04"}, {clock: 3 * time.Hour, layout: "15:04"},
		{clock: 6 * time.Hour, layout: "15:04"}, {days: 1, layout: "2 Jan"}, {days: 2, layout: "2 Jan"}, {days: 7, layout: "2 Jan"},
		{months: 1, layout: "Jan"}, {months: 2, layout: "Jan"}, {months: 3, layout: "Jan 2006"}, {months: 6, layout: "Jan 2006"},
		{months: 12, layout: "2006"}, {months: 24, layout: "2006"}, {months: 60, layout: "2006"}, {months: 120, layout: "2006"},
	}
	for _, s := range steps {
		if a.until.Sub(a.since) <= maxTimeTicks*s.about() {
			return s
		}
	}
	return calendarStep{months: 480, layout: "2006"}
}

// ticks are the marks within the axis.
func (a timeAxis) ticks() []tick {
	if !a.since.Before(a.until) {
		return nil
	}
	s := a.step()
	var ticks []tick
	for t := s.first(a.since); !t.After(a.until); t = s.next(t) {
		if t.Before(a.since) {
			continue
		}
		at := a.ratio(t)
		ticks = append(ticks, tick{At: percent(at), Text: s.text(t), Anchor: anchor(at)})
	}
	thin(ticks)
	return ticks
}

// The room on a phone, and what a label takes of it, in pixels.
const (
	narrowWidth = 300
	letterWidth = 7
	labelGap    = 14
)

// thin leaves out as many labels on a narrow page as must be for the rest to
// fit.
func thin(ticks []tick) {
	room := 0
	for _, t := range ticks {
		room += len(t.Text)*letterWidth + labelGap
	}
	keep := (room + narrowWidth - 1) / narrowWidth
	for i := range ticks {
		ticks[i].Wide = keep > 1 && i%keep != 0
	}
}

// text labels a mark; midnights and Januaries say which.
func (s calendarStep) text(t time.Time) string {
	if s.layout == "Jan" && t.Month() == time.January {
		return t.Format("2006")
	}
	return t.Format(s.layout)
}

// anchor keeps the label of a mark within the chart.
func anchor(ratio float64) string {
	switch {
	case ratio < 0.03:
		return "start"
	case ratio > 0.97:
		return "end"
	}
	return "middle"
}

// anchorText keeps a longer text within the chart, also on a phone.
func anchorText(ratio float64, text string) string {
	half := float64(utf8.RuneCountInString(text)*letterWidth+labelGap) / 2 / narrowWidth
	switch {
	case ratio < half:
		return "start"
	case ratio > 1-half:
		return "end"
	}
	return "middle"
}

func newFrame(height int, s scale, axis timeAxis) frame {
	f := frame{Height: height, Y: s.ticks(), X: axis.ticks()}
	f.Gutter = gutter(f.Y)
	return f
}
