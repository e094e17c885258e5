package tariff_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

func TestStanding(t *testing.T) {
	perDay := tariff.Version{Price: ptr(eur(t, "0.3")), Standing: tariff.Standing{PerDay: eur(t, "0.46"), Share: 250_000_000}}
	perMonth := tariff.Version{Price: ptr(eur(t, "0.3")), Tax: 200_000_000, Standing: tariff.Standing{PerMonth: eur(t, "31")}}
	late := perDay
	late.From = tariff.Date{Year: 2026, Month: 3, Day: 29}
	for _, tt := range []struct {
		name         string
		version      tariff.Version
		since, until string // in Berlin
		whole, mac   string // empty: unknown
	}{
		{"a day", perDay, "2026-03-01 00:00", "2026-03-02 00:00", "0.460000000", "0.115000000"},
		{"a day of 23 h", perDay, "2026-03-29 00:00", "2026-03-30 00:00", "0.460000000", "0.115000000"},
		{"an hour of it", perDay, "2026-03-29 05:00", "2026-03-29 06:00", "0.020000000", "0.005000000"},
		{"a year", perDay, "2026-01-01 00:00", "2027-01-01 00:00", "167.900000000", "41.975000000"},
		{"nothing", perDay, "2026-03-01 00:00", "2026-03-01 00:00", "0.000000000", "0.000000000"},
		{"a month, with tax", perMonth, "2026-01-01 00:00", "2026-02-01 00:00", "37.200000000", "0.000000000"},
		{"a day of it", perMonth, "2026-01-31 00:00", "2026-02-01 00:00", "1.200000000", "0.000000000"},
		{"October, which has an hour more", perMonth, "2026-10-01 00:00", "2026-11-01 00:00", "37.200000000", "0.000000000"},
		{"before the first version", late, "2026-03-28 23:00", "2026-03-30 00:00", "", ""},
		{"from its first day on", late, "2026-03-29 00:00", "2026-03-31 00:00", "0.920000000", "0.230000000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			berlin := zone(t, "Europe/Berlin")
			at := func(text string) time.Time {
				v, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			got, ok := one(t, "Europe/Berlin", tt.version).Standing(at(tt.since), at(tt.until))
			if ok != (tt.whole != "") {
				t.Fatalf("known: %v", ok)
			}
			if ok && (got.Whole.Decimal(9) != tt.whole || got.Mac.Decimal(9) != tt.mac || got.Whole.Currency != "EUR") {
				t.Errorf("got %s and %s, want %s and %s", got.Whole.Decimal(9), got.Mac.Decimal(9), tt.whole, tt.mac)
			}
		})
	}
}

func TestDateStart(t *testing.T) {
	for _, tt := range []struct{ zone, date, want string }{
		{"Europe/Berlin", "2026-03-29", "2026-03-28 23:00"},
		{"America/Santiago", "2026-09-06", "2026-09-06 04:00"},
		{"America/Santiago", "2026-04-05", "2026-04-05 04:00"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23 22:00"},
		{"Australia/Lord_Howe", "2026-04-05", "2026-04-04 13:00"},
		{"Asia/Amman", "2002-09-27", "2002-09-26 21:00"},   // had 00:00 twice
		{"Pacific/Apia", "2011-12-30", "2011-12-30 10:00"}, // a day that Samoa did not have
	} {
		d, err := tariff.ParseDate(tt.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Start(zone(t, tt.zone)); !got.Equal(utc(t, tt.want)) {
			t.Errorf("%s begins in %s at %s, want %s", tt.date, tt.zone, got.UTC(), tt.want)
		}
	}
}
