package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/energy"
)

func TestNumbers(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{significant(0), "0"}, {significant(0.05789), "0.0579"}, {significant(12.35), "12.3"}, {significant(597.4), "597"},
		{significant(999.6), "1,000"}, {significant(18423), "18,400"}, {significant(-3.14159), "-3.14"}, {significant(9.999), "10.0"}, {significant(1e-6), "0.00000100"}, {significant(3e-17), "<0.000001"}, {significant(-3e-17), ">-0.000001"},
		{fixed(12.34, 1), "12.3"}, {fixed(0.01, 1), "<0.1"}, {fixed(-0.01, 1), ">-0.1"}, {fixed(0.3, 0), "<1"}, {fixed(12345.6, 1), "12,345.6"},
		{tokens(0), "0"}, {tokens(999), "999"}, {tokens(1000), "1.00k"}, {tokens(999_499), "999k"}, {tokens(999_500), "1.00M"},
		{tokens(18_400_000), "18.4M"}, {tokens(2_345_000_000), "2.35G"}, {tokens(7_654_321_000_000), "7,650G"},
		{count(1284), "1,284"}, {count(-1284), "-1,284"}, {count(999), "999"},
		{percent(0), "0 %"}, {percent(1), "100 %"}, {percent(0.0004), "<0.1 %"}, {percent(0.9996), ">99.9 %"}, {percent(0.995), "99.5 %"},
		{percent(0.516), "52 %"}, {percent(0.042), "4.2 %"}, {percent(12.5), "1,250 %"},
		{length(0), "0 s"}, {length(1500 * time.Millisecond), "1.5 s"}, {length(4 * time.Second), "4 s"}, {length(42 * time.Second), "42 s"}, {length(95 * time.Second), "1 min 35 s"},
		{length(3 * time.Hour), "3 h"}, {length(20*time.Hour + 45*time.Minute), "20 h 45 min"}, {length(75 * time.Hour), "3 d 3 h"},
		{length(59*time.Minute + 59*time.Second + 600*time.Millisecond), "1 h"}, {length(59*time.Second + 700*time.Millisecond), "1 min"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		name  string
		limit int
		want  []string
	}{
		{"short", 10, []string{"short"}},
		{"Qwen3-30B-A3B-Instruct", 10, []string{"Qwen3-30B-", "A3B-", "Instruct"}},
		{"Llama-3.3-70B", 9, []string{"Llama-", "3.3-70B"}},
		{"Instruct-Q4_K_M @ llama", 12, []string{"Instruct-", "Q4_K_M @", "llama"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"模型模型", 5, []string{"模型", "模型"}},
		{"", 5, []string{""}},
	} {
		got := wrapName(tc.name, tc.limit)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%q at %d (-want +got):\n%s", tc.name, tc.limit, diff)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("mlx-community/Llama-3.3-70B-Instruct-4bit", 9)
	f.Add("模型/模型", 1)
	f.Fuzz(func(t *testing.T, name string, limit int) {
		name = newGlyphs(false).clean(name)
		limit = 2 + abs8(limit)
		lines := wrapName(name, limit)
		for _, l := range lines {
			if width(l) > limit {
				t.Errorf("%q is wider than %d", l, limit)
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if squeeze(strings.Join(lines, "")) != squeeze(name) {
			t.Errorf("%q became %q", name, lines)
		}
	})
}

func abs8(n int) int { return int(uint8(n)) }

func TestSparkline(t *testing.T) {
	since := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	var points []PowerPoint
	for i, watts := range []float64{0, 1, 4, 8, -1, -1} {
		p := PowerPoint{Start: since.Add(time.Duration(i) * time.Minute), Length: time.Minute}
		if watts >= 0 {
			p.Measured = time.Minute / 2 // half of it: the mean is over that half
			p.Energy = energy.Watts(watts).For(p.Measured)
		}
		points = append(points, p)
	}
	r := Report{Power: points, Now: since.Add(5 * time.Minute), Period: Period{Since: since, Until: since.Add(6 * time.Minute)}}
	draw := func(ascii bool) string {
		lines := table{sheet: newSheet(r, Options{ASCII: ascii}), width: 80}.power()
		return strings.TrimPrefix(lines[0], "Power  ")
	}
	if got := draw(false); got != "▁▁▄█· " {
		t.Errorf("sparkline %q", got)
	}
	if got := draw(true); got != "__=@? " {
		t.Errorf("ASCII sparkline %q", got)
	}
	merged := mergePoints(points, 3)
	watts, _ := merged[1].Watts()
	if len(merged) != 3 || watts != 6 || merged[1].Length != 2*time.Minute {
		t.Errorf("merged = %+v", merged)
	}
	if i := slices.IndexFunc(merged, func(p PowerPoint) bool { return p.Measured == 0 }); i != 2 {
		t.Errorf("the unmeasured cell is %d, want 2", i)
	}
}
