package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/sovmeter/sovmeter/store"
)

const learnedHeading = "What a token takes"

// learnedColumn is one column of the table of what is learned.
type learnedColumn struct {
	heading string
	cell    func(store.Learned) string
}

// learnedColumns are all columns after the name. The batch size goes first
// when the table is too wide.
func (t table) learnedColumns(batch bool) []learnedColumn {
	columns := []learnedColumn{
		{"J per\nprompt\ntoken", func(l store.Learned) string { return tokenJoules(l.Prefill) }},
		{"Std.\nerror\n%", func(l store.Learned) string { return tokenError(l.Prefill) }},
		{"J per\noutput\ntoken", func(l store.Learned) string { return tokenJoules(l.Decode) }},
		{"Std.\nerror\n%", func(l store.Learned) string { return tokenError(l.Decode) }},
	}
	if batch {
		columns = append(columns, learnedColumn{"Mean\nbatch", meanBatch})
	}
	return append(columns, learnedColumn{"Age", func(l store.Learned) string { return age(t.report.Age(l)) }})
}

// learned tells what the models' tokens take, as far as it is learned.
func (t table) learned() []string {
	rows := t.report.Learned
	if len(rows) == 0 {
		return nil
	}
	withServer, longest := t.report.multiServer(), width(learnedHeading)
	for _, l := range rows {
		longest = max(longest, width(t.name(l.Server, l.Model, withServer)))
	}
	columns := t.learnedColumns(true)
	if t.width-widthOf(columns, rows) < min(longest, wantName) {
		columns = t.learnedColumns(false)
	}
	nameWidth := min(max(t.width-widthOf(columns, rows), minName), longest)
	grid := newGrid(t)
	heading := pretty.Row{t.boldLines(strings.Join(wrapWords(learnedHeading, nameWidth), "\n"))}
	configs := make([]pretty.ColumnConfig, 0, len(columns))
	for i, c := range columns {
		heading = append(heading, t.boldLines(c.heading))
		configs = append(configs, pretty.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	grid.AppendHeader(heading)
	grid.SetColumnConfigs(configs)
	for _, l := range rows {
		row := pretty.Row{strings.Join(wrapName(t.name(l.Server, l.Model, withServer), nameWidth), "\n")}
		for _, c := range columns {
			row = append(row, c.cell(l))
		}
		grid.AppendRow(row)
	}
	lines := strings.Split(grid.Render(), "\n")
	for _, line := range wrapWords(learnedNote, t.prose()) {
		lines = append(lines, t.faint(line))
	}
	return lines
}

const learnedNote = "Above the baseline, as learned by now from power and log. Cached prompt tokens are not counted; an output token is one " +
	"in decode steps of the mean batch size. The errors are how far chance may have moved the fit; what is off in all of the data alike is not in them."

// widthOf is how much the columns and the gaps before them need.
func widthOf(columns []learnedColumn, rows []store.Learned) int {
	sum := 0
	for _, c := range columns {
		need := text.LongestLineLen(c.heading)
		for _, l := range rows {
			need = max(need, width(c.cell(l)))
		}
		sum += columnGap + need
	}
	return sum
}

func tokenJoules(e store.TokenEnergy) string {
	if !e.Known {
		return unknown
	}
	return significant(float64(e.Energy))
}

func tokenError(e store.TokenEnergy) string {
	if !e.Known {
		return unknown
	}
	return percentage(float64(e.Error / e.Energy))
}

// percentage is a ratio in percent with one decimal, without its sign; what is
// not 0 never reads as 0.
func percentage(ratio float64) string {
	if ratio > 0 && ratio < 0.001 {
		return "<0.1"
	}
	return strconv.FormatFloat(100*ratio, 'f', 1, 64)
}

func meanBatch(l store.Learned) string {
	if l.Batch <= 0 {
		return unknown
	}
	return strconv.FormatFloat(l.Batch, 'f', 1, 64)
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
