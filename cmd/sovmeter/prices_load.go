package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// maxPriceFile bounds what is read of a price table, unpacked. The largest
// published ones have 2 MB.
const maxPriceFile = 16 << 20

// openPrices reads a price table of our own format or of a publisher, gzipped or
// not, or the shipped one.
func openPrices(path string) (namedTable, error) {
	if path == shippedTable {
		t, err := prices.Shipped()
		return namedTable{t, "the shipped table"}, err
	}
	file, err := readPriceFile(path, io.Discard)
	if err != nil {
		return namedTable{}, err
	}
	if f, ok := publishers.Detect(file.data); ok {
		t, err := publishers.Read(f, file.data, file.day)
		if err != nil {
			return namedTable{}, fmt.Errorf("%s: %w", path, err)
		}
		table, err := prices.NewTable(t.Entries)
		return namedTable{table, path}, err
	}
	t, err := prices.Read(bytes.NewReader(file.data))
	if err != nil {
		return namedTable{}, &hintError{
			fmt.Errorf("%s: %w", path, err),
			"known are tables of LiteLLM, models.dev, OpenRouter and genai-prices, and those that sovmeter prices import writes",
		}
	}
	return namedTable{t, path}, nil
}

// priceFile is a file's content, unpacked, and the day of its download.
type priceFile struct {
	data []byte
	day  time.Time
}

// readPriceFile reads a whole file, with progress on a terminal.
func readPriceFile(path string, stderr io.Writer) (_ priceFile, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return priceFile{}, &hintError{
			fmt.Errorf("price table %s: no such file", path),
			`name another with --prices, or "shipped" for the table that comes with sovmeter`,
		}
	}
	if err != nil {
		return priceFile{}, fmt.Errorf("open price table: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return priceFile{}, fmt.Errorf("price table %s: %w", path, err)
	}
	if info.IsDir() {
		return priceFile{}, &hintError{fmt.Errorf("price table %s is a folder", path), "name the file itself"}
	}
	p := newProgress(stderr, "read "+path, sizeOf(f))
	defer p.done()
	packed, err := readBounded(path, p.reader(f, 0))
	if err != nil {
		return priceFile{}, err
	}
	day := info.ModTime()
	if now := time.Now(); day.After(now) {
		day = now
	}
	file := priceFile{data: packed, day: day.UTC().Truncate(24 * time.Hour)}
	if bytes.HasPrefix(packed, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return priceFile{}, fmt.Errorf("unpack price table %s: %w", path, err)
		}
		if file.data, err = readBounded(path, z); err != nil {
			return priceFile{}, err
		}
	}
	return file, nil
}

func readBounded(path string, r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPriceFile+1))
	if err != nil {
		return nil, fmt.Errorf("read price table %s: %w", path, err)
	}
	if len(data) > maxPriceFile {
		return nil, fmt.Errorf("price table %s has more than %d MB: is it a price table?", path, maxPriceFile>>20)
	}
	return data, nil
}
