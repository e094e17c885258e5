package publishers_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// publishersFolder names the folder with the tables as their publishers ship
// them. They are not part of this project.
const publishersFolder = "SOVMETER_PRICE_TABLES"

type publishedFile struct {
	format publishers.Format
	name   string
	day    time.Time
}

func published() []publishedFile {
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	return []publishedFile{
		{publishers.GenAIPrices, "genai-prices_v2_data.2026-08-21.json", day(8, 21)},
		{publishers.LiteLLM, "litellm_model_prices_and_context_window.2026-07-24.json.gz", day(7, 24)},
		{publishers.OpenRouter, "openrouter_api_v1_models.2026-08-01.json.gz", day(8, 1)},
	}
}

func (f publishedFile) read(t testing.TB) []byte {
	t.Helper()
	folder := os.Getenv(publishersFolder)
	if folder == "" {
		t.Skipf("%s names no folder with the publishers' files", publishersFolder)
	}
	data, err := os.ReadFile(filepath.Join(folder, f.name))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(f.name) != ".gz" {
		return data
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return data
}
