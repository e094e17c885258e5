package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/sovmeter/sovmeter/exporter/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// checkGolden compares got with a file of testdata, or rewrites the file.
func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestTableGolden(t *testing.T) {
	days := byGroup(t, report.ByDay)
	clients := byGroup(t, report.ByClient)
	for name, tt := range map[string]struct {
		report  report.Report
		options report.Options
	}{
		"plain80.txt":   {golden(t), report.Options{Width: 80}}, // without prices to compare with
		"table60.txt":   {economic(t), report.Options{Width: 60}},
		"table80.txt":   {economic(t), report.Options{Width: 80}},
		"table120.txt":  {economic(t), report.Options{Width: 120}},
		"table200.txt":  {economic(t), report.Options{Width: 200}},
		"scopes80.txt":  {mixed(t, report.ByModel), report.Options{Width: 80}},
		"ascii80.txt":   {economic(t), report.Options{Width: 80, ASCII: true}},
		"color80.txt":   {economic(t), report.Options{Width: 80, Color: true}},
		"days120.txt":   {days, report.Options{Width: 120}},
		"clients80.txt": {clients, report.Options{Width: 80}},
	} {
		t.Run(name, func(t *testing.T) {
			checkGolden(t, name, []byte(tableText(t, tt.report, tt.options)))
		})
	}
}

func tableText(t testing.TB, r report.Report, o report.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteTable(&out, r, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTableFitsEveryWidth(t *testing.T) {
	for name, r := range drawn(t) {
		for width := 60; width <= 240; width++ {
			options := []report.Options{{Width: width}}
			if width%20 == 0 {
				options = append(options, report.Options{Width: width, ASCII: true}, report.Options{Width: width, Color: true})
			}
			for _, o := range options {
				for _, line := range strings.Split(tableText(t, r, o), "\n") {
					if w := text.StringWidthWithoutEscSequences(line); w > width {
						t.Fatalf("%s at %+v: a line has %d columns: %s", name, o, w, line)
					}
				}
			}
		}
	}
}

func TestTableNeverCutsANumberOrName(t *testing.T) {
	r := economic(t)
	for width := 60; width <= 240; width++ {
		out := tableText(t, r, report.Options{Width: width})
		fields := strings.Fields(out)
		for _, want := range []string{"597.4", "0.0000369", "0.0579", "0.0662", "0.1118", "520k+", "0.0000805", "251.3", "100.0", "1.84", "0.0698", "1.99+", "2.30", "1.93+", "0.025,", "300", "37.86+"} {
			if !slices.Contains(fields, want) {
				t.Errorf("width %d lacks %s", width, want)
			}
		}
		if !strings.Contains(strings.Join(strings.Fields(out), ""), "Q4_K_M@llama") {
			t.Errorf("width %d cuts a name", width)
		}
	}
}

func TestColumnsDropInOrder(t *testing.T) {
	order := []string{"Cancelled", "Server", "Active", "Speed", "Cached", "Fresh", "Error", "per M", "J per", "Requests", "Same"}
	gone := 0
	for width := 240; width >= 60; width-- {
		out := tableText(t, economic(t), report.Options{Width: width})
		head, _, _ := strings.Cut(out[strings.Index(out, "not measured\n"):], "──")
		for i, heading := range order {
			if strings.Contains(head, heading) == (i < gone) && i < gone {
				t.Fatalf("width %d: column %q is back", width, heading)
			}
		}
		for gone < len(order) && !strings.Contains(head, order[gone]) {
			gone++
		}
		for _, heading := range order[gone:] {
			if !strings.Contains(head, heading) {
				t.Fatalf("width %d: column %q went before %q", width, heading, order[gone])
			}
		}
	}
	if gone < len(order) {
		t.Errorf("only %d columns dropped down to 60", gone)
	}
}

// drawn are reports of every kind, by everything.
func drawn(t testing.TB) map[string]report.Report {
	t.Helper()
	all := variants(t)
	all["economic"] = economic(t)
	all["by day"] = byGroup(t, report.ByDay)
	all["by hour"] = byGroup(t, report.ByHour)
	all["by client"] = byGroup(t, report.ByClient)
	all["by project"] = byGroup(t, report.ByProject)
	all["by server"] = byGroup(t, report.ByServer)
	return all
}

func TestTableASCII(t *testing.T) {
	r := economic(t)
	const evil = "modèle\x1b[2J\u202e"
	r.Models[0].Model, r.PriceTable, r.Carbon.Source = evil, evil, evil
	for _, c := range r.Comparisons {
		for i := range c.Quotes {
			c.Quotes[i].Model, c.Quotes[i].Entry.Model, c.Quotes[i].Entry.Provider = evil, evil, evil
		}
	}
	out := tableText(t, r, report.Options{Width: 100, ASCII: true})
	for _, c := range []byte(out) {
		if c > 126 || c < 32 && c != '\n' {
			t.Fatalf("byte %#x in:\n%s", c, out)
		}
	}
}

func TestTableDisarmsNames(t *testing.T) {
	r := golden(t)
	r.Models[0].Model = "evil\x1b[2Jmodel\nsecond"
	out := tableText(t, r, report.Options{Width: 100})
	if strings.ContainsAny(out, "\x1b") || !strings.Contains(out, "evil?[2Jmodel?second") {
		t.Errorf("control characters of a name reach the terminal:\n%q", out)
	}
}

func TestTableShowsUnknownNotZero(t *testing.T) {
	out := tableText(t, variants(t)["nothing known"], report.Options{})
	for _, want := range []string{"n/a", "?", "(model not", "Of these requests: 3 not measured.", "no electricity price was given"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "0 Wh") || strings.Contains(out, "Where the energy went") {
		t.Errorf("claims an energy:\n%s", out)
	}
}

func TestTableColorOnlyAddsCodes(t *testing.T) {
	plain := tableText(t, golden(t), report.Options{Width: 80})
	colored := tableText(t, golden(t), report.Options{Width: 80, Color: true})
	stripped := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(colored, "")
	if stripped == colored {
		t.Fatal("no colour")
	}
	trimmed := regexp.MustCompile(`(?m) +$`).ReplaceAllString(stripped, "")
	if diff := cmp.Diff(plain, trimmed); diff != "" {
		t.Errorf("(-plain +colored):\n%s", diff)
	}
}
