package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// shownHoles is how many holes are named one by one.
const shownHoles = 5

// print says for people what was done.
func (d imported) print(w io.Writer) error {
	var b strings.Builder
	from, to := d.series.Bounds()
	fmt.Fprintf(&b, "%s: %s\n", d.name(), d.what())
	fmt.Fprintf(&b, "  %d new, %d changed, %d as before\n", d.change.New, d.change.Changed, d.change.Same)
	fmt.Fprintf(&b, "  from %s to %s\n", localStamp(from), localStamp(to))
	if sum, ok := d.series.Summary(); ok {
		fmt.Fprintf(&b, "  lowest %s on %s, highest %s on %s, mean %s\n",
			sum.Lowest.Value, localStamp(sum.Lowest.Start), sum.Highest.Value, localStamp(sum.Highest.Start), sum.Mean)
		d.printHoles(&b, sum)
	}
	for _, f := range d.read {
		fmt.Fprintf(&b, "  %s: %s, %d read\n", f.name, f.result.Format, f.result.Rows)
		for _, l := range f.result.Left {
			fmt.Fprintf(&b, "    left out: %d %s\n", l.Count, l.Why)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (d imported) printHoles(b *strings.Builder, sum series.Summary) {
	if sum.Holes == 0 {
		fmt.Fprintln(b, "  no holes")
		return
	}
	fmt.Fprintf(b, "  %s, %s in all, in which nothing is known:\n", plural(sum.Holes, "hole"), hours(sum.Unknown))
	left := sum.Holes
	for start, end := range d.series.Holes() {
		if sum.Holes-left == shownHoles {
			fmt.Fprintf(b, "    and %d more\n", left)
			return
		}
		left--
		fmt.Fprintf(b, "    from %s to %s\n", localStamp(start), localStamp(end))
	}
}

// what says in words what the values are.
func (d imported) what() string {
	text := fmt.Sprintf("%s in %s", map[series.Quantity]string{
		series.Price: "price", series.Carbon: "carbon intensity", series.Share: "share",
	}[d.head.Quantity()], d.head.Unit)
	switch d.head.VAT {
	case series.VATIncluded:
		text += ", with VAT"
	case series.VATExcluded:
		text += ", without VAT"
	}
	if d.head.Source != "" {
		text += " (" + d.head.Source + ")"
	}
	return text
}

// name is what the file is called.
func (d imported) name() string {
	if d.out == "-" {
		return "standard output"
	}
	return d.out
}

// localStamp is a time as the clock on the user's wall shows it.
func localStamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04 MST") }

// hours prints a whole number of quarters: "1h30m".
func hours(d time.Duration) string {
	return strings.TrimSuffix(strings.Replace(d.String(), "h0m", "h", 1), "0s")
}

func plural(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// importDocument is what --json prints. Numbers that are exact are text.
type importDocument struct {
	Schema   string          `json:"schema"`
	Out      string          `json:"out"`
	Quantity string          `json:"quantity"`
	Unit     string          `json:"unit"`
	VAT      string          `json:"vat,omitempty"` // included, excluded; left out: not known
	Source   string          `json:"source,omitempty"`
	New      int             `json:"new"`
	Changed  int             `json:"changed"`
	Same     int             `json:"same"`
	Points   int             `json:"points"`
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Lowest   importExtreme   `json:"lowest"`
	Highest  importExtreme   `json:"highest"`
	Mean     string          `json:"mean"`
	Holes    []importHole    `json:"holes"`
	Files    []importDocFile `json:"files"`
}

type importExtreme struct {
	Value string    `json:"value"`
	From  time.Time `json:"from"`
}

type importHole struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

type importDocFile struct {
	Name    string          `json:"name"`
	Format  string          `json:"format"`
	Read    int             `json:"read"`
	LeftOut []importDocLeft `json:"left_out"`
}

type importDocLeft struct {
	Why   string `json:"why"`
	Count int    `json:"count"`
}

func (d imported) printJSON(w io.Writer) error {
	sum, _ := d.series.Summary()
	doc := importDocument{
		Schema: "sovmeter.import/v1", Out: d.out,
		Quantity: string(d.head.Quantity()), Unit: string(d.head.Unit), VAT: string(d.head.VAT), Source: d.head.Source,
		New: d.change.New, Changed: d.change.Changed, Same: d.change.Same, Points: d.series.Len(),
		Lowest:  importExtreme{sum.Lowest.Value.String(), sum.Lowest.Start},
		Highest: importExtreme{sum.Highest.Value.String(), sum.Highest.Start},
		Mean:    sum.Mean.String(), Holes: []importHole{}, Files: []importDocFile{},
	}
	doc.From, doc.To = d.series.Bounds()
	for start, end := range d.series.Holes() {
		doc.Holes = append(doc.Holes, importHole{start, end})
	}
	for _, f := range d.read {
		file := importDocFile{Name: f.name, Format: f.result.Format, Read: f.result.Rows, LeftOut: []importDocLeft{}}
		for _, l := range f.result.Left {
			file.LeftOut = append(file.LeftOut, importDocLeft{l.Why, l.Count})
		}
		doc.Files = append(doc.Files, file)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}
