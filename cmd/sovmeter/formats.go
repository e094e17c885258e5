package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// formatAuto asks for the format that recognises the log.
const formatAuto = "auto"

// sampleBytes is how much of a log is read to recognise its format.
const sampleBytes = 64 << 10

// formats are the log formats there are, the most specific first.
func formats() []requestlog.Format {
	return []requestlog.Format{llamacpp.Format(), jsonl.Format()}
}

func formatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
	}
	return names
}

// newParser returns the parser of a format by name.
func newParser(format string, o requestlog.Options) (requestlog.Parser, error) {
	for _, f := range formats() {
		if f.Name == format {
			return f.New(o), nil
		}
	}
	return nil, &usageError{fmt.Errorf("unknown log format %q, want one of %v", format, append([]string{formatAuto}, formatNames()...))}
}

// errNoFormat is returned when no format recognises a log.
var errNoFormat = errors.New("no known format recognises it")

// detect names the format of a log by its beginning. It returns "" for a log
// that is too short to tell.
func detect(r io.Reader) (string, error) {
	head := make([]byte, sampleBytes)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	lines := wholeLines(head[:n])
	if len(lines) == 0 {
		return "", nil
	}
	f, ok := requestlog.Choose(formats(), lines)
	if !ok {
		return "", errNoFormat
	}
	return f.Name, nil
}

// wholeLines cuts b into its complete lines.
func wholeLines(b []byte) [][]byte {
	var lines [][]byte
	start := 0
	for i, c := range b {
		if c == '\n' {
			lines = append(lines, b[start:i])
			start = i + 1
		}
	}
	return lines
}
