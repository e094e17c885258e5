package main

import (
	"io"
	"os"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// priceGrid is a table for a terminal. Where there is little room its names wrap
// and its columns drop; a number is never cut.
type priceGrid struct {
	columns []priceColumn
	rows    [][]string
}

type priceColumn struct {
	heading string
	number  bool
	point   bool // numbers stand with their points below each other
	drop    int  // the highest goes first where there is little room; 0 always stays
}

const (
	gridGap    = 2
	roomyName  = 24 // names are kept this wide as long as a column can drop
	narrowName = 8
	plainWidth = 80 // where there is no terminal
	narrowest  = 20 // prose is not wrapped narrower than this
)

// drawWidth is how many columns there are to draw in.
func drawWidth(w io.Writer, asked int) int {
	if asked > 0 {
		return asked
	}
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return plainWidth
}

// write draws the grid, at most width wide as far as its numbers let it.
func (g priceGrid) write(w io.Writer, width int) error {
	g.alignPoints()
	kept, limits := g.fit(width)
	out := pretty.NewWriter()
	style := pretty.StyleDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", ""
	style.Box.MiddleVertical = strings.Repeat(" ", gridGap)
	style.Box.MiddleSeparator, style.Box.MiddleHorizontal = strings.Repeat("-", gridGap), "-"
	style.Options = pretty.Options{SeparateHeader: true, SeparateColumns: true}
	style.Format = pretty.FormatOptions{Header: text.FormatDefault, HeaderVAlign: text.VAlignBottom, RowVAlign: text.VAlignTop}
	out.SetStyle(style)
	var configs []pretty.ColumnConfig
	header := pretty.Row{}
	for i, k := range kept {
		align := text.AlignLeft
		if g.columns[k].number {
			align = text.AlignRight
		}
		configs = append(configs, pretty.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align})
		header = append(header, priceWrap(g.columns[k].heading, limits[k]))
	}
	out.SetColumnConfigs(configs)
	out.AppendHeader(header)
	for _, row := range g.rows {
		cells := pretty.Row{}
		for _, k := range kept {
			cells = append(cells, priceWrap(row[k], limits[k]))
		}
		out.AppendRow(cells)
	}
	for line := range strings.Lines(out.Render() + "\n") {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// alignPoints appends spaces to numbers, so that their points align when they
// are set to the right. The rows are changed.
func (g priceGrid) alignPoints() {
	for i, c := range g.columns {
		if !c.point {
			continue
		}
		places := 0
		for _, row := range g.rows {
			if at := strings.IndexByte(row[i], '.'); at >= 0 {
				places = max(places, len(row[i])-at-1)
			}
		}
		for _, row := range g.rows {
			if at := strings.IndexByte(row[i], '.'); at >= 0 {
				row[i] += strings.Repeat(" ", places-(len(row[i])-at-1))
			} else if row[i] == "?" && places > 0 {
				row[i] += strings.Repeat(" ", places+1)
			}
		}
	}
}

// fit chooses the columns that stay, and how wide each may be.
func (g priceGrid) fit(width int) (kept, limits []int) {
	limits = make([]int, len(g.columns))
	for i, c := range g.columns {
		limits[i] = text.StringWidth(c.heading)
		for _, row := range g.rows {
			limits[i] = max(limits[i], text.StringWidth(row[i]))
		}
		kept = append(kept, i)
	}
	for {
		need := gridGap * (len(kept) - 1)
		for _, k := range kept {
			need += g.least(k, limits[k], roomyName)
		}
		next := g.nextToDrop(kept)
		if need <= width || next < 0 {
			break
		}
		kept = append(kept[:next:next], kept[next+1:]...)
	}
	g.squeeze(kept, limits, width)
	return kept, limits
}

// least is how narrow a column may be: a number as wide as it is, a name down
// to some width.
func (g priceGrid) least(k, natural, name int) int {
	if g.columns[k].number {
		return natural
	}
	return min(natural, name)
}

func (g priceGrid) nextToDrop(kept []int) int {
	next, drop := -1, 0
	for i, k := range kept {
		if g.columns[k].drop > drop {
			next, drop = i, g.columns[k].drop
		}
	}
	return next
}

// squeeze narrows the widest names, one cell at a time, until all fits.
func (g priceGrid) squeeze(kept, limits []int, width int) {
	for {
		sum, widest := gridGap*(len(kept)-1), -1
		for _, k := range kept {
			sum += limits[k]
			if !g.columns[k].number && limits[k] > narrowName && (widest < 0 || limits[k] > limits[widest]) {
				widest = k
			}
		}
		if sum <= width || widest < 0 {
			return
		}
		limits[widest]--
	}
}

// priceWrap breaks a name or a sentence into lines of at most limit cells, after a separator
// where one is near the end.
func priceWrap(name string, limit int) string {
	var lines []string
	runes := []rune(name)
	for limit > 0 && len(runes) > limit {
		cut := limit
		for i := limit; i > limit/2; i-- {
			if strings.ContainsRune("-/:@_ ", runes[i-1]) || runes[i] == ' ' {
				cut = i
				break
			}
		}
		lines = append(lines, strings.TrimRight(string(runes[:cut]), " "))
		runes = []rune(strings.TrimLeft(string(runes[cut:]), " "))
	}
	return strings.Join(append(lines, string(runes)), "\n")
}
