package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// seriesMode lets the daemon, which runs as a user of its own, read what you wrote.
const seriesMode = 0o644

// writeSeries writes a file whole or not at all: under another name first, which
// is then given to it. A link stays one.
func writeSeries(path string, s series.Series, h series.Header) error {
	mode := os.FileMode(seriesMode)
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		path = whole
	}
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".sovmeter-*.csv")
	var inFolder *fs.PathError
	if errors.As(err, &inFolder) { // the name of the file that is not to be is no help
		return fmt.Errorf("folder %s: %w", folder, inFolder.Err)
	}
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone when all went well
	w := bufio.NewWriter(f)
	err = firstError(series.Write(w, s, h), w.Flush(), f.Chmod(mode), f.Sync())
	if err := firstError(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
