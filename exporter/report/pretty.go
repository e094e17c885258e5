package report

import (
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// newPretty is a table without frames: two spaces between columns and a rule
// under the heading.
func newPretty(t table) pretty.Writer {
	out := pretty.NewWriter()
	style := pretty.StyleDefault
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = ""
	style.Box.MiddleVertical = strings.Repeat(" ", columnGap)
	style.Box.MiddleSeparator = strings.Repeat(t.rule, columnGap)
	style.Box.MiddleHorizontal = t.rule
	style.Options = pretty.Options{SeparateHeader: true, SeparateColumns: true}
	style.Format = pretty.FormatOptions{Header: text.FormatDefault, HeaderVAlign: text.VAlignBottom,
		RowVAlign: text.VAlignTop, Footer: text.FormatDefault}
	out.SetStyle(style)
	return out
}

// alignRight sets every column of numbers to the right.
func alignRight(out pretty.Writer, f fitted) {
	configs := make([]pretty.ColumnConfig, 0, len(f.kept))
	for i, k := range f.kept {
		align := text.AlignRight
		if !f.Columns[k].Numeric {
			align = text.AlignLeft
		}
		configs = append(configs, pretty.ColumnConfig{Number: i + 2, Align: align, AlignHeader: align})
	}
	out.SetColumnConfigs(configs)
}

// boldLines sets each line bold by itself, so that no code spans two lines.
func (p paint) boldLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = p.bold(lines[i])
	}
	return strings.Join(lines, "\n")
}
