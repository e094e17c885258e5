package foreign_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/series/foreign"
)

var update = flag.Bool("update", false, "write the golden files anew")

// options are those of a user who says nothing.
func options() foreign.Options {
	return foreign.Options{Load: time.LoadLocation, Open: time.Date(2026, 3, 29, 3, 7, 0, 0, time.UTC)}
}

// text is all of a result.
func text(t *testing.T, r foreign.Result) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "format %s, %d rows\n", r.Format, r.Rows)
	for _, l := range r.Left {
		fmt.Fprintf(&out, "left out: %d %s\n", l.Count, l.Why)
	}
	if err := series.Write(&out, r.Series, r.Header); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Every file of testdata is in the format that its name begins with; the want
// beside it is what it says.
func TestGolden(t *testing.T) {
	seen := map[string]bool{}
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		format, _, _ := strings.Cut(filepath.Base(name), ".")
		if strings.HasSuffix(name, ".want") || format == "fuzz" {
			continue
		}
		seen[format] = true
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all := ""
			for _, vat := range []bool{false, true} {
				o := options()
				o.VAT, o.Direct = vat, vat
				got, err := foreign.Import(strings.NewReader(string(file)), o)
				switch {
				case vat && errors.Is(err, foreign.ErrVAT):
					continue
				case vat && errors.Is(err, foreign.ErrEmpty):
					all += fmt.Sprintf("\nwith VAT, direct: %v\n", err)
					continue
				case err != nil:
					t.Fatal(err)
				case got.Format != format:
					t.Fatalf("taken for %s, want %s", got.Format, format)
				}
				if now := text(t, got); vat && now != all {
					all += "\nwith VAT, direct:\n" + now
				} else if !vat {
					all = now
				}
			}
			want := name + ".want"
			if *update {
				if err := os.WriteFile(want, []byte(all), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(golden), all); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, f := range foreign.Formats() {
		if !seen[f.Name] {
			t.Errorf("no file of format %s", f.Name)
		}
	}
}
