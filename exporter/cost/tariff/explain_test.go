package tariff_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

func TestExplain(t *testing.T) {
	tr := one(t, "Europe/Berlin", tariff.Version{
		From:    tariff.Date{Year: 2026, Month: 1, Day: 1},
		Price:   ptr(eur(t, "0.29")),
		Windows: []tariff.Window{{Name: "night", When: tariff.When{From: 22 * 60, To: 6 * 60}, Price: eur(t, "0.21")}},
		Adders:  []tariff.Adder{{Name: "grid", Price: eur(t, "0.09")}, {Name: "noon", Price: eur(t, "1"), Windows: []tariff.When{{From: 12 * 60, To: 13 * 60}}}},
		Tax:     190_000_000,
		Solar:   &tariff.Solar{FeedIn: eur(t, "0.08"), Windows: []tariff.SolarWindow{{Share: 600_000_000}}},
	})
	p := func(amount string) cost.Price {
		price, err := cost.PriceOf(eur(t, amount))
		if err != nil {
			t.Fatal(err)
		}
		return price
	}
	got := tr.Explain(utc(t, "2026-06-01 21:07"))
	want := tariff.Explanation{
		Slot: utc(t, "2026-06-01 21:00"), Version: tariff.Date{Year: 2026, Month: 1, Day: 1},
		Source: tariff.FromWindow, Window: "night", When: tariff.When{From: 22 * 60, To: 6 * 60}, Base: p("0.21"),
		Adders: []tariff.Part{{Name: "grid", Amount: p("0.09")}}, Tax: tariff.Part{Ratio: 190_000_000, Amount: p("0.057")},
		Grid: p("0.357"), Solar: 600_000_000, FeedIn: p("0.08"), Price: p("0.1908"),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestUnknownHasAReason(t *testing.T) {
	begin := utc(t, "2026-06-01 00:00")
	files := map[string]tariff.File{
		"usd": {Header: series.Header{Unit: "USD/kWh"}, Points: points(t, begin, 100_000_000)},
		"big": {Header: series.Header{Unit: "EUR/kWh"}, Points: points(t, begin, 2_000_000_000_000_000)},
		"sun": {Header: series.Header{Unit: series.Ratio}},
	}
	price := ptr(eur(t, "0.3"))
	for _, tt := range []struct {
		version tariff.Version
		at      time.Time
		want    tariff.Reason
	}{
		{tariff.Version{From: tariff.Date{Year: 2027, Month: 1, Day: 1}, Price: price}, begin, tariff.NoVersion},
		{tariff.Version{Windows: []tariff.Window{{When: tariff.When{From: 60, To: 75}}}}, begin, tariff.NoPrice},
		{tariff.Version{Series: &tariff.Feed{File: "big"}}, begin.Add(time.Hour), tariff.NoValue},
		{tariff.Version{Series: &tariff.Feed{File: "usd"}}, begin, tariff.NoExchange},
		{tariff.Version{Series: &tariff.Feed{File: "big"}}, begin, tariff.TooLarge},
		{tariff.Version{Price: price, Solar: &tariff.Solar{Series: &tariff.SolarFeed{File: "sun"}}}, begin, tariff.NoSolarShare},
	} {
		tr := newTariff(t, tariff.Spec{Currency: "EUR", Versions: []tariff.Version{tt.version}}, tariff.Inputs{Files: files})
		wantPrice(t, tr, tt.at, "")
		if got := tr.Explain(tt.at); got.Unknown != tt.want {
			t.Errorf("explained with %q, want %q", got.Unknown, tt.want)
		}
		if got := tr.Intervals(tt.at, tt.at.Add(15*time.Minute)); len(got) != 1 || got[0].Unknown != tt.want {
			t.Errorf("intervals %v, want one that is %s", got, tt.want)
		}
	}
}

// An exchange into another currency than the tariff's is none.
func TestForeignExchange(t *testing.T) {
	begin := utc(t, "2026-06-01 00:00")
	x, err := cost.NewExchange("USD", map[cost.Currency][]cost.Rate{"GBP": {{Worth: cost.Money{Nanos: 1, Currency: "USD"}}}})
	if err != nil {
		t.Fatal(err)
	}
	tr := newTariff(t, tariff.Spec{Currency: "EUR", Versions: []tariff.Version{{Series: &tariff.Feed{File: "gbp"}}}}, tariff.Inputs{
		Files: map[string]tariff.File{"gbp": {Header: series.Header{Unit: "GBP/kWh"}, Points: points(t, begin, 100_000_000)}}, Exchange: x,
	})
	if got := tr.Explain(begin).Unknown; got != tariff.NoExchange {
		t.Errorf("explained with %q, want %q", got, tariff.NoExchange)
	}
}

// Intervals are of whole slots inside of what was asked for.
func TestIntervalsAreOfWholeSlots(t *testing.T) {
	tr := one(t, "UTC", tariff.Version{Price: ptr(eur(t, "0.3"))})
	begin := utc(t, "2026-06-01 00:00")
	got := tr.Intervals(begin.Add(time.Minute), begin.Add(59*time.Minute))
	if len(got) != 1 || !got[0].Start.Equal(begin.Add(15*time.Minute)) || !got[0].End.Equal(begin.Add(45*time.Minute)) {
		t.Errorf("got %v, want one from 00:15 to 00:45", got)
	}
	if got := tr.Intervals(begin.Add(time.Minute), begin.Add(14*time.Minute)); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

func TestSpecString(t *testing.T) {
	s := tariff.Spec{Currency: "EUR", Versions: []tariff.Version{
		{From: tariff.Date{Year: 2026, Month: 7, Day: 1}, Price: ptr(eur(t, "0.29")), Tax: 190_000_000,
			Windows: []tariff.Window{{Name: "night"}, {Name: "noon"}}, Adders: []tariff.Adder{{Name: "grid"}}, Solar: &tariff.Solar{FeedIn: eur(t, "0.08")}},
		{From: tariff.Date{Year: 2026, Month: 1, Day: 1}, Price: ptr(eur(t, "0.31"))},
		{Price: ptr(eur(t, "0.30"))},
	}}
	s.Versions[0], s.Versions[1] = s.Versions[1], s.Versions[0]
	const want = "0.29 EUR/kWh and windows night, noon, plus grid, plus 19 % tax, solar at 0.08 EUR/kWh, from 2026-07-01 on (the last of 3 versions)"
	if got := s.String(); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for day, want := range map[int]string{5: "0.30 EUR/kWh", 6: "0.31 EUR/kWh, from 2026-01-06 on"} {
		s.Versions[0].From.Day = 6
		if got := s.On(tariff.Date{Year: 2026, Month: 1, Day: day}); got != want {
			t.Errorf("on day %d got %q, want %q", day, got, want)
		}
	}
	if got := (tariff.Spec{Versions: s.Versions[:2]}).On(tariff.Date{Year: 2026, Month: 1, Day: 5}); got != "no version holds yet" {
		t.Errorf("before the first got %q", got)
	}
	if got := fmt.Sprint(tariff.Spec{}); got != "no tariff" {
		t.Errorf("got %q", got)
	}
}
