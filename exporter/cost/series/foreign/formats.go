package foreign

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// headSize is how much of a file its format is told by. energy-charts.info has
// the name of the figures behind all of their times, in one line: five years of
// quarters have 2 MB of these.
const headSize = 2 << 20

// Auto is the name under which a file's own look decides.
const Auto = "auto"

// Format is one that Import reads.
type Format struct {
	Name     string
	What     string // whose files, in a few words
	Quantity series.Quantity
	looks    func(head []byte) bool
	read     func(*source) error
}

// Formats are all that Import reads, in the order in which they are tried.
func Formats() []Format {
	return []Format{
		{"series", "this program's own", "", series.IsSeries, readOwn},
		{"octopus", "Octopus Energy: unit rates of the REST API", series.Price, words("valid_from", "_vat"), readOctopus},
		{"octopus-csv", "Octopus Agile as CSV: energy-stats.uk, or the API's columns", series.Price, looksOctopusCSV, readOctopusCSV},
		{"tibber", "Tibber: priceInfo or priceInfoRange of the GraphQL API", series.Price, words("startsAt"), readTibber},
		{"awattar", "aWATTar: /v1/marketdata", series.Price, words("start_timestamp", "marketprice"), readAwattar},
		{"entsoe", "ENTSO-E: day-ahead prices (A44) as XML", series.Price, looksXML, readEntsoe},
		{"entsoe-csv", "ENTSO-E: export of the transparency platform", series.Price, looksEntsoeCSV, readEntsoeCSV},
		{"energy-charts", "energy-charts.info: /price", series.Price, words("unix_seconds", "price"), readEnergyCharts},
		{"nordpool", "Nord Pool: DayAheadPrices of the data portal", series.Price, words("multiAreaEntries"), readNordpool},
		{"elpris", "elprisetjustnu.se, hvakosterstrommen.no and their like", series.Price, words("time_start", "_per_kWh"), readElpris},
		{"amber", "Amber Electric: /prices or /usage", series.Price, words("perKwh", "nemTime"), readAmber},
		{"comed", "ComEd: 5minutefeed", series.Price, words("millisUTC"), readComEd},
		{"gb-carbon", "carbonintensity.org.uk: /intensity, /regional", series.Carbon, words("intensity", "forecast", "from"), readGBCarbon},
		{"electricitymaps", "Electricity Maps: carbon-intensity of the API", series.Carbon, words("carbonIntensity", "datetime"), readElectricityMaps},
		{"electricitymaps-csv", "Electricity Maps: data sets as CSV", series.Carbon, looksElectricityMapsCSV, readElectricityMapsCSV},
		{"energy-charts-co2", "energy-charts.info: /co2eq", series.Carbon, words("unix_seconds", "co2eq"), readEnergyChartsCO2},
		{"watttime", "WattTime: historical data of the API", series.Carbon, words("point_time"), readWattTime},
	}
}

// choose finds the format of a name, or the one that a file looks like.
func choose(name string, head []byte) (Format, error) {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
		if name == f.Name {
			return f, nil
		}
	}
	if name != "" && name != Auto {
		return Format{}, fmt.Errorf("format %q: want %s or one of %s: %w", shown(name), Auto, strings.Join(names, ", "), ErrUnknown)
	}
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte(bom)))
	for _, f := range Formats() {
		if f.looks(head) {
			return f, nil
		}
	}
	return Format{}, strange(head, names)
}

// strange says what a file of no known format is, as far as that helps.
func strange(head []byte, names []string) error {
	for begin, what := range map[string]string{
		"\x1f\x8b":   "is compressed with gzip: unpack it first",
		"PK\x03\x04": "is a ZIP archive or a spreadsheet: unpack it, or save it as CSV",
		"\xff\xfe":   "is in UTF-16: save it as UTF-8",
		"\xfe\xff":   "is in UTF-16: save it as UTF-8",
		"<!":         "is a web page: download the file itself",
		"<html":      "is a web page: download the file itself",
	} {
		if bytes.HasPrefix(head, []byte(begin)) {
			return fmt.Errorf("the file %s: %w", what, ErrUnknown)
		}
	}
	if len(head) == 0 {
		return fmt.Errorf("the file is empty: %w", ErrUnknown)
	}
	return hint(fmt.Errorf("no known format recognises the file: %w", ErrUnknown), "name it with --format, one of %s", strings.Join(names, ", "))
}

// words is the look of a JSON file with some words in it.
func words(all ...string) func([]byte) bool {
	return func(head []byte) bool {
		if len(head) == 0 || head[0] != '{' && head[0] != '[' {
			return false
		}
		for _, w := range all {
			if !bytes.Contains(head, []byte(w)) {
				return false
			}
		}
		return true
	}
}

func looksXML(head []byte) bool {
	return bytes.HasPrefix(head, []byte("<")) && bytes.Contains(head, []byte("_MarketDocument"))
}

// firstLine is a table's head.
func firstLine(head []byte) string {
	line, _, _ := strings.Cut(string(head), "\n")
	return strings.TrimSpace(line)
}

// readOwn reads a file in the format of package series.
func readOwn(s *source) error {
	s.lines.trusted = true // its reader bounds itself
	read, header, err := series.Read(s.lines)
	if err != nil {
		return err
	}
	s.own = &Result{Series: read, Header: header, Rows: read.Len()}
	return nil
}
