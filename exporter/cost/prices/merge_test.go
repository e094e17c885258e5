package prices_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

func dated(t testing.TB, from, until, in, out string) prices.Entry {
	e := entry(t, "acme", "m", "", in, out)
	if from != "" {
		e.From = on(t, from)
	}
	if until != "" {
		e.Until = on(t, until)
	}
	return e
}

func history(tab prices.Table) []string {
	var out []string
	for _, e := range tab.Entries() {
		line := fmt.Sprintf("%s [%s,%s) %s", e.Model, span(e.From), span(e.Until), e.Rates.Input.Decimal())
		if h := e.Hours.String(); h != "" {
			line += " " + h
		}
		out = append(out, line)
	}
	return out
}

func span(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct {
		name       string
		old, newer []prices.Entry
		want       []string
		count      prices.Merged
	}{
		{
			"a change ends the old price", []prices.Entry{dated(t, "", "", "2", "8")}, []prices.Entry{dated(t, "", "", "1", "8")},
			[]string{"m [,2026-08-01) 2", "m [2026-08-01,) 1"}, prices.Merged{Changed: 1},
		},
		{
			"no change", []prices.Entry{dated(t, "2026-01-01", "", "2", "8")}, []prices.Entry{dated(t, "", "", "2", "8")},
			[]string{"m [2026-01-01,) 2"}, prices.Merged{Confirmed: 1},
		},
		{
			"the newer table tells the day", []prices.Entry{dated(t, "", "", "2", "8")},
			[]prices.Entry{dated(t, "", "2026-07-15", "2", "8"), dated(t, "2026-07-15", "", "1", "8")},
			[]string{"m [,2026-07-15) 2", "m [2026-07-15,) 1"}, prices.Merged{Changed: 1},
		},
		{
			"announced", []prices.Entry{dated(t, "", "", "2", "8")},
			[]prices.Entry{dated(t, "", "2027-01-01", "2", "8"), dated(t, "2027-01-01", "", "4", "8")},
			[]string{"m [,2027-01-01) 2", "m [2027-01-01,) 4"}, prices.Merged{Confirmed: 1},
		},
		{
			"called off", []prices.Entry{dated(t, "", "2027-01-01", "2", "8"), dated(t, "2027-01-01", "", "4", "8")}, []prices.Entry{dated(t, "", "", "2", "8")},
			[]string{"m [,) 2"}, prices.Merged{Confirmed: 1},
		},
		{
			"history is kept", []prices.Entry{dated(t, "", "2026-01-01", "3", "8"), dated(t, "2026-01-01", "", "2", "8")}, []prices.Entry{dated(t, "", "", "1", "8")},
			[]string{"m [,2026-01-01) 3", "m [2026-01-01,2026-08-01) 2", "m [2026-08-01,) 1"}, prices.Merged{Changed: 1},
		},
		{
			"new, and kept", []prices.Entry{entry(t, "acme", "a", "", "1", "1")}, []prices.Entry{entry(t, "acme", "b", "", "2", "2")},
			[]string{"a [,) 1", "b [,) 2"}, prices.Merged{New: 1, Kept: 1},
		},
		{
			"all that was known is over", []prices.Entry{dated(t, "", "2026-03-01", "2", "8")}, []prices.Entry{dated(t, "", "", "1", "8")},
			[]string{"m [,2026-03-01) 2", "m [2026-08-01,) 1"}, prices.Merged{Changed: 1},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, count, err := table(t, tt.old...).Merge(tt.newer, on(t, "2026-08-01"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, history(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if count != tt.count {
				t.Errorf("counted %+v, want %+v", count, tt.count)
			}
		})
	}
}

func TestMergeHours(t *testing.T) {
	all, night := dated(t, "", "", "2", "8"), dated(t, "", "", "1", "4")
	night.Hours = prices.Hours{Start: 20 * time.Hour, End: 6 * time.Hour}
	got, count, err := table(t, all, night).Merge([]prices.Entry{all}, on(t, "2026-08-01"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"m [,) 2", "m [,2026-08-01) 1 20:00-06:00"}, history(got)); diff != "" || count.Changed != 1 {
		t.Errorf("%+v (-want +got):\n%s", count, diff)
	}
}

func TestMergeKeepsWhatIsKnown(t *testing.T) {
	old := dated(t, "", "", "2", "8")
	old.Weights, old.BatchRatio, old.Also = "qwen3-32b", 0.5, []string{"m-1"}
	old.Checked, old.Published, old.Source = on(t, "2026-05-01"), on(t, "2026-05-02"), "old"
	next := dated(t, "", "", "2", "8")
	next.Also, next.Published, next.Source = []string{"m-2"}, on(t, "2026-08-01"), "new"
	got, _, err := table(t, old).Merge([]prices.Entry{next}, on(t, "2026-08-01"))
	if err != nil {
		t.Fatal(err)
	}
	e := got.Entries()[0]
	if e.Weights != "qwen3-32b" || e.BatchRatio != 0.5 || !slices.Equal(e.Also, []string{"m-2", "m-1"}) || e.Source != "new" {
		t.Errorf("got %+v", e)
	}
	if span(e.AsOf()) != "2026-08-01" {
		t.Errorf("as of %s, want the day of the newer table", span(e.AsOf()))
	}
	again := next
	again.Published = on(t, "2026-05-02")
	if got, _, err := table(t, old).Merge([]prices.Entry{again}, again.Published); err != nil || span(got.Entries()[0].AsOf()) != "2026-05-01" {
		t.Errorf("a table of the same day made the check younger: %s, %v", span(got.Entries()[0].AsOf()), err)
	}
	older, count, err := got.Merge([]prices.Entry{dated(t, "", "", "9", "9")}, on(t, "2026-07-31"))
	if err != nil || count.Older != 1 || older.Entries()[0].Rates.Input.Decimal() != "2" {
		t.Errorf("an older table was taken: %+v, %v, %v", count, history(older), err)
	}
}

// A table that knows of earlier days tells what stood before anybody had looked.
func TestMergeTellsThePast(t *testing.T) {
	old := dated(t, "", "", "2", "8")
	old.Published = on(t, "2026-07-24")
	past, now := dated(t, "", "2025-06-10", "10", "40"), dated(t, "2025-06-10", "", "2", "8")
	for _, tt := range []struct {
		name string
		in   string // what the older table asks
		want []string
	}{
		{"same price", "2", []string{"m [,2025-06-10) 10", "m [2025-06-10,) 2"}},
		{"another price", "3", []string{"m [,2025-06-10) 10", "m [2025-06-10,2026-08-01) 3", "m [2026-08-01,) 2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old := old
			old.Rates.Input = usd(t, tt.in)
			got := table(t, old)
			for range 2 {
				var err error
				if got, _, err = got.Merge([]prices.Entry{past, now}, on(t, "2026-08-01")); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, history(got)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// A table of another publisher that tells less takes nothing away.
func TestMergeTakesNothingAway(t *testing.T) {
	old := sonnet(t)
	other := entry(t, "anthropic", "other", "", "1", "1")
	other.Also = []string{"newest"}
	for _, tt := range []struct{ name, in, cached, long string }{
		{"same price", "3", "0.3", "0.6"},
		{"another price", "2", "", "0.6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old := old
			old.Also = append([]string{"newest", "claude-s"}, old.Also...)
			next := entry(t, "anthropic", old.Model, "", tt.in, "15")
			next.Long = []prices.LongContext{{Above: old.Long[0].Above, Rates: prices.Rates{Input: old.Long[0].Rates.Input, Output: old.Long[0].Rates.Output}}}
			next.Published = on(t, "2026-08-01")
			got, _, err := table(t, old).Merge([]prices.Entry{next, other}, next.Published)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]string{"claude-s": old.Model, old.Model + "-20250929": old.Model, "newest": "other"} {
				if e, ok := got.Find("anthropic", name, on(t, "2026-09-01")); !ok || e.Model != want {
					t.Errorf("%s: got %q, %v; want %q", name, e.Model, ok, want)
				}
			}
			e, _ := got.Find("anthropic", old.Model, on(t, "2026-09-01"))
			if e.Rates.Cached.Decimal() != tt.cached || e.Long[0].Rates.Cached.Decimal() != tt.long {
				t.Errorf("cached at %q, in long prompts at %q; want %q and %q", e.Rates.Cached.Decimal(), e.Long[0].Rates.Cached.Decimal(), tt.cached, tt.long)
			}
		})
	}
}

// Whatever is imported in whatever order of changes: at any time the price is
// that of the last table before it, and importing twice changes nothing.
func TestMergeIsHistory(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tab := prices.Table{}
		begin := on(t, "2026-01-01")
		var asked []string
		for day := range rapid.IntRange(1, 12).Draw(r, "tables") {
			at := begin.AddDate(0, 0, day)
			price := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(r, "price")
			e := entry(t, "acme", "m", "", price, "8")
			e.Published = at
			for range 2 {
				var err error
				if tab, _, err = tab.Merge([]prices.Entry{e}, at); err != nil {
					r.Fatal(err)
				}
			}
			asked = append(asked, price)
		}
		changes := len(slices.Compact(slices.Clone(asked)))
		if tab.Len() != changes {
			r.Errorf("%d entries for %d prices in turn: %v", tab.Len(), changes, history(tab))
		}
		for day, price := range asked {
			e, ok := tab.Find("acme", "m", begin.AddDate(0, 0, day).Add(23*time.Hour))
			if !ok || e.Rates.Input.Decimal() != price {
				r.Errorf("day %d: %s, %v; want %s in %v", day, e.Rates.Input.Decimal(), ok, price, history(tab))
			}
		}
	})
}

func TestDiff(t *testing.T) {
	long := func(above int64, in string) prices.Entry {
		e := entry(t, "acme", "long", "", "1", "1")
		e.Long = []prices.LongContext{{Above: above, Rates: prices.Rates{Input: usd(t, in), Output: usd(t, "2")}}}
		return e
	}
	cached := entry(t, "acme", "cached", "", "1", "1")
	cached.Rates.Cached = usd(t, "0.1")
	night := entry(t, "acme", "same", "", "0.5", "0.5")
	night.Hours = prices.Hours{End: time.Hour}
	euro := entry(t, "acme", "same", "", "0.9", "0.9")
	euro.Rates.Input.PerMtok.Currency, euro.Rates.Output.PerMtok.Currency = "EUR", "EUR"
	euro.Model = "down"
	before := table(t, night, entry(t, "acme", "same", "", "1", "1"), entry(t, "acme", "down", "", "2", "1"), entry(t, "acme", "up", "", "1", "1"),
		entry(t, "acme", "both", "", "1", "2"), entry(t, "acme", "gone", "", "1", "1"), entry(t, "acme", "cached", "", "1", "1"), long(200_000, "2"))
	after := table(t, entry(t, "acme", "same", "", "1", "1"), euro, entry(t, "acme", "up", "", "1", "1.5"),
		entry(t, "acme", "both", "", "2", "1"), entry(t, "acme", "new", "", "1", "1"), cached, long(128_000, "2"))
	var got []string
	all := prices.Diff(before, after, on(t, "2026-08-01"))
	// By night there is the same to compare as by day.
	if d := prices.Diff(before, after, on(t, "2026-08-01T12:00:00Z")); !reflect.DeepEqual(d, all) {
		t.Errorf("at noon it is %v", d)
	}
	for _, d := range all {
		got = append(got, d.Old.Model+">"+d.New.Model+": "+string(d.Change))
	}
	want := "both>both: dearer and cheaper\ncached>cached: cheaper\ndown>: gone\n>down: new\ngone>: gone\nlong>long: dearer\n>new: new\nsame>same: same\nsame>: gone\nup>up: dearer"
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRatio(t *testing.T) {
	if r, ok := prices.Ratio(usd(t, "0.3"), usd(t, "0.15")); !ok || r != -0.5 {
		t.Errorf("half the price is %v, %v", r, ok)
	}
	eur := usd(t, "1")
	eur.PerMtok.Currency = "EUR"
	for _, other := range []prices.Rate{{}, eur} {
		if r, ok := prices.Ratio(usd(t, "1"), other); ok {
			t.Errorf("%+v is %v of a dollar", other, r)
		}
	}
}
