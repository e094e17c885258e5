package publishers_test

import (
	"errors"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		format           publishers.Format
	}{
		{"empty", "", "the text ends before the table does", publishers.LiteLLM},
		{"cut", "{\"a\": {\n\"litellm_provider\": \"openai\"}, \"b\"", "line 2: the text ends", publishers.LiteLLM},
		{"cut list", `[{"id": "openai", "models": [`, "the text ends", publishers.GenAIPrices},
		{"page", "<!DOCTYPE html>", "line 1: invalid character", publishers.OpenRouter},
		{"other format", `[{"id": "x", "models": []}]`, "want an object", publishers.ModelsDev},
		{"no models", `{"data": []}`, "no models in it: is it a file of another format?", publishers.OpenRouter},
		{"no format", `{}`, "want litellm, models.dev, openrouter, genai-prices", "csv"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := publishers.Read(tt.format, []byte(tt.text), time.Time{})
			if !errors.Is(err, publishers.ErrFormat) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestDetectRefuses(t *testing.T) {
	for _, text := range []string{"", "x", "7", `"data"`, "{}", `{"data": {}}`, `{"a": {"b": 1}}`, `{"schema": "sovmeter.prices/v1", "entries": []}`, `{"a"`} {
		if f, ok := publishers.Detect([]byte(text)); ok {
			t.Errorf("%s is taken for %s", text, f)
		}
	}
}

// What is unpacked from a small file of brackets takes little more memory than
// it has bytes.
func TestReadIsBounded(t *testing.T) {
	const size = 1 << 19
	// With the usual pace of the collector the heap is twice what is held, or more
	// while other tests keep it from running.
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	for _, tt := range []struct {
		format             publishers.Format
		begin, repeat, end string
	}{
		{publishers.GenAIPrices, `[`, `{},`, `{}]`},
		{publishers.GenAIPrices, `[{"id":"x","models":[`, `{},`, `{}]}]`},
		{publishers.GenAIPrices, `[{"id":"x","models":[{"id":"m","prices":[`, `{},`, `{}]}]}]`},
		{publishers.GenAIPrices, `[{"id":"x","models":[{"id":"m","prices":{"input_mtok":{"tiers":[`, `{},`, `{}]}}}]}]`},
		{publishers.GenAIPrices, `[{"id":"x","models":[{"id":"m","match":{"or":[`, `{},`, `{}]}}]}]`},
		{publishers.OpenRouter, `{"data":[`, `{},`, `{}]}`},
		{publishers.OpenRouter, `{"data":[{"id":"m","pricing":{"overrides":[`, `{},`, `{}]}}]}`},
		{publishers.LiteLLM, `{"m":{"litellm_provider":"x","tiered_pricing":[`, `{},`, `{}]}}`},
		{publishers.ModelsDev, `{"x":{"models":{"m":{"cost":{"tiers":[`, `{},`, `{}]}}}}}`},
	} {
		text := []byte(tt.begin + strings.Repeat(tt.repeat, size/len(tt.repeat)) + tt.end)
		debug.FreeOSMemory()
		before := held()
		tab, err := publishers.Read(tt.format, text, time.Time{})
		used := held() - before
		if err == nil && len(tab.Entries) > 0 {
			t.Errorf("%s: %d prices", tt.begin, len(tab.Entries))
		}
		if used > 25*size {
			t.Errorf("%s: %d kB for %d kB", tt.begin, used>>10, size>>10)
		}
	}
}

// held is the memory that the heap has from the system.
func held() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapSys - m.HeapReleased)
}

// Whatever comes out of a file can be used, and is never for nothing.
func fuzz(f *testing.F, format publishers.Format, seed string) {
	f.Add([]byte(seed))
	f.Add([]byte("{}"))
	f.Add([]byte("[]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		publishers.Detect(data)
		tab, err := publishers.Read(format, data, tableDay())
		if err != nil {
			return
		}
		if _, err := prices.NewTable(tab.Entries); err != nil {
			t.Errorf("not a table: %v", err)
		}
		for _, e := range tab.Entries {
			m, ok := e.Price(prices.Usage{Input: math.MaxInt32, Output: math.MaxInt32})
			if ok && m.Nanos <= 0 {
				t.Errorf("%s is free: %v", line(e), m)
			}
		}
	})
}

func FuzzGenAIPrices(f *testing.F) { fuzz(f, publishers.GenAIPrices, genaiFile) }
func FuzzLiteLLM(f *testing.F)     { fuzz(f, publishers.LiteLLM, litellmFile) }
func FuzzOpenRouter(f *testing.F)  { fuzz(f, publishers.OpenRouter, openrouterFile) }
func FuzzModelsDev(f *testing.F)   { fuzz(f, publishers.ModelsDev, modelsdevFile) }
