package foreign_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/series/foreign"
)

const (
	mtu     = `"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)"` + "\n"
	quarter = `{"start_timestamp":1428591600000,"end_timestamp":1428595200000,"marketprice":%,"unit":"Eur/MWh"}`
	period  = `<?xml version="1.0"?><Publication_MarketDocument>
<TimeSeries><in_Domain.mRID>A</in_Domain.mRID><currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name><curveType>A03</curveType>
<Period><timeInterval><start>2026-03-01T00:00Z</start><end>2026-03-01T01:00Z</end></timeInterval><resolution>PT15M</resolution>
%
</Period></TimeSeries></Publication_MarketDocument>`
)

// oneArea is a day of Nord Pool with one price.
func oneArea(currency string) string {
	return `{"currency":"` + currency + `","multiAreaEntries":[{"deliveryStart":"2026-03-01T00:00:00Z","deliveryEnd":"2026-03-01T00:15:00Z","entryPerArea":{"SE3":1}}]}`
}

// twoAreas are two areas of one hour.
var twoAreas = strings.Replace(fill(period, pointOf("1")), "</TimeSeries>",
	"</TimeSeries>"+strings.Replace(between(fill(period, pointOf("2")), "<TimeSeries>", "</Publication"), ">A<", ">B<", 1), 1)

func pointOf(price string) string {
	return "<Point><position>1</position><price.amount>" + price + "</price.amount></Point>"
}

// between is the text from one word, with it, to another, without.
func between(text, from, to string) string {
	return text[strings.Index(text, from):strings.Index(text, to)]
}

// zones is an answer of Electricity Maps for each of two zones.
const zones = `{"zone":"DE","history":[{"zone":"DE","carbonIntensity":300,"datetime":"2026-03-01T00:00:00Z"},{"zone":"DE","carbonIntensity":310,"datetime":"2026-03-01T01:00:00Z"}]}
{"zone":"FR","history":[{"zone":"FR","carbonIntensity":30,"datetime":"2026-03-01T00:00:00Z"},{"zone":"FR","carbonIntensity":31,"datetime":"2026-03-01T01:00:00Z"}]}`

// auctions are two of one hour, as the export has them for Germany.
const auctions = mtu + `"01/03/2026 00:00:00 - 01/03/2026 01:00:00","BZN|DE-LU","Sequence Sequence 1","18.92"` + "\n" +
	`"01/03/2026 00:00:00 - 01/03/2026 00:15:00","BZN|DE-LU","Sequence Sequence 2","99"`

// oneLine is a year of quarters as energy-charts.info sends it: all times in one line,
// and the word that tells the format behind them.
func oneLine() string {
	times := make([]string, 366*96)
	for i := range times {
		times[i] = strconv.Itoa(1704067200 + 900*i)
	}
	return `{"unix_seconds":[` + strings.Join(times, ",") + `],"price":[` + strings.Repeat("82.5,", len(times)-1) + `-3.1],"unit":"EUR / MWh"}`
}

func fill(template, with string) string { return strings.Replace(template, "%", with, 1) }

