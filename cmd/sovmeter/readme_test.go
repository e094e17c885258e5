package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the demo's output into the README")

// TestReadmeShowsTheRealDemo keeps the README's first screen true.
func TestReadmeShowsTheRealDemo(t *testing.T) {
	const path, open, end = "../../README.md", "<!-- demo -->\n```\n", "```\n<!-- /demo -->"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), open)
	shown, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the README has no place for the demo's output")
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"demo"}, &out, &errs); code != 0 {
		t.Fatalf("demo: code %d, %s", code, errs.String())
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+open+out.String()+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(strings.Split(out.String(), "\n"), strings.Split(shown, "\n")); d != "" {
		t.Errorf("the README shows another demo; go test ./cmd/sovmeter -run Readme -update writes it (-real +shown):\n%s", d)
	}
}
