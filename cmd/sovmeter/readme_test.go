package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

var update = flag.Bool("update", false, "write the output of demo and accuracy into the README")

// TestReadmeShowsTheRealDemo keeps the README's first screen true.
func TestReadmeShowsTheRealDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("meters simulated days for long")
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"demo"}, &out, &errs); code != 0 {
		t.Fatalf("demo: code %d, %s", code, errs.String())
	}
	holdReadme(t, "demo", out.String())
}

// holdReadme compares the part of the README between two marks with what it
// should be.
func holdReadme(t *testing.T, mark, real string) {
	t.Helper()
	const path = "../../README.md"
	begin, end := "<!-- "+mark+" -->\n```\n", "```\n<!-- /"+mark+" -->"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), begin)
	shown, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("the README has no place for the output of %s", mark)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+real+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(strings.Split(real, "\n"), strings.Split(shown, "\n")); d != "" {
		t.Errorf("the README shows another %s; go test ./cmd/sovmeter -run Readme -update writes it (-real +shown):\n%s", mark, d)
	}
}

// TestReadmeConfigIsValid keeps the example of the README true.
func TestReadmeConfigIsValid(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(readme), "<!-- config -->\n```yaml\n")
	example, _, ok2 := strings.Cut(rest, "```\n")
	if !ok || !ok2 {
		t.Fatal("the README has no config")
	}
	cfg, err := config.Parse("README.md", []byte(example), configFormats())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Tariff == nil || cfg.Cloud == nil || cfg.Hardware == nil || cfg.Carbon == nil || cfg.Exchange == nil {
		t.Errorf("the README's config lacks a part: %+v", cfg)
	}
}