func TestErrors(t *testing.T) {
	tests := []struct {
		name, file string
		change     func(*foreign.Options)
		want       error
		text       string
	}{
		{"empty", "", nil, foreign.ErrUnknown, "the file is empty"},
		{"web page", "<!DOCTYPE html><html>", nil, foreign.ErrUnknown, "web page"},
		{"compressed", "\x1f\x8b\x08", nil, foreign.ErrUnknown, "gzip"},
		{"spreadsheet", "PK\x03\x04", nil, foreign.ErrUnknown, "save it as CSV"},
		{"other JSON", `{"error":"no token"}`, nil, foreign.ErrUnknown, "no known format"},
		{"no such format", "x", func(o *foreign.Options) { o.Format = "smard" }, foreign.ErrUnknown, `format "smard": want auto or one of series, octopus`},
		{"not JSON", "{\n\"data\": [\n" + fill(quarter, "1") + ",\n oops]}", nil, foreign.ErrFormat, "awattar: line 4: not JSON"},
		{"cut off", "{\"data\": [\n" + fill(quarter, "1") + ",\n", nil, foreign.ErrFormat, "line 2: the file ends in its middle"},
		{"no number", `{"data":[` + "\n" + fill(quarter, `"much"`) + "]}", nil, series.ErrValue, `line 2: marketprice: got "much"`},
		{"no whole second", strings.Replace(fill(quarter, "1"), "1428591600000", "1428591600001", 1), nil, foreign.ErrFormat, "start_timestamp"},
		{"seconds for milliseconds", `{"unix_seconds":[1790805600000,1790806500000],"price":[1,2],"unit":"EUR/MWh"}`, nil, series.ErrPoint, "1970 to 2199"},
		{"years off the marks", strings.Replace(fill(quarter, "1"), "1428591600000", "428591601000", 1), nil, series.ErrPoint, "line 1: from 1983-08-01T13:13:21Z to 2015-04-09T16:00:00Z: not on 15-minute marks"},
		{"huge exponent", fill(quarter, "1e999999999"), nil, series.ErrValue, "exponent"},
		{"huge price", fill(quarter, "1e12"), nil, series.ErrValue, "want 1000000 at most"},
		{"two prices at once", "[" + fill(quarter, "1") + ",\n" + fill(quarter, "2") + "]", nil, series.ErrConflict, "line 2: from 2015-04-09T15:00:00Z it is 0.002, and 0.001 in line 1"},
		{"two units", "[" + fill(quarter, "1") + "," + strings.Replace(fill(quarter, "2"), "Eur", "CHF", 1) + "]", nil, series.ErrUnit, "CHF/kWh after others in EUR/kWh"},
		{"unknown unit", strings.Replace(fill(quarter, "2"), "Eur/MWh", "EUR/Wh", 1), nil, series.ErrUnit, `"EUR/Wh"`},
		{"cents of what", strings.Replace(fill(quarter, "2"), "Eur/MWh", "öre/kWh", 1), nil, foreign.ErrNeeds, "of which currency"},
		{"VAT of a market", fill(quarter, "2"), func(o *foreign.Options) { o.VAT = true }, foreign.ErrVAT, "those of the market"},
		{"only nulls", fill(quarter, "null"), nil, foreign.ErrEmpty, "left out: 1 intervals without a value"},
		{"no currency", `[{"total":1,"energy":1,"startsAt":"2026-03-01T00:00:00Z"},{"total":1,"energy":1,"startsAt":"2026-03-01T01:00:00Z"}]`, nil, foreign.ErrNeeds, "does not say its currency"},
		{"total only", `[{"total":1,"startsAt":"2026-03-01T00:00:00Z"}]`, nil, foreign.ErrNeeds, "without energy"},
		{"one figure", `[{"total":1,"energy":1,"currency":"EUR","startsAt":"2026-03-01T00:00:00Z"}]`, nil, foreign.ErrNeeds, "line 1: a single figure"},
		{"no such currency", `[{"total":1,"energy":1,"currency":"XXX","startsAt":"2026-03-01T00:00:00Z"}]`, nil, cost.ErrCurrency, "line 1"},
		{"several areas", `{"currency":"EUR","multiAreaEntries":[{"deliveryStart":"2026-03-01T00:00:00Z","deliveryEnd":"2026-03-01T00:15:00Z","entryPerArea":{"SE3":1,"SE4":2}}]}`, nil, foreign.ErrNeeds, `such as ["SE3" "SE4"]`},
		{"lengths differ", `{"unix_seconds":[0,900],"price":[1]}`, nil, foreign.ErrFormat, "1 values in price and 2 in unix_seconds"},
		{"nested too deep", `{"startsAt":` + strings.Repeat("[", 100), nil, foreign.ErrFormat, "levels"},
		{"endless text", `{"startsAt":"` + strings.Repeat("x", 3<<20) + `"}`, nil, foreign.ErrTooLarge, "line 1: an entry of more than 1048576 bytes"},
		{"endless cell", mtu + `"` + strings.Repeat("x", 3<<20), nil, foreign.ErrTooLarge, "an entry of more than"},
		{"endless element", "<Publication_MarketDocument><type>" + strings.Repeat("x", 3<<20), nil, foreign.ErrTooLarge, "an entry of more than"},
		{"two areas", mtu + `"01/03/2026 00:00 - 01/03/2026 01:00","BZN|AT","","1"` + "\n" + `"01/03/2026 00:00 - 01/03/2026 01:00","BZN|CH","","2"`, nil, foreign.ErrNeeds, "line 3: figures of several areas"},
		{"hour that is not", mtu + `"29/03/2026 02:00 - 29/03/2026 03:00","BZN|AT","","1"`, nil, foreign.ErrFormat, "line 2: the clock in Europe/Brussels never shows 2026-03-29 02:00"},
		{"no zone", strings.Replace(mtu, " (CET/CEST)", " (local)", 1) + `"29/03/2026 01:00 - 29/03/2026 02:00","BZN|AT","","1"`, nil, foreign.ErrNeeds, "has no time zone"},
		{"no interval", mtu + `"29/03/2026 02:00","BZN|AT","","1"`, nil, foreign.ErrFormat, "line 2: got"},
		{"not XML", "<Publication_MarketDocument>\n<a></b>", nil, foreign.ErrFormat, "line 2: not XML"},
		{"no data", "<Acknowledgement_MarketDocument><Reason><code>999</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>", nil, foreign.ErrEmpty, `ENTSO-E answered "No matching data found"`},
		{"position outside", fill(period, "<Point><position>5</position><price.amount>1</price.amount></Point>"), nil, foreign.ErrFormat, "line 4: position 5 is not in its period"},
		{"positions mixed up", fill(period, "<Point><position>3</position><price.amount>1</price.amount></Point><Point><position>2</position><price.amount>1</price.amount></Point>"), nil, foreign.ErrFormat, "not in order"},
		{"no price", fill(period, "<Point><position>1</position></Point>"), nil, series.ErrValue, "price.amount"},
		{"no resolution", strings.Replace(fill(period, "<Point><position>1</position><price.amount>1</price.amount></Point>"), "PT15M", "P1D", 1), nil, foreign.ErrFormat, `resolution: got "P1D"`},
		{"two currencies", oneArea("EUR") + oneArea("SEK"), nil, series.ErrUnit, "line 1: figures in SEK/kWh after others in EUR/kWh"},
		{"another currency than the file's", `[{"energy":1,"currency":"SEK","startsAt":"2026-03-01T00:00:00Z"},{"energy":1,"currency":"SEK","startsAt":"2026-03-01T01:00:00Z"}]`, func(o *foreign.Options) { o.Currency = "EUR" }, series.ErrUnit, "SEK/kWh after others in EUR/kWh"},
		{"damage to health", `{"data":[{"point_time":"2026-03-01T00:00:00Z","value":1},{"point_time":"2026-03-01T00:05:00Z","value":1}],"meta":{"units":"usd_per_mwh"}}`, nil, series.ErrUnit, `unit "usd_per_mwh" is none of emissions`},
		{"zone of all figures is another", `{"zone":"FR","history":[{"carbonIntensity":30,"datetime":"2026-03-01T00:00:00Z"}]}`, func(o *foreign.Options) { o.Area = "DE" }, foreign.ErrNeeds, `such as ["DE" "FR"]`},
		{"own format", "# sovmeter series v1\n# unit: EUR/kWh\nstart,end,value\n2026-03-01,x,1\n", nil, series.ErrFormat, "line 4: start"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options()
			if tt.change != nil {
				tt.change(&o)
			}
			r, err := foreign.Import(strings.NewReader(tt.file), o)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("error %v\nwant %q, with %q in it", err, tt.want, tt.text)
			}
			if r.Series.Len() != 0 || r.Header != (series.Header{}) {
				t.Errorf("a result beside an error: %v", r)
			}
		})
	}
}

