package foreign

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// endless is a file without an end.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		k := copy(b[n:], e.text[e.at:])
		n, e.at = n+k, (e.at+k)%len(e.text)
	}
	return n, nil
}

func TestAFileWithoutAnEndIsRefused(t *testing.T) {
	const figure = `{"start_timestamp":1428591600000,"end_timestamp":1428595200000,"marketprice":1,"unit":"Eur/MWh"}`
	for name, filler := range map[string]string{"space": "        ", "objects": ` ,{"a":1}`, "figures": "," + figure} {
		t.Run(name, func(t *testing.T) {
			lines := newLineReader(io.MultiReader(strings.NewReader(`{"data":[`+figure), &endless{text: filler}))
			lines.most = 5 << 20
			s := &source{lines: lines, left: map[string]int{}, layers: map[int64]*rows{}}
			if err := readAwattar(s); !errors.Is(err, ErrTooLarge) {
				t.Errorf("error %v, want %v", err, ErrTooLarge)
			}
		})
	}
	full := make(rows, series.MaxPoints) // of which no page is touched
	if err := full.add(row{line: 9}); !errors.Is(err, series.ErrTooMany) || !strings.Contains(err.Error(), "line 9") {
		t.Errorf("one figure more: error %v, want %v", err, series.ErrTooMany)
	}
}

// Lines are counted by where the decoder is, not by how far it has read.
func TestLineReader(t *testing.T) {
	const text = "a\nbb\n\nccc"
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)),
	} {
		l := newLineReader(r)
		if _, err := io.ReadAll(l); err != nil {
			t.Fatal(err)
		}
		for offset, want := range []int{1, 1, 2, 2, 2, 3, 4, 4, 4, 4} {
			if got := l.at(int64(offset)); got != want {
				t.Errorf("%s: offset %d is in line %d, want %d", name, offset, got, want)
			}
		}
	}
}
