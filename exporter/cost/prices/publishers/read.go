package publishers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// Format is a publisher's file format.
type Format string

// The formats.
const (
	GenAIPrices Format = "genai-prices"
	LiteLLM     Format = "litellm"
	OpenRouter  Format = "openrouter"
	ModelsDev   Format = "models.dev"
)

// Formats returns all formats.
func Formats() []Format { return []Format{LiteLLM, ModelsDev, OpenRouter, GenAIPrices} }

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats(), f) {
		return f, nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return "", fmt.Errorf("format %q: want %s: %w", name, strings.Join(names, ", "), ErrFormat)
}

// Table is what a file holds.
type Table struct {
	Format  Format
	Day     time.Time      // of the table: the file's own where it tells, else the caller's
	Entries []prices.Entry // as prices.NewTable takes them
	Models  int            // models in the file, taken or skipped
	Skipped []Skip         // by count, the most first
}

// Skip is how many models, or prices of a model, were left out for a reason.
type Skip struct {
	Reason  Reason
	Count   int
	Example string // the first one's provider and name; empty when it cannot be printed
}

// Read reads a file of a format. The day is that of the table, such as that of
// its download; what the file says itself goes before it. Entries that cannot be
// used are skipped and counted; a file that is none of the format is an ErrFormat.
func Read(f Format, data []byte, day time.Time) (Table, error) {
	g := newGatherer(f, day)
	var err error
	switch f {
	case GenAIPrices:
		err = g.genai(data)
	case LiteLLM:
		err = g.litellm(data)
	case OpenRouter:
		err = g.openrouter(data)
	case ModelsDev:
		err = g.modelsdev(data)
	default:
		_, err = ParseFormat(string(f))
	}
	if err != nil {
		return Table{}, fmt.Errorf("read %s table: %w", f, err)
	}
	t := g.finish()
	if t.Models == 0 {
		return Table{}, fmt.Errorf("read %s table: no models in it: is it a file of another format? %w", f, ErrFormat)
	}
	return t, nil
}

// Detect tells the format of a file by the shape of its beginning.
func Detect(data []byte) (Format, bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	switch first, err := d.Token(); {
	case err != nil:
		return "", false
	case first == json.Delim('['):
		return GenAIPrices, true
	case first != json.Delim('{'):
		return "", false
	}
	for d.More() {
		key, value, err := member(d)
		if err != nil {
			return "", false
		}
		if f, ok := detectMember(key, value); ok {
			return f, true
		}
	}
	return "", false
}

func detectMember(key string, value json.RawMessage) (Format, bool) {
	var shape struct {
		Provider json.RawMessage `json:"litellm_provider"`
		Models   json.RawMessage `json:"models"`
	}
	switch {
	case key == "data" && bytes.HasPrefix(value, []byte("[")):
		return OpenRouter, true
	case json.Unmarshal(value, &shape) != nil:
		return "", false
	case shape.Provider != nil:
		return LiteLLM, true
	case bytes.HasPrefix(shape.Models, []byte("{")):
		return ModelsDev, true
	}
	return "", false
}

// member reads the next member of an object.
func member(d *json.Decoder) (string, json.RawMessage, error) {
	token, err := d.Token()
	if err != nil {
		return "", nil, err
	}
	key, _ := token.(string)
	var value json.RawMessage
	if err := d.Decode(&value); err != nil {
		return "", nil, err
	}
	return key, value, nil
}

// members calls f for every member of the object that data is, in their order.
func members(data []byte, f func(key string, value json.RawMessage)) error {
	d := json.NewDecoder(bytes.NewReader(data))
	first, err := d.Token()
	if err == nil && first != json.Delim('{') {
		return fmt.Errorf("want an object, got %v: %w", first, ErrFormat)
	}
	for err == nil && d.More() {
		var key string
		var value json.RawMessage
		if key, value, err = member(d); err == nil {
			f(key, value)
		}
	}
	if err == nil {
		_, err = d.Token()
	}
	return at(data, d, err)
}

// elements calls f for every element of the list that data is, one at a time.
func elements(data []byte, f func(json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(data))
	first, err := d.Token()
	if err == nil && first != json.Delim('[') {
		return fmt.Errorf("want a list, got %v: %w", first, ErrFormat)
	}
	for err == nil && d.More() {
		var value json.RawMessage
		if err = d.Decode(&value); err == nil {
			if err := f(value); err != nil {
				return err
			}
		}
	}
	if err == nil {
		_, err = d.Token()
	}
	return at(data, d, err)
}

// few is a list in a model, such as one of prices by length of prompt. Longer
// ones than any table has are refused, and not taken into memory.
type few[T any] []T

const maxFew = 64

// UnmarshalJSON stops at the first element that does not fit.
func (l *few[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	return elements(data, func(raw json.RawMessage) error {
		var v T
		if len(*l) == maxFew {
			return fmt.Errorf("more than %d in a list: %w", maxFew, ErrFormat)
		}
		err := json.Unmarshal(raw, &v)
		*l = append(*l, v)
		return err
	})
}

// at adds to an error of decoding where it is.
func at(data []byte, d *json.Decoder, err error) error {
	if err == nil {
		return nil
	}
	offset := d.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	what := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		offset, what = int64(len(data)), "the text ends before the table does (is the download complete?)"
	}
	offset = max(0, min(offset, int64(len(data))))
	return fmt.Errorf("line %d: %s: %w", 1+bytes.Count(data[:offset], []byte("\n")), what, ErrFormat)
}
