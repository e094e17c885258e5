package report

import (
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// newGrid is a table without frames: two spaces between columns and a rule
// under the heading.
func newGrid(t table) pretty.Writer {
	grid := pretty.NewWriter()
	style := pretty.StyleDefault
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = ""
	style.Box.MiddleVertical = strings.Repeat(" ", columnGap)
	style.Box.MiddleSeparator = strings.Repeat(t.rule, columnGap)
	style.Box.MiddleHorizontal = t.rule
	style.Options = pretty.Options{SeparateHeader: true, SeparateColumns: true}
	style.Format = pretty.FormatOptions{Header: text.FormatDefault, HeaderVAlign: text.VAlignBottom,
		RowVAlign: text.VAlignTop, Footer: text.FormatDefault}
	grid.SetStyle(style)
	return grid
}

// alignRight sets every column but the first, and the server's, to the right.
func alignRight(grid pretty.Writer, kept []column) {
	configs := make([]pretty.ColumnConfig, 0, len(kept))
	for i, c := range kept {
		align := text.AlignRight
		if c.name == "server" {
			align = text.AlignLeft
		}
		configs = append(configs, pretty.ColumnConfig{Number: i + 2, Align: align, AlignHeader: align})
	}
	grid.SetColumnConfigs(configs)
}

// boldLines sets each line bold by itself, so that no code spans two lines.
func (p paint) boldLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = p.bold(lines[i])
	}
	return strings.Join(lines, "\n")
}
