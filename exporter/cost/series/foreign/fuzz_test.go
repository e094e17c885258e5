package foreign_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/series/foreign"
)

// FuzzImport: no file makes it panic, and what it accepts is a series that
// survives being written and read.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if strings.HasSuffix(name, ".want") || err != nil {
			continue
		}
		format, _, _ := strings.Cut(filepath.Base(name), ".")
		f.Add(file, format)
		f.Add(file, foreign.Auto)
	}
	f.Fuzz(func(t *testing.T, file []byte, format string) {
		o := options()
		o.Format, o.Currency = format, "EUR"
		r, err := foreign.Import(bytes.NewReader(file), o)
		if err != nil {
			if r.Series.Len() != 0 {
				t.Errorf("a series beside %v", err)
			}
			return
		}
		var written bytes.Buffer
		if err := series.Write(&written, r.Series, r.Header); err != nil {
			if errors.Is(err, series.ErrUnit) && r.Header.Unit == "" {
				t.Errorf("a series without a unit: %v", r)
			}
			t.Fatal(err)
		}
		s, h, err := series.Read(&written)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(points(r.Series), points(s)) + cmp.Diff(r.Header.Unit, h.Unit); diff != "" {
			t.Errorf("(-imported +read):\n%s", diff)
		}
	})
}

func points(s series.Series) []series.Point {
	var out []series.Point
	for p := range s.Points() {
		out = append(out, p)
	}
	return out
}