func TestWhatTheUserSays(t *testing.T) {
	tests := []struct {
		name, file string
		change     func(*foreign.Options)
		want       string
	}{
		{"area", `{"currency":"EUR","multiAreaEntries":[{"deliveryStart":"2026-03-01T00:00:00Z","deliveryEnd":"2026-03-01T00:15:00Z","entryPerArea":{"SE3":1,"SE4":2}}]}`, func(o *foreign.Options) { o.Area = "SE4" }, "2026-03-01T00:00:00Z,2026-03-01T00:15:00Z,0.002"},
		{"area of a table", mtu + `"01/03/2026 00:00 - 01/03/2026 01:00","BZN|AT","","1"` + "\n" + `"01/03/2026 00:00 - 01/03/2026 01:00","BZN|CH","","2"`, func(o *foreign.Options) { o.Area = "CH" }, "2026-02-28T23:00:00Z,2026-03-01T00:00:00Z,0.002"},
		{"currency", `[{"energy":1,"startsAt":"2026-03-01T00:00:00Z"},{"energy":1,"startsAt":"2026-03-01T01:00:00Z"}]`, func(o *foreign.Options) { o.Currency = "SEK" }, "# unit: SEK/kWh"},
		{"currency of cents", strings.Replace(fill(quarter, "25"), "Eur/MWh", "öre/kWh", 1), func(o *foreign.Options) { o.Currency = "SEK" }, "# unit: SEK/kWh\n# vat: excluded\n# source: aWATTar, market price\nstart,end,value\n2015-04-09T15:00:00Z,2015-04-09T16:00:00Z,0.25"},
		{"zone goes before the file's", mtu + `"01/07/2026 00:00 - 01/07/2026 01:00","BZN|FI","","1"`, func(o *foreign.Options) { o.Zone, _ = o.Load("Europe/Helsinki") }, "2026-06-30T21:00:00Z,2026-06-30T22:00:00Z"},
		{"byte order mark", "\ufeff" + fill(quarter, "1"), nil, "2015-04-09T15:00:00Z"},
		{"two answers in one file", fill(quarter, "1") + "\n" + fill(quarter, "1"), nil, "2015-04-09T15:00:00Z"},
		{"zone of several", zones, func(o *foreign.Options) { o.Area = "FR" }, "# source: Electricity Maps, FR\nstart,end,value\n2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,30\n"},
		{"forecasts", strings.ReplaceAll(zones, "history", "forecast"), func(o *foreign.Options) { o.Area = "FR" }, "left out: 2 measured values, in place of which forecasts stand\n"},
		{"area of XML", twoAreas, func(o *foreign.Options) { o.Area = "B" }, "left out: 1 prices of other areas\n# sovmeter series v1\n# quantity: price\n# unit: EUR/kWh\n# vat: excluded\n# source: ENTSO-E, day-ahead, B\nstart,end,value\n2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,0.002\n"},
		{"auctions of Germany", auctions, nil, "left out: 1 prices of auctions other than sequence 1\n# sovmeter series v1\n# quantity: price\n# unit: EUR/kWh\n# vat: excluded\n# source: ENTSO-E, day-ahead, BZN|DE-LU\nstart,end,value\n2026-02-28T23:00:00Z,2026-03-01T00:00:00Z,0.01892\n"},
		{"a year in one line", oneLine(), nil, "format energy-charts, 35136 rows\n"},
		{"semicolons", strings.ReplaceAll(mtu, ",", ";") + `"01/03/2026 00:00 - 01/03/2026 01:00";"BZN|AT";"";"1"`, nil, "2026-02-28T23:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options()
			if tt.change != nil {
				tt.change(&o)
			}
			r, err := foreign.Import(strings.NewReader(tt.file), o)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(t, r); !strings.Contains(got, tt.want) {
				t.Errorf("got\n%s\nwant %q in it", got, tt.want)
			}
		})
	}
}
