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
	for name, options := range map[string]report.Options{
		"table60.txt":  {Width: 60},
		"table80.txt":  {Width: 80},
		"table120.txt": {Width: 120},
		"table200.txt": {Width: 200},
		"ascii80.txt":  {Width: 80, ASCII: true},
		"color80.txt":  {Width: 80, Color: true},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := report.WriteTable(&out, golden(t), options); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, name, out.Bytes())
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
	for name, r := range variants(t) {
		for width := 60; width <= 240; width++ {
			for _, o := range []report.Options{{Width: width}, {Width: width, ASCII: true}, {Width: width, Color: true}} {
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
	r := golden(t)
	for width := 60; width <= 240; width++ {
		out := tableText(t, r, report.Options{Width: width})
		fields := strings.Fields(out)
		for _, want := range []string{"597.4", "0.0000369", "0.0579", "0.0662", "0.1118", "520k+", "0.0000805", "251.3", "100.0"} {
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
	order := []string{"celled", "Server", "Active", "Speed", "Cached", "Fresh", "Error", "per M", "J per"}
	gone := 0
	for width := 240; width >= 60; width-- {
		out := tableText(t, golden(t), report.Options{Width: width})
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
	if gone < 7 {
		t.Errorf("only %d columns dropped down to 60", gone)
	}
}

func TestTableASCII(t *testing.T) {
	r := golden(t)
	r.Models[0].Model = "modèle\x1b[2J"
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
