package foreign

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// Options says what a file leaves open, and what is wanted of it.
type Options struct {
	Format string // a name of Formats; empty or "auto": told by the file
	// Zone is where the clock hangs whose times a file has without their zone. It
	// goes before what a file says of all its times in general, as in
	// "MTU (CET/CEST)". Nil: not known.
	Zone *time.Location
	// Load finds a zone by its name, as time.LoadLocation does. Nil: none is found.
	Load func(name string) (*time.Location, error)
	// VAT asks for the prices with tax, where a file has both.
	VAT bool
	// Area picks one of several areas in a file, by its name there; empty: a file
	// must have one only.
	Area string
	// Currency is that of prices whose file does not say it.
	Currency cost.Currency
	// Direct asks for the emissions of the power stations alone, without those of
	// building them and digging their fuel, where a file has both.
	Direct bool
	// Open is when a price ends of which a file says that it still holds. Zero:
	// such a price is left out.
	Open time.Time
}

// Left is what was left out of a file, and why.
type Left struct {
	Why   string
	Count int
}

// Result is what a file says.
type Result struct {
	Series series.Series
	Header series.Header
	Format string // its name
	Rows   int    // figures that were read
	Left   []Left // by Why
}

// Import reads a file. Its errors name the line where they can. It is ErrUnknown
// for a file of no known format, and ErrEmpty when nothing in it can be used.
func Import(r io.Reader, o Options) (Result, error) {
	buffered := bufio.NewReaderSize(r, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return Result{}, err
	}
	f, err := choose(o.Format, head)
	if err != nil {
		return Result{}, err
	}
	if bytes.HasPrefix(head, []byte(bom)) {
		if _, err := buffered.Discard(len(bom)); err != nil {
			return Result{}, err
		}
	}
	s := &source{Options: o, lines: newLineReader(buffered), head: bytes.TrimPrefix(head, []byte(bom)), left: map[string]int{}, layers: map[int64]*rows{}}
	if err := f.read(s); err != nil {
		return Result{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	res, err := s.result()
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	res.Format = f.Name
	return res, nil
}

// bom is what some editors put before UTF-8 text.
const bom = "\ufeff"

// source is a file that is being read.
type source struct {
	Options
	lines   *lineReader
	head    []byte // how the file begins
	measure measure
	hourly  bool // one price is billed for the whole hour, whatever the figures are of
	vat     series.VAT
	name    string // what the header calls the source
	layers  map[int64]*rows
	left    map[string]int
	own     *Result // set by a file of our own format
}

// add takes a figure of the only layer.
func (s *source) add(start, end stamp, amount decimal, line int) error {
	return s.addTo(0, row{start: start, end: end, amount: amount, line: int32(line)})
}

// hole takes note of a time without a figure. Where a format does not tell how long
// one holds, it still says when the one before it ends.
func (s *source) hole(start stamp, toldEnds bool, line int) error {
	s.skip("intervals without a value")
	if toldEnds {
		return nil
	}
	return s.addTo(0, row{start: start, line: int32(line), hole: true})
}

// addTo takes a figure of a layer. Where layers overlap, the one of the lower
// number holds.
func (s *source) addTo(layer int64, r row) error {
	rs := s.layers[layer]
	if rs == nil {
		rs = &rows{}
		s.layers[layer] = rs
	}
	return rs.add(r)
}

// skip counts a figure that is left out.
func (s *source) skip(why string) { s.left[why]++ }

// is keeps the unit of the figures, which must stay the same.
func (s *source) is(m measure) error {
	if s.measure.unit != "" && s.measure != m {
		return fmt.Errorf("figures in %s after others in %s: %w", m.unit, s.measure.unit, series.ErrUnit)
	}
	s.measure = m
	return nil
}

// zone is that of the times without one: what the user says, or what the file
// says of all its times.
func (s *source) zone(name string) (*time.Location, error) {
	if s.Zone != nil || s.Load == nil {
		return s.Zone, nil
	}
	return s.Load(name)
}

// result makes a series of all layers.
func (s *source) result() (Result, error) {
	if s.own != nil {
		return *s.own, nil
	}
	res := Result{Header: series.Header{Unit: s.measure.unit, VAT: s.vat, Source: series.OneLine(s.name)}}
	for _, layer := range slices.Backward(slices.Sorted(maps.Keys(s.layers))) {
		rs := *s.layers[layer]
		over, n, err := s.series(rs)
		if err != nil {
			return Result{}, err
		}
		res.Rows += n
		if res.Series, err = series.Merge(res.Series, over); err != nil {
			return Result{}, err
		}
	}
	for _, why := range slices.Sorted(maps.Keys(s.left)) {
		res.Left = append(res.Left, Left{why, s.left[why]})
	}
	if res.Series.Len() == 0 {
		return Result{}, empty(res.Left)
	}
	return res, nil
}

// series makes one of a layer, and says how many figures that has.
func (s *source) series(rs rows) (series.Series, int, error) {
	if s.measure.unit == "" {
		return series.Series{}, 0, hint(fmt.Errorf("the file does not say its currency: %w", ErrNeeds), "name it with --currency, such as EUR")
	}
	spans, err := rs.spans(s.Zone)
	if err != nil {
		return series.Series{}, 0, err
	}
	n := len(spans)
	if spans, err = disjoint(spans, s.measure.factor); err != nil {
		return series.Series{}, 0, err
	}
	step, what := slot, "15-minute slots"
	if s.hourly {
		step, what = 3600, "hours"
	}
	points, incomplete, err := fold(spans, s.measure.factor, step)
	if err != nil {
		return series.Series{}, 0, err
	}
	if incomplete > 0 {
		s.left[what+" of which a part is missing"] += incomplete
	}
	out, err := series.New(points)
	return out, n, err
}

// empty says why there is nothing.
func empty(left []Left) error {
	if len(left) == 0 {
		return ErrEmpty
	}
	text := ""
	for _, l := range left {
		text += fmt.Sprintf("; left out: %d %s", l.Count, l.Why)
	}
	return fmt.Errorf("%w%s", ErrEmpty, text)
}
