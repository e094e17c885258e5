package html

import (
	"time"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// dataTable is the table that says the same as a chart.
type dataTable struct {
	Caption string
	Heads   []string
	Rows    [][]string // the first cell is the row's heading
}

// maxTableRows is how many rows the table of a chart has at most: as many as a
// month has days.
const maxTableRows = 32

// powerTable has the mean power of each layer, in watts.
func powerTable(points []report.PowerPoint, r report.Report, legend []area) dataTable {
	rows := mergeTo(points, maxTableRows)
	t := dataTable{Caption: "Mean power in watts", Heads: []string{"Time", "All"}}
	kept := make([]layer, 0, len(legend))
	for _, a := range legend {
		for _, l := range layers() {
			if l.Key == a.Key {
				kept = append(kept, l)
				t.Heads = append(t.Heads, l.Name)
			}
		}
	}
	for _, p := range rows {
		if !p.Start.Before(r.Now) {
			break
		}
		row := []string{momentText(p, r.Period), unknownText(r)}
		if w, ok := p.Watts(); ok {
			row[1] = report.FormatSignificant(float64(w))
			for _, l := range kept {
				row = append(row, report.FormatSignificant(float64(l.part(p.Parts).Over(p.Measured))))
			}
		}
		for len(row) < len(t.Heads) {
			row = append(row, "n/a")
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// mergeTo joins neighbours to points of equal length, as few as are left when
// there are no more than most. The lengths are those that divide an hour, a day
// or a week where they can be.
func mergeTo(points []report.PowerPoint, most int) []report.PowerPoint {
	if len(points) <= most {
		return points
	}
	each := (len(points) + most - 1) / most
	for !evenLength(points[0].Length*time.Duration(each)) && each < 2*(len(points)+most-1)/most {
		each++
	}
	var merged []report.PowerPoint
	for i, p := range points {
		if i%each == 0 {
			merged = append(merged, report.PowerPoint{Start: p.Start})
		}
		m := &merged[len(merged)-1]
		m.Length += p.Length
		m.Energy += p.Energy
		m.Measured += p.Measured
		m.Parts = m.Parts.Plus(p.Parts)
	}
	return merged
}

// evenLength tells whether a length divides a day, or is whole weeks.
func evenLength(d time.Duration) bool {
	const day = 24 * time.Hour
	if d <= day {
		return day%d == 0
	}
	return d%(7*day) == 0
}
