package exporter_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "rewrite METRICS.md and the golden files")
	os.Exit(m.Run())
}

const referenceHead = `# Metrics

Generated from the descriptors in this folder by ` + "`go test ./exporter -run TestReference -update`" + `; a test fails
when it is out of date. doc.go says what the numbers promise.

`

func reference() string {
	var s strings.Builder
	s.WriteString(referenceHead)
	s.WriteString("| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n")
	for _, d := range exporter.Descriptors() {
		labels := make([]string, len(d.Labels))
		for i, l := range d.Labels {
			labels[i] = "`" + l + "`"
		}
		fmt.Fprintf(&s, "| `%s` | %s | %s | %s | %s |\n", d.Name, d.Type, d.Unit, strings.Join(labels, ", "), d.Help)
	}
	return s.String()
}

func TestReference(t *testing.T) {
	want := reference()
	if updating() {
		if err := os.WriteFile("METRICS.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("METRICS.md is out of date; run go test ./exporter -run TestReference -update (-want +got):\n%s", diff)
	}
}
