package html_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// samples are reports of every kind.
func samples(t testing.TB) map[string]report.Report {
	t.Helper()
	without := goldenInputs(t)
	without.Tariff = nil
	little := goldenInputs(t)
	little.Range.System, little.Range.Models = little.Range.System[:3], nil
	little.Range.Remote, little.Range.Learned = nil, nil
	little.Now = little.Period.Since.Add(2 * time.Hour)
	never := historyInputs(t, 20, 4000, plan{1, 200_000})
	open := historyInputs(t, 20, 4000, plan{1_000_000, 9_000_000})
	open.Machine = nil
	return map[string]report.Report{
		"golden day":     build(t, goldenInputs(t)),
		"mixed scopes":   build(t, mixedInputs(t)),
		"month by day":   build(t, historyInputs(t, 31, 2000, plan{2_000_000, 9_000_000})),
		"never":          build(t, never),
		"few days":       build(t, historyInputs(t, 5, 4000, plan{0, 9_000_000})),
		"no hardware":    build(t, open),
		"no tariff":      build(t, without),
		"nearly no data": build(t, little),
	}
}

func TestPagesLoadAndRunNothing(t *testing.T) {
	for name, r := range samples(t) {
		t.Run(name, func(t *testing.T) {
			page := draw(t, r)
			root := parse(t, page)
			root.walk(func(e *element) {
				switch e.name {
				case "script", "link", "img", "iframe", "object", "embed", "image", "foreignObject", "base", "form", "animate", "set":
					t.Errorf("the page has a <%s>", e.name)
				}
				for key, value := range e.attr {
					if key == "style" || strings.HasPrefix(key, "on") || key == "src" {
						t.Errorf("<%s> has the attribute %s", e.name, key)
					}
					if key == "href" && !strings.HasPrefix(value, "#") {
						t.Errorf("<%s> refers to %q", e.name, value)
					}
				}
			})
			if found := regexp.MustCompile(`(?i)https?://|//[a-z]|@import|url\([^#]|javascript:|ZgotmplZ`).Find(page); found != nil {
				t.Errorf("the page has %q", found)
			}
		})
	}
}

