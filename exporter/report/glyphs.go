package report

import (
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
)

// glyphs are the marks that a table is drawn with.
type glyphs struct {
	levels     []rune // of the sparkline, lowest first
	bar        []rune // parts of a bar's last cell, the smallest first; the last is a full cell
	unmeasured rune   // a slot without a measurement
	rule       string // of the line under a table's heading
	plusMinus  string
	squared    string // as in R²
	ascii      bool
}

// newGlyphs returns the block elements, or their ASCII stand-ins.
func newGlyphs(ascii bool) glyphs {
	if ascii {
		return glyphs{levels: []rune("_.-=+*#@"), bar: []rune("#"), unmeasured: '?', rule: "-", plusMinus: "+/-", squared: "2", ascii: true}
	}
	return glyphs{levels: []rune("▁▂▃▄▅▆▇█"), bar: []rune("▏▎▍▌▋▊▉█"), unmeasured: '·', rule: "─", plusMinus: "±", squared: "²"}
}

// drawBar draws ratio, 0 to 1, as a bar of at most width cells. Anything above
// zero shows at least the smallest mark.
func (g glyphs) drawBar(ratio float64, width int) string {
	parts := len(g.bar)
	eighths := int(ratio*float64(width*parts) + 0.5)
	if ratio > 0 && eighths == 0 {
		eighths = 1
	}
	eighths = min(max(eighths, 0), width*parts)
	bar := strings.Repeat(string(g.bar[parts-1]), eighths/parts)
	if rest := eighths % parts; rest > 0 {
		bar += string(g.bar[rest-1])
	}
	return bar
}

// clean makes text from a log fit for a terminal: control characters, which
// could move the cursor or colour the screen, become question marks, and so
// does everything beyond ASCII when only ASCII is wanted.
func (g glyphs) clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || (g.ascii && r > unicode.MaxASCII) {
			return '?'
		}
		return r
	}, s)
}

// paint colours text where colour is wanted.
type paint bool

// The ANSI codes that are used: only those that read well on a light and on a
// dark screen. go-pretty's own colours follow the environment, which is the
// caller's business here.
const (
	ansiBold  = "\x1b[1m"
	ansiFaint = "\x1b[2m"
	ansiGreen = "\x1b[32m"
	ansiReset = "\x1b[0m"
)

func (p paint) with(code, s string) string {
	if !bool(p) || strings.TrimSpace(s) == "" {
		return s
	}
	return code + s + ansiReset
}

func (p paint) plain(s string) string { return s }
func (p paint) bold(s string) string  { return p.with(ansiBold, s) }
func (p paint) faint(s string) string { return p.with(ansiFaint, s) }
func (p paint) green(s string) string { return p.with(ansiGreen, s) }

// width is the number of terminal cells that s takes.
func width(s string) int { return text.StringWidthWithoutEscSequences(s) }

// padRight fills s with spaces up to n cells.
func padRight(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-width(s)))
}
