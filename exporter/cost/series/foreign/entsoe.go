package foreign

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// readEntsoe reads a Publication_MarketDocument of ENTSO-E's REST API, document
// type A44: TimeSeries with their currency and unit, Periods with a timeInterval
// and a resolution, Points with a position and a price.
// https://documenter.getpostman.com/view/7009892/2s93JtP3F6 (Market, 12.1.D).
//
//   - In a TimeSeries of curveType A03 a position that is left out repeats the one
//     before it (ENTSO-E, Transparency Platform XML schema use, section on curve
//     types); in any other it is a hole.
//   - Where an area has several auctions the API tells them apart by
//     classificationSequence: 1 is the coupled day-ahead market, which is taken,
//     2 is EXAA's in Germany and Austria. Contracts of type A07 are intraday.
//   - Where two resolutions speak of one time, the finer holds.
func readEntsoe(s *source) error {
	if err := s.market("ENTSO-E, day-ahead"); err != nil {
		return err
	}
	e := &entsoe{source: s, xml: xml.NewDecoder(s.lines)}
	for {
		token, err := e.xml.Token()
		s.lines.at(e.xml.InputOffset())
		if errors.Is(err, io.EOF) {
			s.name += s.area(map[string]bool{e.area: true})
			return nil
		}
		if err == nil {
			err = e.token(token)
		}
		if err != nil {
			return e.located(err)
		}
	}
}

type entsoe struct {
	*source
	xml      *xml.Decoder
	depth    int
	text     []byte // of the innermost element
	area     string // of the whole file
	rejected string // for the file as a whole, as its sender says

	currency, unit, curve string // of the TimeSeries
	dropped               string // why it is left out

	start, end, step int64 // of the Period
	position         int64 // of the Point; 0: not told yet
	amount           string
	pending          *row // the last point, whose end is not known yet
}

// located puts the line beside an error that has none.
func (e *entsoe) located(err error) error {
	var own *LineError
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &own), errors.Is(err, ErrTooLarge):
		return err
	case errors.As(err, &syntax):
		return &LineError{syntax.Line, fmt.Errorf("not XML: %s: %w", syntax.Msg, ErrFormat)}
	}
	line, _ := e.xml.InputPos()
	return &LineError{line, err}
}

func (e *entsoe) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		if e.depth++; e.depth > maxDepth {
			return fmt.Errorf("more than %d levels: %w", maxDepth, ErrFormat)
		}
		e.text = e.text[:0]
		return e.begin(t.Name.Local)
	case xml.CharData:
		if len(e.text)+len(t) <= maxText {
			e.text = append(e.text, t...)
		}
	case xml.EndElement:
		e.depth--
		text := strings.TrimSpace(string(e.text))
		e.text = e.text[:0]
		return e.finish(t.Name.Local, text)
	}
	return nil
}

func (e *entsoe) begin(name string) error {
	switch name {
	case "TimeSeries":
		e.currency, e.unit, e.curve, e.dropped = "", "MWH", "", ""
	case "Period":
		e.start, e.end, e.step, e.pending = 0, 0, 0, nil
	case "Point":
		e.position, e.amount = 0, ""
	}
	return nil
}

// finish takes an element that has ended.
func (e *entsoe) finish(name, text string) (err error) {
	switch name {
	case "Acknowledgement_MarketDocument":
		return fmt.Errorf("ENTSO-E answered %q: %w", shown(e.rejected), ErrEmpty)
	case "text":
		e.rejected = text
	case "in_Domain.mRID":
		return e.inArea(text)
	case "currency_Unit.name":
		e.currency = text
	case "price_Measure_Unit.name":
		e.unit = text
	case "curveType":
		e.curve = text
	case "contract_MarketAgreement.type":
		if text == "A07" {
			e.dropped = "prices of intraday auctions"
		}
	case "classificationSequence_AttributeInstanceComponent.position":
		if text != "1" {
			e.dropped = "prices of auctions other than sequence 1"
		}
	case "start":
		e.start, err = seconds(text)
	case "end":
		e.end, err = seconds(text)
	case "resolution":
		e.step, err = resolution(text)
	case "position":
		e.position, err = strconv.ParseInt(text, 10, 32)
	case "price.amount":
		e.amount = text
	case "Point":
		return e.point()
	case "Period":
		return e.close(e.end)
	}
	if err != nil {
		return fmt.Errorf("%s: got %q: %w", name, shown(text), ErrFormat)
	}
	return nil
}

func (e *entsoe) inArea(code string) error {
	if e.Area != "" && code != e.Area {
		e.dropped = "prices of other areas"
		return nil
	}
	if e.area != "" && e.area != code {
		return several(map[string]bool{e.area: true, code: true})
	}
	e.area = code
	return nil
}

func seconds(text string) (int64, error) {
	t, err := parseStamp(text)
	if err == nil && t.wall {
		err = ErrFormat
	}
	return t.seconds, err
}

func resolution(text string) (int64, error) {
	switch text {
	case "PT15M":
		return 900, nil
	case "PT30M":
		return 1800, nil
	case "PT60M", "PT1H":
		return 3600, nil
	}
	return 0, ErrFormat
}

// point takes a Point that has ended.
func (e *entsoe) point() error {
	if e.dropped != "" {
		e.skip(e.dropped)
		return nil
	}
	start := e.start + (e.position-1)*e.step
	if e.step == 0 || e.start == 0 || e.position < 1 || start >= e.end {
		return fmt.Errorf("position %d is not in its period: %w", e.position, ErrFormat)
	}
	m, err := parseMeasure(e.currency+"/"+e.unit, "")
	if err != nil {
		return err
	}
	if err := e.is(m); err != nil {
		return err
	}
	amount, err := parseDecimal(e.amount)
	if err != nil {
		return fmt.Errorf("price.amount: %w", err)
	}
	if err := e.close(start); err != nil {
		return err
	}
	line, _ := e.xml.InputPos()
	e.pending = &row{start: stamp{seconds: start}, end: stamp{seconds: start + e.step}, amount: amount, line: int32(line)}
	return nil
}

// close ends the point before one that begins at next, or the period's last.
func (e *entsoe) close(next int64) error {
	if e.pending == nil {
		return nil
	}
	r := *e.pending
	e.pending = nil
	if next <= r.start.seconds {
		return r.at(fmt.Errorf("the positions are not in order: %w", ErrFormat))
	}
	if e.curve == "A03" {
		r.end.seconds = next
	}
	r.end.seconds = min(r.end.seconds, next)
	return e.addTo(e.step, r)
}
