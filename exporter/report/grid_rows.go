package report

import "strings"

// rowItem is one row of the report, by model or by what else it is by.
type rowItem struct {
	name  string // as logged; empty when nothing was
	sum   Model
	group *Group // nil for models, and in the row of totals without one
	saved []Saved
}

// items are the rows of the report.
func (r Report) items() []rowItem {
	var items []rowItem
	if r.by() == ByModel {
		for _, m := range r.Models {
			items = append(items, rowItem{name: m.Model, sum: m, saved: m.Saved})
		}
		return items
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		items = append(items, rowItem{name: g.Name, sum: g.Sum, group: g, saved: g.Sum.Saved})
	}
	return items
}

// by is what the rows are.
func (r Report) by() By {
	if r.By == "" {
		return ByModel
	}
	return r.By
}

// timed tells whether the rows are stretches of time.
func (r Report) timed() bool { return r.by() == ByDay || r.by() == ByHour }

// tagged tells whether the rows are by what callers said of themselves. What
// only a model as a whole has is then not known of a row.
func (r Report) tagged() bool { return r.by() == ByClient || r.by() == ByProject }

// rowHeading is what the rows' names are.
func (r Report) rowHeading() string {
	headings := map[By]string{ByModel: "Model", ByServer: "Server", ByDay: "Day", ByHour: "Hour", ByClient: "Client", ByProject: "Project"}
	return headings[r.by()]
}

// rowName is what a row is called in its first column.
func (s sheet) rowName(item rowItem) Cell {
	c := s.wordCell(item.name)
	if item.name == "" {
		c.Text = map[By]string{ByModel: "(model not logged)", ByServer: "(no server)", ByClient: "(no client)", ByProject: "(no project)"}[s.report.by()]
		if !s.report.TaggedSince.IsZero() {
			c.Text = strings.TrimSuffix(c.Text, ")") + ", or not known)"
		}
	}
	return c
}

// rowsGrid has a row for each model, or for what else the report is by.
func (s sheet) rowsGrid() Grid {
	items := s.report.items()
	columns := s.rowColumns(items)
	titles := map[By]string{ByModel: "Models", ByServer: "Servers", ByDay: "Days", ByHour: "Hours", ByClient: "Clients", ByProject: "Projects"}
	g := gridOf(GridRows, titles[s.report.by()], columns, items)
	if len(items) > 1 {
		g.Rows = append(g.Rows, GridRow{RowTotal, cellsOf(columns, s.report.total(items), true)})
		g.Rows[len(items)].Cells[0].Text = "All"
	}
	all := func(string) bool { return true }
	g.Notes = append(s.outcomeNotes(func(key string) bool { return !hiddenIn(g, key) }), s.markNotes(all)...)
	return g
}

func hiddenIn(g Grid, key string) bool {
	i := g.Index(key)
	return i < 0 || g.Columns[i].Hidden
}

// rowColumns are all columns, left to right. As it gets narrower they go in the
// order of Drop, the highest first.
func (s sheet) rowColumns(items []rowItem) []columnOf[rowItem] {
	columns := s.nameColumns()
	columns = append(columns, s.requestColumns(items)...)
	columns = append(columns, s.tokenColumns()...)
	columns = append(columns, s.energyColumns()...)
	columns = append(columns, s.costColumns()...)
	return append(columns, s.savedColumns()...)
}
