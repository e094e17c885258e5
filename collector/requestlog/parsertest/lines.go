package parsertest

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Read returns a file of testdata.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Split returns the lines of a log without their ends.
func Split(data []byte) [][]byte {
	return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
}

// Timed reads a log of testdata in which each line has its arrival in front, in
// seconds after begin, and a tab. A line's offset is its number, from 1.
func Timed(t testing.TB, name string, begin time.Time) []requestlog.Line {
	t.Helper()
	var out []requestlog.Line
	for i, row := range Split(Read(t, name)) {
		at, text, ok := strings.Cut(string(row), "\t")
		sec, err := strconv.ParseFloat(at, 64)
		if !ok || err != nil {
			t.Fatalf("%s: line %d has no arrival", name, i+1)
		}
		out = append(out, requestlog.Line{
			Data: []byte(text), Offset: int64(i + 1), Arrival: begin.Add(time.Duration(sec * float64(time.Second)).Round(time.Microsecond)),
		})
	}
	return out
}

// Texts returns what is in the lines.
func Texts(lines []requestlog.Line) [][]byte {
	var out [][]byte
	for _, l := range lines {
		out = append(out, l.Data)
	}
	return out
}

// Joined returns the lines as the bytes of a log.
func Joined(lines []requestlog.Line) []byte {
	return append(bytes.Join(Texts(lines), []byte("\n")), '\n')
}

// Arriving splits a log into lines that arrive one a second: line n, from 1, has the
// offset n and arrives n seconds after begin. With a begin of zero nothing is known
// of when they arrive.
func Arriving(data []byte, begin time.Time) []requestlog.Line {
	var out []requestlog.Line
	for i, text := range bytes.Split(data, []byte("\n")) {
		l := requestlog.Line{Data: text, Offset: int64(i + 1)}
		if !begin.IsZero() {
			l.Arrival = begin.Add(time.Duration(i+1) * time.Second)
		}
		out = append(out, l)
	}
	return out
}

// Mixed is Arriving where every third line lay there before anybody looked.
func Mixed(data []byte, begin time.Time) []requestlog.Line {
	out := Arriving(data, begin)
	for i := 1; i < len(out) && !begin.IsZero(); i += 3 {
		out[i].Spread = requestlog.SpreadUnknown
	}
	return out
}
