package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// Imports that run at once, as of two lines in a crontab, lose nothing of each other.
func TestImportsAtOnce(t *testing.T) {
	const files = 16
	dir := t.TempDir()
	out := filepath.Join(dir, "prices.csv")
	var all sync.WaitGroup
	for day := range files {
		name := filepath.Join(dir, fmt.Sprintf("day%d.csv", day))
		text := fmt.Sprintf("# sovmeter series v1\n# unit: EUR/kWh\nstart,end,value\n2026-03-%02dT00:00:00Z,2026-03-%02dT00:15:00Z,0.1\n", day+1, day+1)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			i := seriesImport{env: env{stdout: io.Discard, stderr: io.Discard}, wants: []series.Quantity{series.Price}, out: out}
			if err := i.run(strings.NewReader(""), []string{name}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, _, err := series.Read(f)
	if err != nil || s.Len() != files {
		t.Errorf("%d points, error %v; want %d", s.Len(), err, files)
	}
}
