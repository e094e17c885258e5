package report

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writeMarkdown writes all tables in GitHub's flavour of Markdown. What a log
// calls a model cannot be more than text in it.
func writeMarkdown(w io.Writer, r Report, o Options) error {
	var out strings.Builder
	out.WriteString("# " + escaped(Title(r)) + "\n\n")
	writeLines(&out, Headline(r, o))
	for _, g := range Grids(r, o) {
		out.WriteString("\n## " + escaped(g.Title) + "\n\n")
		if len(g.Rows) == 0 {
			out.WriteString(noRows + "\n")
			continue
		}
		writeGrid(&out, g)
		for _, n := range g.Notes {
			out.WriteString("\n" + paragraph(n) + "\n")
		}
	}
	out.WriteString("\n## What the figures rest on\n\n")
	writeLines(&out, Footer(r, o))
	_, err := io.WriteString(w, out.String())
	return err
}

// writeLines writes a head or a foot as a list.
func writeLines(out *strings.Builder, lines []Line) {
	for _, l := range lines {
		out.WriteString("- **" + escaped(l.Label) + ":** ")
		if l.Value != "" {
			out.WriteString("**" + escaped(l.Value) + "**, ")
		}
		out.WriteString(escaped(l.Text) + "\n")
	}
}

// writeGrid writes a table: numbers to the right, the total in bold.
func writeGrid(out *strings.Builder, g Grid) {
	var heading, rule []string
	for _, c := range g.Columns {
		if c.Hidden {
			continue
		}
		heading = append(heading, escaped(headingLine(c)))
		if c.Numeric {
			rule = append(rule, "---:")
		} else {
			rule = append(rule, ":---")
		}
	}
	writeRow(out, heading)
	writeRow(out, rule)
	names := namesOf(g)
	for i, row := range g.Rows {
		var cells []string
		for k, c := range row.Cells {
			text := c.Text
			if k == 0 && hiddenIn(g, "server") {
				text = names[i]
			}
			if g.Columns[k].Hidden {
				continue
			}
			text = escaped(text)
			if row.Kind == RowTotal && text != "" {
				text = "**" + text + "**"
			}
			cells = append(cells, text)
		}
		writeRow(out, cells)
	}
}

func writeRow(out *strings.Builder, cells []string) {
	out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// headingLine is a heading with its unit: "Energy, Wh".
func headingLine(c Column) string {
	if c.Unit == "" || c.Heading == "" {
		return c.Heading + c.Unit
	}
	return c.Heading + ", " + c.Unit
}

// apart is nothing to a reader. GitHub takes @name for somebody to notify and #1
// for an issue even behind a backslash, but not across a comment.
const apart = "<!-- -->"

// escaped is text without any meaning to Markdown or HTML. An underscore within
// a word, of which names are full, has none as it is.
func escaped(s string) string {
	var out strings.Builder
	for i, r := range s {
		switch {
		case r == '_' && within(s, i):
		case strings.ContainsRune("\\`*_{}[]<>#|~&$!", r):
			out.WriteByte('\\')
		case r == ':' && strings.HasPrefix(s[i:], "://"), r == '.' && strings.HasSuffix(strings.ToLower(s[:i]), "www"): // an address is no link
			out.WriteByte('\\')
		}
		out.WriteRune(r)
		if next, _ := utf8.DecodeRuneInString(s[i+max(1, utf8.RuneLen(r)):]); r == '@' && isWord(next) || r == '#' && unicode.IsDigit(next) {
			out.WriteString(apart)
		}
	}
	return out.String()
}

// within tells whether the byte at i stands between two letters or digits.
func within(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	return isWord(before) && isWord(after)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// paragraph is text that stands by itself and begins no list.
func paragraph(s string) string {
	if s != "" && strings.ContainsRune("+-", rune(s[0])) {
		return "\\" + escaped(s)
	}
	return escaped(s)
}
