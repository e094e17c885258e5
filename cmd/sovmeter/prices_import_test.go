package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// Imports that run at once, as of two lines in a crontab, lose nothing of each other.
func TestPriceImportsAtOnce(t *testing.T) {
	const files = 16
	dir := t.TempDir()
	out := filepath.Join(dir, "prices.json")
	shipped, err := prices.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range files {
		name := filepath.Join(dir, fmt.Sprintf("%d.json", i))
		text := fmt.Sprintf(`{"acme": {"models": {"m%d": {"cost": {"input": 1, "output": 2}}}}}`, i)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			in := priceImport{format: "auto", out: out}
			if err := in.run(env{stdout: io.Discard, stderr: io.Discard}, name); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if table, err := openPrices(out); err != nil || table.Len() != shipped.Len()+files {
		t.Errorf("%d prices, error %v; want %d", table.Len(), err, shipped.Len()+files)
	}
}
