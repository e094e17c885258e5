package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// Whatever the width, every line fits as soon as the numbers do, and no number
// and no name loses a character.
func TestPriceListAtAnyWidth(t *testing.T) {
	shipped, err := prices.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	for width := 10; width <= 220; width++ {
		var b bytes.Buffer
		if err := printPrices(&b, namedTable{shipped, "a table"}, "a table", now, width, true); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := len(strings.TrimRight(line, "\n")); width >= 62 && n > width {
				t.Fatalf("width %d: a line of %d: %s", width, n, line)
			}
		}
		for _, e := range shipped.Entries() {
			for _, r := range []prices.Rate{e.Rates.Input, e.Rates.Output} {
				if !strings.Contains(b.String(), rateText(r)) {
					t.Fatalf("width %d: %s of %s is missing", width, rateText(r), e.Model)
				}
			}
		}
	}
}

func TestPriceWrap(t *testing.T) {
	for _, tt := range []struct {
		name  string
		limit int
		want  string
	}{
		{"short", 8, "short"},
		{"qwen3-coder-30b", 12, "qwen3-coder-\n30b"},
		{"abcdefghij", 4, "abcd\nefgh\nij"},
		{"a few words here", 5, "a few\nwords\nhere"},
		{"", 5, ""},
		{"any", 0, "any"},
	} {
		if got := priceWrap(tt.name, tt.limit); got != tt.want {
			t.Errorf("%q at %d: got %q, want %q", tt.name, tt.limit, got, tt.want)
		}
	}
}

func TestPriceThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := priceThousands(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
