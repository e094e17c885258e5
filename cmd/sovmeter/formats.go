package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/collector/requestlog/litellm"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
	"github.com/sovmeter/sovmeter/collector/requestlog/lmstudio"
	"github.com/sovmeter/sovmeter/collector/requestlog/mlx"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
	"github.com/sovmeter/sovmeter/collector/requestlog/vllm"
)

// addressFormat is the format that is read from an address, not from a file.
const addressFormat = llamaswap.FormatName

// sampleBytes is how much of a log is read to recognise its format.
const sampleBytes = 64 << 10

// formats are the log formats there are, the most specific first.
func formats() []requestlog.Format {
	return []requestlog.Format{
		ollama.Format(), llamacpp.Format(), lmstudio.Format(), mlx.Format(), vllm.Format(), litellm.Format(), llamaswap.Format(), jsonl.Format(),
	}
}

// configFormats are the formats as a config may name them.
func configFormats() []config.Format {
	var all []config.Format
	for _, f := range formats() {
		all = append(all, config.Format{Name: f.Name, Folder: f.Files != nil, Address: f.Name == addressFormat})
	}
	return all
}

func formatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
	}
	return names
}

// formatNamed returns a format by name.
func formatNamed(format string) (requestlog.Format, error) {
	for _, f := range formats() {
		if f.Name == format {
			return f, nil
		}
	}
	return requestlog.Format{}, &usageError{fmt.Errorf("unknown log format %q, want one of %v", format, append([]string{config.FormatAuto}, formatNames()...))}
}

// errNoFormat is returned when no format recognises a log.
var errNoFormat = errors.New("no known format recognises it")

// newParser returns the parser of a format by name.
func newParser(format string, o requestlog.Options) (requestlog.Parser, error) {
	f, err := formatNamed(format)
	if err != nil {
		return nil, err
	}
	return f.New(o), nil
}

// recognise names the format of the log at path by its beginning, or by its
// place for a folder of dated logs. It returns "" for a log that is too short
// to tell.
func recognise(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return recogniseFolder(path)
	}
	file, err := openLog(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return detect(file)
}

// openLog opens a regular file: opening a pipe would wait for a writer.
func openLog(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a file: name the log file itself", path)
	}
	return os.Open(path)
}

func recogniseFolder(path string) (string, error) {
	for _, f := range formats() {
		if f.Files == nil {
			continue
		}
		if files, err := f.Files(path); err == nil && len(files) > 0 {
			return f.Name, nil
		}
	}
	return "", fmt.Errorf("%s: a folder without a log in it that is known: name the log file itself", path)
}

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

// wholeLines cuts b into its complete lines, without their ends.
func wholeLines(b []byte) [][]byte {
	var lines [][]byte
	for line := range bytes.Lines(b) {
		if text, ok := bytes.CutSuffix(line, []byte("\n")); ok {
			lines = append(lines, bytes.TrimSuffix(text, []byte("\r")))
		}
	}
	return lines
}
