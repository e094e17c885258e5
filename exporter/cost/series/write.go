package series

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

const (
	magic   = "# sovmeter series v1"
	columns = "start,end,value"
)

// Write writes s in the format of this package. The header's unit must be one.
func Write(w io.Writer, s Series, h Header) error {
	if err := h.write(w); err != nil {
		return err
	}
	buf := make([]byte, 0, 1<<16)
	for _, p := range s.points {
		buf = p.Start.AppendFormat(buf, time.RFC3339)
		buf = append(buf, ',')
		buf = p.End.AppendFormat(buf, time.RFC3339)
		buf = append(buf, ',')
		buf = append(p.Value.append(buf), '\n')
		if len(buf) > cap(buf)-128 {
			if _, err := w.Write(buf); err != nil {
				return fmt.Errorf("write series: %w", err)
			}
			buf = buf[:0]
		}
	}
	if _, err := w.Write(buf); err != nil {
		return fmt.Errorf("write series: %w", err)
	}
	return nil
}

func (h Header) write(w io.Writer) error {
	if _, err := ParseUnit(string(h.Unit)); err != nil {
		return fmt.Errorf("write series: %w", err)
	}
	text := fmt.Sprintf("%s\n# quantity: %s\n# unit: %s\n", magic, h.Quantity(), h.Unit)
	if h.VAT != VATUnknown {
		text += fmt.Sprintf("# vat: %s\n", h.VAT)
	}
	if source := OneLine(h.Source); source != "" {
		text += fmt.Sprintf("# source: %s\n", source)
	}
	if _, err := io.WriteString(w, text+columns+"\n"); err != nil {
		return fmt.Errorf("write series: %w", err)
	}
	return nil
}

// OneLine makes a source fit on its line of a header, in 500 bytes and without
// what a terminal would obey.
func OneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
	if len(text) > 500 {
		text = strings.TrimSpace(strings.ToValidUTF8(text[:500], ""))
	}
	return text
}