func TestPolicyNamesTheStyle(t *testing.T) {
	root := parse(t, draw(t, build(t, goldenInputs(t))))
	page := string(draw(t, build(t, goldenInputs(t))))
	_, rest, _ := strings.Cut(page, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	head := root.all("head")[0]
	if m := head.below[1]; m.attr["http-equiv"] != "Content-Security-Policy" || m.attr["content"] != want {
		t.Errorf("policy = %v, want it second in the head, and %q", m.attr, want)
	}
	if n := len(root.all("style")); n != 1 {
		t.Errorf("%d style sheets, want 1", n)
	}
}

// TestPagesTellEveryFigure holds the page to the grids, from which all formats
// are drawn.
func TestPagesTellEveryFigure(t *testing.T) {
	for name, r := range samples(t) {
		t.Run(name, func(t *testing.T) {
			root := parse(t, draw(t, r))
			told := root.texts("td", "th", "small", "dd", "dt", "b", "p", "h1", "span")
			missing := func(what, text string) {
				if text = strings.Join(strings.Fields(text), " "); text != "" && !told[text] && !strings.Contains(root.text, text) {
					t.Errorf("%s is not told: %q", what, text)
				}
			}
			figures := 0
			for _, g := range report.Grids(r, report.Options{}) {
				for i, c := range g.Columns {
					if c.Hidden {
						continue
					}
					for _, row := range g.Rows {
						missing(string(g.Name)+", "+c.Key, row.Cells[i].Text)
						figures++
					}
				}
				for _, note := range g.Notes {
					missing("note of "+string(g.Name), note)
				}
			}
			for _, l := range report.Footer(r, report.Options{}) {
				missing("foot, "+l.Label, l.Text)
			}
			missing("headline", report.Headline(r, report.Options{})[0].Text)
			if figures < 10 {
				t.Errorf("%d figures were looked for", figures)
			}
		})
	}
}

// TestCellsAreInTheirRows holds one whole table to its grid, cell by cell.
func TestCellsAreInTheirRows(t *testing.T) {
	r := build(t, goldenInputs(t))
	g, _ := report.Find(report.Grids(r, report.Options{}), report.GridRows)
	var rows [][]string
	for _, s := range parse(t, draw(t, r)).all("section") {
		if s.attr["aria-labelledby"] != "grid-rows" {
			continue
		}
		for _, tr := range s.all("tr")[1:] {
			var cells []string
			for _, c := range tr.below {
				cells = append(cells, c.text)
			}
			rows = append(rows, cells)
		}
	}
	if len(rows) != len(g.Rows) {
		t.Fatalf("%d rows, want %d", len(rows), len(g.Rows))
	}
	for i, row := range g.Rows {
		at := 0
		for j, c := range g.Columns {
			if c.Hidden {
				continue
			}
			if rows[i][at] != row.Cells[j].Text {
				t.Errorf("row %d, %s: %q, want %q", i, c.Key, rows[i][at], row.Cells[j].Text)
			}
			at++
		}
		if at != len(rows[i]) {
			t.Errorf("row %d has %d cells, want %d", i, len(rows[i]), at)
		}
	}
}

func TestPagesAreTheSameEachTime(t *testing.T) {
	in := historyInputs(t, 31, 2000, plan{2_000_000, 9_000_000})
	if !bytes.Equal(draw(t, build(t, in)), draw(t, build(t, in))) {
		t.Error("two pages of the same inputs differ")
	}
}

func TestPagesAreSmall(t *testing.T) {
	if n := len(draw(t, build(t, goldenInputs(t)))); n > 150_000 {
		t.Errorf("a day takes %d bytes, want at most 150,000", n)
	}
	if n := len(draw(t, build(t, historyInputs(t, 365, 2000, plan{2_000_000, 9_000_000})))); n > 600_000 {
		t.Errorf("a year by day takes %d bytes, want at most 600,000", n)
	}
}

func TestNothingIsWrittenWhereTheWriterFails(t *testing.T) {
	r := build(t, goldenInputs(t))
	if err := write(failing{}, r); err == nil {
		t.Error("no error of a writer that fails")
	}
}

func TestHeadlineWithoutACall(t *testing.T) {
	in := goldenInputs(t)
	in.Range.Models = []store.ModelSlot{}
	root := parse(t, draw(t, build(t, in)))
	if h1 := root.all("h1")[0].text; !strings.HasPrefix(h1, "Energy measured ") || !strings.HasSuffix(h1, "Wh") {
		t.Errorf("headline = %q, want the energy", h1)
	}
	if !strings.Contains(root.text, "What one more call costs is not known: no finished request") {
		t.Error("the page does not say why no call has a cost")
	}
}

func TestWhatIsNotBookedYetIsNotCalledUnmeasured(t *testing.T) {
	in := goldenInputs(t)
	in.Range.System = in.Range.System[:70]
	in.Range.Open, in.Range.OpenSeconds, in.Now = 900, 900, in.Range.System[69].Start.Add(30*time.Minute)
	root := parse(t, draw(t, build(t, in)))
	if !strings.Contains(root.text, "Hatched time is not measured or not booked yet") || !strings.Contains(root.text, ": not measured or not booked yet") {
		t.Error("the chart does not say that energy is not booked yet")
	}
}

// paid is a price below zero, as there is when the wind blows.
type paid struct{}

func (paid) Currency() cost.Currency { return "EUR" }

func (paid) At(time.Time) (cost.Price, bool) {
	return cost.Price{Picos: -80_000_000_000, Currency: "EUR"}, true
}

func TestPricesBelowZero(t *testing.T) {
	in := historyInputs(t, 31, 2000, plan{2_000_000, 9_000_000})
	in.Tariff = paid{}
	for _, machine := range []bool{true, false} {
		if !machine {
			in.Machine = nil
		}
		root := parse(t, draw(t, build(t, in)))
		longest := 0.0
		for _, e := range append(root.all("rect"), root.all("text")...) {
			if width, err := strconv.ParseFloat(strings.TrimSuffix(e.attr["width"], "%"), 64); err == nil && e.attr["class"] == "bar-requests" && strings.HasSuffix(e.attr["width"], "%") {
				longest = max(longest, width)
			}
			for _, key := range []string{"x", "width", "cx"} {
				value, percent := strings.CutSuffix(e.attr[key], "%")
				if at, err := strconv.ParseFloat(value, 64); percent && (err != nil || at < 0 || at > 100) {
					t.Errorf("<%s %s=%q> leaves the chart", e.name, key, e.attr[key])
				}
			}
		}
		if longest < 30 {
			t.Errorf("the longest bar takes %v %% of the width", longest)
		}
		if !strings.Contains(root.text, "-0.") {
			t.Error("no cost is below zero")
		}
	}
}

func BenchmarkWriteYear(b *testing.B) {
	r := build(b, historyInputs(b, 365, 2000, plan{2_000_000, 9_000_000}))
	for b.Loop() {
		if err := write(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
