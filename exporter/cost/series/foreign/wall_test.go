package foreign

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// days are those of 23, 24 and 25 hours, and of 23.5 and 24.5.
func days() []struct {
	zone, day string
	slots     int
} {
	return []struct {
		zone, day string
		slots     int
	}{
		{"Europe/Berlin", "2026-03-29", 92},
		{"Europe/Berlin", "2026-10-25", 100},
		{"Europe/Berlin", "2026-07-01", 96},
		{"Europe/London", "2026-03-29", 92},
		{"Europe/London", "2026-10-25", 100},
		{"Australia/Lord_Howe", "2026-10-04", 94},
		{"Australia/Lord_Howe", "2026-04-05", 98},
		{"America/New_York", "2026-11-01", 100},
		{"America/Santiago", "2026-09-06", 92}, // has no 00:00
		{"Africa/Cairo", "2026-04-24", 92},     // has no 00:00
		{"America/St_Johns", "2026-11-01", 100},
	}
}

// wallRows are the rows of a day as a clock on the wall shows them, of step
// seconds each, and when they truly begin and end.
func wallRows(day, next time.Time, step int64) (rs rows, want []span) {
	for at := day.Unix(); at < next.Unix(); at += step {
		face := func(at int64) stamp {
			_, east := time.Unix(at, 0).In(day.Location()).Zone()
			return stamp{at + int64(east), true}
		}
		n := int32(len(rs) + 1)
		rs = append(rs, row{start: face(at), end: face(at + step), amount: decimal{coef: int64(n)}, line: n})
		want = append(want, span{start: at, end: at + step, amount: decimal{coef: int64(n)}, line: n})
	}
	return rs, want
}

// bounds are when the local day of a noon begins and ends: not always at 00:00.
func bounds(noon time.Time) (begin, end time.Time) {
	begin, end = noon, noon
	for before := begin.Add(-15 * time.Minute); before.Day() == noon.Day(); before = begin.Add(-15 * time.Minute) {
		begin = before
	}
	for end.Day() == noon.Day() {
		end = end.Add(15 * time.Minute)
	}
	return begin, end
}

func TestDaysWhenTheClockChanges(t *testing.T) {
	for _, tt := range days() {
		t.Run(tt.zone+" "+tt.day, func(t *testing.T) {
			zone, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			day, err := time.ParseInLocation(time.DateOnly, tt.day, zone)
			if err != nil {
				t.Fatal(err)
			}
			day, next := bounds(day.Add(12 * time.Hour))
			for _, step := range []int64{900, 1800} {
				rs, want := wallRows(day, next, step)
				if n := tt.slots * 900 / int(step); len(rs) != n {
					t.Fatalf("%d rows, want %d", len(rs), n)
				}
				orders := map[string]func(rows){
					"forwards":  func(rows) {},
					"backwards": func(rs rows) { slices.Reverse(rs) },
					"sorted by what the clock shows": func(rs rows) {
						slices.SortStableFunc(rs, func(a, b row) int { return int(a.start.seconds - b.start.seconds) })
					},
				}
				for order, shuffle := range orders {
					for _, ends := range []bool{true, false} {
						shuffled := slices.Clone(rs)
						shuffle(shuffled)
						for i := range shuffled {
							if !ends {
								shuffled[i].end = stamp{}
							}
						}
						got, err := shuffled.spans(zone)
						if err != nil {
							t.Fatalf("%s, ends %v: %v", order, ends, err)
						}
						if diff := cmp.Diff(want, got, cmp.AllowUnexported(span{}, decimal{})); diff != "" {
							t.Errorf("step %d, %s, ends %v (-want +got):\n%s", step, order, ends, diff)
						}
					}
				}
			}
		})
	}
}

func TestWallTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	parse := func(text string) stamp {
		t.Helper()
		s, err := parseStamp(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	tests := []struct {
		name, start, end string
		zone             *time.Location
		want             string
		err              error
	}{
		{"winter", "2026-01-01 00:00", "2026-01-01 00:15", berlin, "2025-12-31T23:00:00Z 15m0s", nil},
		{"jumped over", "2026-03-29 02:30", "2026-03-29 02:45", berlin, "", ErrFormat},
		{"end jumped over", "2026-03-29 01:00", "2026-03-29 02:00", berlin, "2026-03-29T00:00:00Z 1h0m0s", nil},
		{"end after the jump", "2026-03-29 01:00", "2026-03-29 03:00", berlin, "2026-03-29T00:00:00Z 1h0m0s", nil},
		{"end shown twice", "2026-10-25 01:00", "2026-10-25 02:00", berlin, "2026-10-24T23:00:00Z 1h0m0s", nil},
		{"no zone", "2026-01-01 00:00", "2026-01-01 00:15", nil, "", ErrNeeds},
		{"zone told", "2026-10-25 02:45 (CEST)", "2026-10-25 02:00 (CET)", nil, "2026-10-25T00:45:00Z 15m0s", nil},
		{"midnight as 24:00", "2026-01-01 23:00", "2026-01-01 24:00", berlin, "2026-01-01T22:00:00Z 1h0m0s", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rs := rows{{start: parse(tt.start), end: parse(tt.end), line: 7}}
			got, err := rs.spans(tt.zone)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			text := show(got[0].start) + " " + (time.Duration(got[0].end-got[0].start) * time.Second).String()
			if text != tt.want {
				t.Errorf("got %s, want %s", text, tt.want)
			}
		})
	}
}

