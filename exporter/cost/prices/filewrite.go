package prices

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Write writes the table in the format sovmeter.prices/v1, an entry a line, so
// that a change of one price is a change of one line.
func (t Table) Write(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"schema\": %q,\n  \"entries\": [", Schema)
	for i, e := range t.entries {
		line, err := json.Marshal(fileOf(e))
		if err != nil {
			return fmt.Errorf("write price of %s %s: %w", e.Provider, e.Model, err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		b.Write(line)
	}
	b.WriteString("\n  ]\n}\n")
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write price table: %w", err)
	}
	return nil
}

func fileOf(e Entry) fileEntry {
	f := fileEntry{
		Provider: e.Provider, Model: e.Model, Also: e.Also, Weights: e.Weights,
		From: formatTime(e.From), Until: formatTime(e.Until), Hours: e.Hours.String(),
		Checked: formatTime(e.Checked), Published: formatTime(e.Published),
		fileRates: fileRatesOf(e.Rates), BatchRatio: e.BatchRatio, Source: e.Source,
	}
	if c := e.Currency(); c != "USD" {
		f.Currency = string(c)
	}
	for _, l := range e.Long {
		f.Long = append(f.Long, fileLong{Above: l.Above, fileRates: fileRatesOf(l.Rates)})
	}
	return f
}

// Currency is that of all its prices.
func (e Entry) Currency() cost.Currency { return e.Rates.Input.PerMtok.Currency }

func fileRatesOf(r Rates) fileRates {
	return fileRates{Input: r.Input.Decimal(), Cached: r.Cached.Decimal(), CacheWrite: r.CacheWrite.Decimal(), Output: r.Output.Decimal()}
}

// Decimal is the price per million tokens, exact and without its currency:
// "0.25". It is empty when the price is unknown.
func (r Rate) Decimal() string {
	if !r.Known {
		return ""
	}
	return strings.TrimSuffix(strings.TrimRight(r.PerMtok.Decimal(9), "0"), ".")
}