func TestParseStamp(t *testing.T) {
	tests := []struct{ text, want string }{
		{"2026-03-01T00:15:00Z", "2026-03-01T00:15:00Z"},
		{"2026-03-01T00:15Z", "2026-03-01T00:15:00Z"},
		{"2026-03-01T00:15:00.000+01:00", "2026-02-28T23:15:00Z"},
		{"2026-03-01 00:15:00+0100", "2026-02-28T23:15:00Z"},
		{"2026-03-01 00:15:00-03:30", "2026-03-01T03:45:00Z"},
		{"2026-03-01 00:15:00 UTC", "2026-03-01T00:15:00Z"},
		{"01/03/2026 00:15:00", "2026-03-01T00:15:00Z wall"},
		{"01.03.2026 00:15", "2026-03-01T00:15:00Z wall"},
		{"01/03/2026 00:15:00 (CEST)", "2026-02-28T22:15:00Z"},
		{"2026-02-30 00:15", ""},
		{"2026-13-01 00:15", ""},
		{"2026-03-01", ""},
		{"2026-03-01 25:00", ""},
		{"2026-03-01 00:61", ""},
		{"2026-03-01T00:15:00Zz", ""},
		{"2026-03-01T00:15:00+1", ""},
		{"01/03.2026 00:15", ""},
		{"today", ""},
		{"", ""},
	}
	for _, tt := range tests {
		got, err := parseStamp(tt.text)
		text := ""
		if err == nil {
			text = show(got.seconds)
			if got.wall {
				text += " wall"
			}
		}
		if text != tt.want {
			t.Errorf("parseStamp(%q) = %q, %v, want %q", tt.text, text, err, tt.want)
		}
	}
}

// What a clock shows is found again at every time of any zone.
func TestInstantsAreThoseThatTheClockShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Africa/Casablanca", "Asia/Kathmandu", "UTC"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.Int64Range(1_400_000, 2_300_000).Draw(t, "at") * 900
		p := placer{zone: zone}
		got := p.instants(at + p.east(at))
		if !slices.Contains(got, at) || !slices.IsSorted(got) {
			t.Fatalf("%s: %v, want %d among them in order", name, got, at)
		}
		for _, other := range got {
			if a, b := time.Unix(other, 0).In(zone).Format(time.DateTime), time.Unix(at, 0).In(zone).Format(time.DateTime); a != b {
				t.Fatalf("%s is not %s", a, b)
			}
		}
	})
}

func TestTellEnds(t *testing.T) {
	tests := []struct {
		name string
		at   []int64 // in minutes
		want []int64 // how many each holds
		err  error
	}{
		{"quarters", []int64{0, 15, 30}, []int64{15, 15, 15}, nil},
		{"one is missing", []int64{0, 15, 45, 60}, []int64{15, 15, 15, 15}, nil},
		{"many are missing", []int64{0, 15, 30, 300, 315}, []int64{15, 15, 15, 15, 15}, nil},
		{"hours, then quarters", []int64{0, 60, 120, 135, 150}, []int64{60, 60, 15, 15, 15}, nil},
		{"alone between two that are missing", []int64{0, 15, 30, 75, 120, 135}, []int64{15, 15, 15, 15, 15, 15}, nil},
		{"the last comes after a hole", []int64{0, 30, 60, 120}, []int64{30, 30, 30, 30}, nil},
		{"the first comes before one", []int64{0, 60, 75}, []int64{15, 15, 15}, nil},
		{"days", []int64{0, 1440, 2880, 5760}, []int64{1440, 1440, 1440, 1440}, nil},
		{"said twice", []int64{0, 0, 15}, []int64{15, 15, 15}, nil},
		{"alone", []int64{0}, nil, ErrNeeds},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var spans []span
			for _, at := range tt.at {
				spans = append(spans, span{start: 1_000_000_800 + at*60})
			}
			err := tellEnds(spans)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			var got []int64
			for _, s := range spans {
				if err == nil {
					got = append(got, (s.end-s.start)/60)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("hold %v, want %v", got, tt.want)
			}
		})
	}
}
